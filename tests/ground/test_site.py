"""The documentation site: builds without a warning, needs no network, and names only what exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from pipeline.cli import app
from pipeline.publish.columns import RECORDS, list_columns
from pipeline.publish.database import VIEWS


@pytest.fixture(scope="module")
def pages(project: Path) -> dict[str, str]:
    """The pages that are written for the site alone, by name."""
    found = {p.name: p.read_text(encoding="utf-8") for p in (project / ".github/site/pages").glob("*.md")}
    assert found
    return found


@pytest.fixture(scope="module")
def site(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "-q",
        "-f",
        ".github/site/mkdocs.yml",
        "-d",
        str(folder),
    ]
    built = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_it_builds_strictly_with_the_projects_own_readmes(site: Path) -> None:
    assert "doc_type_confidence" in (site / "dictionary.html").read_text(encoding="utf-8")
    assert "Model card" in (site / "card_findings.html").read_text(encoding="utf-8")


def test_every_link_and_picture_leads_somewhere_and_nothing_is_fetched(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for tag, target in re.findall(r"<(a|img|link|script)\b[^>]*?\s(?:href|src)=\"([^\"]*)\"", text):
            if tag != "a":
                assert not re.match(r"(https?:)?//", target), f"{page.name} fetches {target}"
            if page.name == "404.html" or re.match(r"[a-z]+:|//|#", target) or not target:
                continue
            path = target.partition("#")[0].partition("?")[0]
            assert (page.parent / path).exists(), f"{page.name} points at {target}"


def test_commands_exist(project: Path, pages: dict[str, str]) -> None:
    command = typer.main.get_command(app)
    known = set(command.commands)  # type: ignore[attr-defined]
    targets = set(re.findall(r"^([a-z]+):", (project / "Makefile").read_text(encoding="utf-8"), re.M))
    for name, text in pages.items():
        assert set(re.findall(r"goldenthread ([a-z]+)", text)) <= known, name
        assert set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+)", text, re.M)) <= {
            pair for t in targets for pair in ((t, ""), ("", t))
        }, name


def test_files_tables_and_columns_exist(project: Path, pages: dict[str, str]) -> None:
    columns = {c.name for record in RECORDS.values() for c in list_columns(record)}
    parameters = {"item_type", "similarity", "document_id", "rec_"}
    for name, text in pages.items():
        for path in re.findall(r"`((?:models|pipeline|corpus|flows|\.github)/[^` ]*)`", text):
            assert (project / path).exists(), f"{name} names {path}"
        for word in re.findall(r"`([a-z]+_[a-z_]+)`", text):
            assert word in columns | set(RECORDS) | set(VIEWS) | parameters, f"{name} names {word}"


def test_the_api_page_names_every_method_and_no_other(pages: dict[str, str]) -> None:
    from pipeline import Dataset

    told = set(re.findall(r"data\.([a-z]+)", pages["python.md"]))
    assert told == {n for n in vars(Dataset) if not n.startswith("_")} - {"open"}

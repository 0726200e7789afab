"""A report of which pages are kept is the report that would be made anew, whatever has changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.publish.frames import sort_rows
from pipeline.publish.report import site, write_report
from pipeline.publish.report.kept import KeptPages
from pipeline.records import Record

Tables = Mapping[str, Sequence[Record]]


def read_report(tables: Tables, folder: Path, kept: Path | None, sources: Any = None) -> dict[str, bytes]:
    write_report(sort_rows(tables), folder, sources, kept)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def change(tables: Tables, table: str, **values: Any) -> dict[str, Sequence[Record]]:
    first, *others = tables[table]
    return {**tables, table: (first.replace(**values), *others)}


@pytest.fixture
def kept(made: Any, tmp_path: Path) -> Path:
    """The folder of pages that a first report has left."""
    read_report(made.tables, tmp_path / "first", tmp_path / "kept")
    return tmp_path / "kept"


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("runs", {"files_seen": 12345}),
        ("findings", {"text": "Another sentence."}),
        ("findings", {"theme_code": "adoption"}),
        ("findings", {"confidence": 0.123}),
        ("recommendations", {"outcome": None}),
        ("metrics", {"value": 98.7}),
        ("judgements", {"page": 99}),
        ("documents", {"title": "Another title", "source_url": "https://example.org/another.pdf"}),
        ("visits", {"council": "Another council"}),
    ],
)
def test_what_has_changed_is_shown(made: Any, kept: Path, tmp_path: Path, table: str, values: Any) -> None:
    changed = change(made.tables, table, **values)
    anew = read_report(changed, tmp_path / "anew", None)
    assert anew != read_report(made.tables, tmp_path / "before", None)
    assert read_report(changed, tmp_path / "again", kept) == anew


def test_a_file_that_lies_elsewhere_is_linked_there(made: Any, kept: Path, tmp_path: Path) -> None:
    sources = {made.tables["documents"][0].file_sha256: "../../letters/a.pdf"}
    again = read_report(made.tables, tmp_path / "again", kept, sources)
    assert again == read_report(made.tables, tmp_path / "anew", None, sources)
    assert any(b"letters/a.pdf" in page for page in again.values())


def test_documents_and_charts_are_not_made_again(
    made: Any, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anew = read_report(made.tables, tmp_path / "anew", None)
    monkeypatch.setattr(site, "draw", lambda spec: pytest.fail("a chart was drawn again"))
    render = site.Site.render
    monkeypatch.setattr(
        site.Site, "render",
        lambda self, path: pytest.fail(path) if self.pages[path].template == "document.html" else render(self, path),
    )  # fmt: skip
    assert read_report(made.tables, tmp_path / "again", kept) == anew


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 80])
def test_a_damaged_page_is_made_again(made: Any, kept: Path, tmp_path: Path, damage: bytes) -> None:
    for place in kept.rglob("*.z"):
        place.write_bytes(damage and place.read_bytes()[:32] + damage)
    again = read_report(made.tables, tmp_path / "again", kept)
    assert again == read_report(made.tables, tmp_path / "anew", None)


def test_pages_that_are_gone_are_not_kept(tmp_path: Path) -> None:
    pages = KeptPages(tmp_path / "kept")
    for name in ("a", "b/c"):
        assert pages.take(name, b"1", lambda: "made") == "made"
    pages.prune(["b/c", "d"])
    assert pages.take("b/c", b"1", lambda: "anew") == "made"
    assert pages.take("b/c", b"2", lambda: "anew") == "anew"
    assert pages.take("a", b"1", lambda: "anew") == "anew"

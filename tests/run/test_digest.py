"""What a run says it brought, against datasets that differ in known ways."""

from __future__ import annotations

import json

import pytest

from pipeline.digest import compare_runs, load_digest, save_digest, write_text
from pipeline.errors import InputFault
from pipeline.publish.columns import RECORDS
from pipeline.publish.files import write_parquet
from pipeline.records import Document, Recommendation, Theme
from tests.themes.test_trends import asked, document


def theme(theme_id: str, size: int, is_new: bool) -> Theme:
    return Theme(
        theme_id=theme_id, label=f"Theme {theme_id}", keywords=(), size=size, councils=1, visits=1, exemplar_id="r1adoption",
        side="weakness", exemplar="Do it.", is_new=is_new, reports=1, of_reports=1, of_councils=1,
    )  # fmt: skip


@pytest.fixture
def old(tmp_path):
    folder = tmp_path / "dataset"
    folder.mkdir()
    tables = {
        "documents": [document(1)],
        "recommendations": [asked(1, 2020, "adoption")],
        "themes": [theme("a", 3, False)],
    }
    for name, record in RECORDS.items():
        write_parquet(record, tables.get(name, ()), folder / f"{name}.parquet")
    return tmp_path


def later() -> dict[str, list[Document | Recommendation | Theme]]:
    known = asked(1, 2020, "adoption").replace(outcome="repeated")
    return {
        "documents": [document(1), document(2)],
        "recommendations": [known, asked(2, 2022, "adoption")],
        "themes": [theme("a", 5, False), theme("b", 8, True)],
    }


def test_it_names_what_the_run_before_did_not_have(old):
    digest = compare_runs(old, later())
    assert [d.document_id for d in digest.documents] == ["d2"]
    assert (digest.recommendations, digest.findings) == (1, 0)
    assert [t.theme_id for t in digest.new_themes] == ["b"]
    assert [(t.theme_id, t.before, t.size) for t in digest.grown_themes] == [("a", 3, 5)]
    assert digest.outcomes == {"repeated": 1}


def test_in_a_first_run_all_is_new(tmp_path):
    digest = compare_runs(tmp_path, later())
    assert digest.since is None
    assert len(digest.documents) == 2
    assert "everything is new" in write_text(digest)


def test_it_is_kept_and_told(old, tmp_path):
    save_digest(compare_runs(old, later()), tmp_path / "cache")
    found = load_digest(tmp_path / "cache")
    assert found == compare_runs(old, later())
    assert "Theme b: 8 items" in write_text(found)
    assert json.loads(found.model_dump_json())["recommendations"] == 1
    with pytest.raises(InputFault, match="no digest"):
        load_digest(tmp_path / "elsewhere")


def test_the_command_tells_what_the_sample_brought(published, command):
    out, _ = published
    told = command("digest", "--out", out)
    assert told.returncode == 0
    assert "A first run" in told.stdout
    assert json.loads(command("digest", "--out", out, "--format", "json").stdout)["documents"]
    assert command("digest", "--out", out, "--format", "pdf").returncode == 1

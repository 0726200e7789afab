"""Old editions are kept, share what did not change, and can be compared."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.diff import TableDiff, compare, describe, write_json
from pipeline.errors import InputFault
from pipeline.places import EDITIONS
from pipeline.publish.editions import find_edition, list_editions, prune_editions, share_unchanged
from pipeline.publish.folder import publish


@pytest.fixture
def editions(tmp_path: Path, made) -> Path:
    """Three publications: as made, with one metric less and one finding changed, as made again."""
    out = tmp_path / "out"
    for number in range(3):
        tables = dict(made.tables)
        (run,) = tables["runs"][-1:]
        tables["runs"] = [
            run.replace(run_id=f"run_{n}", finished=run.finished.replace(year=2030 - n)) for n in range(number + 1)
        ]
        if number == 1:
            first, *others = tables["findings"]
            tables["findings"] = [first.replace(confidence=0.125), *others]
            tables["metrics"] = tables["metrics"][1:]
        publish(tables, made.texts, out)
    return out


def test_what_was_replaced_is_kept_in_the_order_of_runs(editions):
    names = [e.name for e in list_editions(editions)]
    assert [n[:5] for n in names] == ["00001", "00002"]
    assert all((e / "report" / "index.html").exists() for e in list_editions(editions))
    assert all((editions / EDITIONS / n).is_dir() for n in names)


def test_files_that_did_not_change_are_one_file_on_the_disk(editions):
    _, second = list_editions(editions)
    texts = list((editions / "text").iterdir())
    assert texts
    assert all(p.samefile(second / "text" / p.name) for p in texts)
    assert not (editions / "dataset" / "metrics.parquet").samefile(second / "dataset" / "metrics.parquet")


def test_only_so_many_are_kept(editions):
    prune_editions(editions, 1)
    assert [e.name[:5] for e in list_editions(editions)] == ["00002"]
    prune_editions(editions, 0)
    assert list_editions(editions) == []
    assert (editions / "dataset" / "findings.parquet").exists()


def test_one_that_was_half_deleted_goes_and_is_no_edition(editions):
    first = list_editions(editions)[0]
    first.rename(first.with_name(f".going-{first.name}"))
    assert [e.name[:5] for e in list_editions(editions)] == ["00002"]
    prune_editions(editions, 5)
    assert [p.name[:5] for p in (editions / EDITIONS).iterdir()] == ["00002"]


def test_names_of_editions(editions):
    first, second = list_editions(editions)
    assert find_edition(editions, "current") == editions
    assert find_edition(editions, "previous") == second
    assert find_edition(editions, "00001") == first
    assert find_edition(editions, str(second)) == second
    for wrong in ("0000", "balloon"):
        with pytest.raises(InputFault, match=second.name):
            find_edition(editions, wrong)


def test_where_there_are_no_hard_links_files_stay_as_they_are(tmp_path, monkeypatch):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("same")
    monkeypatch.setattr("os.link", lambda *_: (_ for _ in ()).throw(OSError(95, "not supported")))
    share_unchanged(tmp_path / "new", tmp_path / "old")
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["a.txt"]


def test_what_changed_is_told_row_by_row(editions):
    first, second = list_editions(editions)
    diffs = compare(first, second)
    assert {n for n, d in diffs.items() if d} == {"findings", "metrics"}
    (change,) = diffs["findings"].changed
    assert change.columns == {"confidence": (0.8, 0.125)}
    assert (len(diffs["metrics"].added), len(diffs["metrics"].removed)) == (0, 1)
    back = compare(second, first)
    assert len(back["metrics"].added) == 1
    assert not any(compare(first, editions).values())


def test_the_command_tells_it_in_text_and_json(editions):
    def diff(*words):
        done = CliRunner().invoke(app, ["diff", *words, "--out", str(editions)], env={"COLUMNS": "300"})
        assert done.exit_code == 0, done.output
        return done.output

    text = diff("previous", "current")
    assert "metrics: 1 added, 0 removed, 0 changed" in text
    assert "confidence: 0.125 → 0.8" in text
    told = json.loads(diff("00001", "00002", "--format", "json"))
    assert len(told["metrics"]["removed"]) == 1
    assert told["findings"]["changed"][0]["columns"] == {"confidence": [0.8, 0.125]}
    assert "0 added, 0 removed, 0 changed" in diff("00001", "current")


def test_long_lists_are_cut_in_text_only():
    rows = tuple({"file_name": f"{n}.pdf", "error": "x", "message": "m"} for n in range(30))
    lines = list(describe({"problems": TableDiff("problems", rows, (), ())}))
    assert len(lines) == 22
    assert lines[-1] == "+ problems … and 10 more"
    assert len(json.loads(write_json({"problems": TableDiff("problems", rows, (), ())}))["problems"]["added"]) == 30


def test_a_folder_without_a_dataset_is_named(tmp_path, editions):
    with pytest.raises(InputFault, match="cannot be read"):
        compare(tmp_path, editions)

"""The whole line on the sample, as a person runs it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import duckdb
import pandas as pd
import pytest

from pipeline.records import TABLES


def read(out, name):
    return pd.read_parquet(out / "dataset" / f"{name}.parquet")


def digests(out):
    """The bytes of everything that must not depend on when or how it was made."""
    tables = [p for p in sorted((out / "dataset").glob("*.parquet")) if p.stem != "runs"]
    return {p.relative_to(out): p.read_bytes() for p in [*tables, *sorted((out / "text").glob("*"))]}


def test_every_table_is_filled_and_no_file_fails(published):
    out, _ = published
    empty = [t.table for t in TABLES if t.table not in ("problems", "corrections") and read(out, t.table).empty]
    assert not empty
    problems = read(out, "problems")
    assert problems[problems.severity == "error"].empty, problems.to_string()


def test_the_summary_says_what_was_found_and_where_it_lies(published, sample):
    out, printed = published
    files = sum(p.is_file() for p in sample.rglob("*"))
    assert f"{files} files: {files} new, 0 unchanged, 0 the same as another, 0 failed" in printed
    for words in ("ilacs_inspection", "recommendations", "themes", str(out / "report" / "index.html")):
        assert words in printed


def test_the_sample_is_what_its_content_says(published):
    out, _ = published
    documents, visits = read(out, "documents"), read(out, "visits")
    assert set(documents.council) == {"Aldermere", "Thornshire", "Wexcombe"}
    of = visits[visits.council == "Aldermere"].visit_type.tolist()
    assert of == ["sif_inspection", "ilacs_inspection", "focused_visit", "monitoring_visit", "ilacs_inspection"]
    pack = documents[documents.file_name.str.startswith("Agenda pack")].sort_values("part")
    assert pack.doc_type.tolist() == ["agenda", "minutes", "scrutiny_report"]
    grades = read(out, "judgements").merge(visits, on="visit_id")
    last = grades[(grades.council == "Thornshire") & (grades.visit_start.astype(str) == "2026-05-18")]
    assert dict(zip(last.area, last.grade, strict=True)) == {
        "leaders": "outstanding",
        "help_and_protection": "good",
        "in_care": "good",
        "care_leavers": "outstanding",
    }


def test_what_was_asked_is_followed_to_the_next_inspection(published):
    out, _ = published
    recommendations = read(out, "recommendations").merge(read(out, "documents")[["document_id", "council"]])
    asked = recommendations[recommendations.text.str.contains("pathway plans") & recommendations.outcome.notna()]
    assert "repeated" in set(asked[asked.council == "Aldermere"].outcome)


@pytest.mark.parametrize("name", ["judgements", "findings", "recommendations", "metrics"])
def test_every_row_quotes_its_document(published, name):
    out, _ = published
    quoted = {"recommendations": "text", "findings": "text", "metrics": "quote"}.get(name)
    for row in read(out, name).itertuples():
        text = (out / "text" / f"{row.document_id}.txt").read_bytes().decode()
        quote = text[row.char_start : row.char_end]
        assert quote.strip()
        if quoted:
            assert quote == getattr(row, quoted)
        assert row.rule_id


def test_a_second_run_does_nothing_but_say_so(published, sample, command):
    out, _ = published
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()}
    run = command("run", sample, "--out", out)
    assert run.returncode == 0
    assert "Nothing new" in run.stdout
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()} == before


def test_order_workers_and_hash_seed_do_not_matter(published, sample, tmp_path):
    out, _ = published
    paths = sorted(p for p in sample.rglob("*") if p.is_file())
    command = [
        sys.executable,
        "-m",
        "pipeline.cli",
        "run",
        *reversed(paths),
        "--out",
        tmp_path / "out",
        "--workers",
        "1",
    ]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    again = digests(tmp_path / "out")
    assert {k: v for k, v in digests(out).items() if again.get(k) != v} == {}


def test_bad_files_are_reported_and_the_good_ones_published(sample, tmp_path, command):
    folder = tmp_path / "in"
    folder.mkdir()
    good = next(sample.rglob("Wexcombe focused visit*.pdf"))
    shutil.copy(good, folder / "L’été “letter” n° 1.pdf")
    shutil.copy(good, folder / "z copy.pdf")
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "cut.pdf").write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    (folder / "page.pdf").write_text("<!DOCTYPE html><html><body>Page not found</body></html>")
    shutil.copy(folder / "page.pdf", folder / "page again.pdf")
    (folder / "tool.exe").write_bytes(b"MZ\x90\x00" + bytes(100))
    run = command("run", folder, "--out", tmp_path / "out")
    assert run.returncode == 3, run.stderr
    out = tmp_path / "out"
    assert read(out, "documents").file_name.tolist() == ["L’été “letter” n° 1.pdf"]
    problems = read(out, "problems")
    errors = problems[problems.severity == "error"]
    assert sorted(errors.file_name) == ["cut.pdf", "empty.pdf", "page again.pdf", "page.pdf", "tool.exe"]
    assert "duplicate_file" in set(problems.error)
    assert "web page" in errors.set_index("file_name").message["page.pdf"]


def test_new_files_are_added_and_a_file_that_went_from_its_folder_goes(sample, tmp_path, command):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(), second.mkdir()
    letters = sorted(sample.rglob("*focused visit*.pdf"))
    shutil.copy(letters[0], first)
    shutil.copy(letters[1], second)
    out = tmp_path / "out"
    assert command("run", first, "--out", out).returncode == 0
    run = command("run", second, "--out", out)
    assert "2 files: 1 new, 1 unchanged" in run.stdout, run.stdout + run.stderr
    assert len(read(out, "documents")) == 2
    (second / letters[1].name).unlink()
    (second / "note.txt").write_text("A note about nothing in particular.\n")
    assert command("run", second, "--out", out).returncode == 0
    assert sorted(read(out, "documents").file_name) == sorted([letters[0].name, "note.txt"])


def test_a_killed_run_leaves_nothing_half_done_and_is_taken_up_again(sample, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "pipeline.cli", "run", sample, "--out", out, "--workers", "1"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    deadline = time.monotonic() + 120
    while len(list(out.glob(".cache/results/*/*.npz"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    kept = {p.name for p in out.glob(".cache/results/*/*.npz")}
    assert len(kept) >= 3
    assert not (out / "dataset").exists()
    stamps = {p.name: p.stat().st_mtime_ns for p in out.glob(".cache/results/*/*.npz")}
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    after = {p.name: p.stat().st_mtime_ns for p in out.glob(".cache/results/*/*.npz")}
    assert {k: after.get(k) for k in stamps} == stamps


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda tmp: (tmp / "nowhere", tmp / "out"), "no file or folder"),
        (lambda tmp: ((tmp / "in").mkdir() or tmp / "in", tmp / "out"), "no document"),
    ],
)
def test_nothing_to_read_is_said_and_nothing_written(tmp_path, command, prepare, message):
    source, out = prepare(tmp_path)
    run = command("run", source, "--out", out)
    assert run.returncode == 1
    assert message in run.stderr
    assert not out.exists()


def test_an_out_that_is_something_else_is_left_alone(sample, tmp_path, command):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.docx").write_text("mine")
    (out / "dataset").write_text("mine too")
    run = command("run", sample, "--out", out)
    assert run.returncode == 1
    assert str(out) in run.stderr.replace("\n", "")
    assert sorted(p.name for p in out.iterdir()) == ["dataset", "thesis.docx"]


def test_query_explain_and_help(published, command):
    out, _ = published
    rows = json.loads(command("query", "SELECT count(*) AS n FROM findings", "--out", out, "--format", "json").stdout)
    assert rows == [{"n": len(read(out, "findings"))}]
    finding = read(out, "findings").iloc[0]
    explained = command("explain", finding.finding_id, "--out", out)
    assert finding.text in explained.stdout.replace("\n", " ")
    assert finding.rule_id in explained.stdout
    assert "its card is models/findings/README.md" in explained.stdout
    assert f"{finding.polarity} {finding.confidence:.3f}"[:-1] in explained.stdout
    for name in ("run", "explain", "query", "evaluate"):
        assert "Examples" in command(name, "--help").stdout


def test_a_query_cannot_change_the_dataset(published, command):
    out, _ = published
    run = command("query", "DROP TABLE findings", "--out", out)
    assert run.returncode == 1
    with duckdb.connect(str(out / "goldenthread.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM findings").fetchone()[0] > 0


def test_an_unknown_id_is_said(published, command):
    run = command("explain", "find_0000", "--out", published[0])
    assert run.returncode == 1
    assert "find_0000" in run.stderr

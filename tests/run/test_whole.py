"""The whole command at once, as a person runs it: letters on a storage, read on a Dask cluster, published at an address
and in PostgreSQL, through what happens there in time: nothing new, other letters, and a database that goes away."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import fsspec
import pyarrow.parquet as pq
import pytest

from pipeline.publish.columns import RECORDS
from tests.publish.databases import Rows, Server, read_all
from tests.run.storages import put, serve_s3
from tests.run.test_cluster import start, wait_for

LETTERS, OUT = "s3://papers/letters", "s3://papers/dataset"
FIRST = ("aldermere/Aldermere inspection of children's social care services - 02 july 2019.pdf",
         "aldermere/Aldermere monitoring visit - 24 february 2022.pdf",
         "wexcombe/Agenda item - Ofsted inspection outcome, Wexcombe Council.html")  # fmt: skip
SECOND = "aldermere/Aldermere focused visit - 19 april 2021.pdf"
THIRD = "aldermere/Aldermere inspection of children's services - 12 december 2023.pdf"

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where this machine keeps what it makes, beside a storage that the environment names."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    with serve_s3():
        yield tmp_path / "home" / "goldenthread"


def read_published() -> tuple[str, Rows]:
    """The edition that holds at the address, and its tables."""
    fs, rows = fsspec.filesystem("s3", use_listings_cache=False), {}
    edition = json.loads(fs.cat_file(f"{OUT}/current.json"))["edition"]
    for name in RECORDS:
        with fs.open(f"{OUT}/editions/{edition}/dataset/{name}.parquet") as f:
            rows[name] = sorted((tuple(row.values()) for row in pq.read_table(f).to_pylist()), key=str)
    return edition, rows


def test_storage_cluster_address_and_database_in_one_command(
    home: Path, postgresql: Server, sample: Path, tmp_path: Path, command: Command
) -> None:
    database = postgresql.address
    arguments = ["run", LETTERS, "--out", OUT, "--publish", database, "--dask", "local", "--workers", 1]

    def bring(*names: str) -> None:
        shutil.rmtree(tmp_path / "letters", ignore_errors=True)
        (tmp_path / "letters").mkdir()
        for name in names:
            shutil.copy(sample / name, tmp_path / "letters")
        put(tmp_path / "letters", LETTERS)

    def run(status: int, *words: str) -> None:
        done = command(*arguments)
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        assert [w for w in words if w not in said] == [], said
        assert ":right@" not in said

    def check_same(rows: Rows) -> None:
        stands = read_all(database)
        for name in RECORDS:
            assert stands[name] == rows[name], name

    def count_results() -> int:
        return len(list(home.glob("dataset-*/.cache/results/*/*.npz")))

    # the first run
    bring(*FIRST)
    run(0, "3 new", f"At {OUT}", "In postgresql://postgres:***@/postgres")
    first, before = read_published()
    check_same(before)
    assert [n for n in ("findings", "recommendations", "themes", "threads", "runs") if not before[n]] == []
    places = read_all(database, "ctid::text, xmin::text")

    # nothing new
    run(0, "Nothing new: 3 files unchanged")
    assert read_published() == (first, before)
    check_same(before)
    assert read_all(database, "ctid::text, xmin::text") == places  # no row was written

    # a letter comes, a paper goes
    bring(SECOND)
    fsspec.filesystem("s3").rm(f"{LETTERS}/{Path(FIRST[-1]).name}")
    run(0, "3 files: 1 new, 2 unchanged")
    second, after = read_published()
    assert second > first
    check_same(after)
    for name in ("documents", "findings", "recommendations"):
        old, new = ({row[0] for row in rows[name]} for rows in (before, after))
        assert min(map(len, (old - new, new - old, old & new))) > 0, name
    assert {row[0] for row in before["visits"]} < {row[0] for row in after["visits"]}
    assert [row for row in before["visits"] if row not in after["visits"]] != []  # another visit is the one before
    assert len(after["threads"]) > len(before["threads"])

    # the database goes while a letter is read
    bring(THIRD)
    results = count_results()
    with ExitStack() as stack:
        log = tmp_path / "run.log"
        process = start(stack, log, "-m", "pipeline.cli", *arguments)
        wait_for(lambda: process.poll() is not None or count_results() > results, log)
        postgresql.stop()
        assert process.wait(300) == 3, log.read_text()
    said = " ".join(log.read_text().split())
    assert [w for w in (f"At {OUT}", "refuses", "run again to publish it") if w not in said] == [], said
    assert "INFO" not in said
    third, latest = read_published()
    assert third > second
    assert len(latest["documents"]) == len(after["documents"]) + 1

    # it is still away: that is asked before anything else
    run(1, "PostgreSQL at postgresql://postgres:***@/postgres", "refuses")
    assert read_published() == (third, latest)

    # it is back
    postgresql.start()
    check_same(after)
    run(0, "Nothing new: 4 files unchanged", "In postgresql://postgres:***@/postgres")
    assert read_published() == (third, latest)
    check_same(latest)

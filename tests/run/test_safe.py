"""Whatever happens at whatever moment: the published dataset is whole, the next run ends the work, nothing is lost or
doubled."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipeline import run as run_module
from pipeline.embed import DIMENSIONS
from pipeline.errors import OutputFault
from pipeline.locks import locked
from pipeline.plan import Options, make_plan, store_of
from pipeline.process import process_file
from pipeline.publish import folder as publish_module
from pipeline.publish.editions import list_editions
from pipeline.publish.replace import check_writable, recover
from pipeline.records import TABLES
from pipeline.run import publish_plan
from pipeline.workers import WorkerPool

KILLS = 50
STEPS = {"open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod", "os.link", "os.listdir", "ctypes.dlsym"}


class Words:
    """Vectors from the words of a text, in no time."""

    name = "words"

    def encode(self, texts):
        out = np.full((len(texts), DIMENSIONS), 1e-3, dtype=np.float32)
        for row, text in zip(out, texts, strict=True):
            for word in text.lower().split():
                row[sum(word.encode()) % DIMENSIONS] += 1
        return out / np.linalg.norm(out, axis=1, keepdims=True)

    def encode_both(self, texts, adapter):
        return self.encode(texts), self.encode(texts)


def letter(number: int) -> str:
    return (
        f"Focused visit to Aldermere children's services\n\n{number} March 2026\n\nThis letter summarises the findings of a focused "
        f"visit to Aldermere children's services on {number} and {number + 1} March 2026.\n\nHeadline findings\n\n"
        f"Social workers know the {number} children they visit well. Managers do not record the reasons for their decisions.\n\n"
        "Areas for priority action\n\nThe timeliness of strategy meetings.\n"
    )


def run(folder: Path, out: Path, editions: int = 3) -> bool:
    """What `goldenthread run` does, in this process and with vectors that take no time; whether there was work."""
    with locked(out):
        recover(out)
        check_writable(out)
        plan = make_plan(Options((folder,), out, editions=editions))
        if plan.current:
            return False
        for file in plan.todo:
            result = process_file(Path(file.path), file.name, file.sha256, Words(), file.engine, file.source_url)
            store_of(out).save(file.key, result)
        publish_plan(plan, dt.datetime.now(dt.UTC).replace(microsecond=0))
    return True


def fork(work: Callable[[], object], kill_at: int | None = None, after: int | None = None) -> tuple[int, int, int]:
    """Do the work in a child process that is killed at a step on the disk, or so many `after` the one at which the new
    dataset takes the place of the old; its wait status, its number of steps, and the number of that one (0 where no
    system call exchanges folders)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        count = exchanged = 0

        def watch(event: str, args: tuple[object, ...]) -> None:
            nonlocal count, exchanged
            if event in STEPS:
                count += 1
                if event == "ctypes.dlsym" and args[1] in ("renameat2", "renamex_np"):
                    exchanged = count
                if count == kill_at or (exchanged and count - exchanged == after):
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        code = 3
        try:
            work()
            code = 0
        finally:
            os.write(writing, f"{count} {exchanged}".encode())
            os._exit(code)
    os.close(writing)
    status = os.waitpid(child, 0)[1]
    said = os.read(reading, 40).split() or [b"0", b"0"]
    os.close(reading)
    return status, int(said[0]), int(said[1])


def tables(out: Path) -> dict[str, bytes]:
    """The bytes of every table that does not tell of times."""
    return {t.table: (out / "dataset" / f"{t.table}.parquet").read_bytes() for t in TABLES if t.table != "runs"}


def read(out: Path, table: str) -> pd.DataFrame:
    return pd.read_parquet(out / "dataset" / f"{table}.parquet")


def check_whole(out: Path) -> frozenset[str]:
    """The names of the files that the dataset is of, which every form of it must agree on."""
    documents = read(out, "documents")
    with duckdb.connect(str(out / "goldenthread.duckdb"), read_only=True) as connection:
        for t in TABLES:
            rows = read(out, t.table)
            assert connection.execute(f'SELECT count(*) FROM "{t.table}"').fetchone() == (len(rows),)
            if t.key:
                assert not rows.duplicated(list(t.key)).any()
    assert {p.stem for p in (out / "text").iterdir()} == set(documents.document_id)
    assert (out / "goldenthread.xlsx").exists()
    assert (out / "report" / "index.html").exists()
    return frozenset(documents.file_name)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_fifty_random_moments(tmp_path, monkeypatch):
    """Between two kills the folder's content changes, so that every run has work; what got published, in its order, is
    then published again by runs that nobody kills, and must be the same to the byte."""
    monkeypatch.setattr(os, "sync", lambda: None)
    # which files the two make does not matter here, only that there are some
    monkeypatch.setattr(publish_module, "write_workbook", lambda dataset, path, sources: path.write_text(dataset.name))
    monkeypatch.setattr(
        publish_module, "write_report", lambda rows, folder, *more: (folder.mkdir(), (folder / "index.html").touch())
    )
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    published = []
    for number in range(1, 6):  # until there are as many editions as are kept, from when on every run takes like steps
        (folder / f"letter {number}.txt").write_text(letter(number))
        run(folder, out)
        published.append(check_whole(out))
    (folder / "letter 6.txt").write_text(letter(6))
    spare = tmp_path / "spare"
    shutil.copytree(out, spare / "out")
    status, steps, exchanged = fork(lambda: run(folder, spare / "out"))
    assert (status, steps > 100) == (0, True)

    seed = random.SystemRandom().randrange(10**6)
    chance, killed, before = random.Random(seed), 0, len(published)
    for number in range(KILLS):
        wanted = frozenset(p.name for p in folder.iterdir())
        # half of the kills come while or after the datasets are exchanged, at whatever step a run that cleans up gets there
        late = exchanged and chance.random() < 0.5
        kill = {"after": chance.randint(0, steps - exchanged)} if late else {"kill_at": chance.randint(1, steps)}
        status, _, _ = fork(lambda: run(folder, out), **kill)
        killed += os.WIFSIGNALED(status)
        there = check_whole(out)
        assert there in (published[-1], wanted), f"seed {seed}, kill {number}"
        if there != published[-1]:
            published.append(there)
        if there == wanted:
            gone = chance.choice(sorted(wanted))
            (folder / gone).unlink()
            new = 6 + number % 20
            (folder / f"letter {new}.txt").write_text(letter(new))
    wanted = frozenset(p.name for p in folder.iterdir())
    run(folder, out)
    assert check_whole(out) == wanted, f"seed {seed}"
    assert not run(folder, out)
    published += [wanted] if published[-1] != wanted else []
    assert killed > KILLS // 2
    assert len(published) > before + 2, f"seed {seed}"
    assert sorted(p.name for p in tmp_path.iterdir()) == [".out.corrections.lock", ".out.lock", "in", "out", "spare"]
    assert not list(out.rglob(".*.npz.*"))

    again, same = tmp_path / "again", tmp_path / "same"
    for names in published:
        shutil.rmtree(again, ignore_errors=True)
        again.mkdir()
        for name in names:
            (again / name).write_text(letter(int(name.split()[1].removesuffix(".txt"))))
        run(again, same)
    assert [t for t, data in tables(out).items() if tables(same)[t] != data] == [], f"seed {seed}"
    runs = read(out, "runs")
    assert len(runs) == len(published), f"seed {seed}"
    assert not runs.run_id.duplicated().any()
    assert [frozenset(read(e, "documents").file_name) for e in list_editions(out)] == published[-4:-1]


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "letter 1.txt").write_text(letter(1))
    return folder


def test_two_runs_at_once_do_not_mix_by_whatever_name(tmp_path, folder):
    out, link = tmp_path / "out", tmp_path / "latest"
    run(folder, out)
    link.symlink_to("out")
    (folder / "letter 2.txt").write_text(letter(2))
    for name in (out, link):
        with locked(name), pytest.raises(OutputFault, match="Another run"):
            run(folder, link)
    assert run(folder, link)
    assert check_whole(out) == {"letter 1.txt", "letter 2.txt"}


def test_runs_follow_each_other_where_the_clock_went_back(tmp_path, folder, monkeypatch):
    out = tmp_path / "out"
    run(folder, out)
    (folder / "letter 2.txt").write_text(letter(2))

    class Past(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2001, 1, 1, tzinfo=tz)

    class Clock:
        datetime, UTC, timedelta = Past, dt.UTC, dt.timedelta

    monkeypatch.setattr(run_module, "dt", Clock)
    with locked(out):
        plan = make_plan(Options((folder,), out))
        for file in plan.todo:
            store_of(out).save(file.key, process_file(Path(file.path), file.name, file.sha256, Words(), file.engine))
        publish_plan(plan, Past.now(dt.UTC))
    runs = read(out, "runs")
    assert runs.files_seen.tolist() == [1, 2]
    assert runs.started[1] >= runs.finished[0]
    assert runs.started[1] > runs.started[0]
    assert runs.finished[1] >= runs.started[1]
    assert [e.name[:5] for e in list_editions(out)] == ["00001"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, and what sets its size in KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(size: int, *options: str) -> int:
        command = ["mount", "-t", "tmpfs", "-o", ",".join([*options, f"size={size}k"]), "tmpfs", str(disk)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    if os.geteuid() != 0 or sys.platform != "linux" or mount(65_536):
        pytest.skip("only a superuser of Linux may mount a small disk")
    yield disk, lambda size: mount(size, "remount")
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_leaves_the_old_dataset_and_the_next_run_ends_the_work(small_disk, folder):
    disk, resize = small_disk
    out = disk / "out"
    run(folder, out)
    used = (shutil.disk_usage(disk).used + 1023) // 1024
    (folder / "letter 2.txt").write_text(letter(2))
    for spare in (0, 8, 40, 200, 600):
        assert resize(used + spare) == 0
        with pytest.raises((OutputFault, OSError), match="space"):
            run(folder, out)
        assert check_whole(out) == {"letter 1.txt"}, spare
    assert resize(65_536) == 0
    assert run(folder, out)
    assert check_whole(out) == {"letter 1.txt", "letter 2.txt"}
    assert not run(folder, out)
    assert len(read(out, "runs")) == 2


class Deadly:
    """Kills the process to which it is sent as work."""

    def __reduce__(self):
        return signal.raise_signal, (signal.SIGKILL,)


def test_a_worker_that_is_lost_costs_nothing_and_a_file_that_kills_it_is_reported(tmp_path, folder):
    out = tmp_path / "out"
    plan = make_plan(Options((folder,), out))
    with WorkerPool(1, out / ".cache" / "results") as pool:
        results = pool.process(plan.todo)
        pool._pool.submit(int).cancel()  # the process is started with the first task
        for process in list(pool._pool._processes.values()):
            os.kill(process.pid, signal.SIGKILL)
        ((file, result),) = list(results)
        assert (file.name, result.failed) == ("letter 1.txt", False)
        lost = pool._process_alone(plan.todo[0], Deadly())
    assert [p.error for p in lost.problems] == ["worker_died"]
    assert store_of(out).load(plan.todo[0].key).problems == lost.problems

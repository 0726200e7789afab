"""The map over files on a Dask cluster of two worker processes: the same results, also where a worker dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import distributed
import pandas as pd
import pytest

from flows import cluster
from pipeline.embed import Precision
from pipeline.errors import ClusterFault, InputFault
from pipeline.plan import Options, make_plan, store_of
from pipeline.workers import process_here
from tests.run.storages import put, serve_s3
from tests.run.test_safe import letter

FILES = 6


def start(stack: ExitStack, log: Path, *arguments: object, **environment: str) -> subprocess.Popen[bytes]:
    """A process that is ended with the stack, and whatever it has started with it."""
    with log.open("wb") as f:
        command, env = [sys.executable, *map(str, arguments)], {**os.environ, **environment}
        process = subprocess.Popen(command, env=env, stdout=f, stderr=subprocess.STDOUT, start_new_session=True)

    def end() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    stack.callback(end)
    return process


def wait_for(find: Callable[[], Any], log: Path, seconds: float = 900) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(0.05)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A scheduler and two workers, started as the page on this way of running says, that find files on a storage only."""
    with ExitStack() as stack:
        environment = stack.enter_context(serve_s3())
        place, log = tmp_path / "scheduler.json", tmp_path / "scheduler.log"
        arguments = ["--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", place]
        start(stack, log, "-m", "distributed.cli.dask_scheduler", *arguments)
        wait_for(place.exists, log)
        arguments = [
            "--nthreads",
            1,
            "--no-nanny",
            "--no-dashboard",
            "--scheduler-file",
            place,
            "--local-directory",
            tmp_path,
        ]
        workers = [
            start(stack, tmp_path / f"worker {n}.log", "-m", "distributed.cli.dask_worker", *arguments, **environment)
            for n in (1, 2)
        ]
        client = stack.enter_context(distributed.Client(scheduler_file=str(place), set_as_default=False))
        client.wait_for_workers(2, timeout=900)
        yield SimpleNamespace(client=client, workers=workers, environment=environment, stack=stack)


def test_a_worker_dies_and_the_results_are_those_of_one_machine(
    scheduler: SimpleNamespace, published: tuple[Path, str], sample: Path, tmp_path: Path
) -> None:
    """The sample's shortest documents are read from a storage by two workers, of which one is killed at its work."""
    chosen = sorted(
        (p for p in sample.rglob("*") if p.is_file() and p.name != "README.md"), key=lambda p: p.stat().st_size
    )
    (tmp_path / "in").mkdir()
    for path in chosen[:FILES]:
        shutil.copy(path, tmp_path / "in")
    put(tmp_path / "in", "s3://papers/in")
    shutil.rmtree(tmp_path / "in")

    out, log, address = tmp_path / "out", tmp_path / "run.log", scheduler.client.scheduler.address
    arguments = ["s3://papers/in", "--out", out, "--dask", address]
    run = start(scheduler.stack, log, "-m", "pipeline.cli", "run", *arguments, **scheduler.environment)
    wait_for(lambda: run.poll() is not None or list(out.glob(".cache/results/*/*.npz")), log)
    busy = [a for a, tasks in scheduler.client.processing().items() if tasks]
    pids = scheduler.client.run(os.getpid)
    os.kill(pids[busy[0]], signal.SIGKILL)
    assert run.wait(900) == 0, log.read_text()
    assert sorted(w.poll() is None for w in scheduler.workers) == [False, True]

    plan = make_plan(Options((sample,), published[0]))
    files = {f.key: f.name for f in plan.files}
    kept = {p.stem: p.read_bytes() for p in out.glob(".cache/results/*/*.npz")}
    alone = {p.stem: p.read_bytes() for p in published[0].glob(".cache/results/*/*.npz")}
    assert len(kept) == FILES
    assert [files[k] for k, data in kept.items() if alone[k] != data] == []
    assert len(pd.read_parquet(out / "dataset" / "documents.parquet")) >= FILES


@pytest.fixture
def one_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A cluster within this process, and a Prefect server that is only named."""
    monkeypatch.setattr(cluster, "find_server", lambda: "http://127.0.0.1:9/api")
    with distributed.LocalCluster(
        n_workers=1, processes=False, dashboard_address=None, protocol="tcp://", host="127.0.0.1"
    ) as made:
        yield made.scheduler_address


def test_a_worker_that_cannot_do_the_work_is_named(one_worker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClusterFault, match="PREFECT_API_URL"), cluster.open_cluster(one_worker, 1):
        pass
    monkeypatch.setattr(cluster, "_answer", lambda server: ("another", ""))
    with pytest.raises(ClusterFault, match="another version"), cluster.open_cluster(one_worker, 1):
        pass


def test_a_scheduler_that_is_not_there_or_has_no_workers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_ANSWER", 1)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with (
            pytest.raises(ClusterFault, match=f"No Dask scheduler answers at {address}"),
            cluster.open_cluster(address, 1),
        ):
            pass
    made = distributed.LocalCluster(
        n_workers=0, processes=False, dashboard_address=None, protocol="tcp://", host="127.0.0.1"
    )
    with made, pytest.raises(ClusterFault, match="--nthreads 1"), cluster.open_cluster(made.scheduler_address, 1):
        pass


def test_a_file_that_ends_every_reader_is_reported_and_its_batch_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    for number in (1, 2, 3):
        (tmp_path / "in" / f"letter {number}.txt").write_text(letter(number))
    plan = make_plan(Options((tmp_path / "in",), tmp_path / "out"))

    def gather(work: Any) -> Iterator[Any]:
        for files in work:
            deadly = any(f.name == "letter 2.txt" for f in files)
            yield files, None if deadly else [cluster.FileResult(f.name, f.sha256) for f in files]

    monkeypatch.setattr(cluster, "_gather", gather)
    monkeypatch.setattr(cluster, "equal_batches", lambda plan: [plan.files])
    cluster.read_on_cluster(plan)
    results = {f.name: store_of(tmp_path / "out").load(f.key) for f in plan.files}
    assert {name: [p.error for p in r.problems] for name, r in results.items() if r} == {
        "letter 1.txt": [],
        "letter 2.txt": ["worker_died"],
        "letter 3.txt": [],
    }


def test_a_worker_that_does_not_see_a_file_as_it_was_planned_says_so(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text(letter(1))
    files = make_plan(Options((path,), tmp_path / "out")).todo
    path.write_text(letter(2))
    with pytest.raises(InputFault, match="changed"):
        process_here(files, Precision.FP32)
    path.unlink()
    with pytest.raises(InputFault, match="put the files where all workers see them"):
        process_here(files, Precision.FP32)

"""The map over files on the workers of a Dask cluster, on this machine or others, through Prefect's task runner.

A worker gets the places of files and sends their results back; nothing of it is written but by the run that asked.
A worker that dies is made up for by Dask on another one; a file that ends whoever reads it is reported.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import distributed
import httpx
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect_dask import DaskTaskRunner
from prefect_dask.task_runners import PrefectDaskFuture

from flows.ingest import is_transient, prepare, publish
from pipeline.embed import Precision, choose_precision
from pipeline.errors import ClusterFault
from pipeline.plan import Options, Plan, PlannedFile, store_of
from pipeline.progress import listener
from pipeline.run import Summary, equal_batches
from pipeline.store import FileResult, ResultStore, map_digest
from pipeline.workers import process_here, report_death

log = logging.getLogger(__name__)

LOCAL = "local"
"""Instead of an address: a cluster on this machine that ends with the run."""
_ANSWER = 15
"""Seconds in which a scheduler, a worker and a server must answer."""

Results = list[FileResult]


@dataclass(frozen=True)
class Cluster:
    """A cluster that is ready: the address of its scheduler, and how many files it reads at once."""

    address: str
    workers: int


@contextmanager
def open_cluster(name: str, workers: int) -> Iterator[Cluster]:
    """The cluster at an address, or with the name `local` one of so many worker processes, while the context lasts.

    Raises ClusterFault where no scheduler answers, it has no workers, or they cannot do the work.
    """
    if name == LOCAL:
        made = distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            # without a dashboard it still listens, at port 8787, and warns where that is taken
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        )
        with made:
            yield _check(made.scheduler_address)
    else:
        yield _check(name)


def _check(address: str) -> Cluster:
    try:
        client = distributed.Client(address, timeout=_ANSWER, set_as_default=False)
    except (OSError, ValueError) as e:  # its TimeoutError is an OSError
        raise ClusterFault(
            f"No Dask scheduler answers at {address} ({e}); `dask scheduler` starts one and says its address."
        ) from e
    with client:
        workers = client.nthreads()
        if not workers:
            raise ClusterFault(
                f"The Dask scheduler at {address} has no workers; start some: dask worker {address} --nthreads 1"
            )
        try:
            answers = client.run(_answer, find_server())
        except ImportError as e:
            raise ClusterFault(f"The workers of {address} lack goldenthread[dask]; install it there ({e}).") from e
    for worker, (digest, fault) in answers.items():
        if digest != map_digest():
            raise ClusterFault(
                f"The worker {worker} has another version of the program or of its libraries; install the same as here."
            )
        if fault:
            raise ClusterFault(
                f"The worker {worker} does not reach the Prefect server at {find_server()} ({fault}); start one that "
                "all machines reach and name it in PREFECT_API_URL."
            )
    return Cluster(address, sum(workers.values()))


def _answer(server: str) -> tuple[str, str]:
    """Of a worker: what its program is, and why it does not reach the server ("" where it does)."""
    try:
        httpx.get(f"{server}/health", timeout=_ANSWER)
    except httpx.HTTPError as e:
        return map_digest(), str(e)
    return map_digest(), ""


def find_server() -> str:
    """The address of the Prefect server of this run, which is started where the environment names none."""
    return str(get_client(sync_client=True).api_url).rstrip("/")


@task(
    name="process",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 5, 20],
    retry_condition_fn=is_transient,
)
def process_on_cluster(files: Sequence[PlannedFile], precision: Precision, digest: str) -> Results:
    """Process a batch of files on a worker."""
    if digest != map_digest():  # it came after the others were asked
        raise ClusterFault("A worker has another version of the program; install the same as here.")
    return process_here(files, precision)


@flow(name="ingest on Dask", validate_parameters=False)
def ingest(paths: list[str], out: str, engine: str, workers: int, editions: int) -> Summary:
    """Read what is new under `paths` on the cluster, `workers` files at a time, and publish the dataset in `out`.

    Raises GoldenThreadError where input, output, rules or the cluster are at fault.
    """
    started, plan = prepare(Options(tuple(paths), Path(out), engine, workers, editions))
    read_on_cluster(plan)
    return publish(plan, started)


def ingest_on(name: str, paths: list[str], out: str, engine: str, workers: int, editions: int) -> Summary:
    """The same on the cluster of this name (see `open_cluster`)."""
    with temporary_settings({PREFECT_API_URL: find_server()}), open_cluster(name, workers) as cluster:
        run = ingest.with_options(task_runner=DaskTaskRunner(address=cluster.address))
        return run(paths, out, engine, cluster.workers, editions)


def read_on_cluster(plan: Plan) -> None:
    """Process what is to be done of the plan on the cluster of the flow that runs, and keep the results.

    Raises ClusterFault where it has no workers any more, and what `process_here` raises.
    """
    store = store_of(plan.options.out)
    left: list[PlannedFile] = []
    for files, results in _gather(equal_batches(plan)):
        if results is None:
            left += files
        else:
            _keep(store, files, results)
    if left:
        log.warning("workers died over and over; %d files are read again one by one", len(left))
    for file in left:
        for _, results in _gather([(file,)]):
            dead = FileResult(file.name, file.sha256, problems=(report_death(file),))
            _keep(store, (file,), results or [dead])


def _keep(store: ResultStore, files: Sequence[PlannedFile], results: Results) -> None:
    for file, result in zip(files, results, strict=True):
        store.save(file.key, result)
        listener().advance(result, file.size)


def _gather(work: Sequence[Sequence[PlannedFile]]) -> Iterator[tuple[Sequence[PlannedFile], Results | None]]:
    """Each batch with its results as they come, None where every worker that took it died."""
    runner = FlowRunContext.get().task_runner  # type: ignore[union-attr]
    assert isinstance(runner, DaskTaskRunner)
    precision, digest = choose_precision(), map_digest()
    waiting: dict[distributed.Future, tuple[Sequence[PlannedFile], PrefectDaskFuture[Results]]] = {}
    for files in work:
        future = cast("PrefectDaskFuture[Results]", process_on_cluster.submit(files, precision, digest))
        waiting[future.wrapped_future] = files, future
    while waiting:
        try:
            with runner.client.as_current():
                done = distributed.wait(list(waiting), timeout=_ANSWER, return_when="FIRST_COMPLETED").done
        except distributed.TimeoutError:
            if not runner.client.nthreads():
                raise ClusterFault(
                    "The Dask cluster has lost all its workers; start new ones and run again: what was read is kept."
                ) from None
            continue
        except (distributed.CancelledError, OSError) as e:
            raise ClusterFault(
                "The Dask scheduler is gone; start it and its workers and run again: what was read is kept."
            ) from e
        for wrapped in done:
            files, future = waiting.pop(wrapped)
            try:
                yield files, future.result()
            except distributed.KilledWorker:
                yield files, None

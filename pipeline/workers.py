"""Processes that read files, kept warm with their models, and replaced when one dies."""

from __future__ import annotations

import contextlib
import importlib
import logging
import multiprocessing
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextvars import ContextVar
from pathlib import Path

from pipeline.embed import Precision, load_embedder
from pipeline.errors import InputFault
from pipeline.ids import file_sha256
from pipeline.plan import Plan, PlannedFile, results_of
from pipeline.records import Problem, Severity
from pipeline.storage import local_copy
from pipeline.store import FileResult, ResultStore

log = logging.getLogger(__name__)


_READING = threading.Lock()
"""The libraries that read PDFs work on one document at a time in a process, however many threads that has."""


def _start_worker() -> None:
    """One thread a process: there is a process a core, and more threads than cores fight over them (spaCy's small
    matrix products took five times as long with OpenBLAS's own choice)."""
    import torch
    from threadpoolctl import threadpool_limits

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    threadpool_limits(1)
    torch.set_num_threads(1)


def _read(file: PlannedFile, path: Path, precision: Precision | None = None) -> FileResult:
    from pipeline.process import process_file  # takes seconds, and only the processes that read need it

    return process_file(path, file.name, file.sha256, load_embedder(precision), file.engine, file.source_url)


def _process(file: PlannedFile, store_folder: str) -> FileResult:
    """What became of the file in short: its rows are in the store, where the run reads them, and are not sent twice."""
    with local_copy(file.path) as path:
        result = _read(file, path)
    ResultStore(Path(store_folder)).save(file.key, result)
    return FileResult(file.name, file.sha256, result.pages, result.documents, problems=result.problems)


def _warm() -> None:
    importlib.import_module("pipeline.process")
    load_embedder()
    importlib.import_module("pipeline.language").load_language()


_READY: ContextVar[WorkerPool | None] = ContextVar("ready", default=None)


@contextlib.contextmanager
def warmed(plan: Plan) -> Iterator[None]:
    """Within this context the processes for the plan are starting: the sentence model takes as long to load as a
    temporary Prefect server to start, and neither needs the other."""
    if not plan.todo:
        yield
        return
    with _make_pool(plan) as pool:
        pool.warm()
        token = _READY.set(pool)
        try:
            yield
        finally:
            _READY.reset(token)


@contextlib.contextmanager
def open_pool(plan: Plan) -> Iterator[WorkerPool]:
    """The processes for the plan, warm ones where there are, which end with the context."""
    with _READY.get() or _make_pool(plan) as pool:
        yield pool


def _make_pool(plan: Plan) -> WorkerPool:
    return WorkerPool(min(plan.options.workers, len(plan.todo)), results_of(plan.options.out))


def process_here(files: Sequence[PlannedFile], precision: Precision) -> list[FileResult]:
    """The files' results, read one after another in this process, a worker of a cluster, whose sentence model computes
    with the precision of the machine that asks: the vectors are then the same whoever makes them.

    Raises InputFault where this machine does not find a file as it was planned, and what `process_file` raises.
    """
    with _READING:
        _start_worker()
        return [_process_found(file, precision) for file in files]


def _process_found(file: PlannedFile, precision: Precision) -> FileResult:
    try:
        with local_copy(file.path) as path:
            if file_sha256(path) != file.sha256:
                raise InputFault(f"{file.path} has changed while it was to be read; run again.")
            return _read(file, path, precision)
    except FileNotFoundError as e:
        raise InputFault(
            f"The worker on {socket.gethostname()} does not find {file.path}: put the files where all workers see "
            "them, in a shared folder of the same path or on a storage such as s3://."
        ) from e


class WorkerPool:
    """A pool of processes (spawned: the reading and the model libraries keep state that a fork would corrupt)."""

    def __init__(self, workers: int, store_folder: Path) -> None:
        self._workers = workers
        self._folder = str(store_folder)
        self._lock = threading.Lock()
        self._pool = self._open(workers)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)  # they end while the run goes on

    def warm(self) -> None:
        """Let every process load its models; returns at once."""
        for _ in range(self._workers):
            self._pool.submit(_warm)

    @staticmethod
    def _open(workers: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)

    def process(self, files: Sequence[PlannedFile]) -> Iterator[tuple[PlannedFile, FileResult]]:
        """Each file with what became of it, in the order in which they finish: pages, documents and problems; the store
        holds the rows.

        Where a worker dies (killed, out of memory, a fault in a native library) the files that were left are read
        one by one in a process of their own, so that only the file that kills its reader is reported as failed.

        Raises what `process_file` raises.
        """
        pool = self._pool
        futures: dict[Future[FileResult], PlannedFile] = {}
        left = {file.key: file for file in files}
        try:
            futures = {pool.submit(_process, file, self._folder): file for file in files}
            for future in as_completed(futures):
                result = future.result()
                del left[futures[future].key]
                yield futures[future], result
        except BrokenProcessPool:
            log.warning("a worker process died; %d files are read again one by one", len(left))
            self._replace(pool)
            for file in list(left.values()):
                yield file, self._process_alone(file)

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is broken:
                self._pool = self._open(self._workers)

    def _process_alone(self, file: PlannedFile, run: Callable[[PlannedFile, str], FileResult] = _process) -> FileResult:
        with self._open(1) as pool:
            try:
                return pool.submit(run, file, self._folder).result()
            except BrokenProcessPool:
                result = FileResult(file.name, file.sha256, problems=(report_death(file),))
        ResultStore(Path(self._folder)).save(file.key, result)
        return result


def report_death(file: PlannedFile) -> Problem:
    """The problem of a file whose reading ends the process that reads it."""
    return Problem(
        file_name=file.name,
        file_sha256=file.sha256,
        stage="process",
        error="worker_died",
        message="Reading this file ended the process that read it (out of memory, or a fault in a reading library).",
        severity=Severity.ERROR,
    )

"""Processes that read files, kept warm with their models, and replaced when one dies."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pipeline.embed import load_embedder
from pipeline.plan import PlannedFile
from pipeline.process import process_file
from pipeline.records import Problem, Severity
from pipeline.store import FileResult, ResultStore

log = logging.getLogger(__name__)


def _start_worker() -> None:
    """One thread a process: there is a process a core, and more threads than cores fight over them (spaCy's small
    matrix products took five times as long with OpenBLAS's own choice)."""
    import torch
    from threadpoolctl import threadpool_limits

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    threadpool_limits(1)
    torch.set_num_threads(1)


def _process(file: PlannedFile, store_folder: str) -> FileResult:
    result = process_file(Path(file.path), file.name, file.sha256, load_embedder(), file.engine, file.source_url)
    ResultStore(Path(store_folder)).save(file.key, result)
    return result


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
        self._pool.shutdown(cancel_futures=True)

    @staticmethod
    def _open(workers: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)

    def process(self, files: Sequence[PlannedFile]) -> Iterator[tuple[PlannedFile, FileResult]]:
        """Each file with its result, in the order in which they finish.

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
                result = FileResult(file.name, file.sha256, problems=(_died(file),))
        ResultStore(Path(self._folder)).save(file.key, result)
        return result


def _died(file: PlannedFile) -> Problem:
    return Problem(
        file_name=file.name,
        file_sha256=file.sha256,
        stage="process",
        error="worker_died",
        message="Reading this file ended the process that read it (out of memory, or a fault in a reading library).",
        severity=Severity.ERROR,
    )

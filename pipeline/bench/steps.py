"""Processor time by step: `python -m pipeline.bench.steps FOLDER [--every N]`.

Everything runs in one process and on one thread: first the files, one after another, then themes, threads and
publishing of what they yield. Prints milliseconds a page by step, the steps that cost most first.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from threadpoolctl import threadpool_limits

from pipeline.assemble import assemble
from pipeline.embed import Embedder, SentenceModel, load_embedder
from pipeline.ids import digest
from pipeline.process import process_file
from pipeline.publish.folder import write_dataset
from pipeline.read.bench import find_pdfs
from pipeline.store import FileResult

READING = "read_file"
VECTORS = ("encode", "encode_both")
FILE_STEPS = (
    READING, "split_parts", "identify", "sentences", "extract_judgements", "extract_recommendations",
    "extract_findings", "extract_metrics", "assign_codes",
)  # fmt: skip
WHOLE_STEPS = {
    "pipeline.assemble": (
        "cluster_themes", "correct_themes", "describe_themes", "link_threads", "follow_themes", "compare_claims",
    ),
    "pipeline.publish.folder": (
        "sort_rows", "write_parquet", "write_csv", "write_database", "write_texts", "write_workbook",
        "write_vectors", "write_report",
    ),
}  # fmt: skip


class Stopwatch:
    """Seconds of processor time by step. A step that is called by another is not counted in that one."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._inner = [0.0]

    def watch(self, step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time counted under the step."""

        @functools.wraps(work)
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            self._inner.append(0.0)
            try:
                return work(*args, **kwargs)
            finally:
                took = time.process_time() - start
                self.spent[step] += took - self._inner.pop()
                self._inner[-1] += took

        return timed

    @contextlib.contextmanager
    def watching(self, owner: Any, names: Sequence[str]) -> Iterator[None]:
        """Within this context the functions that `owner` knows by these names are timed."""
        with contextlib.ExitStack() as stack:
            for name in names:
                stack.enter_context(mock.patch.object(owner, name, self.watch(name, getattr(owner, name))))
            yield


def time_files(paths: Sequence[Path], watch: Stopwatch, embedder: Embedder) -> list[FileResult]:
    """What the files yield, with the time of each step in `watch`."""
    process = importlib.import_module("pipeline.process")
    with watch.watching(process, FILE_STEPS), watch.watching(SentenceModel, VECTORS):
        return [process_file(path, path.name, digest(str(n)), embedder, "pdfium") for n, path in enumerate(paths)]


def time_whole(results: Sequence[FileResult], watch: Stopwatch) -> None:
    """Assemble and write what the files yielded, with the time of each step in `watch`."""
    with contextlib.ExitStack() as stack:
        for module, names in WHOLE_STEPS.items():
            stack.enter_context(watch.watching(importlib.import_module(module), names))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        dataset = assemble(results, None)
        write_dataset(dataset.tables, dataset.texts, Path(folder), vectors=dataset.vectors)


def describe_steps(pages: int, spent: dict[str, float]) -> Iterator[str]:
    """Pages a second and core of reading, of the rest of a file without vectors, and of everything; then each step."""
    apart = sum(spent[step] for step in FILE_STEPS if step != READING)
    yield f"reading: {pages / spent[READING]:.0f} pages/s"
    yield f"splitting and extraction, vectors apart: {pages / apart:.0f} pages/s"
    yield f"everything: {pages / sum(spent.values()):.1f} pages/s"
    for step, seconds in sorted(spent.items(), key=lambda s: -s[1]):
        yield f"  {step}: {1000 * seconds / pages:.2f} ms a page"


def main(arguments: list[str]) -> None:
    """Run the benchmark, once over a few files to warm up and once to measure, and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=4, help="every n-th file only")
    chosen = parser.parse_args(arguments)
    paths = find_pdfs(chosen.folder, chosen.every)
    import torch

    torch.set_num_threads(1)
    watch, embedder = Stopwatch(), load_embedder()
    with threadpool_limits(1):
        time_files(paths[:2], Stopwatch(), embedder)
        results = time_files(paths, watch, embedder)
        time_whole(results, watch)
    pages = sum(r.pages for r in results)
    lines = [f"{len(paths)} files, {pages} pages, {embedder.name}", *describe_steps(pages, watch.spent)]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

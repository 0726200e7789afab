"""What comes after reading, at any size: `python -m pipeline.bench.whole OUT [--times 1 10]`.

Reading ten thousand files takes hours, and costs the same for each. What is made of all of them together, themes,
threads and the published files, does not: here it is made of the results that a run has kept in OUT/.cache, taken so
many times over. Each time the visits and documents have other names, and are of other councils of the list, so many
places further; the sentences are the same. Prints seconds, processor time and the peak of memory of all processes, from
nothing and once more with one more file.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pipeline.assemble import assemble
from pipeline.bench.runs import measure_command
from pipeline.garbage import set_aside
from pipeline.identify.councils import Council, load_councils
from pipeline.plan import results_of, store_of
from pipeline.publish.folder import publish
from pipeline.records import Record, Run
from pipeline.store import FileResult
from pipeline.themes.state import load_state, save_state
from pipeline.threads import KeptThreads

_IDS = frozenset({"document_id", "visit_id", "finding_id", "recommendation_id", "metric_id", "file_sha256"})
_COUNCIL = {"council": "name", "council_code": "code", "region": "region"}
"""Columns that tell of a council, and where the list of councils says it."""
_RUN = Run(
    run_id="run", started=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), finished=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    files_seen=0, files_new=0, files_failed=0, documents=0, version="benchmark", models=(), parameters="{}",
)  # fmt: skip
Row = TypeVar("Row", bound=Record)


def rename(result: FileResult, time: int) -> FileResult:
    """The result as that of another file about other councils."""
    shared: dict[tuple[str, str], str] = {}  # as in a result that was read, equal names are one in memory
    tables: dict[str, Any] = {n: tuple(_rename(row, time, shared) for row in rows) for n, rows in result.tables.items()}
    texts = {f"{k}-{time}": text for k, text in result.texts.items()}
    return replace(result, file_sha256=f"{result.file_sha256}-{time}", texts=texts, **tables)


def _rename(row: Row, time: int, shared: dict[tuple[str, str], str]) -> Row:
    named = ((name, getattr(row, name)) for name in row.fields() if name in _IDS)
    changes = {name: shared.setdefault((name, value), f"{value}-{time}") for name, value in named if value}
    code = getattr(row, "council_code", None)
    if code:
        other = _find_other(code, time)
        changes |= {n: getattr(other, its) for n, its in _COUNCIL.items() if n in row.fields()}
    return row.replace(**changes)


@functools.cache
def _find_other(code: str, time: int) -> Council:
    """The council so many places further in the list; one that is not listed gets a name of its own."""
    listed = [council for _, council in sorted(load_councils().items())]
    place = next((n for n, council in enumerate(listed) if council.code == code), None)
    if place is None:
        return Council(f"{code}-{time}", f"{code}-{time}", "", "")
    return listed[(place + time) % len(listed)]


def list_results(out: Path, times: int, more: int) -> Iterator[FileResult]:
    """The results that are kept in `out` so many times, and so many of them once more."""
    store, keys = store_of(out), sorted(p.stem for p in results_of(out).glob("??/*.npz"))
    for number, key in enumerate(keys):
        for time in range(times + (number < more)):
            if result := store.load(key):  # each time anew: texts of other files are not one in memory
                yield rename(result, time)


def make_whole(out: Path, times: int, more: int, into: Path) -> None:
    """Assemble and publish them in `into`, from what was there."""
    with set_aside():
        kept = KeptThreads(into.with_name("threads"))
        themes = into.with_name("themes")
        made = assemble(list_results(out, times, more), load_state(themes), (), kept, into.with_name("room"))
        pages = into.with_name("pages")
        publish({**made.tables, "runs": (_RUN,)}, made.texts, into, vectors=made.vectors, kept=pages)
        save_state(made.state, themes)


def describe_size(out: Path, times: int) -> Iterator[str]:
    """Rows of a table in Markdown: from nothing, and with one more file."""
    files = times * sum(1 for _ in results_of(out).glob("??/*.npz"))
    with tempfile.TemporaryDirectory(dir=out.parent) as room:
        for more, what in ((0, "from nothing"), (1, "one more")):
            inner = ["--into", f"{room}/out", "--more", str(more)]
            command = [sys.executable, "-m", "pipeline.bench.whole", str(out), "--times", str(times), *inner]
            spent = measure_command(command)
            cells = (f"{files:,}", what, f"{spent.seconds:.0f}", f"{spent.processor:.0f}", f"{spent.mebibytes:,.0f}")
            yield "| " + " | ".join(cells) + " |"


def main(arguments: list[str]) -> None:
    """Run the benchmark and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--more", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.into:
        make_whole(chosen.out, chosen.times[0], chosen.more, chosen.into)
        return
    sys.stdout.write("| files | | s | processor s | peak MiB |\n|---|---|---|---|---|\n")
    for times in chosen.times:
        for line in describe_size(chosen.out, times):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

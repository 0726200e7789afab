"""The flow of a watch: collect, read what is new, publish, say what changed, tell whoever asked to be told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE

from flows.ingest import ingest
from pipeline.collect.fetch import Fetcher
from pipeline.collect.gather import SourceReport
from pipeline.collect.gather import collect as collect_sources
from pipeline.collect.knowledge import load_knowledge
from pipeline.diff import compare, describe
from pipeline.locks import locked
from pipeline.plan import Options, make_plan
from pipeline.progress import listening
from pipeline.publish.editions import list_editions
from pipeline.publish.replace import check_writable, recover
from pipeline.run import Summary
from pipeline.store import FileResult
from pipeline.watch.settings import Watch, read_watch
from pipeline.watch.tell import Told, mark_known, tell_new

_EVERY = 2.0
"""Seconds between two updates of the progress."""
_MOST_PROBLEMS = 500


class ProgressArtifact:
    """Shows on the server how much of the work is done, in bytes of the files that are to be read."""

    def __init__(self) -> None:
        self._artifact: UUID | None = None
        self._size = self._done = self._files = 0
        self._shown = 0.0

    def start(self, files: int, size: int) -> None:
        """So many files with so many bytes are to be read."""
        self._size = size
        made = create_progress_artifact(0.0, key="goldenthread-progress", description=f"{files} files to read")
        self._artifact = cast(UUID, made)

    def advance(self, result: FileResult, size: int) -> None:
        """A file is done."""
        self._done += size
        self._files += 1
        if self._artifact and (time.monotonic() - self._shown > _EVERY or self._done >= self._size):
            self._shown = time.monotonic()
            share = 100.0 * self._done / max(1, self._size)
            update_progress_artifact(self._artifact, share, description=f"{self._files} files read")

    def step(self, name: str) -> None:
        """The run has come to another step."""
        if self._artifact:
            update_progress_artifact(self._artifact, 100.0, description=name)


@task(cache_policy=NO_CACHE, persist_result=False)
def collect(settings: Watch) -> list[SourceReport]:
    """Collect what is new of the sources."""
    with Fetcher(load_knowledge().polite) as fetcher:
        return collect_sources(settings.list_sources(), settings.into, fetcher)


@task(cache_policy=NO_CACHE, persist_result=False)
def tell(settings: Watch) -> list[Told]:
    """Tell of new findings."""
    return tell_new(settings.out, settings.tell)


@task(cache_policy=NO_CACHE, persist_result=False)
def digest(out: Path) -> str:
    """What changed with this edition, in words."""
    before = list_editions(out)
    return "\n".join(describe(compare(before[-1], out))) if before else "The first edition: everything is new."


@flow(name="watch", validate_parameters=False)
def watch(settings: str) -> dict[str, int]:
    """One round of the watch that the settings file describes; how many documents are new or changed, how many files
    were read, and how many troubles there were.

    Raises GoldenThreadError where the settings, the output or another round at work stand in the way.
    """
    chosen = read_watch(Path(settings))
    with locked(chosen.out):
        recover(chosen.out)
        check_writable(chosen.out)
        mark_known(chosen.out, chosen.tell)
        reports = collect(chosen)
        paths = [r.folder for r in reports if r.folder.exists()]
        plan = make_plan(Options(tuple(paths), chosen.out, workers=chosen.workers, editions=chosen.editions))
        summary = None
        if not plan.current:
            with listening(ProgressArtifact()):
                summary = ingest(
                    [str(p) for p in paths], str(chosen.out), workers=chosen.workers, editions=chosen.editions
                )
            create_markdown_artifact(f"```\n{digest(chosen.out)}\n```", key="goldenthread-digest")
        told = tell(chosen)
    rows = list_problems(reports, told, summary)
    create_markdown_artifact(write_summary(chosen, reports, told, summary), key="goldenthread-summary")
    create_table_artifact(rows[:_MOST_PROBLEMS], key="goldenthread-problems", description=f"{len(rows)} problems")
    return {
        "collected": sum(r.new + r.changed for r in reports),
        "read": summary.run.files_new if summary else 0,
        "problems": len(rows),
    }


def write_summary(chosen: Watch, reports: Sequence[SourceReport], told: Sequence[Told], summary: Summary | None) -> str:
    """The round in Markdown."""
    lines = ["| source | new | changed | as before | not had |", "|---|---|---|---|---|"]
    lines += [f"| {r.name} | {r.new} | {r.changed} | {r.unchanged} | {len(r.troubles)} |" for r in reports]
    lines.append("")
    if summary is None:
        lines.append(f"Nothing new: the dataset in {chosen.out} stands as it is.")
    else:
        run = summary.run
        lines += [
            f"**{run.files_new} files new** of {run.files_seen}, {run.files_failed} failed; "
            f"{run.documents} documents, {summary.rows['findings']} findings, "
            f"{summary.rows['recommendations']} recommendations.",
            "",
            f"Report: {chosen.out}/report/index.html, run {run.run_id}",
        ]
    lines += [f"\n{t.name} was told of {t.findings} findings." for t in told if t.findings and not t.fault]
    return "\n".join(lines)


def list_problems(
    reports: Sequence[SourceReport], told: Sequence[Told], summary: Summary | None
) -> list[dict[str, Any]]:
    """What went wrong, a row each: what could not be collected, read or told."""
    rows = [
        {"where": f"{r.name}: {t.address}", "error": t.error, "message": t.message} for r in reports for t in r.troubles
    ]
    rows += [{"where": t.name, "error": "not_told", "message": t.fault} for t in told if t.fault]
    problems = summary.problems if summary else ()
    rows += [
        {"where": p["file_name"], "error": p["error"], "message": p["message"]}
        for p in (row.as_json() for row in problems)
        if p["severity"] == "error"
    ]
    return rows

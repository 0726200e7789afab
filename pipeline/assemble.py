"""The reduce: what every file yielded → the tables of the whole dataset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.embed import Vectors
from pipeline.forks import run_beside
from pipeline.records import (
    CorrectionAction,
    Document,
    Finding,
    Judgement,
    Metric,
    Problem,
    Recommendation,
    Record,
    Visit,
)
from pipeline.spool import ItemVectors, Spool
from pipeline.store import FileResult
from pipeline.themes.clustering import ThemeInput, cluster_themes
from pipeline.themes.codebook import load_codebook, publish_codebook
from pipeline.themes.corrections import CorrectionLine, CorrectionLog
from pipeline.themes.describing import describe_themes
from pipeline.themes.standing import correct_themes
from pipeline.themes.state import ThemeState
from pipeline.themes.trends import follow_themes
from pipeline.threads import KeptThreads, Threads, compare_claims, link_threads

Item = Recommendation | Finding
_FIRST = dt.date.min


@dataclass(frozen=True)
class Dataset:
    """The published tables by name (all but `runs`), the documents' texts, the items' unit vectors by id, and the
    themes' state for the next run."""

    tables: dict[str, tuple[Record, ...]]
    texts: Mapping[str, str]
    vectors: Mapping[str, Vectors]
    state: ThemeState


def assemble(
    results: Iterable[FileResult],
    previous: ThemeState | None,
    corrections: Sequence[CorrectionLine] = (),
    kept: KeptThreads | None = None,
    room: Path | None = None,
) -> Dataset:
    """The dataset of these files with people's corrections. The order of `results`, of which each is let go before the
    next is asked for, does not matter.

    Threads of councils about which nothing is new are taken from `kept`; texts and vectors lie in files in the folder
    `room`, or in the system's for such files.
    """
    documents: list[Document] = []
    visited: list[Visit] = []
    judgements: list[Judgement] = []
    items: list[Item] = []
    metrics: list[Metric] = []
    problems: list[Problem] = []
    spool = Spool(room)
    for result in results:
        documents += result.documents
        visited += result.visits
        judgements += result.judgements
        items += [*result.recommendations, *result.findings]
        metrics += result.metrics
        problems += result.problems
        spool.add(result)
    visits, vectors = order_visits(visited), spool.end()

    log = CorrectionLog(corrections)
    relabel(items, log)
    by_item = ItemVectors([_item_id(row) for row in items], vectors)
    linked = (kept.link if kept else link_threads)(documents, visits, *_divide(items), by_item)
    clustering = cluster_themes([ThemeInput.of(row) for row in items], vectors, previous)
    standing = correct_themes(clustering, log)
    described, trends = run_beside(
        lambda: describe_themes(clustering, standing),
        lambda: follow_themes(documents, visits, items, standing.members),
    )
    for n, row in enumerate(items):  # each in its place, so that no row is there twice
        items[n] = row.replace(theme_id=described.theme_of.get(_item_id(row)), **_tell_outcome(linked, row))
    recommendations, findings = _divide(items)

    tables: dict[str, tuple[Record, ...]] = {
        "documents": tuple(documents),
        "visits": visits,
        "judgements": tuple(judgements),
        "findings": tuple(findings),
        "recommendations": tuple(recommendations),
        "metrics": tuple(metrics),
        "themes": described.themes,
        "theme_items": described.theme_items,
        "theme_counts": trends.counts,
        "theme_trends": trends.trends,
        "theme_recurrence": trends.recurrence,
        "theme_coverage": described.coverage,
        "codebook": publish_codebook(),
        "threads": linked.threads,
        "claims": compare_claims(documents, visits, findings),
        "corrections": log.records,
        "problems": sort_problems(problems),
    }
    return Dataset(tables, spool, by_item, clustering.state)


def order_visits(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    """Each visit once, by council and date, with the same council's visit before it.

    Where several documents report one visit, a column is taken from the first of them that states it.
    """
    merged: dict[str, Visit] = {}
    for visit in sorted(visits, key=lambda v: (v.visit_id, repr(v))):
        known = merged.get(visit.visit_id)
        if known is None:
            merged[visit.visit_id] = visit
        else:
            missing = [name for name in Visit.fields() if getattr(known, name) is None]
            merged[visit.visit_id] = known.replace(**{name: getattr(visit, name) for name in missing})
    ordered = sorted(merged.values(), key=lambda v: (v.council, v.visit_start or v.published or _FIRST, v.visit_id))
    last: dict[str, str] = {}
    out = []
    for visit in ordered:
        out.append(visit.replace(previous_visit_id=last.get(visit.council_code)))
        last[visit.council_code] = visit.visit_id
    return tuple(out)


def relabel(items: list[Item], log: CorrectionLog) -> None:
    """Give the items the codes that people gave them; what came of each such correction is noted in `log`."""
    row_of = {_item_id(row): n for n, row in enumerate(items)}
    codes = {t.code for t in load_codebook().themes}
    for number, line in log.take(CorrectionAction.RELABEL):
        given = [part.strip() for part in line.to.split(";") if part.strip()]
        unknown = [i for i in line.listed if i not in row_of]
        if unknown or len(given) > 2 or not set(given) <= codes:
            wrong = f"item {', '.join(unknown)}" if unknown else f"code {line.to}; give one or two of the codebook"
            log.note(number, False, f"There is no {wrong}.")
            continue
        first, second = (*given, None)[:2]
        for item_id in line.listed:
            row = items[row_of[item_id]]
            items[row_of[item_id]] = row.replace(theme_code=first, theme_code_2=second, theme_confidence=1.0)
        log.note(number, True, f"{len(line.listed)} items coded as {line.to}.")


def _tell_outcome(linked: Threads, row: Item) -> dict[str, Any]:
    if not isinstance(row, Recommendation):
        return {}
    found = linked.outcomes.get(row.recommendation_id)
    return {"outcome": found and found.outcome, "outcome_visit_id": found and found.visit_id}


def _divide(items: Sequence[Item]) -> tuple[list[Recommendation], list[Finding]]:
    return [r for r in items if isinstance(r, Recommendation)], [r for r in items if isinstance(r, Finding)]


def _item_id(row: Item) -> str:
    return row.recommendation_id if isinstance(row, Recommendation) else row.finding_id


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, errors first, then by file."""
    return tuple(sorted(set(problems), key=lambda p: (p.severity, p.file_name, p.stage, p.error, p.message)))

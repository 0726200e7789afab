"""The reduce: what every file yielded → the tables of the whole dataset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.embed import DIMENSIONS, Vectors
from pipeline.records import (
    CorrectionAction,
    Finding,
    Problem,
    Recommendation,
    Record,
    Visit,
)
from pipeline.store import FileResult
from pipeline.themes.clustering import ThemeInput, cluster_themes
from pipeline.themes.codebook import load_codebook, publish_codebook
from pipeline.themes.corrections import CorrectionLine, CorrectionLog
from pipeline.themes.describing import describe_themes
from pipeline.themes.standing import correct_themes
from pipeline.themes.state import ThemeState
from pipeline.themes.trends import follow_themes
from pipeline.threads import KeptThreads, compare_claims, link_threads

_FIRST = dt.date.min


@dataclass(frozen=True)
class Dataset:
    """The published tables by name (all but `runs`), the documents' texts, the items' unit vectors by id, and the
    themes' state for the next run."""

    tables: dict[str, tuple[Record, ...]]
    texts: dict[str, str]
    vectors: dict[str, Vectors]
    state: ThemeState


def assemble(
    results: Iterable[FileResult],
    problems: Sequence[Problem],
    previous: ThemeState | None,
    corrections: Sequence[CorrectionLine] = (),
    kept: KeptThreads | None = None,
) -> Dataset:
    """The dataset of these files with people's corrections. The order of `results` does not matter.

    Threads of councils about which nothing is new are taken from `kept`.
    """
    results = sorted(results, key=lambda r: (r.file_sha256 or "", r.file_name))
    documents = [d for r in results for d in r.documents]
    visits = order_visits(v for r in results for v in r.visits)
    recommendations = [row for r in results for row in r.recommendations]
    findings = [row for r in results for row in r.findings]
    vectors = _stack(results)

    log = CorrectionLog(corrections)
    coded = relabel([*recommendations, *findings], log)
    by_item = dict(zip(map(_item_id, coded), vectors, strict=True))
    linked = (kept.link if kept else link_threads)(documents, visits, *_divide(coded), by_item)
    clustering = cluster_themes([ThemeInput.of(row) for row in coded], vectors, previous)
    standing = correct_themes(clustering, log)
    described = describe_themes(clustering, standing)
    items = [r.replace(theme_id=described.theme_of.get(_item_id(r))) for r in coded]
    recommendations, findings = _divide(items)
    trends = follow_themes(documents, visits, items, standing.members)

    tables: dict[str, tuple[Record, ...]] = {
        "documents": tuple(documents),
        "visits": visits,
        "judgements": tuple(row for r in results for row in r.judgements),
        "findings": tuple(findings),
        "recommendations": tuple(
            r.replace(
                outcome=(found := linked.outcomes.get(r.recommendation_id)) and found.outcome,
                outcome_visit_id=found and found.visit_id,
            )
            for r in recommendations
        ),
        "metrics": tuple(row for r in results for row in r.metrics),
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
        "problems": _sort_problems([*problems, *(p for r in results for p in r.problems)]),
    }
    texts = {k: v for r in results for k, v in r.texts.items()}
    return Dataset(tables, texts, by_item, clustering.state)


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


def relabel(items: Sequence[Recommendation | Finding], log: CorrectionLog) -> tuple[Recommendation | Finding, ...]:
    """The items with the codes that people gave them; what came of each such correction is noted in `log`."""
    row_of = {_item_id(row): n for n, row in enumerate(items)}
    codes = {t.code for t in load_codebook().themes}
    out = list(items)
    for number, line in log.take(CorrectionAction.RELABEL):
        given = [part.strip() for part in line.to.split(";") if part.strip()]
        unknown = [i for i in line.listed if i not in row_of]
        if unknown or len(given) > 2 or not set(given) <= codes:
            wrong = f"item {', '.join(unknown)}" if unknown else f"code {line.to}; give one or two of the codebook"
            log.note(number, False, f"There is no {wrong}.")
            continue
        first, second = (*given, None)[:2]
        update = {"theme_code": first, "theme_code_2": second, "theme_confidence": 1.0}
        for item_id in line.listed:
            out[row_of[item_id]] = out[row_of[item_id]].replace(**update)
        log.note(number, True, f"{len(line.listed)} items coded as {line.to}.")
    return tuple(out)


def _stack(results: Sequence[FileResult]) -> Vectors:
    """One matrix: the rows of every recommendation, then those of every finding."""
    first = [r.vectors[: len(r.recommendations)] for r in results]
    second = [r.vectors[len(r.recommendations) :] for r in results]
    empty = np.zeros((0, DIMENSIONS), dtype=np.float32)
    return np.concatenate([empty, *first, *second])


def _divide(items: Iterable[Recommendation | Finding]) -> tuple[list[Recommendation], list[Finding]]:
    rows = list(items)
    return [r for r in rows if isinstance(r, Recommendation)], [r for r in rows if isinstance(r, Finding)]


def _item_id(row: Recommendation | Finding) -> str:
    return row.recommendation_id if isinstance(row, Recommendation) else row.finding_id


def _sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems), key=lambda p: (p.severity, p.file_name, p.stage, p.error, p.message)))

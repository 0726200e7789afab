"""What is new since the last run: documents, items, themes, trends, what stands again at a council, outcomes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from pipeline.errors import InputFault
from pipeline.records import (
    Correction,
    Document,
    Finding,
    Recommendation,
    Record,
    Side,
    Slice,
    Theme,
    ThemeRecurrence,
    ThemeTrend,
    TrendDirection,
    Visit,
)
from pipeline.themes.codebook import load_codebook

NAME = "digest.json"
MOST = 20
"""Lines of one list in the text; the JSON holds all."""

Row = TypeVar("Row", bound=Record)


class Entry(BaseModel):
    """Base of the digest's parts."""

    model_config = ConfigDict(frozen=True)


class NewDocument(Entry):
    """A document that the run before did not have."""

    document_id: str
    title: str
    council: str | None
    doc_type: str
    file_name: str


class GrownTheme(Entry):
    """A theme with more items than before; `before` is 0 for a new one."""

    theme_id: str
    label: str
    before: int
    size: int
    councils: int


class TurnedTrend(Entry):
    """A theme whose direction is another than before; `before` is None where it had none."""

    theme: str
    side: Side
    before: str | None
    direction: str
    points_a_year: float | None


class StandingTheme(Entry):
    """A weakness that a new report names again: for how many visits in a row, and since when."""

    council: str
    theme: str
    visits: int
    since: str | None


class Digest(Entry):
    """What a run brought. `since` is when the run before it finished; None for a first run, in which all is new."""

    since: str | None
    documents: tuple[NewDocument, ...]
    recommendations: int
    findings: int
    new_themes: tuple[GrownTheme, ...]
    grown_themes: tuple[GrownTheme, ...]
    turned_trends: tuple[TurnedTrend, ...]
    standing_themes: tuple[StandingTheme, ...]
    outcomes: dict[str, int]
    corrections_applied: int
    corrections_refused: tuple[str, ...]


def compare_runs(out: Path, tables: Mapping[str, Sequence[Record]]) -> Digest:
    """What `tables`, about to be published, hold beyond the dataset that stands in `out`."""

    def rows(record: type[Row]) -> list[Row]:
        return [row for row in tables.get(record.table, ()) if isinstance(row, record)]

    finished = [str(r["finished"]) for r in _read(out, "runs", "finished")]
    known = {r["document_id"] for r in _read(out, "documents", "document_id")}
    sizes = {r["theme_id"]: r["size"] for r in _read(out, "themes", "theme_id", "size")}
    fresh = [d for d in rows(Document) if d.document_id not in known]
    visits = {d.visit_id for d in fresh if d.visit_id}
    grown = [
        GrownTheme(
            theme_id=t.theme_id, label=t.label, before=sizes.get(t.theme_id, 0), size=t.size, councils=t.councils
        )
        for t in rows(Theme)
        if t.size > sizes.get(t.theme_id, 0)
    ]
    new_ids = {t.theme_id for t in rows(Theme) if t.is_new}
    return Digest(
        since=max(finished, default=None),
        documents=tuple(
            NewDocument(
                document_id=d.document_id, title=d.title, council=d.council, doc_type=d.doc_type, file_name=d.file_name
            )
            for d in fresh
        ),
        recommendations=sum(r.document_id not in known for r in rows(Recommendation)),
        findings=sum(f.document_id not in known for f in rows(Finding)),
        new_themes=tuple(t for t in grown if t.theme_id in new_ids),
        grown_themes=tuple(sorted((t for t in grown if t.before), key=lambda t: (t.before - t.size, t.theme_id))),
        turned_trends=tuple(_find_turned(out, rows(ThemeTrend), {t.theme_id: t.label for t in rows(Theme)})),
        standing_themes=tuple(_find_standing(rows(ThemeRecurrence), visits, rows(Visit))),
        outcomes=_count_outcomes(out, rows(Recommendation)),
        corrections_applied=sum(c.applied for c in rows(Correction)),
        corrections_refused=tuple(f"line {c.number}: {c.result}" for c in rows(Correction) if not c.applied),
    )


def _read(out: Path, table: str, *columns: str) -> list[dict[str, Any]]:
    """The columns of a published table; none where there is no such table, or it is of another shape."""
    try:
        found: list[dict[str, Any]] = pq.read_table(
            out / "dataset" / f"{table}.parquet", columns=list(columns)
        ).to_pylist()
    except (OSError, pa.ArrowException):
        return []
    return found


def _find_turned(out: Path, trends: Sequence[ThemeTrend], labels: Mapping[str, str]) -> Iterator[TurnedTrend]:
    names = {**labels} | {t.code: t.label for t in load_codebook().themes}
    old = {
        (r["theme_code"] or r["theme_id"], r["side"]): r["direction"]
        for r in _read(out, "theme_trends", "theme_code", "theme_id", "side", "part", "direction")
        if r["part"] == Slice.ALL
    }
    for trend in trends:
        key = trend.theme_code or trend.theme_id or ""
        before = old.get((key, trend.side))
        moves = trend.direction in (TrendDirection.RISING, TrendDirection.FALLING)
        if trend.part is Slice.ALL and trend.direction != before and (moves or before in ("rising", "falling")):
            yield TurnedTrend(
                theme=names.get(key, key),
                side=trend.side,
                before=before,
                direction=trend.direction,
                points_a_year=trend.points_a_year,
            )


def _find_standing(
    recurrence: Sequence[ThemeRecurrence], new_visits: set[str], visits: Sequence[Visit]
) -> Iterator[StandingTheme]:
    names = {v.council_code: v.council for v in visits}
    again = [
        r
        for r in recurrence
        if r.side is Side.WEAKNESS and r.run > 1 and r.is_current and r.last_visit_id in new_visits
    ]
    for row in sorted(again, key=lambda r: (-r.run, names.get(r.council_code, ""), r.theme_code)):
        yield StandingTheme(
            council=names.get(row.council_code, row.council_code),
            theme=load_codebook()[row.theme_code].label,
            visits=row.run,
            since=row.first_seen.isoformat() if row.first_seen else None,
        )


def _count_outcomes(out: Path, recommendations: Sequence[Recommendation]) -> dict[str, int]:
    """Outcomes that were not known before, by kind."""
    old = {
        r["recommendation_id"] for r in _read(out, "recommendations", "recommendation_id", "outcome") if r["outcome"]
    }
    news = [str(r.outcome) for r in recommendations if r.outcome and r.recommendation_id not in old]
    return dict(sorted(Counter(news).items()))


def save_digest(digest: Digest, folder: Path) -> None:
    """Keep the digest in `folder`, the hidden one of OUT."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(digest.model_dump_json(indent=1), encoding="utf-8")


def load_digest(folder: Path) -> Digest:
    """The digest of the last run that published.

    Raises InputFault where there is none.
    """
    try:
        return Digest.model_validate(json.loads((folder / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError) as e:
        raise InputFault(f"There is no digest in {folder.parent}; it is made by goldenthread run.") from e


def write_text(digest: Digest) -> str:
    """The digest in words, for a terminal or a mail."""
    lines = [f"New since {digest.since}" if digest.since else "A first run: everything is new"]
    lines += [
        f"{len(digest.documents)} documents, {digest.recommendations} recommendations, {digest.findings} findings"
    ]
    lines += _list(
        "New documents", [f"{d.council or 'no council'}: {d.title} ({d.file_name})" for d in digest.documents]
    )
    lines += _list("New themes", [f"{t.label}: {t.size} items, {t.councils} councils" for t in digest.new_themes])
    if digest.since:
        lines += _list("Themes that grew", [f"{t.label}: {t.before} to {t.size} items" for t in digest.grown_themes])
    lines += _list("Trends that turned", [_say_trend(t) for t in digest.turned_trends])
    lines += _list(
        "Named again at the same council",
        [f"{t.council}: {t.theme}, {t.visits} visits in a row, first seen {t.since}" for t in digest.standing_themes],
    )
    lines += _list("Outcomes now known", [f"{k.replace('_', ' ')}: {n}" for k, n in digest.outcomes.items()])
    if digest.corrections_applied or digest.corrections_refused:
        lines += ["", f"{digest.corrections_applied} corrections applied"]
    lines += _list("Corrections that could not be applied", digest.corrections_refused)
    return "\n".join(lines) + "\n"


def _say_trend(trend: TurnedTrend) -> str:
    side = " (strengths)" if trend.side is Side.STRENGTH else ""
    points = f", {trend.points_a_year:+.1f} points a year" if trend.points_a_year is not None else ""
    turn = f"{trend.before or 'not known'} to {trend.direction}".replace("_", " ")
    return f"{trend.theme}{side}: {turn}{points}"


def _list(title: str, entries: Sequence[str]) -> list[str]:
    if not entries:
        return []
    more = [f"  and {len(entries) - MOST} more"] if len(entries) > MOST else []
    return ["", title, *(f"  {e}" for e in entries[:MOST]), *more]

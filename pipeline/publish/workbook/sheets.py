"""How each table becomes a sheet of the workbook: which columns first, how wide, and which the sheet adds."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.publish.columns import Kind, list_columns
from pipeline.records import Record

_WIDE = {"text": 80, "quote": 70, "message": 80, "about": 90, "measure": 40, "title": 50, "label": 40, "parameters": 60}
_KIND_WIDTHS = {Kind.INT: 10, Kind.FLOAT: 11, Kind.BOOL: 9, Kind.DATE: 12, Kind.TIME: 18, Kind.TEXTS: 30}
_ADDED_WIDTHS = {"council": 24, "document": 44, "theme": 34}
_FIRST: dict[str, tuple[str, ...]] = {
    "documents": ("council", "title", "doc_type", "published", "meeting_date", "committee", "file_name"),
    "visits": ("council", "visit_type", "visit_start", "visit_end", "published"),
    "judgements": ("council", "area", "grade", "document", "page", "paragraph"),
    "findings": ("council", "date", "document", "page", "paragraph", "text", "polarity", "theme", "extent", "cohorts",
                 "confidence"),
    "recommendations": (
        "council", "date", "document", "page", "paragraph", "number", "text", "kind", "theme", "outcome", "status",
        "confidence",
    ),
    "metrics": (
        "council", "date", "document", "page", "paragraph", "measure", "value", "unit", "period", "is_target",
        "direction", "subject", "quote", "confidence",
    ),
    "themes": ("label", "theme", "size", "councils", "visits", "first_seen", "last_seen", "keywords"),
    "threads": ("council", "relation", "score", "days", "from_text", "to_text"),
    "theme_recurrence": ("council", "theme", "side", "visits", "of_visits"),
    "claims": ("council", "theme", "verdict", "days", "document"),
    "problems": ("severity", "file_name", "message", "stage", "error"),
}  # fmt: skip
LEFT_OUT = frozenset({"theme_counts"})
"""Tables without a sheet: a row for each theme, part of the whole and year is for programs. What people ask of it
stands in the sheets council_themes, theme_trends and theme_recurrence."""
ADDED: dict[str, str] = {
    "council": "Added here from documents: the local authority.",
    "document": "Added here from documents: the title, linked to the source.",
    "theme": "Added here: the name of theme_code in the codebook.",
    "from_text": "Added here: the words of from_id.",
    "to_text": "Added here: the words of to_id.",
}
"""Columns that the workbook shows beside those of the table, so that a row can be read by itself."""


@dataclass(frozen=True)
class Sheet:
    """A table as a sheet: its columns in the order in which people read them, with their widths in characters, those
    that wrap, the one that links to the source, and how many are printed: those for people, or all."""

    name: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    wrapped: frozenset[str]
    linked: str | None
    printed: int


def plan_sheet(record: type[Record]) -> Sheet:
    """The sheet of a table: what people look for first, then every other column of the table."""
    kinds = {c.name: c.kind for c in list_columns(record)}
    first = _FIRST.get(record.table, ())
    names = (*first, *(n for n in kinds if n not in first))
    widths, wrapped = [], set()
    for name in names:
        if name in _WIDE or name in ("from_text", "to_text"):
            widths.append(_WIDE.get(name, 60))
            wrapped.add(name)
        elif name in _ADDED_WIDTHS:
            widths.append(_ADDED_WIDTHS[name])
            wrapped.add(name)
        else:
            widths.append(max(_KIND_WIDTHS.get(kinds[name], 20), min(len(name) + 4, 24)))
    linked = "title" if record.table == "documents" else "document" if "document" in names else None
    return Sheet(record.table, names, tuple(widths), frozenset(wrapped), linked, len(first) or len(names))

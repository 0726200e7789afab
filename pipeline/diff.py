"""What changed between two editions of a dataset: rows that came, went and changed, table by table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline.errors import InputFault
from pipeline.publish.frames import make_cell
from pipeline.records import TABLES, Record, Run

Row = Mapping[str, Any]
_SHOWN = 20
"""Rows of a table that the text shows; JSON has all."""


@dataclass(frozen=True)
class Change:
    """A row that both editions hold: its columns that differ, each with the old and the new value."""

    row: Row
    columns: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class TableDiff:
    """The rows of one table that are in the later edition only, in the earlier only, and in both but not alike."""

    table: str
    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    changed: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def compare(before: Path, after: Path) -> dict[str, TableDiff]:
    """What changed from the dataset in `before` to the one in `after`, by table; `runs` is left out.

    Rows are matched by key, those of `problems`, which have none, as wholes. Raises InputFault where one of the
    folders holds no dataset of this shape.
    """
    return {t.table: _compare(t, _read(before, t), _read(after, t)) for t in TABLES if t is not Run}


def _read(dataset: Path, record: type[Record]) -> list[dict[str, Any]]:
    path = dataset / "dataset" / f"{record.table}.parquet"
    try:
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    except (OSError, ValueError) as e:
        raise InputFault(f"{path} cannot be read: {e}") from e
    return rows


def _compare(record: type[Record], before: Sequence[Row], after: Sequence[Row]) -> TableDiff:
    names = record.key or tuple(record.fields())
    old, new = _number(names, before), _number(names, after)
    changed = []
    for key, row in new.items():
        if key in old and old[key] != row:
            # a column that only one of the editions has counts as empty in the other
            columns = {c: (old[key].get(c), row.get(c)) for c in {**old[key], **row} if old[key].get(c) != row.get(c)}
            changed += [Change(row, columns)] if columns else []
    return TableDiff(
        record.table,
        tuple(row for key, row in new.items() if key not in old),
        tuple(row for key, row in old.items() if key not in new),
        tuple(changed),
    )


def _number(names: Sequence[str], rows: Sequence[Row]) -> dict[tuple[Any, ...], Row]:
    """The rows by key, and by the count of the key where one repeats."""
    seen: Counter[tuple[str, ...]] = Counter()
    out: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(str(row.get(n)) for n in names)
        seen[key] += 1
        out[*key, seen[key]] = row
    return out


def write_json(diffs: Mapping[str, TableDiff]) -> str:
    """The differences as JSON: by table the lists `added`, `removed` and `changed`."""
    body = {
        name: {
            "added": d.added,
            "removed": d.removed,
            "changed": [
                {**{k: c.row.get(k) for k in _key_of(name)}, "columns": {n: list(v) for n, v in c.columns.items()}}
                for c in d.changed
            ],
        }
        for name, d in diffs.items()
    }
    return json.dumps(body, ensure_ascii=False, indent=1, default=lambda v: make_text(make_cell(v)))


def _key_of(table: str) -> tuple[str, ...]:
    return next(t.key for t in TABLES if t.table == table)


def make_text(value: Any) -> str:
    """A cell in words: dates as in ISO 8601, nothing as a dash."""
    return "–" if value is None else str(value)


_SAID = {
    "documents": ("council", "doc_type", "published", "title"),
    "visits": ("council", "visit_type", "visit_start"),
    "judgements": ("area", "grade"),
    "findings": ("council_code", "polarity", "theme_code", "text"),
    "recommendations": ("council_code", "kind", "outcome", "text"),
    "metrics": ("measure", "value", "unit"),
    "themes": ("label", "size"),
    "theme_items": ("theme_id", "item_id"),
    "threads": ("relation", "from_id", "to_id"),
    "problems": ("file_name", "error", "message"),
}
"""The columns by which a person knows a row."""


def describe(diffs: Mapping[str, TableDiff]) -> Iterator[str]:
    """The differences in lines of text: a count a table, then the rows themselves, twenty at most of each sort."""
    for name, d in diffs.items():
        yield f"{name}: {len(d.added)} added, {len(d.removed)} removed, {len(d.changed)} changed"
    for name, d in diffs.items():
        for sign, rows in (("+", d.added), ("-", d.removed)):
            yield from (f"{sign} {name} {_say(name, row)}" for row in rows[:_SHOWN])
            yield from _say_rest(sign, name, len(rows))
        for change in d.changed[:_SHOWN]:
            columns = "; ".join(f"{c}: {make_text(a)} → {make_text(b)}" for c, (a, b) in change.columns.items())
            yield f"~ {name} {_say(name, change.row)}: {columns}"
        yield from _say_rest("~", name, len(d.changed))


def _say(table: str, row: Row) -> str:
    return " | ".join(make_text(row.get(column)) for column in _SAID[table])


def _say_rest(sign: str, table: str, count: int) -> Iterator[str]:
    if count > _SHOWN:
        yield f"{sign} {table} … and {count - _SHOWN} more"

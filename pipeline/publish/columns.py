"""The columns of each published table, derived from `pipeline.records`: every schema and writer starts here."""

from __future__ import annotations

import datetime as dt
import types
import typing
from dataclasses import dataclass
from enum import StrEnum

from pipeline.records import TABLES, Evidence, Record


class Kind(StrEnum):
    """Types of columns, by the names that the data dictionary uses."""

    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    DATE = "date"
    TIME = "time (UTC)"
    TEXTS = "list<text>"
    FLOATS = "list<float>"


@dataclass(frozen=True)
class Column:
    """A column: `values` are the words of a closed vocabulary (empty where it is open), `refers_to` a key elsewhere."""

    name: str
    kind: Kind
    nullable: bool
    about: str
    values: tuple[str, ...] = ()
    refers_to: tuple[str, str] | None = None


_SCALARS: dict[type, Kind] = {
    str: Kind.TEXT,
    int: Kind.INT,
    float: Kind.FLOAT,
    bool: Kind.BOOL,
    dt.date: Kind.DATE,
    dt.datetime: Kind.TIME,
}
_REFERENCES = {
    "document_id": ("documents", "document_id"),
    "visit_id": ("visits", "visit_id"),
    "previous_visit_id": ("visits", "visit_id"),
    "outcome_visit_id": ("visits", "visit_id"),
    "theme_id": ("themes", "theme_id"),
    "parent_id": ("themes", "theme_id"),
}


def _read_type(annotation: object) -> tuple[Kind, bool, tuple[str, ...]]:
    """The kind, whether null is allowed, and the vocabulary of an annotation of `pipeline.records`."""
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        inner = [a for a in typing.get_args(annotation) if a is not types.NoneType]
        kind, _, values = _read_type(inner[0])
        return kind, True, values
    if typing.get_origin(annotation) is typing.Annotated:
        return _read_type(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is tuple:
        kind, _, values = _read_type(typing.get_args(annotation)[0])
        return (Kind.FLOATS if kind is Kind.FLOAT else Kind.TEXTS), False, values
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return Kind.TEXT, False, tuple(str(v.value) for v in annotation)
    if isinstance(annotation, type) and annotation in _SCALARS:
        return _SCALARS[annotation], False, ()
    raise TypeError(f"no column type for {annotation!r}")


def _order_names(record: type[Record]) -> list[str]:
    """Ids and date, then the evidence, then the rest; where a table has no date, the evidence stands last."""
    names = list(record.fields())
    evidence = [n for n in Evidence.fields() if n in names]
    own = [n for n in names if n not in evidence]
    at = own.index("date") + 1 if evidence and "date" in own else len(own)
    return own[:at] + evidence + own[at:]


def _make_columns(record: type[Record]) -> tuple[Column, ...]:
    columns = []
    for name in _order_names(record):
        field = record.fields()[name]
        kind, nullable, values = _read_type(field.annotation)
        refers_to = _REFERENCES.get(name)
        if refers_to == (record.table, name):  # a key does not refer to itself
            refers_to = None
        columns.append(Column(name, kind, nullable, field.description or "", values, refers_to))
    return tuple(columns)


def describe_column(column: Column) -> str:
    """What a column means, the words it may hold, and the key it points at."""
    parts = [column.about]
    if column.values:
        parts.append("One of " + ", ".join(f"`{v}`" for v in column.values) + ".")
    if column.refers_to:
        parts.append(f"Points at `{'.'.join(column.refers_to)}`.")
    return " ".join(parts)


RECORDS: dict[str, type[Record]] = {record.table: record for record in TABLES}
"""The record of each table, by the table's name, in the order in which people read them."""
_COLUMNS = {name: _make_columns(record) for name, record in RECORDS.items()}


def list_columns(record: type[Record]) -> tuple[Column, ...]:
    """The columns of the table of `record`, in the order in which they are published."""
    return _COLUMNS[record.table]

"""Records → typed Arrow tables, which every writer takes its cells from."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import OutputFault
from pipeline.publish.columns import RECORDS, Column, Kind, list_columns
from pipeline.records import Document, Evidence, Record, Run, Theme, Visit

if TYPE_CHECKING:
    import pandas as pd

_ARROW: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.BOOL: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIME: pa.timestamp("us", tz="UTC"),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.FLOATS: pa.list_(pa.float64()),
}
_UNREADABLE = (OSError, pa.ArrowException, ValueError)
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot hold, as U+FFFD: one character for one, so offsets hold."""
    return _SURROGATES.sub("\ufffd", text)


def make_cell(value: Any) -> Any:
    """A value of a record as plain Python: enums as text, tuples as lists, times in UTC."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, tuple):
        return [make_cell(v) for v in value]
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    return value


def make_schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of the columns, with their descriptions as metadata."""
    return pa.schema(
        [pa.field(c.name, _ARROW[c.kind], nullable=c.nullable, metadata={"description": c.about}) for c in columns]
    )


def make_table(record: type[Record], rows: Sequence[Record]) -> pa.Table:
    """The rows as an Arrow table: dates as date32, enums as text, lists as lists; an empty one keeps its schema."""
    columns = list_columns(record)
    schema = make_schema(columns)
    cells = [_make_column([getattr(row, c.name) for row in rows], schema.field(c.name).type) for c in columns]
    return pa.Table.from_arrays(cells, schema=schema)


def _make_column(values: list[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # a lone surrogate
        return pa.array([make_cell(v) for v in values], kind)


def make_frame(table: pa.Table) -> pd.DataFrame:
    """The table in pandas, with nullable integers and booleans, and Arrow dates."""
    import pandas as pd  # half a second, which a run without news does not need

    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def sort_rows(tables: Mapping[str, Sequence[Record]]) -> dict[str, list[Record]]:
    """The tables with rows in an order that does not depend on the order of work.

    Documents stand by file, visits by council and date, items in reading order within their document, themes by
    size, runs oldest first, the rest by key.
    """
    documents = [d for d in tables.get("documents", ()) if isinstance(d, Document)]
    documents.sort(key=lambda d: (d.file_name, d.file_sha256, d.part, d.document_id))
    place = {d.document_id: n for n, d in enumerate(documents)}

    def key(row: Record) -> tuple[Any, ...]:
        if isinstance(row, Document):
            return (place[row.document_id],)
        if isinstance(row, Visit):
            return (row.council, row.visit_start or row.published or dt.date.min, row.visit_id)
        if isinstance(row, Theme):
            return (-row.size, row.label, row.theme_id)
        if isinstance(row, Run):
            return (make_cell(row.started), row.run_id)
        names = row.key or tuple(row.fields())
        parts = tuple(str(make_cell(getattr(row, n))) for n in names)
        if isinstance(row, Evidence):
            document_id = getattr(row, "document_id", "")
            return (place.get(document_id, len(place)), row.char_start, row.char_end, *parts)
        return parts

    return {name: sorted(tables.get(name, ()), key=key) for name in RECORDS}


def read_rows(path: Path, record: type[Record]) -> tuple[Record, ...]:
    """The records in a published Parquet file; none where the file is absent, damaged or of another shape."""
    try:
        return _load_rows(path, record)
    except _UNREADABLE:
        return ()


def _load_rows(path: Path, record: type[Record]) -> tuple[Record, ...]:
    return tuple(record(**row) for row in pq.read_table(path).to_pylist())


def load_tables(out: Path) -> dict[str, tuple[Record, ...]]:
    """The same as `read_tables`, for whom a table that cannot be read is not one without rows.

    Raises OutputFault where a table is absent, damaged or of another shape.
    """
    found = {}
    for name, record in RECORDS.items():
        path = out / "dataset" / f"{name}.parquet"
        try:
            found[name] = _load_rows(path, record)
        except _UNREADABLE as e:
            raise OutputFault(
                f"{path} is gone or damaged; bring it back, or make the dataset in another folder."
            ) from e
    return found


def read_tables(out: Path) -> dict[str, tuple[Record, ...]]:
    """The published tables of the dataset in `out`, by name, in the order in which they stand there."""
    return {name: read_rows(out / "dataset" / f"{name}.parquet", record) for name, record in RECORDS.items()}


def read_runs(out: Path) -> tuple[Run, ...]:
    """The runs that published the dataset in `out`, oldest first; none where it holds no dataset."""
    return tuple(row for row in read_rows(out / "dataset" / "runs.parquet", Run) if isinstance(row, Run))

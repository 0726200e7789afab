"""Records → Parquet files → CSV files; texts → text files."""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.publish.columns import list_columns
from pipeline.publish.frames import clean_text, make_schema, make_table
from pipeline.records import Record

_GROUP = 100_000
"""Rows that are made into one group of a file, and are in memory as columns meanwhile."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters by which a spreadsheet takes a cell for a formula (OWASP, CSV injection), with their wide forms."""
FORMULA_PATTERN = "^[" + "".join(map(re.escape, _FORMULA)) + "]"
"""The same as a pattern, also for Arrow's RE2."""


def write_parquet(record: type[Record], rows: Sequence[Record], path: Path) -> None:
    """Write the rows as one Parquet file; the same rows give the same bytes."""
    with pq.ParquetWriter(path, make_schema(list_columns(record)), compression="zstd") as writer:
        for start in range(0, max(len(rows), 1), _GROUP):
            writer.write_table(make_table(record, rows[start : start + _GROUP]))


def guard_formula(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def join_list(values: list[Any]) -> str:
    """The values of a list column in one cell."""
    return "; ".join(str(v) for v in values)


def write_field(value: Any) -> str:
    """One CSV field: empty for null, ISO 8601 dates, true and false, lists joined by "; ", formulas guarded."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (dt.date, int, float)):
        return str(value)
    if isinstance(value, list):
        joined = join_list(value)
        return joined if all(isinstance(v, float) for v in value) else guard_formula(joined)
    return guard_formula(str(value))


def _list_fields(column: pa.Array) -> list[Any]:
    """What the module csv writes as `write_field` would: by itself it does so with most columns, at a tenth of the
    time."""
    kind, types = column.type, pa.types
    if types.is_string(kind):
        plain = not pc.any(pc.match_substring_regex(column, FORMULA_PATTERN)).as_py()
    else:
        plain = types.is_integer(kind) or types.is_floating(kind) or types.is_date(kind)
    values: list[Any] = column.to_pylist()
    return values if plain else [write_field(value) for value in values]


def write_csv(parquet: Path, path: Path) -> None:
    """Write a Parquet file as RFC 4180 CSV in UTF-8 with a byte-order mark, without which Excel misreads £ and –."""
    with path.open("w", encoding="utf-8-sig", newline="") as f, pq.ParquetFile(parquet) as table:
        writer = csv.writer(f)
        writer.writerow(table.schema_arrow.names)
        for batch in table.iter_batches(10_000):
            writer.writerows(zip(*map(_list_fields, batch.columns), strict=True))


def write_texts(texts: Mapping[str, str], folder: Path) -> None:
    """Write each text as `<document_id>.txt`, character for character, so that the published offsets hold."""
    folder.mkdir()
    for document_id in sorted(texts):
        with (folder / f"{document_id}.txt").open("w", encoding="utf-8", newline="") as f:
            f.write(clean_text(texts[document_id]))


def link_file(path: Path, folder: Path) -> str:
    """The address of a file for a page in `folder`: relative, so that both can be moved together."""
    try:
        return quote(Path(os.path.relpath(path.resolve(), folder)).as_posix())
    except ValueError:  # another drive
        return path.resolve().as_uri()

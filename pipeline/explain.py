"""Shows where a row of the dataset was taken from."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from pipeline.errors import InputFault
from pipeline.plan import read_manifest
from pipeline.storage import local_copy

_TABLES = {"findings": "finding_id", "recommendations": "recommendation_id", "metrics": "metric_id"}
_CONTEXT = 300
_DRAWING = threading.Lock()
"""pdfium draws one page at a time."""
_RULES = "rules sha256:"
"""How the table of runs names the digest of the rules."""


@dataclass(frozen=True)
class Description:
    """A row with its columns in order, and the text before, of and after its quote.

    `values` are those of all metrics with the same quote; `rules` is the digest of the rules that the dataset was made
    with, None where its table of runs does not tell.
    """

    columns: tuple[tuple[str, Any], ...]
    before: str
    quote: str
    after: str
    values: frozenset[float] = frozenset()
    rules: str | None = None

    def __getitem__(self, column: str) -> Any:
        return dict(self.columns)[column]


def describe_item(out: Path, item_id: str) -> Description:
    """The row with this id, its document's name, title and kind, and 300 characters to each side of its quote.

    Raises InputFault where the dataset or the id does not exist.
    """
    path = out / "goldenthread.duckdb"
    if not path.exists():
        raise InputFault(f"There is no dataset in {out}.")
    with duckdb.connect(str(path), read_only=True) as connection:
        for table, key in _TABLES.items():
            cursor = connection.execute(
                f"SELECT d.file_name, d.title, d.doc_type, d.council, d.file_sha256, t.* FROM {table} t "
                f"JOIN documents d USING (document_id) WHERE t.{key} = ?",
                [item_id],
            )
            row = cursor.fetchone()
            if row is not None:
                names = [c[0] for c in cursor.description or []]
                columns = (("table", table), *zip(names, row, strict=True))
                values, rules = _find_values(connection, dict(columns)), _find_rules(connection)
                return replace(_with_text(out, columns), values=values, rules=rules)
    raise InputFault(f"There is no finding, recommendation or metric {item_id} in {out}.")


def _find_values(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> frozenset[float]:
    if row["table"] != "metrics":
        return frozenset()
    place = [row["document_id"], row["char_start"]]
    found = connection.execute("SELECT value FROM metrics WHERE document_id = ? AND char_start = ?", place)
    return frozenset(value for (value,) in found.fetchall())


def _find_rules(connection: duckdb.DuckDBPyConnection) -> str | None:
    last = connection.execute("SELECT models FROM runs ORDER BY finished DESC LIMIT 1").fetchone()
    named = (name.removeprefix(_RULES) for name in (last[0] if last else ()) if name.startswith(_RULES))
    return next(named, None)


def _with_text(out: Path, columns: tuple[tuple[str, Any], ...]) -> Description:
    row = dict(columns)
    text = (out / "text" / f"{row['document_id']}.txt").read_bytes().decode()
    start, end = row["char_start"], row["char_end"]
    before, after = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
    return Description(columns, before, text[start:end], after)


def draw_evidence(out: Path, description: Description, image: Path | BinaryIO) -> None:
    """Write the page on which the item starts, with its words marked, to a PNG file.

    Raises InputFault where the item has no page or the file is no longer where it was read.
    """
    page, box = description["page"], description["bbox"]
    if page is None or box is None:
        raise InputFault("The item has no place on a page (its file has no pages).")
    import pdfplumber

    with _DRAWING, _open_source(out, description) as path, pdfplumber.open(path) as pdf:
        picture = pdf.pages[page - 1].to_image(resolution=110)
        picture.draw_rect(tuple(box), stroke="red", stroke_width=2, fill=(255, 230, 0, 60))
        picture.save(image, format="PNG")


@contextlib.contextmanager
def _open_source(out: Path, description: Description) -> Iterator[Path]:
    """The file that the item was read from."""
    sha = description["file_sha256"]
    places = [f["path"] for f in read_manifest(out).get("files", []) if f["sha256"] == sha]
    with contextlib.ExitStack() as stack:
        path = None
        with contextlib.suppress(FileNotFoundError):
            path = stack.enter_context(local_copy(places[0])) if places else None
        if path is None or not path.exists():
            raise InputFault(f"{description['file_name']} is no longer where it was read.")
        yield path

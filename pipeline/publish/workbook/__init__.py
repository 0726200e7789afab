"""Published tables → one Excel workbook: what it is, a sheet for each table, councils by themes, and the data
dictionary.

It is written from the Parquet files, a few thousand rows at a time, so that its size costs no memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from xlsxwriter.exceptions import XlsxWriterException

from pipeline.publish.columns import RECORDS, list_columns
from pipeline.publish.workbook.cells import Book, fit_rows, set_print
from pipeline.publish.workbook.front import write_about, write_dictionary, write_pivot
from pipeline.publish.workbook.lookup import Concerns, Lookup, iterate_batches
from pipeline.publish.workbook.rows import RowSheet, locate
from pipeline.publish.workbook.sheets import LEFT_OUT, Sheet, plan_sheet

MAX_ROWS = 1_048_576
MAX_LINKS = 65_000  # Excel's sheets end at 65,530


def write_workbook(dataset: Path, path: Path, sources: Mapping[str, str] | None = None) -> None:
    """Write the workbook of the Parquet files in the folder `dataset`. `sources` are the addresses of files by SHA-256,
    from a folder beside the workbook (the report's). Raises OSError where the disk refuses.
    """
    lookup = Lookup.read(dataset)
    concerns = Concerns(lookup)
    book = Book(path, lookup.run.finished if lookup.run else dt.datetime(2000, 1, 1))
    about = book.book.add_worksheet("About")
    pivot = book.book.add_worksheet("council_themes")
    listed = [
        ("council_themes", len(lookup.councils), "Councils by themes: weaknesses, mixed findings and recommendations.")
    ]
    left_out = []
    for name, record in RECORDS.items():
        rows = pq.read_metadata(dataset / f"{name}.parquet").num_rows
        if name in LEFT_OUT:
            left_out.append((name, rows, f"{record.about} Too long to be read here: csv/{name}.csv has it."))
            continue
        sheets = _Table(book, lookup, sources or {}, plan_sheet(record), rows)
        for batch in iterate_batches(dataset / f"{name}.parquet"):
            sheets.write(batch)
            concerns.count(name, batch)
        listed.append((name, rows, record.about + _tell_limits(sheets.plan, rows, sheets.names)))
    write_dictionary(book, book.book.add_worksheet("dictionary"))
    write_pivot(book, pivot, lookup, dict(sorted(concerns.counts.items())))
    listed.append(("dictionary", sum(len(list_columns(r)) for r in RECORDS.values()), "What every column means."))
    write_about(book, about, lookup.run, listed, left_out)
    try:
        book.book.close()
    except XlsxWriterException as e:
        raise OSError(str(e)) from e


class _Table:
    """A table as one sheet, or as many as it needs: `names` are those of the sheets."""

    def __init__(self, book: Book, lookup: Lookup, sources: Mapping[str, str], plan: Sheet, rows: int) -> None:
        self.plan, self.names = plan, list[str]()
        self._book, self._lookup, self._sources = book, lookup, sources
        self._left, self._number = rows, 0
        self._sheet = self._open()

    def _open(self) -> RowSheet:
        plan, rows = self.plan, min(self._left, MAX_ROWS - 1)
        last = max(rows, 1)  # also a filter over no rows needs one
        self.names.append(f"{plan.name}_{len(self.names) + 1}" if self.names else plan.name)
        sheet: RowSheet = self._book.book.add_worksheet(self.names[-1], RowSheet)
        sheet.freeze_panes(1, 1)
        set_print(sheet)
        sheet.repeat_rows(0)
        for column, (width, title) in enumerate(zip(plan.widths, plan.columns, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, self._book.head)
        sheet.autofilter(0, 0, last, len(plan.columns) - 1)
        sheet.print_area(0, 0, last, plan.printed - 1)
        sheet.begin_rows(rows, len(plan.columns))
        self._left, self._number = self._left - rows, 0
        return sheet

    def write(self, batch: pa.RecordBatch) -> None:
        """Write the next rows."""
        while len(batch):
            if self._number == MAX_ROWS - 1:
                self._sheet = self._open()
            ends = [n for n in (MAX_LINKS, MAX_ROWS - 1) if n > self._number]  # of what has links, of the sheet
            room = min(ends) - self._number
            self._write_part(batch.slice(0, room))
            batch = batch.slice(room)

    def _write_part(self, batch: pa.RecordBatch) -> None:
        plan, first, many = self.plan, self._number + 1, len(batch)
        rows = pc.cast(pa.array(range(first + 1, first + many + 1)), pa.string())
        own = set(batch.schema.names)
        columns = {c: batch[c] if c in own else self._lookup.add(batch, c) for c in plan.columns}
        cells = []
        for number, (name, values) in enumerate(columns.items()):
            form = self._book.wrap if name in plan.wrapped else None
            if name == plan.linked and first <= MAX_LINKS:
                self._link(first, number, batch)
                form = self._book.link
            cells.append(self._book.draw(locate(number, rows), values, form))
        self._sheet.write_rows(rows, fit_rows(plan, columns, many), cells)
        self._number += many

    def _link(self, first: int, column: int, batch: pa.RecordBatch) -> None:
        ids = batch["document_id"].to_pylist()
        pages = batch["page"].to_pylist() if "page" in batch.schema.names else [None] * len(ids)
        for number, (document_id, page) in enumerate(zip(ids, pages, strict=True), first):
            self._sheet.link(number, column, self._lookup.link(self._sources, document_id, page))


def _tell_limits(plan: Sheet, rows: int, sheets: Sequence[str]) -> str:
    """What Excel's limits did to a table, for its reader."""
    told = f" Goes on in {', '.join(sheets[1:])}: a sheet holds {MAX_ROWS:,} rows." if sheets[1:] else ""
    if plan.linked and min(rows, MAX_ROWS - 1) > MAX_LINKS:
        told += f" Links to the source end at row {MAX_LINKS + 1:,} of a sheet: Excel takes no more."
    return told

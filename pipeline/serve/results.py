"""Search results as files: CSV and Excel, in which no text is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from xlsxwriter import Workbook

from pipeline.publish.files import guard_formula, write_field
from pipeline.publish.index import Index
from pipeline.publish.labels import label_theme
from pipeline.publish.report.entries import Entry

SHEET_ROWS = 50_000
"""Rows that the Excel file takes, beyond which it would be long in the making; CSV takes all."""
_COLUMNS = {
    "item_id": 24, "table": 16, "kind": 20, "council": 22, "region": 20, "date": 12, "text": 90, "value": 34,
    "themes": 40, "cohorts": 24, "document": 44, "place": 20, "file": 34, "source": 34,
}  # fmt: skip


def _list_cells(index: Index, entry: Entry) -> list[object]:
    document = index.documents[entry.document_id]
    return [
        entry.item_id, entry.table, entry.kind, entry.council, entry.region, entry.date, entry.text, entry.said,
        "; ".join(map(label_theme, entry.codes)), "; ".join(entry.cohorts), document.title, entry.place,
        document.file_name, document.source_url,
    ]  # fmt: skip


def stream_csv(index: Index, entries: Iterable[Entry]) -> Iterator[bytes]:
    """The entries as CSV in UTF-8 with a byte-order mark, a piece at a time."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(_COLUMNS)
    yield b"\xef\xbb\xbf"
    for n, entry in enumerate(entries):
        writer.writerow(map(write_field, _list_cells(index, entry)))
        if n % 500 == 499:
            yield made.getvalue().encode()
            made.seek(0)
            made.truncate()
    yield made.getvalue().encode()


def make_sheet(index: Index, entries: Iterable[Entry]) -> bytes:
    """The first `SHEET_ROWS` entries as an Excel file: dates as dates, texts as texts."""
    made = io.BytesIO()
    with Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head, wrap = book.add_format({"bold": True, "bottom": 2}), book.add_format({"text_wrap": True, "valign": "top"})
        guarded = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        day = book.add_format({"num_format": "d mmm yyyy", "valign": "top", "align": "left"})
        sheet = book.add_worksheet("Results")
        for column, (name, width) in enumerate(_COLUMNS.items()):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, head)
        rows = 0
        for rows, entry in enumerate(entries, 1):
            if rows > SHEET_ROWS:
                break
            for column, cell in enumerate(_list_cells(index, entry)):
                if cell is None or cell == "":
                    continue
                if isinstance(cell, str):
                    sheet.write_string(rows, column, cell[:32_767], guarded if guard_formula(cell) != cell else wrap)
                else:
                    sheet.write_datetime(rows, column, cell, day)
        sheet.autofilter(0, 0, max(rows, 1), len(_COLUMNS) - 1)
        sheet.freeze_panes(1, 0)
    return made.getvalue()

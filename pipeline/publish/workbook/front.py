"""The sheets of the workbook that are no tables: what it is, councils by themes, and the data dictionary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from xlsxwriter.worksheet import Worksheet

from pipeline.publish.columns import RECORDS, describe_column, list_columns
from pipeline.publish.labels import label_theme
from pipeline.publish.workbook.cells import LINE, Book, set_print
from pipeline.publish.workbook.lookup import Lookup
from pipeline.publish.workbook.sheets import ADDED, plan_sheet
from pipeline.records import Run

_ABOUT_WIDTH = 100  # characters
Listed = tuple[str, int, str]
"""A sheet or a table: its name, its number of rows, and what it holds."""


_NOTES = (
    "Every finding, recommendation and metric is a quote: the columns document, page and paragraph say where it "
    "stands. Click the document's title to open the source.",
    "An empty cell means that the document does not say. It never means that something went wrong: what could not be "
    "read stands on the sheet problems.",
    "confidence is the probability that the row is right. Read the source before you act on a row or quote it.",
    "findings are sentences that evaluate; recommendations tell someone to act. outcome says what the same council's "
    "next full inspection says of a recommendation; threads are the evidence for it.",
    "theme is the theme of the codebook, the same in every year; the sheet themes lists the groups that were found in "
    "the texts themselves.",
    "Texts that begin like a formula are stored as text and are safe to open.",
    "Ofsted's reports are Crown copyright, used under the Open Government Licence v3.0. Councils' papers are the "
    "councils' own; quote them with their source.",
)


def write_about(
    book: Book, sheet: Worksheet, run: Run | None, listed: Sequence[Listed], left_out: Sequence[Listed]
) -> None:
    """The front sheet: `listed` are the sheets, `left_out` the tables that have none."""
    sheet.hide_gridlines(2)
    set_print(sheet)
    sheet.set_row(0, 30)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, _ABOUT_WIDTH)
    sheet.write_string(0, 0, "Golden Thread", book.title)
    sheet.write_string(
        1, 0, "What inspectors, councils and scrutiny committees write about children’s services in England", book.plain
    )
    row = 3
    if run:
        sheet.write_string(row, 0, "Published", book.bold)
        sheet.write_string(row, 1, run.finished.strftime("%Y-%m-%d %H:%M") + " UTC", book.plain)
        sheet.write_string(row + 1, 0, "Version", book.bold)
        sheet.write_string(row + 1, 1, run.version, book.plain)
        sheet.write_string(row + 2, 0, "Files read", book.bold)
        sheet.write_string(row + 2, 1, f"{run.files_seen}, of which {run.files_failed} failed", book.plain)
        row += 4
    sheet.write_string(row, 0, "Sheets", book.heading)
    for column, title in enumerate(("sheet", "rows", "what it holds")):
        sheet.write_string(row + 1, column, title, book.head)
    row += 2
    for name, count, about in [*listed, *left_out]:
        if (name, count, about) in left_out:
            sheet.write_string(row, 0, name, book.plain)
        else:
            sheet.write_url(row, 0, f"internal:'{name}'!A1", book.link, string=name)
        sheet.write_number(row, 1, count, book.plain)
        sheet.write_string(row, 2, about, book.indented)
        sheet.set_row(row, LINE * (1 + len(about) // _ABOUT_WIDTH))
        row += 1
    row += 1
    sheet.write_string(row, 0, "How to read it", book.heading)
    for number, note in enumerate(_NOTES, row + 1):
        sheet.merge_range(number, 0, number, 2, "", book.wrap)
        sheet.write_string(number, 0, note, book.wrap)
        sheet.set_row(number, LINE * (1 + len(note) // (_ABOUT_WIDTH + 38)))


def write_pivot(book: Book, sheet: Worksheet, lookup: Lookup, counts: Mapping[str, Counter[str]]) -> None:
    """Councils by themes; `counts` says how many concerns each council has in each theme."""
    total = sum(counts.values(), start=Counter[str]())
    codes = sorted(total, key=lambda c: (-total[c], c))
    sheet.write_string(0, 0, "Weaknesses, mixed findings and recommendations by council and theme", book.heading)
    sheet.set_row(1, 150)
    sheet.write_string(1, 0, "council", book.bold)
    for column, title in enumerate(["documents", "all themes", *map(label_theme, codes)], 1):
        sheet.write_string(1, column, title, book.turned)
    documents = Counter(lookup.council_of.values())
    for row, (council, by_code) in enumerate(counts.items(), 2):
        sheet.write_string(row, 0, council, book.plain)
        read = documents[council]
        for column, value in enumerate([read, sum(by_code.values()), *(by_code[c] for c in codes)], 1):
            if value:
                sheet.write_number(row, column, value, book.plain)
    last = len(counts) + 2
    sheet.write_string(last, 0, "all councils", book.bold)
    read = sum(documents[council] for council in counts)
    for column, value in enumerate([read, sum(total.values()), *(total[c] for c in codes)], 1):
        sheet.write_number(last, column, value, book.bold)
    set_print(sheet)
    note = "An item with two themes counts in both. Compare councils with their number of documents in mind."
    sheet.write_string(last + 2, 0, note, book.plain)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, len(codes) + 2, 7)
    sheet.freeze_panes(2, 3)
    if counts and codes:
        scale = {
            "type": "2_color_scale",
            "min_type": "num",
            "min_value": 0,
            "min_color": "#FFFFFF",
            "max_color": "#E8A33D",
        }
        sheet.conditional_format(2, 3, last - 1, len(codes) + 2, scale)


def write_dictionary(book: Book, sheet: Worksheet) -> None:
    """What every column means."""
    set_print(sheet)
    for column, (title, width) in enumerate((("table", 18), ("column", 22), ("type", 16), ("meaning", 110))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, book.head)
    row = 1
    for record in RECORDS.values():
        own = {c.name: c for c in list_columns(record)}
        for name in plan_sheet(record).columns:
            kind = own[name].kind.value + ("?" if own[name].nullable else "") if name in own else "text?"
            about = describe_column(own[name]) if name in own else ADDED[name]
            for column, text in enumerate((record.table, name, kind, about)):
                sheet.write_string(row, column, text, book.wrap)
            row += 1
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, row - 1, 3)

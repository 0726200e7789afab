"""Records → one Excel workbook: what it is, a sheet for each table, councils by themes, and the data dictionary."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.url import Url
from xlsxwriter.worksheet import Worksheet

from pipeline.publish.columns import RECORDS, describe_column, list_columns
from pipeline.publish.files import guard_formula, join_list
from pipeline.publish.frames import make_cell
from pipeline.publish.index import NO_COUNCIL, Index, make_index
from pipeline.publish.labels import label_theme
from pipeline.publish.sheets import ADDED, Sheet, plan_sheet
from pipeline.records import Record

MAX_ROWS = 1_048_576
_MAX_TEXT = 32_000  # Excel's cells end at 32,767
MAX_LINKS = 65_000  # Excel's sheets end at 65,530
_LINE = 13.5  # points that a line of text is high
_ABOUT_WIDTH = 100  # characters


class _Book:
    """A workbook in the making, with its formats."""

    def __init__(self, path: Path, created: dt.datetime) -> None:
        self.book = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self.book.set_properties(
            {"title": "Golden Thread", "created": created.replace(tzinfo=None), "comments": "See the sheet About."}
        )
        base = {"font_name": "Arial", "font_size": 10, "valign": "top", "align": "left"}
        make = self.book.add_format
        self.head = make(base | {"bold": True, "bg_color": "#1D3A5F", "font_color": "#FFFFFF", "text_wrap": True})
        self.turned = make(base | {"bold": True, "rotation": 90, "text_wrap": True, "valign": "bottom", "bottom": 1})
        self.title = make(base | {"bold": True, "font_size": 20, "font_color": "#1D3A5F"})
        self.heading = make(base | {"bold": True, "font_size": 13, "font_color": "#1D3A5F"})
        self.bold = make(base | {"bold": True})
        self.plain = make(base)
        self.number = make(base | {"align": "right"})
        self.wrap = make(base | {"text_wrap": True})
        self.indented = make(base | {"text_wrap": True, "indent": 1})
        self.guarded = make(base | {"text_wrap": True, "quote_prefix": True})
        self.date = make(base | {"num_format": "yyyy-mm-dd", "align": "left"})
        self.time = make(base | {"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self.link = make(base | {"font_color": "#0B5394", "underline": 1, "text_wrap": True})

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, form: Format | None = None) -> None:
        """Write a cell by its type; a text that looks like a formula stays text, a lost line-end hyphen is shown."""
        match value:
            case None:
                return
            case bool():
                sheet.write_boolean(row, column, value, form or self.plain)
            case int():
                sheet.write_number(row, column, value, form or self.plain)
            case float():
                sheet.write_number(row, column, value, form or self.number)
            case dt.datetime():
                sheet.write_datetime(row, column, value.replace(tzinfo=None), form or self.time)
            case dt.date():
                sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), form or self.date)
            case list():
                self.write(sheet, row, column, join_list(value) or None, form)
            case _:
                text = str(value).replace("\ufffe", "-")
                if len(text) > _MAX_TEXT:
                    text = text[:_MAX_TEXT] + " … (cut here: the Parquet file has all of it)"
                guarded = guard_formula(text) != text
                sheet.write_string(row, column, text, self.guarded if guarded else form or self.plain)


def _link_document(index: Index, sources: Mapping[str, str], document_id: str, page: int | None) -> Url:
    """Where the source can be read: its address, else the file, both at the page where there is one, else its text
    beside the workbook."""
    document = index.documents[document_id]
    url = document.source_url
    if url and url.startswith(("https://", "http://")) and len(url) < 2000:
        return Url(f"{url}#page={page}" if page and "#" not in url else url)
    target = f"text/{document_id}.txt"
    if document.file_sha256 in sources:
        target = sources[document.file_sha256].removeprefix("../")  # from the folder above `report/`
        target += f"#page={page}" if page and document.media_type == "application/pdf" else ""
    file = Url(f"external:{target}")
    file._relationship_link = target  # it writes backslashes, which only Windows follows
    return file


def _add_cell(index: Index, row: Any, name: str) -> Any:
    """A cell of a column that the table itself does not have."""
    match name:
        case "council":
            if getattr(row, "document_id", None) is None:
                return index.council_names.get(row.council_code)
            council = index.name_council(row.document_id)
            return None if council == NO_COUNCIL else council
        case "document":
            return index.documents[row.document_id].title
        case "theme":
            return label_theme(row.theme_code) or None
        case "from_text":
            return index.items[row.from_id].text
        case _:
            return index.items[row.to_id].text


def _set_print(sheet: Worksheet) -> None:
    """A4 landscape, all columns on one page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _fit_row(plan: Sheet, values: Sequence[Any]) -> float:
    """The height of a row in points, so that its wrapped texts are seen without waiting for the program to fit it."""
    lines = 1
    for name, width, value in zip(plan.columns, plan.widths, values, strict=True):
        if name in plan.wrapped and value is not None:
            text = str(value)
            lines = max(lines, sum(1 + len(part) // width for part in text.split("\n")))
    return min(409.0, _LINE * lines)


def _write_row(
    book: _Book, sheet: Worksheet, plan: Sheet, index: Index, sources: Mapping[str, str], number: int, row: Record
) -> None:
    own = row.fields()
    values = [make_cell(getattr(row, c)) if c in own else _add_cell(index, row, c) for c in plan.columns]
    sheet.set_row(number, _fit_row(plan, values))
    for column, (name, value) in enumerate(zip(plan.columns, values, strict=True)):
        if name == plan.linked and number <= MAX_LINKS:
            url = _link_document(index, sources, getattr(row, "document_id"), getattr(row, "page", None))  # noqa: B009
            url.text = str(value)[:_MAX_TEXT]
            sheet.write_url(number, column, url, book.link)
        else:
            book.write(sheet, number, column, value, book.wrap if name in plan.wrapped else None)


def _write_table(
    book: _Book, index: Index, sources: Mapping[str, str], record: type[Record], rows: Sequence[Record]
) -> list[str]:
    """Write a table into as many sheets as it needs; returns their names."""
    plan = plan_sheet(record)
    room = MAX_ROWS - 1
    names = []
    for start in range(0, max(len(rows), 1), room):
        name = plan.name if start == 0 else f"{plan.name}_{start // room + 1}"
        names.append(name)
        part = rows[start : start + room]
        sheet = book.book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        _set_print(sheet)
        sheet.repeat_rows(0)
        for column, width in enumerate(plan.widths):
            sheet.set_column(column, column, width)
        for column, title in enumerate(plan.columns):
            sheet.write_string(0, column, title, book.head)
        for number, row in enumerate(part, 1):
            _write_row(book, sheet, plan, index, sources, number, row)
        sheet.autofilter(0, 0, max(len(part), 1), len(plan.columns) - 1)
        sheet.print_area(0, 0, max(len(part), 1), plan.printed - 1)
    return names


def _tell_limits(plan: Sheet, rows: int, sheets: Sequence[str]) -> str:
    """What Excel's limits did to a table, for its reader."""
    told = f" Goes on in {', '.join(sheets[1:])}: a sheet holds {MAX_ROWS:,} rows." if sheets[1:] else ""
    if plan.linked and min(rows, MAX_ROWS - 1) > MAX_LINKS:
        told += f" Links to the source end at row {MAX_LINKS + 1:,} of a sheet: Excel takes no more."
    return told


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


def _write_about(book: _Book, sheet: Worksheet, index: Index, counts: Sequence[tuple[str, int, str]]) -> None:
    sheet.hide_gridlines(2)
    _set_print(sheet)
    sheet.set_row(0, 30)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, _ABOUT_WIDTH)
    sheet.write_string(0, 0, "Golden Thread", book.title)
    sheet.write_string(
        1, 0, "What inspectors, councils and scrutiny committees write about children’s services in England", book.plain
    )
    row = 3
    if index.runs:
        last = index.runs[-1]
        sheet.write_string(row, 0, "Published", book.bold)
        sheet.write_string(row, 1, last.finished.strftime("%Y-%m-%d %H:%M") + " UTC", book.plain)
        sheet.write_string(row + 1, 0, "Version", book.bold)
        sheet.write_string(row + 1, 1, last.version, book.plain)
        sheet.write_string(row + 2, 0, "Files read", book.bold)
        sheet.write_string(row + 2, 1, f"{last.files_seen}, of which {last.files_failed} failed", book.plain)
        row += 4
    sheet.write_string(row, 0, "Sheets", book.heading)
    for column, title in enumerate(("sheet", "rows", "what it holds")):
        sheet.write_string(row + 1, column, title, book.head)
    row += 2
    for name, count, about in counts:
        sheet.write_url(row, 0, f"internal:'{name}'!A1", book.link, string=name)
        sheet.write_number(row, 1, count, book.plain)
        sheet.write_string(row, 2, about, book.indented)
        sheet.set_row(row, _LINE * (1 + len(about) // _ABOUT_WIDTH))
        row += 1
    row += 1
    sheet.write_string(row, 0, "How to read it", book.heading)
    for number, note in enumerate(_NOTES, row + 1):
        sheet.merge_range(number, 0, number, 2, "", book.wrap)
        sheet.write_string(number, 0, note, book.wrap)
        sheet.set_row(number, _LINE * (1 + len(note) // (_ABOUT_WIDTH + 38)))


def _write_pivot(book: _Book, sheet: Worksheet, index: Index) -> None:
    counts = index.count_council_themes()
    total = sum(counts.values(), start=type(next(iter(counts.values())))()) if counts else {}
    codes = sorted(total, key=lambda c: (-total[c], c))
    sheet.write_string(0, 0, "Weaknesses, mixed findings and recommendations by council and theme", book.heading)
    sheet.set_row(1, 150)
    sheet.write_string(1, 0, "council", book.bold)
    for column, title in enumerate(["documents", "all themes", *map(label_theme, codes)], 1):
        sheet.write_string(1, column, title, book.turned)
    documents = Counter(map(index.name_council, index.documents))
    for row, (council, by_code) in enumerate(counts.items(), 2):
        book.write(sheet, row, 0, council)
        read = documents[council]
        for column, value in enumerate([read, sum(by_code.values()), *(by_code[c] for c in codes)], 1):
            if value:
                sheet.write_number(row, column, value, book.plain)
    last = len(counts) + 2
    sheet.write_string(last, 0, "all councils", book.bold)
    read = sum(documents[council] for council in counts)
    for column, value in enumerate([read, sum(total.values()), *(total[c] for c in codes)], 1):
        sheet.write_number(last, column, value, book.bold)
    _set_print(sheet)
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


def _write_dictionary(book: _Book, sheet: Worksheet) -> None:
    _set_print(sheet)
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


def write_workbook(
    tables: Mapping[str, Sequence[Record]], path: Path, sources: Mapping[str, str] | None = None
) -> None:
    """Write the workbook of the sorted tables. `sources` are the addresses of files by SHA-256, from a folder beside
    the workbook (the report's). Raises OSError where the disk refuses.
    """
    index = make_index(tables)
    created = index.runs[-1].finished if index.runs else dt.datetime(2000, 1, 1)
    book = _Book(path, created)
    about = book.book.add_worksheet("About")
    pivot = book.book.add_worksheet("council_themes")
    counts = []
    for name, record in RECORDS.items():
        rows = tables.get(name, ())
        sheets = _write_table(book, index, sources or {}, record, rows)
        counts.append((name, len(rows), record.about + _tell_limits(plan_sheet(record), len(rows), sheets)))
    dictionary = book.book.add_worksheet("dictionary")
    _write_dictionary(book, dictionary)
    _write_pivot(book, pivot, index)
    councils = len(index.name_councils())
    counts.insert(
        0, ("council_themes", councils, "Councils by themes: weaknesses, mixed findings and recommendations.")
    )
    counts.append(("dictionary", sum(len(list_columns(r)) for r in RECORDS.values()), "What every column means."))
    _write_about(book, about, index, counts)
    try:
        book.book.close()
    except XlsxWriterException as e:
        raise OSError(str(e)) from e

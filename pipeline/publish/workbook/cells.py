"""Cells of the workbook: their formats, and how values of each kind are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.publish.files import guard_formula, join_list
from pipeline.publish.workbook.rows import count_days, write_number, write_text, write_truth
from pipeline.publish.workbook.sheets import Sheet

MAX_TEXT = 32_000  # Excel's cells end at 32,767
LINE = 13.5  # points that a line of text is high


class Book:
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

    def draw(self, place: Callable[[Format], str], value: Any, form: Format | None = None) -> str:
        """A cell of a row as XML, by the value's type; a text that looks like a formula stays text, a lost line-end
        hyphen is shown. `place` gives the attributes of a cell with the format."""
        match value:
            case None:
                return ""
            case str():
                text = value.replace("\ufffe", "-")
                if len(text) > MAX_TEXT:
                    text = text[:MAX_TEXT] + " … (cut here: the Parquet file has all of it)"
                guarded = guard_formula(text) is not text
                return write_text(place(self.guarded if guarded else form or self.plain), text)
            case bool():
                return write_truth(place(form or self.plain), value)
            case int():
                return write_number(place(form or self.plain), value)
            case float():
                return write_number(place(form or self.number), value)
            case dt.datetime():
                return write_number(place(form or self.time), count_days(value.replace(tzinfo=None)))
            case dt.date():
                return write_number(place(form or self.date), count_days(dt.datetime.combine(value, dt.time())))
            case _:
                return self.draw(place, join_list(value) or None, form)


def set_print(sheet: Worksheet) -> None:
    """A4 landscape, all columns on one page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def fit_row(plan: Sheet, values: Sequence[Any]) -> float:
    """The height of a row in points, so that its wrapped texts are seen without waiting for the program to fit it."""
    lines = 1
    for name, width, value in zip(plan.columns, plan.widths, values, strict=True):
        if name in plan.wrapped and value is not None:
            text = str(value)
            lines = max(lines, sum(1 + len(part) // width for part in text.split("\n")))
    return min(409.0, LINE * lines)

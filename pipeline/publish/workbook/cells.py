"""Cells of the workbook: their formats, and how values of each kind are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.publish.files import FORMULA_PATTERN, join_list
from pipeline.publish.workbook.rows import (
    DAYS_BEFORE_1970,
    Place,
    choose,
    count_days,
    draw_numbers,
    draw_texts,
    draw_truths,
)
from pipeline.publish.workbook.sheets import Sheet

MAX_TEXT = 32_000  # Excel's cells end at 32,767
LINE = 13.5  # points that a line of text is high
_HIGHEST = 409.0  # points that a row can be high
_HEIGHTS = pa.array([f"{min(_HIGHEST, LINE * lines):g}" for lines in range(1, int(_HIGHEST / LINE) + 2)])
"""Points of a row by its lines, from 1 on."""


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

    def draw(self, place: Place, values: pa.Array, form: Format | None = None) -> pa.Array:
        """Cells as XML, by the type of the values; a text that looks like a formula stays text, a lost line-end hyphen
        is shown."""
        types = pa.types
        if types.is_string(values.type):
            texts = pc.replace_substring(values, "\ufffe", "-")
            if (pc.max(pc.utf8_length(texts)).as_py() or 0) > MAX_TEXT:
                texts = pa.array([text and cut_text(text) for text in texts.to_pylist()], pa.string())
            form, guarded = form or self.plain, pc.match_substring_regex(texts, FORMULA_PATTERN)
            if not pc.any(guarded).as_py():
                return draw_texts(place, texts, form)
            return draw_texts(place, texts, choose(guarded, *(str(f._get_xf_index()) for f in (self.guarded, form))))
        if types.is_list(values.type):
            joined = [join_list(v) or None if v else None for v in values.to_pylist()]
            return self.draw(place, pa.array(joined, pa.string()), form)
        if types.is_boolean(values.type):
            return draw_truths(place, values, form or self.plain)
        if types.is_integer(values.type):
            return draw_numbers(place, values, form or self.plain)
        if types.is_date(values.type):
            days = pc.add(pc.cast(values, pa.int32()), DAYS_BEFORE_1970)
            return draw_numbers(place, days, form or self.date)
        if types.is_timestamp(values.type):
            times = [v and count_days(v.replace(tzinfo=None)) for v in values.to_pylist()]
            return draw_numbers(place, pa.array(times, pa.float64()), form or self.time)
        return draw_numbers(place, values, form or self.number)


def cut_text(text: str) -> str:
    """The text, or what of it a cell holds."""
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " … (cut here: the Parquet file has all of it)"


def set_print(sheet: Worksheet) -> None:
    """A4 landscape, all columns on one page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def fit_rows(plan: Sheet, columns: Mapping[str, pa.Array], rows: int) -> pa.Array:
    """The heights of so many rows in points, as text, so that their wrapped texts are seen without waiting for the
    program to fit them."""
    lines = pa.array([1] * rows, pa.int64())
    for name, width in zip(plan.columns, plan.widths, strict=True):
        if name in plan.wrapped:
            lines = pc.max_element_wise(lines, _count_lines(columns[name], width))
    return pc.take(_HEIGHTS, pc.subtract(pc.min_element_wise(lines, len(_HEIGHTS)), 1))


def _count_lines(texts: pa.Array, width: int) -> pa.Array:
    lines = pc.add(pc.divide(pc.utf8_length(texts), width), 1)
    broken = pc.fill_null(pc.match_substring(texts, "\n"), False)
    if pc.any(broken).as_py():
        parts = [text.split("\n") for text in texts.filter(broken).to_pylist()]
        more = [sum(1 + len(part) // width for part in lines_of) for lines_of in parts]
        lines = pc.replace_with_mask(lines, broken, pa.array(more, pa.int64()))
    return lines

"""Rows of large sheets, written as XML, some thousand rows of a column at a time.

XlsxWriter makes the workbook, its formats, its sheets and their settings; a cell costs it some ten microseconds, which
was the longest step of publishing. Here columns of an Arrow table become the XML that XlsxWriter would write of them
(ECMA-376, part 1, 18.3.1.73 `row` and 18.3.1.4 `c`), and go into the file to which it streams a sheet's rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter.format import Format
from xlsxwriter.url import Url
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

_SPACE = r"[\s\x0b\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
"""What Python takes for space, for Arrow's RE2."""
_MARKUP = r"[&<>\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]|_x[0-9A-Fa-f]{4}_" + f"|^{_SPACE}|{_SPACE}$"
_ESCAPED = re.compile("_(x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_DAY_0 = dt.datetime(1899, 12, 30)
DAYS_BEFORE_1970 = (dt.datetime(1970, 1, 1) - _DAY_0).days


@dataclass(frozen=True)
class Place:
    """Cells below each other: the letters of their column, the numbers of their rows as text, counted from 1."""

    letters: str
    rows: pa.Array

    def draw(self, form: Format | pa.Array, kind: str, inner: Sequence[str | pa.Array]) -> pa.Array:
        """Cells as XML, empty where something in `inner` is null. `form` is their format, or the number of each one's
        as text; `kind` further attributes."""
        style = str(form._get_xf_index()) if isinstance(form, Format) else form
        pieces = (f'<c r="{self.letters}', self.rows, '" s="', style, f'"{kind}>', *inner, "</c>")
        return pc.fill_null(pc.binary_join_element_wise(*pieces, ""), "")


def choose(mask: pa.Array, yes: str, no: str) -> str | pa.Array:
    """One text or the other for each value of the mask; a single text where it is the same for all."""
    return pc.if_else(mask, yes, no) if pc.any(mask).as_py() else no


def draw_texts(place: Place, texts: pa.Array, form: Format | pa.Array) -> pa.Array:
    """Cells that hold the texts in themselves."""
    marked = pc.fill_null(pc.match_substring_regex(texts, _MARKUP), False)
    if pc.any(marked).as_py():
        escaped = [_escape(text) for text in texts.filter(marked).to_pylist()]
        texts = pc.replace_with_mask(texts, marked, pa.array(escaped, pa.string()))
    inner = ("<is><t", choose(marked, ' xml:space="preserve"', ""), ">", texts, "</t></is>")
    return place.draw(form, ' t="inlineStr"', inner)


def _escape(text: str) -> str:
    text = _CONTROL.sub(lambda found: f"_x{ord(found.group()):04X}_", _ESCAPED.sub(r"_x005F_\1", text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def draw_numbers(place: Place, numbers: pa.Array, form: Format) -> pa.Array:
    """Cells with numbers of 16 digits."""
    if pa.types.is_integer(numbers.type):
        written = pc.cast(numbers, pa.string())
    else:
        written = pa.array([None if n is None else f"{n:.16G}" for n in numbers.to_pylist()], pa.string())
    return place.draw(form, "", ("<v>", written, "</v>"))


def draw_truths(place: Place, values: pa.Array, form: Format) -> pa.Array:
    """Cells with truth values."""
    return place.draw(form, ' t="b"', ("<v>", pc.if_else(values, "1", "0"), "</v>"))


def count_days(when: dt.datetime) -> float:
    """The time as Excel's number: days from the end of 1899."""
    return (when - _DAY_0) / dt.timedelta(days=1)


class RowSheet(Worksheet):  # type: ignore[misc]  # its types are not read
    """A sheet whose first row is written cell by cell, and all others some at a time, in order."""

    def begin_rows(self, rows: int, columns: int) -> None:
        """The first row is done; so many follow, each with so many cells."""
        self._write_single_row(1)
        self._check_dimensions(rows, columns - 1)

    def write_rows(self, rows: pa.Array, heights: pa.Array, columns: Sequence[pa.Array]) -> None:
        """Write rows with these numbers and of so many points, both as text; `columns` hold their cells."""
        pieces = ('<row r="', rows, '" ht="', heights, '" customHeight="1">', *columns, "</row>")
        self.fh.write("".join(pc.binary_join_element_wise(*pieces, "").to_pylist()))

    def link(self, number: int, column: int, url: Url) -> None:
        """Let the cell lead to the address."""
        self.hlink_count += 1
        self.hyperlinks[number][column] = url


def locate(column: int, rows: pa.Array) -> Place:
    """Cells of the column with this number, counted from 0."""
    return Place(xl_col_to_name(column), rows)

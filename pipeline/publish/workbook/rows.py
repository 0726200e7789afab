"""Rows of large sheets, written as XML in one piece.

XlsxWriter makes the workbook, its formats, its sheets and their settings; a cell costs it some ten microseconds, which
was the longest step of publishing. Here a row of values becomes the XML that XlsxWriter would write of it
(ECMA-376, part 1, 18.3.1.73 `row` and 18.3.1.4 `c`), and goes into the file to which it streams a sheet's rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from xlsxwriter.format import Format
from xlsxwriter.url import Url
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

_MARKUP = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\\s|\\s$")
_ESCAPED = re.compile("_(x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_DAY_0 = dt.datetime(1899, 12, 30)


def write_text(place: str, text: str) -> str:
    """A cell that holds the text in itself."""
    space = ""
    if _MARKUP.search(text):
        text = _CONTROL.sub(lambda found: f"_x{ord(found.group()):04X}_", _ESCAPED.sub(r"_x005F_\1", text))
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        space = ' xml:space="preserve"'
    return f'<c{place} t="inlineStr"><is><t{space}>{text}</t></is></c>'


def write_number(place: str, number: float) -> str:
    """A cell with a number."""
    return f"<c{place}><v>{number:.16G}</v></c>"


def write_truth(place: str, value: bool) -> str:
    """A cell with a truth value."""
    return f'<c{place} t="b"><v>{value:d}</v></c>'


def count_days(when: dt.datetime) -> float:
    """The time as Excel's number: days from the end of 1899."""
    return (when - _DAY_0) / dt.timedelta(days=1)


class RowSheet(Worksheet):  # type: ignore[misc]  # its types are not read
    """A sheet whose first row is written cell by cell, and every other one as a whole, in order."""

    def begin_rows(self, rows: int, columns: int) -> None:
        """The first row is done; so many follow, each with so many cells."""
        self._write_single_row(1)
        self._check_dimensions(rows, columns - 1)
        self._letters = [xl_col_to_name(column) for column in range(columns)]

    def write_cells(self, number: int, height: float, cells: Sequence[str]) -> None:
        """Write the row with this number, counted from 0, of so many points; empty cells are empty strings."""
        self.fh.write(f'<row r="{number + 1}" ht="{height:g}" customHeight="1">{"".join(cells)}</row>')

    def place(self, number: int, column: int, form: Format) -> str:
        """Where a cell stands and how it looks, as attributes."""
        return f' r="{self._letters[column]}{number + 1}" s="{form._get_xf_index()}"'

    def link(self, number: int, column: int, url: Url) -> None:
        """Let the cell lead to the address."""
        self.hlink_count += 1
        self.hyperlinks[number][column] = url

"""Tables that a converter left with one cell a line, each row below the last: "Ref", "Action", "Lead", "1", ..."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.read.text_lines import Line, LineKind

_NUMBER = re.compile(r"[A-Z]{0,3}\d{1,3}(?:\.\d{1,2}){0,2}[a-z]?\.?")
_LEAST_COLUMNS, _MOST_COLUMNS = 3, 12
_LEAST_ROWS = 3
_LONGEST_HEADING = 60
"""Characters of a column's heading."""


def join_stacked_rows(lines: Sequence[Line]) -> list[Line]:
    """The lines with such tables as rows of cells. Their rows begin with a number and are all of one length.

    Without numbers a blank line parts each row. A row carries the number of its first line.
    """
    joined: list[Line] = []
    filled = [i for i, line in enumerate(lines) if line.kind is not LineKind.BLANK]
    at = position = 0
    while position < len(filled):
        width, rows = _table_at(lines, filled, position)
        if not rows:
            width, rows = _parted_table_at(lines, filled, position)
        if not rows:
            position += 1
            continue
        places = filled[position : position + width * rows]
        joined += lines[at : places[0]]
        for first in range(0, len(places), width):
            cells = [lines[i] for i in places[first : first + width]]
            words = tuple(_printed(line) for line in cells)
            joined.append(replace(cells[0], kind=LineKind.ROW, text=" ".join(words), label=None, cells=words))
        at = places[-1] + 1
        position += width * rows
    return [*joined, *lines[at:]]


def _table_at(lines: Sequence[Line], filled: Sequence[int], at: int) -> tuple[int, int]:
    """Columns and rows (the head among them) of the table that begins at line `filled[at]`; (0, 0) where none does.

    A head of few words, then numbers at equal distances, as far as they go.
    """
    ahead = [lines[i] for i in filled[at : at + _MOST_COLUMNS + 1]]
    if not ahead or not _is_heading(ahead[0]):
        return 0, 0
    width = next((n for n, line in enumerate(ahead) if _is_number(line)), 0)
    if not _LEAST_COLUMNS <= width <= _MOST_COLUMNS or not all(_is_heading(line) for line in ahead[:width]):
        return 0, 0
    seen = {""}
    rows = 1
    while (start := at + rows * width) + width <= len(filled):
        row = [lines[i] for i in filled[start : start + width]]
        if not _is_number(row[0]) or row[0].text in seen or any(_is_number(line) for line in row[1:]):
            break
        seen.add(row[0].text)
        rows += 1
    return (width, rows) if rows > _LEAST_ROWS else (0, 0)


def _parted_table_at(lines: Sequence[Line], filled: Sequence[int], at: int) -> tuple[int, int]:
    """As `_table_at`, for rows without a number of which blank lines part each from the next."""
    if at and filled[at - 1] == filled[at] - 1:
        return 0, 0
    width = _count_block(filled, at)
    head = [lines[i] for i in filled[at : at + width]]
    if not _LEAST_COLUMNS <= width <= _MOST_COLUMNS or not all(_is_name(line) for line in head):
        return 0, 0
    rows = 1
    while _count_block(filled, at + rows * width) == width:
        rows += 1
    return (width, rows) if rows > _LEAST_ROWS else (0, 0)


def _count_block(filled: Sequence[int], at: int) -> int:
    """How many lines stand from `filled[at]` on without a blank line between them, one more than a row has at most."""
    end = at
    while end < len(filled) and end - at <= _MOST_COLUMNS and (end == at or filled[end] == filled[end - 1] + 1):
        end += 1
    return end - at


def _is_name(line: Line) -> bool:
    return _is_heading(line) and not re.search(r"[\d:]", line.text)


def _is_number(line: Line) -> bool:
    return bool(_NUMBER.fullmatch(_printed(line)))


def _is_heading(line: Line) -> bool:
    words = _printed(line)
    return line.kind in (LineKind.TEXT, LineKind.HEADING) and len(words) <= _LONGEST_HEADING and words[-1] not in ".;,"


def _printed(line: Line) -> str:
    return f"{line.label} {line.text}" if line.label else line.text

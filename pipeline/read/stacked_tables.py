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
        width, rows = _table_at(lines, filled[position:])
        if not rows:
            width, rows = _parted_table_at(lines, filled[position:])
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


def _table_at(lines: Sequence[Line], filled: Sequence[int]) -> tuple[int, int]:
    """Columns and rows (the head among them) of the table that begins at the first of these lines; (0, 0) where none.

    A head of few words, then numbers at equal distances, as far as they go.
    """
    ahead = [lines[i] for i in filled[: _MOST_COLUMNS + 1]]
    if not ahead or not _is_heading(ahead[0]):
        return 0, 0
    width = next((n for n, line in enumerate(ahead) if _is_number(line)), 0)
    if not _LEAST_COLUMNS <= width <= _MOST_COLUMNS or not all(_is_heading(line) for line in ahead[:width]):
        return 0, 0
    seen = {""}
    rows = 1
    while rows * width + width <= len(filled):
        row = [lines[i] for i in filled[rows * width : rows * width + width]]
        if not _is_number(row[0]) or row[0].text in seen or any(_is_number(line) for line in row[1:]):
            break
        seen.add(row[0].text)
        rows += 1
    return (width, rows) if rows > _LEAST_ROWS else (0, 0)


def _parted_table_at(lines: Sequence[Line], filled: Sequence[int]) -> tuple[int, int]:
    """As `_table_at`, for rows without a number of which blank lines part each from the next."""
    sizes: list[int] = []
    above = None
    for i in filled:
        if above is None or i > above + 1:
            if len(sizes) > 1 and sizes[-1] != sizes[0]:
                break
            sizes.append(0)
        sizes[-1] += 1
        above = i
    if sizes and sizes[-1] != sizes[0]:
        sizes.pop()
    width, rows = (sizes[0], len(sizes)) if sizes else (0, 0)
    head = [lines[i] for i in filled[:width]]
    named = all(_is_heading(line) and not re.search(r"[\d:]", line.text) for line in head)
    first = filled[0] == 0 or lines[filled[0] - 1].kind is LineKind.BLANK
    return (
        (width, rows) if _LEAST_COLUMNS <= width <= _MOST_COLUMNS and rows > _LEAST_ROWS and named and first else (0, 0)
    )


def _is_number(line: Line) -> bool:
    return bool(_NUMBER.fullmatch(_printed(line)))


def _is_heading(line: Line) -> bool:
    words = _printed(line)
    return line.kind in (LineKind.TEXT, LineKind.HEADING) and len(words) <= _LONGEST_HEADING and words[-1] not in ".;,"


def _printed(line: Line) -> str:
    return f"{line.label} {line.text}" if line.label else line.text

"""Tables whose columns only spaces part, as converters print pages in their layout: cells wrap within their column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.read.text_lines import Line, LineKind, clean_text

_CHUNK = re.compile(r"\S+(?: \S+)*")
_LEAST_COLUMNS = 3
_LEAST_ROWS = 2
"""Rows below the head."""
_LEAST_FILLED = 2
"""Cells of the line below a blank line, or the table has ended."""
_LONGEST_HEADING = 45
_SLACK = 2
"""Characters by which a cell may begin before or behind the head of its column."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    start: int
    text: str


def join_columns(lines: Sequence[Line], printed: Sequence[str]) -> list[Line]:
    """The lines with such tables as rows of cells; a row carries the number of its first line.

    `printed` are the same lines as they stand in the file.
    """
    joined: list[Line] = []
    at = 0
    while at < len(lines):
        end, rows = _table_at(lines, printed, at)
        for number, cells in rows:
            words = tuple(clean_text(cell) for cell in cells)
            joined.append(
                replace(lines[number], kind=LineKind.ROW, text=" ".join(words).strip(), label=None, cells=words)
            )
        if not rows:
            joined.append(lines[at])
        at = end
    return joined


def _table_at(lines: Sequence[Line], printed: Sequence[str], at: int) -> tuple[int, list[tuple[int, list[str]]]]:
    """Where the table that begins here ends, and its rows as (line, cells); the next line and no rows where none is."""
    head = _chunks(printed[at])
    if not _is_head(lines[at], head):
        return at + 1, []
    starts = [chunk.start for chunk in head]
    groups: list[list[tuple[int, list[str]]]] = [[]]  # the lines between two blank lines
    end = at
    while end < len(lines):
        if lines[end].kind is LineKind.BLANK:
            if not groups[-1]:
                break
            groups.append([])
        else:
            cells = _place(_chunks(printed[end]), starts)
            if not cells or (not groups[-1] and sum(map(bool, cells)) < _LEAST_FILLED):
                break
            groups[-1].append((end, cells))
        end += 1
    groups = [g for g in groups if g]
    rows = _join_wrapped(groups)
    if len(rows) <= _LEAST_ROWS:
        return at + 1, []
    return groups[-1][-1][0] + 1, rows


def _chunks(raw: str) -> list[_Chunk]:
    """The runs of words that at least two spaces part."""
    text = raw.replace("\xa0", " ").expandtabs(4).rstrip()
    return [_Chunk(m.start(), m[0]) for m in _CHUNK.finditer(text)]


def _is_head(line: Line, chunks: Sequence[_Chunk]) -> bool:
    if line.kind is not LineKind.TEXT or line.cells or len(chunks) < _LEAST_COLUMNS:
        return False
    return all(len(c.text) <= _LONGEST_HEADING and not c.text.endswith((".", ";", ",")) for c in chunks)


def _place(chunks: Sequence[_Chunk], starts: Sequence[int]) -> list[str]:
    """The chunks by the column under whose head they begin; [] where one begins elsewhere or runs into the next."""
    cells = [""] * len(starts)
    for chunk in chunks:
        column = min(range(len(starts)), key=lambda c: abs(starts[c] - chunk.start))
        follows = starts[column + 1] if column + 1 < len(starts) else None
        if abs(starts[column] - chunk.start) > _SLACK or (follows and chunk.start + len(chunk.text) > follows):
            return []
        cells[column] = f"{cells[column]} {chunk.text}".strip()
    return cells


def _join_wrapped(groups: Sequence[Sequence[tuple[int, list[str]]]]) -> list[tuple[int, list[str]]]:
    """The rows: where blank lines part them each group is one, else a line that fills most columns begins one."""
    parted = len(groups) > _LEAST_ROWS
    rows: list[tuple[int, list[str]]] = []
    for group in groups:
        for place, (number, cells) in enumerate(group):
            width = len(cells)
            filled = sum(map(bool, cells))
            begins = place == 0 if parted else bool(cells[0]) and (2 * filled > width)
            if begins or not rows:
                rows.append((number, cells))
            else:
                rows[-1] = (rows[-1][0], [f"{a} {b}".strip() for a, b in zip(rows[-1][1], cells, strict=True)])
    return rows

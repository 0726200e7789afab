"""Tables without rules: cells that stand in columns under a bold header row, each row on one printed line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.read.blocks import BlockKind
from pipeline.read.columns import part_row
from pipeline.read.drafts import Draft
from pipeline.read.lines import Line, make_line
from pipeline.read.page_text import Run

ALIGNED = 3.0
"""The cells of a column share their left edge, right edge or middle up to this, in points."""
ROWS = 3
"""Fewer rows than this under a header row may stand in columns by chance."""

_PAGE = re.compile(r"\d{1,3}")

Row = list[list[Run]]


def take_aligned_tables(lines: list[Line]) -> tuple[list[Line], list[Draft]]:
    """The lines outside tables without rules, and a draft for each such table."""
    kept: list[Line] = []
    drafts: list[Draft] = []
    at = 0
    while at < len(lines):
        rows = _table_at(lines, at)
        if rows:
            drafts.append(_draft(rows, lines[at].page, lines[at].top))
            at += len(rows)
        else:
            kept.append(lines[at])
            at += 1
    return kept, drafts


def _table_at(lines: list[Line], start: int) -> list[Row]:
    """The rows of the table whose header is the line at `start`; none where there is no table."""
    head = lines[start]
    if not head.bold or len(head.runs) < 2:
        return []
    rows = [part_row(head.runs)]
    width = len(rows[0])
    if width < 2 or _PAGE.fullmatch(rows[0][-1][0].text.strip()):
        return []  # an entry of a list of contents ends with its page
    for above, n in zip(lines[start:], lines[start + 1 :], strict=False):
        cells = part_row(n.runs)
        close = n.page == above.page and 0 < n.base - above.base < 3 * n.size
        if not close or n.bold or len(cells) != width or n.bullet:
            break
        rows.append(cells)
    body = rows[1:]
    if len(body) < ROWS or not all(_is_column(rows, i) for i in range(width)):
        return []
    figures = sum(1 for row in body for cell in row[1:] if any(c.isdigit() for c in cell[0].text[:2]))
    return rows if width > 2 or figures == len(body) else []


def _is_column(rows: Sequence[Row], at: int) -> bool:
    """Whether the cells at one place of every row stand under each other and clear of the next column."""
    edges = [(row[at][0].x0, max(r.x1 for r in row[at])) for row in rows]
    body = edges[1:]
    shared = any(
        max(spots) - min(spots) <= ALIGNED
        for spots in ([a for a, _ in body], [b for _, b in body], [(a + b) / 2 for a, b in body])
    )
    left, right = min(a for a, _ in body), max(b for _, b in body)
    under = edges[0][0] < right and edges[0][1] > left
    clear = at + 1 == len(rows[0]) or max(b for _, b in edges) < min(row[at + 1][0].x0 for row in rows)
    return shared and under and clear


def _draft(rows: list[Row], page: int, top: float) -> Draft:
    cells = []
    for r, row in enumerate(rows):
        for column, runs in enumerate(row):
            line = make_line(runs, page)
            cells.append((r, column, [line] if line is not None else []))
    lines = [n for _, _, group in cells for n in group]
    starts = [min(row[i][0].x0 for row in rows) for i in range(len(rows[0]))]
    end = max(r.x1 for row in rows for r in row[-1])
    return Draft(BlockKind.TABLE, lines, table=cells, edges=(*starts, end), page=page, last_page=page, order=top)

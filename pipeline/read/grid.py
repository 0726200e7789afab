"""Rows of cells to a TABLE block, for every format that has no boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.read.blocks import Block, BlockKind, Cell, Piece


def build_table(
    rows: Sequence[Sequence[str]],
    *,
    lines: Sequence[int] | None = None,
    page: int | None = None,
    header_rows: int | None = None,
) -> Block:
    """A TABLE block: cells joined by tabs within a row, rows by line feeds; one piece a row.

    `lines` gives each row's line, `page` the page or slide; `header_rows` the number of header rows, which is
    guessed where it is None. White space within a cell becomes single spaces, so that tabs only part cells.
    """
    clean = [[" ".join(text.split()) for text in row] for row in rows]
    if header_rows is None:
        header_rows = 1 if _has_header(clean) else 0
    text, cells, pieces = "", [], []
    for r, row in enumerate(clean):
        text += "\n" if r else ""
        start = len(text)
        for c, value in enumerate(row):
            text += "\t" if c else ""
            cells.append(Cell(r, c, value, len(text), len(text) + len(value), header=r < header_rows))
            text += value
        pieces.append(Piece(start, len(text), page=page, line=lines[r] if lines else None))
    return Block(BlockKind.TABLE, text, tuple(pieces), cells=tuple(cells))


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row heads the columns: full, short and no figures; of two columns, over figures."""
    if len(rows) < 2 or len(rows[0]) < 2 or not all(rows[0]):
        return False
    if any(len(cell.split()) > 8 or cell.endswith(".") or re.fullmatch(r"[\d£%.,\s]+", cell) for cell in rows[0]):
        return False
    if len(rows[0]) > 2:
        return True
    values = [row[1] for row in rows[1:] if len(row) > 1]
    return all(re.search(r"\d", value) for value in values) and not re.search(r"\d", rows[0][1])

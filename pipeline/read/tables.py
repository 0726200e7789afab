"""Ruled tables of a page, by pdfplumber's own table functions over the strokes that any engine gives."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from pipeline.read.blocks import Box
from pipeline.read.page_text import PageText, Run

SNAP = 3.0
MANY = 4000
"""A page with more strokes than this is a drawing, and its intersections would take minutes."""


@dataclass(slots=True)
class Grid:
    """A ruled table: its box and its cells by (row, column), 0-based, with the words in each."""

    bbox: Box
    cells: list[tuple[int, int, Box, list[Run]]]

    @property
    def edges(self) -> tuple[float, ...]:
        """Where each column starts, and where the last one ends."""
        starts: dict[int, float] = {}
        for _, column, box, _ in self.cells:
            starts[column] = min(box[0], starts.get(column, box[0]))
        return (*(x for _, x in sorted(starts.items())), self.bbox[2])


FRAME_WORDS = 60
"""A cell over the whole width with more words than this is text in a frame, not a row of the table."""


def find_grids(page: PageText) -> tuple[list[Grid], list[Box]]:
    """The page's ruled tables, and the frames: boxes of one cell, whose text is ordinary text."""
    edges = page.edges
    flat = sum(1 for e in edges if e["orientation"] == "h")
    if flat < 2 or len(edges) - flat < 2 or len(edges) > MANY:
        return [], []
    merged = [
        e for e in merge_edges(edges, SNAP, SNAP, SNAP, SNAP) if max(e["x1"] - e["x0"], e["bottom"] - e["top"]) > SNAP
    ]
    cells = intersections_to_cells(edges_to_intersections(merged, SNAP, SNAP))
    grids: list[Grid] = []
    frames: list[Box] = []
    words: list[Run] | None = None
    for table in cells_to_tables(cells):
        if len({c[0] for c in table}) > 1 and not _crossed(page.runs, table):
            words = page.split() if words is None else words
            grid, framed = _fill(table, words)
            frames.extend(framed)
            if grid is not None:
                grids.append(grid)
        elif len({c[0] for c in table}) == 1:
            frames.extend(table)
    return grids, frames


def within(run: Run, box: Box) -> bool:
    """Whether the middle of the run lies in the box."""
    x, y = (run.x0 + run.x1) / 2, (run.top + run.bottom) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _crossed(runs: list[Run], table: list[Box]) -> bool:
    """Whether text runs across the borders between cells: then the strokes are decoration."""
    crossing = inside = 0
    for run in runs:
        y = (run.top + run.bottom) / 2
        own = [c for c in table if c[1] <= y <= c[3] and c[0] < run.x1 and c[2] > run.x0]
        if own:
            inside += 1
            crossing += run.x1 > max(c[2] for c in own) + 6 or (len(own) > 1 and _deep(run, own))
    return inside > 0 and crossing > 0.25 * inside


def _deep(run: Run, cells: list[Box]) -> bool:
    """Whether the run reaches far into two cells: a slight overlap is a wide glyph."""
    return sum(1 for c in cells if min(run.x1, c[2]) - max(run.x0, c[0]) > 0.6 * run.size) > 1


def _merge_columns(cells: list[Box]) -> dict[float, int]:
    """The column of each left border among the filled cells: borders of one column where a cell of another row
    spans both and no row has text in both (a heading set in a narrower box)."""
    starts = sorted({c[0] for c in cells})
    column = {starts[0]: 0} if starts else {}
    for a, b in itertools.pairwise(starts):
        tops = [{c[1] for c in cells if c[0] == x} for x in (a, b)]
        spans = any(x[0] == a and any(y[0] == b and y[2] <= x[2] + SNAP for y in cells) for x in cells)
        column[b] = column[a] + (0 if spans and not tops[0] & tops[1] else 1)
    return column


def _fill(table: list[Box], words: list[Run]) -> tuple[Grid | None, list[Box]]:
    """The table with its words, without empty rows and columns; and the cells that are frames."""
    filled = [(c, [w for w in words if within(w, c)]) for c in sorted(table, key=lambda c: (c[1], c[0]))]
    left, right = min(c[0] for c in table), max(c[2] for c in table)
    frames = [c for c, own in filled if c[0] <= left + SNAP and c[2] >= right - SNAP and len(own) > FRAME_WORDS]
    kept = [(c, own) for c, own in filled if c not in frames]
    columns = _merge_columns([c for c, own in kept if own])
    rows = sorted({c[1] for c, own in kept if own})
    by_row: dict[float, int] = {}
    for c, own in kept:
        if own:
            by_row[c[1]] = by_row.get(c[1], 0) + 1
    if max(by_row.values(), default=0) < 2:
        return None, [c for c, own in filled if own]
    placed: dict[tuple[int, int], tuple[Box, list[Run]]] = {}
    for c, own in kept:
        if c[1] in rows and c[0] in columns:
            spot = (rows.index(c[1]), columns[c[0]])
            if own or spot not in placed:
                placed[spot] = (c, own)
    cells = [(row, column, c, own) for (row, column), (c, own) in sorted(placed.items(), key=lambda item: item[0])]
    box = (
        min(c[0] for c, _ in kept), min(c[1] for c, _ in kept), max(c[2] for c, _ in kept), max(c[3] for c, _ in kept)
    )  # fmt: skip
    return Grid(box, cells), frames

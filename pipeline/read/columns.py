"""Rows of a page → lines in reading order, columns one after the other."""

from __future__ import annotations

import itertools

from pipeline.read.lines import Line, is_label, make_line
from pipeline.read.page_text import Run
from pipeline.read.reading_rules import reading_rules
from pipeline.read.rows import Rows, gather_rows


def order_lines(runs: list[Run], page: int) -> list[Line]:
    """The lines of these runs in reading order: down the page, column by column where there are columns."""
    return order_rows(gather_rows(runs), page)


def order_rows(gathered: Rows, page: int) -> list[Line]:
    """As `order_lines`, for runs that are gathered in rows already."""
    rows = _pair_rows([part_row(row) for row in gathered])
    lines = []
    for row, right in _order(rows, 0.0):
        line = make_line(row, page)
        if line is not None:
            line.right = right
            lines.append(line)
    return lines


def _order(rows: list[list[list[Run]]], right: float) -> list[tuple[list[Run], float]]:
    """The runs of each line in reading order, with the right edge of its column (0 where the page has one column)."""
    if all(len(segments) == 1 for segments in rows):
        return [(row[0], right) for row in rows]
    ordered: list[tuple[list[Run], float]] = []
    at = 0
    while at < len(rows):
        section = _section_after(rows, at)
        if section is None:
            ordered.extend((line, right) for line in _one_line(rows[at]))
            at += 1
        else:
            end, gutter = section
            ordered.extend(_columns(rows[at:end], gutter, right))
            at = end
    return ordered


def _pair_rows(rows: list[list[list[Run]]]) -> list[list[list[Run]]]:
    """Rows that stand side by side on baselines of their own (two columns out of step) as one row of two segments."""
    out: list[list[list[Run]]] = []
    for row in rows:
        above = out[-1] if out else None
        if above is not None and len(above) == len(row) == 1:
            a, b = above[0], row[0]
            gap = max(a[0].x0 - b[-1].x1, b[0].x0 - a[-1].x1)
            if (
                b[0].base - a[0].base < 0.75 * min(a[0].size, b[0].size)
                and gap > reading_rules().thresholds.column_gap * b[0].size
                and 0.8 < a[0].size / b[0].size < 1.25
            ):
                out[-1] = sorted([a, b], key=lambda segment: segment[0].x0)
                continue
        out.append(row)
    return out


def _one_line(row: list[list[Run]]) -> list[list[Run]]:
    """The segments of a row as one line, or as lines of their own where they only stand side by side."""
    if max(s[0].base for s in row) - min(s[0].base for s in row) > 3:
        return sorted(row, key=lambda segment: segment[0].base)
    return [[run for segment in row for run in segment]]


def _section_after(rows: list[list[list[Run]]], start: int) -> tuple[int, float] | None:
    """From this row on: the end of the run of rows that one gutter parts, and the gutter's middle."""
    first = next((i for i in range(start, min(start + 3, len(rows))) if len(rows[i]) > 1), None)
    if first is None:
        return None
    best: tuple[int, float] | None = None
    for left, right in itertools.pairwise(rows[first]):
        low, high = left[-1].x1, right[0].x0
        end = start
        for i in range(start, len(rows)):
            narrow = _narrow(rows[i], low, high)
            if narrow is None:
                break
            low, high = narrow
            end = i + 1
        if end <= first:
            continue
        # trailing rows on the left alone are below the columns, unless they close up to the row above
        while end > first + 1 and len(rows[end - 1]) == 1 and rows[end - 1][0][0].x0 < low and _parted(rows, end - 1):
            end -= 1
        if best is None or end > best[0]:
            best = (end, (low + high) / 2)
    return best


def _parted(rows: list[list[list[Run]]], at: int) -> bool:
    above, here = rows[at - 1][0][0], rows[at][0][0]
    return here.base - above.base > 1.8 * here.size


def _narrow(row: list[list[Run]], low: float, high: float) -> tuple[float, float] | None:
    """The gutter between `low` and `high` narrowed by this row, or None where the row's text crosses it."""
    for segment in row:
        x0, x1 = segment[0].x0, max(r.x1 for r in segment)
        if x1 <= low or x0 >= high:
            continue
        middle = (low + high) / 2
        if x0 < middle < x1:
            if x0 >= low and x1 > high:
                high = x0
            elif x1 <= high and x0 < low:
                low = x1
            else:
                return None
        elif x1 <= middle:
            low = max(low, x1)
        else:
            high = min(high, x0)
    return (low, high) if high - low > 4 else None


def _columns(rows: list[list[list[Run]]], gutter: float, right_edge: float) -> list[tuple[list[Run], float]]:
    """The lines of a parted section: left column first, or row by row where it is a table without rules."""
    left = [[s for s in row if s[0].x0 < gutter] for row in rows]
    right = [[s for s in row if s[0].x0 >= gutter] for row in rows]
    beside = [(a, b) for a, b in zip(left, right, strict=True) if a and b]
    both = sum(1 for a, b in beside if abs(a[-1][0].base - b[0][0].base) <= 3)
    sides = min(sum(map(bool, left)), sum(map(bool, right)))
    if not beside or _is_grid(left, right, both, sides):
        return [(line, right_edge) for row in rows for line in _one_line(row)]
    out: list[tuple[list[Run], float]] = []
    for side in (left, right):
        filled = [row for row in side if row]
        out.extend(_order(filled, max(run.x1 for row in filled for segment in row for run in segment)))
    return out


def _is_grid(left: list[list[list[Run]]], right: list[list[list[Run]]], both: int, sides: int) -> bool:
    """Whether the two sides are read row by row: they share their baselines, and one of them holds short entries."""
    if both < 0.7 * sides or _is_list(right):
        return False
    if all(_is_prose([row for row in side if row]) for side in (left, right)):
        return False
    texts = [[sum(len(r.text) for r in segment) for row in side for segment in row] for side in (left, right)]
    return min(sum(t) / max(len(t), 1) for t in texts) < 32


def _is_list(side: list[list[list[Run]]]) -> bool:
    """Whether bullets open two lines or more of a column: a list beside another text, not a column of entries."""
    glyphs = reading_rules().bullets
    opened = [s for row in side for s in row[:1] if len(s[0].text) > 2 or len(s) > 1]
    return sum(1 for s in opened if s[0].text[0] in glyphs) >= 2


def _is_prose(rows: list[list[list[Run]]]) -> bool:
    """Whether most lines of a column but its last fill it, up to the next word."""
    ends = [row[-1][-1].x1 for row in rows[:-1]]
    if len(ends) < 2:
        return False
    edge, size = max(ends), rows[0][0][0].size
    if edge - rows[0][0][0].x0 < 12 * size:
        return False
    return sum(1 for x in ends if x > edge - 4 * size) >= 0.7 * len(ends)


def part_row(row: list[Run]) -> list[list[Run]]:
    """The runs of one row, parted where a gap is too wide for a word space (a label stays with its text)."""
    gap = reading_rules().thresholds.column_gap
    parts: list[list[Run]] = [[row[0]]]
    for run in row[1:]:
        last = parts[-1]
        before = last[-1]
        if run.x0 - before.x1 > gap * max(run.size, before.size) and not (len(last) == 1 and is_label(last[0])):
            parts.append([run])
        else:
            last.append(run)
    return parts

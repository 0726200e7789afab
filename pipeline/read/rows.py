"""Runs of a page → rows by baseline."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from pipeline.read.lines import is_bullet
from pipeline.read.page_text import Run

Rows = list[list[Run]]
"""Rows down the page, the runs of each from left to right."""


def gather_rows(runs: list[Run]) -> Rows:
    """Runs gathered by baseline, from left to right and down the page; raised and lowered runs with the line they
    touch."""
    rows: Rows = []
    known: list[tuple[float, int]] = []  # baseline and number of each row so far, by baseline
    reach = 1.5 * max((max(r.size, r.bottom - r.top) for r in runs), default=0.0)
    for run in sorted(runs, key=lambda r: (-r.size, r.base)):
        first, last = bisect_left(known, (run.base - reach, -1)), bisect_right(known, (run.base + reach, len(rows)))
        for number in sorted([number for _, number in known[first:last]]):
            if _belongs(run, rows[number]):
                rows[number].append(run)
                break
        else:
            insort(known, (run.base, len(rows)))
            rows.append([run])
    for row in rows:
        if len(row) > 1:
            row.sort(key=lambda r: (r.x0, r.x1))
    rows.sort(key=lambda row: row[0].base if len(row) == 1 else max(row, key=lambda r: r.size).base)
    return rows


def _belongs(run: Run, row: list[Run]) -> bool:
    """Whether the run stands in the row that its first run opened: on its baseline, raised or lowered against it, or
    as a small bullet before it."""
    main = row[0]
    if abs(run.base - main.base) <= max(2.0, run.size * 0.25):
        return True
    shifted = run.size < 0.85 * main.size and main.base - 0.75 * main.size < run.base < main.base + 0.3 * main.size
    if shifted and any(abs(run.x0 - r.x1) < main.size or abs(r.x0 - run.x1) < main.size for r in row):
        return True
    return len(run.text) < 4 and _opens_row(run, row)


def _opens_row(run: Run, row: list[Run]) -> bool:
    """Whether the run is a bullet in smaller type that stands before the row's text, on a height of its own."""
    if not is_bullet(run, True):
        return False
    main = row[0]
    shared = min(run.bottom, main.bottom) - max(run.top, main.top)
    after = min((r.x0 - run.x1 for r in row if r.x0 >= run.x1), default=0.0)
    return shared >= 0.6 * (run.bottom - run.top) and 0 < after < 4 * main.size

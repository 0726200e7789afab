"""Which pages need their ruled lines: those cost as much to read as the words, and three pages in four have no use for
them."""

from __future__ import annotations

import itertools
import re
from collections import Counter

from pipeline.read.lines import is_label
from pipeline.read.page_text import Run
from pipeline.read.reading_rules import reading_rules
from pipeline.read.rows import Rows

_CELL_GAP = 0.5
"""Em of empty space in a row that may part two cells, however narrow their margins."""
_LABEL_GAP = 4.0
"""Em from a label to its text at most."""
_STEP = 0.9
"""Em from baseline to baseline, below which two rows side by side are lines of two cells and not of one text."""
_FOOT_ROWS = 3
_PAGE_NUMBER = 4
"""Letters of a page number at most."""
_DIGITS = re.compile(r"\d+")


def find_plain_pages(pages: list[Rows]) -> set[int]:
    """The indices of the pages of a document, given as their rows, on which ruled lines can change nothing.

    Such a page has no row with a gap that could part two cells, no rows out of step side by side, and at its foot no
    small type, that a rule could part from the text, but what stands at the foot of other pages too.
    """
    feet = [_small_feet(rows) for rows in pages]
    seen = Counter(foot for page in feet for foot in page)
    return {
        index
        for index, (rows, own) in enumerate(zip(pages, feet, strict=True))
        if not _may_hold_cells(rows) and all(seen[foot] > 1 for foot in own)
    }


def _may_hold_cells(rows: Rows) -> bool:
    for row in rows:
        for before, run in itertools.pairwise(row):
            if run.x0 - before.x1 > _CELL_GAP * run.size and not (before is row[0] and _opens_item(before, run)):
                return True
    for above, below in itertools.pairwise(_without_number(rows)):
        if below[0].base - above[0].base < _STEP * max(above[0].size, below[0].size) and (
            max(r.x1 for r in above) <= below[0].x0 or max(r.x1 for r in below) <= above[0].x0
        ):
            return True
    return False


def _opens_item(label: Run, text: Run) -> bool:
    """Whether a label stands before its text, and no bare number in a column of its own."""
    return is_label(label) and not label.text.strip().isdigit() and text.x0 - label.x1 < _LABEL_GAP * text.size


def _without_number(rows: Rows) -> Rows:
    """The rows but for a page number that stands last, beside the running foot on a height of its own."""
    return rows[:-1] if rows and len(rows[-1]) == 1 and rows[-1][0].text.strip().isdigit() else rows


def _small_feet(rows: Rows) -> set[str]:
    """The lowest lines of a page in smaller type than most of it, digits aside, and no mere page number."""
    sizes = sorted(max(r.size for r in row) for row in rows)
    small = reading_rules().thresholds.footnote_size * sizes[len(sizes) // 2] if sizes else 0.0
    texts = ("".join(r.text for r in row).strip() for row in rows[-_FOOT_ROWS:] if row[0].size <= small)
    return {_DIGITS.sub("#", text) for text in texts if len(text) > _PAGE_NUMBER}

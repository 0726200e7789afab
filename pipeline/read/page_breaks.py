"""Whether the first block of a page carries on the last of the page before: paragraphs, items and tables."""

from __future__ import annotations

from pipeline.read.blocks import BlockKind
from pipeline.read.drafts import Draft, Style
from pipeline.read.headings import dangles
from pipeline.read.lines import Line
from pipeline.read.paragraphs import ENDED
from pipeline.read.reading_rules import stands_alone

ALIGNED = 6.0
"""Columns of one table start no further apart than this on two pages, in points."""

Row = dict[int, list[Line]]


def join_over_break(before: Draft | None, own: list[Draft], style: Style) -> None:
    """Give `before`, the last block so far, what carries it on at the head of a page's own blocks."""
    if before is None or not own:
        return
    if before.table is not None and own[0].table is not None:
        if _table_runs_on(before, own[0]):
            _join_tables(before, own.pop(0))
    elif runs_on(before, own[0], style):
        before.lines.extend(own.pop(0).lines)


def runs_on(block: Draft, first: Draft, style: Style) -> bool:
    """Whether the first block of a page carries on the last of the page before."""
    if block.table is not None or first.table is not None or first.label is not None:
        return False
    if BlockKind.HEADING in (block.kind, first.kind):
        return False
    above, below = block.last, first.lines[0]
    if len(first.lines) == 1 and stands_alone(below.text) and not dangles(above.text):
        return False
    if abs(above.size - below.size) > 0.6 or block.lines[-1].page == below.page:
        return False
    aligned = abs(below.x0 - above.x0) <= 9 or (len(block.lines) == 1 and above.left - 2 <= below.x0 <= above.x0 + 9)
    ended = bool(ENDED.search(above.text))
    if not ended and below.text[:1].islower():
        return True
    if not ended and aligned and above.x1 + below.lead + 3 * below.size > (above.right or style.right):
        return True
    if block.label is not None:
        return aligned and abs(block.lines[0].left - below.x0) > 4 and abs(block.lines[0].x0 - below.x0) <= 9
    return False


def _rows(table: Draft) -> list[Row]:
    rows: dict[int, Row] = {}
    for row, column, lines in table.table or ():
        rows.setdefault(row, {})[column] = lines
    return [rows[number] for number in sorted(rows)]


def _texts(row: Row) -> list[str]:
    return [" ".join(n.text for n in lines) for _, lines in sorted(row.items())]


def _table_runs_on(above: Draft, below: Draft) -> bool:
    """Whether two ruled tables are one over a page break: the same columns, and no header of the second's own."""
    last, first = above.edges, below.edges
    if above.last_page + 1 != below.page or len(last) != len(first) or len(last) < 2:
        return False
    if any(abs(a - b) > ALIGNED for a, b in zip(last, first, strict=True)):
        return False
    head, own = _rows(above)[0], _rows(below)[0]
    return _texts(head) == _texts(own) or not _is_header(own)


def _is_header(row: Row) -> bool:
    lines = [n for lines in row.values() for n in lines]
    return bool(lines) and all(n.bold for n in lines)


def _join_tables(above: Draft, below: Draft) -> None:
    """The rows of the second under those of the first: without a repeated header, and a row that the break cuts
    in two (no text in its first cell, small letters in the others) as one."""
    rows, more = _rows(above), _rows(below)
    if _texts(rows[0]) == _texts(more[0]):
        more = more[1:]
    if more and _is_rest(more[0]):
        for column, lines in more.pop(0).items():
            rows[-1].setdefault(column, []).extend(lines)
    rows.extend(more)
    above.table = [(r, column, lines) for r, row in enumerate(rows) for column, lines in sorted(row.items())]
    above.lines = [n for _, _, lines in above.table for n in lines]
    above.last_page = below.page


def _is_rest(row: Row) -> bool:
    texts = [text for text in _texts(row) if text]
    return bool(texts) and not row.get(0) and all(text[0].islower() for text in texts)

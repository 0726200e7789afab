"""Front sheets: tables of names and what stands beside them; the row "Recommendation(s)" says what is asked.

Council templates put report title, author, date and recommendations into one table of two columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pipeline.extract.recommendations.drafts import Draft, Runs, split_body
from pipeline.extract.recommendations.openings import read_heading
from pipeline.read.blocks import BlockKind, Cell
from pipeline.records import DocType, RecommendationKind
from pipeline.split import Part

_MIN_WORDS = 4


def find_front_sheet_items(part: Part, doc_type: DocType) -> list[Draft]:
    """What the rows whose first cell is a heading of recommendations ask, in the order of the text."""
    drafts = []
    for index, name, cell in _named_cells(part):
        opening = read_heading(name.text, 0, doc_type)
        if opening is None or opening.rule.kind is not RecommendationKind.RECOMMENDATION:
            continue
        start, rule = part.starts[index] + cell.start, opening.rule
        drafts += [
            Draft(start + a, start + b, rule.kind, rule.id, rule.confidence, number=n, addressee=opening.addressee)
            for a, b, n in _runs(cell.text)
        ]
    return drafts


def _named_cells(part: Part) -> Iterator[tuple[int, Cell, Cell]]:
    """The index of the table, the first and the second cell of each row that has two."""
    for index, block in enumerate(part.blocks):
        rows: dict[int, list[Cell]] = defaultdict(list)
        for cell in block.cells if block.kind is BlockKind.TABLE else ():
            if cell.text.strip():
                rows[cell.row].append(cell)
        if all(len(row) <= 2 for row in rows.values()):
            yield from ((index, row[0], row[1]) for row in rows.values() if len(row) == 2)


def _runs(text: str) -> Runs:
    runs = split_body(text)
    return runs or ([(0, len(text.rstrip()), None)] if len(text.split()) >= _MIN_WORDS else [])

"""Small documents by fictional authors, as text without pages."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from pipeline.extract.judgements import extract_judgements
from pipeline.identify import Identity, identify
from pipeline.paper import Paper
from pipeline.parts import split_parts
from pipeline.read.blocks import Block, BlockKind, Cell, Piece, Reading
from pipeline.records import Judgement
from pipeline.split import Part

SHA = "0" * 64


def read_lines(text: str, media_type: str = "text/plain") -> Reading:
    """Each printed line a paragraph, with its line number."""
    blocks = [
        Block(BlockKind.PARAGRAPH, line.strip(), (Piece(0, len(line.strip()), line=number),))
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip()
    ]
    return Reading(media_type, tuple(blocks))


def make_table(*rows: tuple[str, ...], page: int = 1) -> Block:
    """A table block of these cells."""
    cells, lines, at = [], [], 0
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            cells.append(Cell(r, c, text, at, at + len(text)))
            at += len(text) + 1
        lines.append("\t".join(row))
    text = "\n".join(lines)
    return Block(BlockKind.TABLE, text, (Piece(0, len(text), page=page),), cells=tuple(cells))


def identify_text(text: str, file_name: str = "paper.txt", source_url: str | None = None) -> Identity:
    """The identity of a text that is one document."""
    reading = read_lines(text)
    return identify(Part(1, reading.blocks), reading, file_name, SHA, source_url)


def identify_all(text: str) -> list[Identity]:
    """The identities of all documents of a text."""
    reading = read_lines(text)
    return [identify(part, reading, "pack.txt", SHA) for part in split_parts(reading)]


def make_blocks(*items: str | list[tuple[str, ...]]) -> tuple[Block, ...]:
    """Blocks on one page: a text is a paragraph, "# text" a heading, "~ text" furniture, a list of rows a table."""
    kinds = {"# ": BlockKind.HEADING, "~ ": BlockKind.FURNITURE}
    blocks = []
    for item in items:
        if isinstance(item, list):
            blocks.append(make_table(*item))
        else:
            text = item[2:] if item[:2] in kinds else item
            kind = kinds.get(item[:2], BlockKind.PARAGRAPH)
            blocks.append(Block(kind, text, (Piece(0, len(text), page=1),)))
    return tuple(blocks)


def judge(*items: str | list[tuple[str, ...]]) -> tuple[Paper, list[Judgement]]:
    """The paper of these blocks, and its judgements."""
    blocks = make_blocks(*items)
    identity = identify_blocks(*items)
    paper = Paper(identity.document, identity.visit, Part(1, blocks), ())
    return paper, extract_judgements(paper)


def identify_blocks(*items: str | list[tuple[str, ...]]) -> Identity:
    """The identity of a PDF of these blocks."""
    blocks = make_blocks(*items)
    return identify(Part(1, blocks), Reading("application/pdf", blocks, pages=1), "report.pdf", SHA)


@pytest.fixture(scope="session")
def papers() -> ModuleType:
    """The functions of this module."""
    return sys.modules[__name__]


LETTER = """Ofsted
Piccadilly Gate
Store Street
Manchester
M1 2WD

17 November 2023

Robin Vale
Director of Children's Services
COUNCIL
County Hall, Long Road
Leicester
LE1 1AA

Dear Robin

Monitoring visit of COUNCIL children’s services

This letter summarises the findings of the monitoring visit to COUNCIL children’s services on 17 and 18 October 2023.
This was the second monitoring visit since the local authority was judged inadequate.

Staff from Trafford Council, Trafford Council and Trafford Council were visited too. Trafford Council helps.

Yours sincerely

Anna Birch
His Majesty’s Inspector
"""

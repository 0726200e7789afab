"""What must hold over the real documents, whichever they are."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

from pipeline.errors import FileFault
from pipeline.read.bench import compare_cells, compare_words, find_pdfs
from pipeline.read.blocks import Block, BlockKind, Reading
from pipeline.read.pdf import read_pdf

pytestmark = pytest.mark.shared

INSPECTIONS = ("ofsted", "ofsted_2025_2026")


@functools.cache
def read(path: Path) -> Reading | None:
    try:
        return read_pdf(path)
    except FileFault:
        return None


def readings(shared: Path, *folders: str) -> list[tuple[str, Reading]]:
    """Every fifth PDF of the folders, so that the tests stay quick."""
    paths = sorted(p for folder in folders for p in (shared / "corpus" / folder).rglob("*.pdf"))[::5]
    return [(p.name, r) for p in paths if (r := read(p)) is not None]


def numbers(blocks: tuple[Block, ...]) -> list[int]:
    found = [b.label for b in blocks if b.kind is BlockKind.PARAGRAPH and b.label and re.fullmatch(r"\d+\.", b.label)]
    return [int(label[:-1]) for label in found]


def test_paragraph_numbers_of_inspections_have_no_gap(shared: Path) -> None:
    for name, reading in readings(shared, *INSPECTIONS):
        found = numbers(reading.blocks)
        assert len(found) > 30 or "13" in name, name
        assert found == list(range(1, len(found) + 1)), name


def test_running_heads_stay_out_of_paragraphs(shared: Path) -> None:
    for name, reading in readings(shared, *INSPECTIONS, "letters", "jtai", "send"):
        heads = {b.text for b in reading.blocks if b.kind is BlockKind.FURNITURE and len(b.text) > 25}
        for block in reading.blocks:
            if block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and (block.page or 1) > 1:
                assert not any(head in block.text for head in heads), (name, block.page)


def test_paragraphs_start_where_sentences_start(shared: Path) -> None:
    broken = total = 0
    for _, reading in readings(shared, *INSPECTIONS, "letters", "jtai", "send"):
        for block in reading.blocks:
            if block.kind is BlockKind.PARAGRAPH:
                total += 1
                broken += block.text[:1].islower()
    assert broken / total < 0.002


def test_areas_for_improvement_are_items(shared: Path) -> None:
    for name, reading in readings(shared, "letters", "ofsted_2025_2026"):
        for i, block in enumerate(reading.blocks):
            if block.kind is BlockKind.HEADING and block.text.startswith("What needs to improve"):
                assert reading.blocks[i + 1].kind is BlockKind.LIST_ITEM, name
                assert not re.search(r"\d$", block.text), name


def test_grades_of_inspections_stand_in_one_table(shared: Path) -> None:
    for name, reading in readings(shared, "ofsted_2025_2026"):
        tables = [b for b in reading.blocks if b.kind is BlockKind.TABLE and b.page == 1]
        assert len(tables) == 1, name
        rows = tables[0].text.split("\n")
        assert rows[0] == "Judgement\tGrade", name
        assert len(rows) in (5, 6), name


def test_pieces_follow_the_text(shared: Path) -> None:
    for name, reading in readings(shared, "committee", "send", "jtai"):
        for block in reading.blocks:
            at = 0
            for piece in block.pieces:
                assert at <= piece.start <= piece.end <= len(block.text), (name, block.page)
                at = piece.end
                assert piece.page is not None
                assert piece.bbox is not None
            assert all(block.text[c.start : c.end] == c.text for c in block.cells), name


def test_engines_agree_on_a_letter(shared: Path) -> None:
    path = sorted((shared / "corpus" / "letters").glob("*.pdf"))[-1]
    first, second = read_pdf(path), read_pdf(path, engine="pdfplumber")
    assert [(b.kind, b.label, b.text) for b in first.blocks] == [(b.kind, b.label, b.text) for b in second.blocks]


def test_web_pages_named_pdf_are_named(shared: Path) -> None:
    found = 0
    for path in sorted((shared / "corpus" / "ofsted").rglob("*.pdf")):
        if not path.read_bytes().startswith(b"%PDF"):
            with pytest.raises(FileFault) as caught:
                read_pdf(path)
            assert caught.value.error == "html_named_pdf"
            found += 1
    assert found == 2


def test_engines_read_the_same_words_and_cells(shared: Path) -> None:
    """On a page in thirty; `python -m pipeline.read.bench ../shared/corpus --words` compares all of them."""
    paths = [p for p in find_pdfs(shared / "corpus", 1) if p.stat().st_size < 400_000][::13]
    classes, shown = compare_words(paths)
    assert classes["same"] == classes.total() > 40, shown
    cells, differ = compare_cells(paths)
    assert cells["differs"] == 0, differ

"""Sentences: offsets, numbers of paragraphs, headings, and the gold."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ids import normalise
from pipeline.read import read_file
from pipeline.read.blocks import Block, BlockKind, Piece
from pipeline.read.grid import build_table
from pipeline.split import Part, find_sentences, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Visits are regular (see p. 4). Plans are not.", ["Visits are regular (see p. 4).", "Plans are not."]),
        ("Cllr. Ode asked. Mr. Finch replied.", ["Cllr. Ode asked.", "Mr. Finch replied."]),
        ("In Reed v. Marsh the court agreed.", ["In Reed v. Marsh the court agreed."]),
        ("They ask ‘why now?’ and wait.", ["They ask ‘why now?’ and wait."]),
        ("Nothing to split here", ["Nothing to split here"]),
        ("", []),
    ],
)
def test_full_stops_of_this_register(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in find_sentences(text)] == expected


def _block(kind: BlockKind, text: str, label: str | None = None, level: int = 0) -> Block:
    return Block(kind, text, (Piece(0, len(text), page=1, bbox=(1, 2, 3, 4)),), label, level)


def _part() -> Part:
    table = build_table([["Area", "Action"], ["Front door", "Train staff. Check work."]], page=2)
    return Part(
        1,
        (
            _block(BlockKind.FURNITURE, "Millford Council"),
            _block(BlockKind.HEADING, "Findings", level=1),
            _block(BlockKind.PARAGRAPH, "Plans are clear. Visits are late.", "1.2"),
            _block(BlockKind.LIST_ITEM, "supervision", "(a)", 1),
            _block(BlockKind.HEADING, "Leaders", level=2),
            _block(BlockKind.PARAGRAPH, "Leaders know this."),
            _block(BlockKind.HEADING, "Next steps", level=1),
            table,
        ),
    )


def test_sentence_knows_its_paragraph_section_and_place() -> None:
    part = _part()
    found = {s.text: s for s in sentences(part)}
    assert "Millford Council" not in found
    assert all(part.text[s.char_start : s.char_end] == s.text for s in found.values())
    assert found["Visits are late."].paragraph == "1.2"
    assert found["supervision"].paragraph == "1.2"
    assert found["Leaders know this."].paragraph is None
    assert found["Leaders know this."].headings == ("Findings", "Leaders")
    assert found["Next steps"].kind is BlockKind.HEADING
    assert found["Next steps"].headings == ()
    assert found["Check work."].section == "Next steps"
    assert (found["Check work."].kind, found["Check work."].page) == (BlockKind.TABLE, 2)
    assert found["Plans are clear."].bbox == (1, 2, 3, 4)


def test_sentence_over_a_page_break_starts_on_its_first_page() -> None:
    text = "Plans are brief and hard to follow. They are late."
    pieces = (Piece(0, 15, page=3, bbox=(10, 700, 90, 712)), Piece(16, 50, page=4, bbox=(10, 50, 90, 62)))
    first, second = sentences(Part(1, (Block(BlockKind.PARAGRAPH, text, pieces),)))
    assert (first.page, first.bbox) == (3, (10, 700, 90, 712))
    assert (second.page, second.bbox) == (4, (10, 50, 90, 62))


@given(st.text(st.characters(codec="utf-8"), max_size=300) | st.text("ab.!?• \"'()A1e.g", max_size=200))
def test_spans_are_in_order_and_lose_no_letter(text: str) -> None:
    spans = find_sentences(text)
    assert all(a < b for a, b in spans)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
    kept = "".join(c for a, b in spans for c in text[a:b] if c.isalnum())
    assert kept == "".join(c for c in text if c.isalnum())


@pytest.mark.shared
def test_findings_of_text_files_are_sentences(shared: Path) -> None:
    """The share is 1.0 on the development gold; a text that is cut elsewhere can never be found."""
    total = hits = 0
    for path in sorted((shared / "gold/dev").glob("*.json")):
        gold = json.loads(path.read_text())
        if not gold["file"].endswith(".txt"):
            continue
        found = {normalise(s.text) for s in sentences(Part(1, read_file(shared / "corpus" / gold["file"]).blocks))}
        wanted = [normalise(f["text"]) for f in gold["findings"]]
        total += len(wanted)
        hits += sum(text in found for text in wanted)
    assert total > 100
    assert hits / total > 0.97

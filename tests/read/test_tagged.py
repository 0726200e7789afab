"""The blocks that geometry gives agree with the tags in the real documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from pipeline.read.bench import find_pdfs
from pipeline.read.blocks import BlockKind, Box, Reading
from pipeline.read.pdf import read_pdf
from tests.read.tagged import TaggedText, read_tagged

pytestmark = pytest.mark.shared

TEXT = {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.HEADING}
Places = dict[int, list[tuple[Box, int]]]


def place(reading: Reading) -> Places:
    places: Places = defaultdict(list)
    for index, block in enumerate(reading.blocks):
        for piece in block.pieces:
            assert piece.page is not None
            assert piece.bbox is not None
            places[piece.page].append((piece.bbox, index))
    return places


def find_block(places: Places, text: TaggedText) -> int | None:
    """The block on whose line the middle of a text object stands; labels stand left of their line."""
    x, y = (text.bbox[0] + text.bbox[2]) / 2, (text.bbox[1] + text.bbox[3]) / 2
    for reach in (2, 60):
        near = [
            (abs((box[1] + box[3]) / 2 - y), index)
            for box, index in places[text.page]
            if box[0] - reach <= x <= box[2] + 2 and box[1] - 2 <= y <= box[3] + 2
        ]
        if near:
            return min(near)[1]
    return None


def test_blocks_agree_with_tags(shared: Path) -> None:
    letters: Counter[tuple[str, str]] = Counter()
    lost = cut = elements = 0
    for path in find_pdfs(shared / "corpus", 3):
        reading = read_pdf(path)
        places = place(reading)
        blocks_of: dict[tuple[int, int], set[int]] = defaultdict(set)
        for text in read_tagged(path):
            index = find_block(places, text)
            if index is None:
                lost += len(text.text)
                continue
            if text.role == "furniture" and text.page <= 2:
                continue  # titles and imprints that their author left out of the tree
            block = reading.blocks[index]
            kind = block.kind
            if kind is BlockKind.LIST_ITEM and text.role == "paragraph" and any(c.isalnum() for c in block.label or ""):
                continue  # "a)" and "(1)": minutes number the parts of a motion by hand
            letters[text.role, kind.value] += len(text.text)
            if text.element is not None and text.role != "table" and kind in TEXT:
                blocks_of[text.page, text.element].add(index)
        elements += len(blocks_of)
        cut += sum(len(found) > 1 for found in blocks_of.values())
    everything = letters.total()
    total = {role: sum(n for (r, _), n in letters.items() if r == role) for role in {r for r, _ in letters}}
    items = letters["list_item", "list_item"] + letters["list_item", "paragraph"]  # tagged so where they are numbered
    assert everything > 500_000
    assert lost < 0.0005 * everything  # only raised marks of footnotes
    assert items > 0.997 * total["list_item"]  # the others are the numbered rows of judgement tables
    assert letters["heading", "heading"] > 0.6 * total["heading"]  # some reports tag whole pages as headings
    assert letters["furniture", "furniture"] > 0.995 * total["furniture"]
    assert letters["paragraph", "list_item"] < 0.005 * total["paragraph"]
    assert cut < 0.001 * elements  # nothing that a tag holds together stands in two blocks


def test_furniture_takes_no_text_away(shared: Path) -> None:
    """What is furniture to the reader and content to the tags is a list of contents, an imprint or a chapter's name."""
    taken: Counter[str] = Counter()
    for path in find_pdfs(shared / "corpus", 3):
        reading = read_pdf(path)
        places = place(reading)
        contents = {b.page for b in reading.blocks if b.text.strip().lower() == "contents"}
        for text in read_tagged(path):
            index = find_block(places, text)
            if index is not None and text.role != "furniture" and text.page not in contents:
                block = reading.blocks[index]
                if block.kind is BlockKind.FURNITURE:
                    taken[block.text] += len(text.text)
    assert all(len(text) < 130 for text in taken), taken.most_common(5)
    assert taken.total() < 10_000

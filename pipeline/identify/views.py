"""A document as identification looks at it: its opening, its headings, its running heads, its shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.read.blocks import Block, BlockKind

TOP, OPENING = 700, 2600  # characters: a title or front table; a first page
_SLIDE_WORDS = 110  # slides hold fewer words than a page of prose, which has 300 and more
_PORTRAIT, _FEW_PAGES = 612, 3  # points across an upright page; pages that cannot all be cut short
_WIDE_GAP, _FEW_GAPS, _GAP_SHARE = 3, 5, 0.08  # blank lines; gaps; gaps a block


@dataclass(frozen=True)
class View:
    """The text of a run of blocks by where it stands. Blocks are separated by a line feed."""

    blocks: tuple[Block, ...]
    media_type: str

    @cached_property
    def content(self) -> tuple[Block, ...]:
        """The blocks without running heads, page numbers and letterheads."""
        return tuple(b for b in self.blocks if b.kind is not BlockKind.FURNITURE)

    @cached_property
    def top(self) -> str:
        """The first characters of the content: a title, a front table, an opening sentence."""
        return _join(self.content, TOP)

    @cached_property
    def opening(self) -> str:
        """The first page or so, letterheads included."""
        return _join(self.blocks, OPENING)

    @cached_property
    def headings(self) -> str:
        """Every heading, one a line."""
        return "\n".join(b.text for b in self.content if b.kind is BlockKind.HEADING)

    @cached_property
    def body(self) -> str:
        """All content."""
        return "\n".join(b.text for b in self.content)

    @cached_property
    def foot(self) -> str:
        """Running heads and feet, each once."""
        return "\n".join(dict.fromkeys(b.text for b in self.blocks if b.kind is BlockKind.FURNITURE))

    @cached_property
    def shape(self) -> str:
        """`slides` or `prose`."""
        return "slides" if self._is_slides() else "prose"

    def _is_slides(self) -> bool:
        if "presentation" in self.media_type:
            return True
        if not self.content:
            return False
        boxes = [p.bbox for b in self.blocks for p in b.pieces if p.bbox]
        if boxes:  # pages that are wider than high, and not merely filled at the top
            right, bottom = max(b[2] for b in boxes), max(b[3] for b in boxes)
            return right > 1.05 * bottom and (right > _PORTRAIT or len({b.page for b in self.blocks}) >= _FEW_PAGES)
        if self.content[0].page is not None:
            pages = {b.page for b in self.content}
            return len(pages) > 1 and len(self.body.split()) / len(pages) < _SLIDE_WORDS
        # Text without pages: gaps where pictures stood and slides ended.
        gaps = sum(1 for a, b in zip(self.content, self.content[1:], strict=False) if line_gap(a, b) >= _WIDE_GAP)
        return gaps >= _FEW_GAPS and gaps >= _GAP_SHARE * len(self.content)


def line_gap(before: Block, after: Block) -> int:
    """Blank lines between two blocks of a text without pages; 0 where lines are not counted."""
    if before.last_line is None or after.line is None:
        return 0
    return max(0, after.line - before.last_line - 1)


def _join(blocks: Sequence[Block], least: int) -> str:
    """The text of the first blocks that hold `least` characters, cut there on a block's end."""
    lines: list[str] = []
    size = 0
    for block in blocks:
        text = f"{block.label} {block.text}" if block.label and re.search(r"\w", block.label) else block.text
        lines.append(text[: least * 2])
        size += len(text) + 1
        if size >= least:
            break
    return "\n".join(lines)

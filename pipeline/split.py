"""A file's blocks → documents (agenda packs apart) → sections → sentences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pipeline.read.blocks import Block, BlockKind, Box


@dataclass(frozen=True)
class Part:
    """One document of a file: a run of its blocks. Offsets count characters of `text`, which is published.

    `text` is the printed label and text of every block (furniture included), one block a line.
    """

    number: int
    blocks: tuple[Block, ...]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Offset in `text` at which each block's own text starts, after its label."""
        starts, at = [], 0
        for block in self.blocks:
            at += len(block.label) + 1 if block.label else 0
            starts.append(at)
            at += len(block.text) + 1
        return tuple(starts)

    @cached_property
    def text(self) -> str:
        """The document's text."""
        return "".join(f"{b.label + ' ' if b.label else ''}{b.text}\n" for b in self.blocks)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its place: `part.text[char_start:char_end] == text`.

    `block` is the index of its block in `part.blocks`; a list item that is a fragment, a heading and a table row
    are one sentence each. `paragraph` is the printed number of the paragraph, `section` the nearest heading above
    and `headings` all headings above it, outermost first. `bbox` covers the sentence's lines on its first page.
    """

    text: str
    char_start: int
    char_end: int
    block: int
    kind: BlockKind
    page: int | None = None
    line: int | None = None
    bbox: Box | None = None
    paragraph: str | None = None
    section: str | None = None
    headings: tuple[str, ...] = ()

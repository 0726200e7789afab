"""What every reader returns: a file as a sequence of blocks that know where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Box = tuple[float, float, float, float]
"""x0, top, x1, bottom in PDF points from the page's top left corner."""


class BlockKind(StrEnum):
    """What a block is. FURNITURE (running heads, page numbers, letterheads) is kept but never read as content."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    FOOTNOTE = "footnote"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a block's text that stands on one printed line: `block.text[start:end]`."""

    start: int
    end: int
    page: int | None = None
    line: int | None = None
    bbox: Box | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table. `start:end` is its run of the block's text (see Block.text)."""

    row: int
    column: int
    text: str
    start: int
    end: int
    header: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, table, footnote or piece of furniture.

    `text` is clean: printed lines joined by one space (line-end hyphens repaired), without the printed label.
    A paragraph or item that runs over a page break is one block. A table's text is its cells joined by tabs
    within a row and line feeds between rows; its `cells` say which run is which.
    `label` is the printed number or bullet as printed ("14.", "1.2", "(a)", "•"), `level` the heading's level
    or the item's nesting, from 1; 0 for everything else. `pieces` cover the text without overlap, in order.
    """

    kind: BlockKind
    text: str
    pieces: tuple[Piece, ...]
    label: str | None = None
    level: int = 0
    cells: tuple[Cell, ...] = ()
    bold: bool = False
    size: float | None = None

    @property
    def page(self) -> int | None:
        """The 1-based page or slide on which the block starts."""
        return self.pieces[0].page if self.pieces else None

    @property
    def last_page(self) -> int | None:
        """The page on which it ends."""
        return self.pieces[-1].page if self.pieces else None

    @property
    def line(self) -> int | None:
        """The 1-based line on which it starts, in formats without pages."""
        return self.pieces[0].line if self.pieces else None

    @property
    def last_line(self) -> int | None:
        """The line on which it ends."""
        return self.pieces[-1].line if self.pieces else None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of a PDF's outline."""

    title: str
    page: int
    level: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know about the reading: becomes a warning in `problems`."""

    error: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A file, read. `pages` is the number of pages or slides, None for formats without; `legible` says of the pages
    that were read by OCR how sure it is of their words, from 0 to 1."""

    media_type: str
    blocks: tuple[Block, ...]
    pages: int | None = None
    outline: tuple[Bookmark, ...] = ()
    legible: Mapping[int, float] = field(default_factory=dict)
    title: str | None = None
    notes: tuple[Note, ...] = field(default=())

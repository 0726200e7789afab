"""What an engine gives for one page: runs of text in one font, and the ruled lines of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.read.blocks import Bookmark


@dataclass(slots=True)
class Run:
    """Neighbouring characters of one line in one font. Boxes in PDF points from the page's top left corner."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    """The baseline, from the top of the page."""
    size: float
    bold: bool
    font: str = ""


THIN = 3.0
"""A filled rectangle no thicker than this, in points, is a drawn line."""

Edge = dict[str, Any]
"""A horizontal or vertical stroke in the shape that pdfplumber's table functions take."""


@dataclass(slots=True)
class PageText:
    """A page as its engine read it.

    `split` gives the words of the page, for runs that cross a table's border; `rows` are the runs gathered by their
    baselines where the engine has done so.
    """

    number: int
    width: float
    height: float
    runs: list[Run]
    edges: list[Edge]
    split: Callable[[], list[Run]] = list
    rows: list[list[Run]] | None = None


@dataclass(slots=True)
class PdfText:
    """A whole PDF as its engine read it."""

    pages: list[PageText]
    outline: tuple[Bookmark, ...] = ()
    title: str | None = None
    unread: tuple[int, ...] = ()
    """Numbers of the pages that the engine could not open; they stand in `pages` without text."""


def make_edge(x0: float, top: float, x1: float, bottom: float) -> Edge:
    """A stroke between two points, horizontal or vertical by its longer side."""
    flat = bottom - top <= x1 - x0
    return {
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
        "orientation": "h" if flat else "v",
        "object_type": "line",
    }


def rectangle_edges(x0: float, top: float, x1: float, bottom: float) -> list[Edge]:
    """The strokes that a rectangle stands for: one where it is thin, else its four sides."""
    if bottom - top <= THIN:
        middle = (top + bottom) / 2
        return [make_edge(x0, middle, x1, middle)]
    if x1 - x0 <= THIN:
        middle = (x0 + x1) / 2
        return [make_edge(middle, top, middle, bottom)]
    return [
        make_edge(x0, top, x1, top),
        make_edge(x0, bottom, x1, bottom),
        make_edge(x0, top, x0, bottom),
        make_edge(x1, top, x1, bottom),
    ]

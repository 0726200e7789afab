"""Many documents out of few: each PDF as an HTML file that speaks of other councils.

A folder of true copies would be no fair load: the letter of one visit would stand there a hundred times, and a visit
has one. In a copy every council is called by the name of another, the same number of places further in the list of
authorities, so that copies are of other visits, and a council has no more of them than it has in life. What is lost is
the reading of PDFs, a twentieth of the cost of a file.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.identify.councils import load_councils
from pipeline.read import read_file
from pipeline.read.blocks import Block, BlockKind

_TAGS = {BlockKind.PARAGRAPH: "p", BlockKind.LIST_ITEM: "li", BlockKind.TABLE: "p", BlockKind.FOOTNOTE: "p"}


@functools.cache
def _names() -> tuple[str, ...]:
    return tuple(sorted({council.name for council in load_councils().values()}))


@functools.cache
def _pattern() -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(_names(), key=len, reverse=True))) + r")\b")


def rename_councils(text: str, places: int) -> str:
    """The text with every council called by the name so many places further in the alphabet."""
    names = _names()
    return _pattern().sub(lambda found: names[(names.index(found.group()) + places) % len(names)], text)


def write_html(blocks: Sequence[Block]) -> str:
    """The blocks as a page of HTML."""
    lines = ["<!DOCTYPE html><html lang='en'><body>"]
    for block in blocks:
        if block.kind is BlockKind.FURNITURE:
            continue
        tag = f"h{min(max(block.level, 1), 6)}" if block.kind is BlockKind.HEADING else _TAGS[block.kind]
        label = f"{block.label} " if block.label else ""
        lines.append(f"<{tag}>{html.escape(label + block.text)}</{tag}>")
    return "\n".join([*lines, "</body></html>\n"])


def make_copies(paths: Sequence[Path], into: Path) -> Iterator[tuple[Path, int]]:
    """Copies of the PDFs without end, each with the number of pages of its PDF: all of them under their own names,
    then all under the next."""
    into.mkdir(parents=True, exist_ok=True)
    read = [(write_html(reading.blocks), reading.pages or 0) for reading in map(read_file, paths)]
    for places in range(len(_names())):
        for number, (page, pages) in enumerate(read):
            path = into / f"copy {places:03} of {number:03}.html"
            path.write_text(rename_councils(page, places), encoding="utf-8")
            yield path, pages

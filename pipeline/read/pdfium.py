"""The default engine: text and strokes of a PDF through pdfium (by way of pdfwords).

pdfium is not thread-safe: use processes, never threads.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pdfwords
import pypdfium2

from pipeline.read.blocks import Bookmark
from pipeline.read.page_text import PageText, PdfText, Run
from pipeline.read.plain_pages import find_plain_pages
from pipeline.read.rows import gather_rows
from pipeline.read.strokes import read_edges

BOLD = 16
OVERLAY = "\u0336"


def read_pages(path: Path) -> PdfText:
    """Text and strokes of every page.

    Raises RuntimeError (PdfiumError is one) where pdfium cannot open the file.
    """
    with pdfwords.Document(str(path)) as document:  # type: ignore[no-untyped-call]
        pages, unread = [], []
        for i in range(len(document)):
            try:
                pages.append(_read_page(document[i], i + 1))
            except RuntimeError:  # pdfwords says so of a damaged page; the others may be whole
                pages.append(PageText(i + 1, 595.0, 842.0, [], []))
                unread.append(i + 1)
        outline, title = _read_outline(document), _read_title(document)
    _add_edges(path, pages)
    return PdfText(pages, outline, title, tuple(unread))


def _add_edges(path: Path, pages: list[PageText]) -> None:
    for text in pages:
        text.rows = gather_rows(text.runs)
    plain = find_plain_pages([text.rows or [] for text in pages])
    with pypdfium2.PdfDocument(path) as document:
        for index, text in enumerate(pages):
            if index not in plain:
                page = document[index]
                text.edges = read_edges(page)
                page.close()


def _read_outline(document: Any) -> tuple[Bookmark, ...]:
    try:
        entries = document.get_toc()
    except RuntimeError:  # a damaged outline is no loss of text
        return ()
    return tuple(
        Bookmark(title=" ".join(title.split()), page=page, level=level)
        for level, title, page in entries
        if title.strip() and page > 0
    )


def _read_title(document: Any) -> str | None:
    try:
        return document.metadata.get("title") or None
    except UnicodeDecodeError:  # a damaged title is no loss of text either
        return None


def _read_page(page: Any, number: int) -> PageText:
    content = page.get_text("dict", rotated=True)
    runs: list[Run] = []
    overlay = False
    for block in content["blocks"]:
        if block["type"] != 0:
            continue
        for line in block["lines"]:
            if abs(line["dir"][1]) > 0.2:
                continue
            for span in line["spans"]:
                text = span["text"]
                if text.strip():
                    overlay = overlay or OVERLAY in text
                    x0, top, x1, bottom = span["bbox"]
                    runs.append(
                        Run(
                            text, x0, top, x1, bottom, span["origin"][1], span["size"],
                            bool(span["flags"] & BOLD), span["font"],
                        )
                    )  # fmt: skip
    if overlay:
        runs = _read_apart(page)
    height = content["height"]
    return PageText(number, content["width"], height, runs, [], lambda: _read_words(page, runs, height))


def _read_apart(page: Any) -> list[Run]:
    """The runs with combining strokes apart: where one draws a bullet, pdfium hangs it on the line above."""
    runs: list[Run] = []
    for block in page.get_text("rawdict", rotated=True)["blocks"]:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                pending: list[dict[str, Any]] = []
                for char in [*span["chars"], None]:
                    if char is not None and char["c"] != OVERLAY:
                        pending.append(char)
                        continue
                    for group, text in ((pending, None), ([char] if char else [], "–")):
                        shown = text or "".join(c["c"] for c in group)
                        if group and shown.strip():
                            boxes = [c["bbox"] for c in group]
                            runs.append(
                                Run(
                                    shown, min(b[0] for b in boxes), min(b[1] for b in boxes),
                                    max(b[2] for b in boxes), max(b[3] for b in boxes), group[0]["origin"][1],
                                    span["size"], bool(span["flags"] & BOLD), span["font"],
                                )
                            )  # fmt: skip
                    pending = []
    return runs


def _read_words(page: Any, runs: list[Run], height: float) -> list[Run]:
    """The page's words with the type of the run that each stands in."""
    words: list[Run] = []
    by_height: dict[int, list[Run]] = {}
    for run in runs:
        for line in range(math.floor(max(0.0, run.top)), math.ceil(min(height, run.bottom)) + 1):
            by_height.setdefault(line, []).append(run)
    for x0, top, x1, bottom, text, *_ in page.get_text("words", rotated=True):
        x, y = (x0 + x1) / 2, (top + bottom) / 2
        near = by_height.get(math.floor(y), ())
        own = next((r for r in near if r.x0 - 1 <= x <= r.x1 + 1 and r.top <= y <= r.bottom), None)
        if own is not None:
            words.append(Run(text, x0, top, x1, bottom, own.base, own.size, own.bold, own.font))
    return words

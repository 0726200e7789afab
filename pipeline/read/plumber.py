"""The second engine: pdfplumber. Thirty times slower; tests hold the first one against it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pdfplumber

from pipeline.read.page_text import THIN, Edge, PageText, PdfText, Run, make_edge, rectangle_edges

_BOLD = re.compile(r"bold|black|heavy", re.I)
GLUE = 0.1
"""Parts of one word, that pdfplumber has cut where the size changes by a hair, stand closer than this many em, and no
blank stands between them."""
STROKE = "\u0336"
"""The combining stroke that some documents draw as a bullet."""

DINGBATS = str.maketrans("nlutsmoqv34", "■●◆▼▲❍❏❑❖✓✔")
"""What ZapfDingbats draws for the letters that lists open with; pdfplumber gives the letters."""

_SUBSET = re.compile(r"^[A-Z]{6}\+")


def read_pages(path: Path) -> PdfText:
    """Text and strokes of every page.

    Raises what pdfplumber raises where it cannot open the file.
    """
    with pdfplumber.open(path) as document:
        pages = []
        for page in document.pages:
            pages.append(_read_page(page))
            page.close()
        title = (document.metadata or {}).get("Title")
        return PdfText(pages, title=title if isinstance(title, str) else None)


def _read_page(page: Any) -> PageText:
    words = page.extract_words(extra_attrs=["fontname", "size"], return_chars=True)
    found = [_make_word(w, page.height) for w in words]
    starts = [(w["chars"][0]["matrix"][4], w["chars"][-1]["matrix"][4]) for w in words]
    return PageText(
        page.page_number, float(page.width), float(page.height), _join(found, starts, _find_blanks(page)),
        _read_edges(page), lambda: found,
    )  # fmt: skip


def _find_blanks(page: Any) -> dict[int, list[float]]:
    """By baseline, in whole points from the page's top: where its blanks start."""
    blanks: dict[int, list[float]] = {}
    for c in page.chars:
        if c["text"].isspace():
            blanks.setdefault(round(page.height - c["matrix"][5]), []).append(c["matrix"][4])
    return blanks


def _make_word(word: dict[str, Any], height: float) -> Run:
    font = _SUBSET.sub("", word["fontname"])
    base = height - word["chars"][0]["matrix"][5]
    text = word["text"].replace("(cid:127)", "•")  # 0x7F: a bullet in the encoding that Windows writes
    text = text.replace(STROKE, "–")
    if "dingbats" in font.lower():
        text = text.translate(DINGBATS)
    return Run(
        text, word["x0"], word["top"], word["x1"], word["bottom"], base, word["size"],
        bool(_BOLD.search(font)), font,
    )  # fmt: skip


def _join(words: list[Run], starts: list[tuple[float, float]], blanks: dict[int, list[float]]) -> list[Run]:
    """Words of one line and font with no more than a word space between them, as one run.

    `starts` says where the first and the last character of each word start: the boxes of slanted type overlap.
    """
    runs: list[Run] = []
    last_start = 0.0
    for w, (first, last_of_word) in sorted(zip(words, starts, strict=True), key=lambda p: (round(p[0].base), p[0].x0)):
        last = runs[-1] if runs else None
        if (
            last is not None
            and abs(last.base - w.base) < 1
            and (last.font, round(last.size, 1)) == (w.font, round(w.size, 1))
            and -0.3 * w.size <= w.x0 - last.x1 < 0.6 * w.size
        ):
            blank = any(last_start < x < first for x in blanks.get(round(w.base), ()))
            last.text += f" {w.text}" if blank or w.x0 - last.x1 >= GLUE * w.size else w.text
            last.x1 = w.x1
        else:
            runs.append(Run(w.text, w.x0, w.top, w.x1, w.bottom, w.base, w.size, w.bold, w.font))
        last_start = last_of_word
    return runs


def _read_edges(page: Any) -> list[Edge]:
    edges: list[Edge] = []
    for rect in page.rects:
        white = rect["fill"] and not rect["stroke"] and _is_white(rect["non_stroking_color"])
        if not white or min(rect["width"], rect["height"]) <= THIN:
            edges.extend(rectangle_edges(rect["x0"], rect["top"], rect["x1"], rect["bottom"]))
    for line in page.lines:
        if line["width"] < 1 or line["height"] < 1:
            edges.append(make_edge(line["x0"], line["top"], line["x1"], line["bottom"]))
    return edges


def _is_white(colour: Any) -> bool:
    parts = colour if isinstance(colour, (tuple, list)) else (colour,)
    if not all(isinstance(part, (int, float)) for part in parts) or not parts:
        return False
    return bool(max(parts) < 0.03 if len(parts) == 4 else min(parts) > 0.97)

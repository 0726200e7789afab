"""Runs of one row → a printed line: its label off, raised marks dropped, glyphs cleaned."""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass, field

from pipeline.read.blocks import Box
from pipeline.read.page_text import Run
from pipeline.read.reading_rules import reading_rules


@functools.cache
def _glyph_table() -> dict[int, str]:
    ligatures = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
    spaces = dict.fromkeys((0xA0, 0x2002, 0x2003, 0x2007, 0x2009, 0x202F, 0x0009), " ")
    lost_hyphens = dict.fromkeys((0xFFFD, 0xFFFE, 0x0002, 0x2010, 0x2011), "-")
    dropped = dict.fromkeys((0x200B, 0x200C, 0x200D, 0xFEFF, 0x2060), "")
    own = {ord(glyph): text for glyph, text in reading_rules().glyphs.items()}
    return {**ligatures, **spaces, **lost_hyphens, **dropped, **own}


def clean_text(text: str) -> str:
    """The text with ligatures, odd spaces, lost hyphens and private-use glyphs mapped to plain characters."""
    return text if text.isascii() else text.translate(_glyph_table())


@dataclass(slots=True)
class Line:
    """A printed line of one column. `x0` is where its text starts, `left` where its label does."""

    page: int
    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    size: float
    bold: bool
    left: float
    label: str | None = None
    bullet: bool = False
    right: float = 0.0
    raised: str = ""
    glued: bool = False
    alone: bool = False
    hang: float = 0.0
    first_bold: bool = False
    lead: float = 0.0
    box: int = 0
    runs: list[Run] = field(default_factory=list)

    @property
    def bbox(self) -> Box:
        """The line's box, label left out."""
        return (round(self.x0, 1), round(self.top, 1), round(self.x1, 1), round(self.bottom, 1))


NUMBER = r"(?:[a-z]\.\)|\d{1,3}(?:\.\d{1,3}){0,4}\.?|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|\(?[ivxl]{1,6}[.)])"
_LABEL = re.compile(rf"({NUMBER})(\s+|$)")
_STRONG_LABEL = re.compile(
    r"[a-z]\.\)|\d{1,3}\.(\d{1,3}\.?)*|\(?\d{1,3}\)|\(?[a-z]\)|\(?[ivxl]+\)|[a-z]\.|\d{1,3}(\.\d{1,3})+"
)
_GLUED_LABEL = re.compile(r"\d{1,3}\.(?=[A-Z‘“][A-Za-z’' ])")
_MARK = re.compile(r"[\d*†‡§¹²³⁴-⁹]{1,3}(,\s*\d{1,3})*")


def is_label(run: Run) -> bool:
    """Whether the run is nothing but a printed number, letter or bullet."""
    text = run.text.strip()
    return len(text) <= 8 and (is_bullet(run, True) or bool(_LABEL.fullmatch(text)))


def is_bullet(run: Run, alone: bool) -> bool:
    """Whether the run is a single glyph that opens list items; `alone` says that text stands clear of it."""
    text = run.text.strip()
    rules = reading_rules()
    if len(text) != 1:
        return False
    if text in rules.bullets:
        return True
    font = run.font.lower()
    if any(name in font for name in rules.symbol_fonts) and not text.isalnum():
        return True
    return alone and text in rules.dashes


def make_line(runs: list[Run], page: int) -> Line | None:
    """One line of its runs, or None where they hold no text."""
    limits = reading_rules().thresholds
    size, base = _main_type(runs, limits.superscript_size)
    label, rest = _take_label(runs)
    parts: list[str] = []
    raised = ""
    before: Run | None = None
    letters = bold = 0
    kept: list[Run] = []
    for r in rest:
        text = clean_text(r.text)
        length = len(text.strip())
        small = r.size <= limits.superscript_size * size or r.base < base - 0.15 * size
        if small and r.base < base - 0.08 * size and _MARK.fullmatch(text.strip()) and (kept or len(rest) > 1):
            raised += text.strip()
            continue
        if before is not None and r.x0 - before.x1 > limits.word_gap * r.size:
            parts.append(" ")
        parts.append(text)
        kept.append(r)
        before = r
        letters += length
        bold += length if r.bold else 0
    text = " ".join("".join(parts).split())
    if not text and label is None:
        return None
    shown = kept or runs
    top, x1, bottom = shown[0].top, shown[0].x1, shown[0].bottom
    for r in shown[1:]:
        top, x1, bottom = min(top, r.top), max(x1, r.x1), max(bottom, r.bottom)
    line = Line(
        page=page, text=text, x0=shown[0].x0, top=top, x1=x1, bottom=bottom, base=base, size=size,
        bold=letters > 0 and bold >= 0.9 * letters, left=runs[0].x0, label=label, raised=raised,
        first_bold=bool(kept) and kept[0].bold, runs=runs,
    )  # fmt: skip
    line.bullet = label is not None and (label == "o" or not any(c.isalnum() for c in label))
    if label is None:
        _split_label(line)
    _note_gaps(line, rest)
    first = text.split(" ", 1)[0] if text else ""
    line.lead = (len(first) + 1) * (line.x1 - line.x0) / max(len(text), 1)
    return line


def _main_type(runs: list[Run], raised: float) -> tuple[float, float]:
    """The size of a line's type, and its baseline; runs of no more than `raised` times its size do not count."""
    if len(runs) == 1:
        return max(round(runs[0].size, 1), runs[0].size if len(runs[0].text.strip()) > 3 else 0.0), runs[0].base
    weights: dict[tuple[float, bool], int] = {}
    for r in runs:
        key = (round(r.size, 1), r.bold)
        weights[key] = weights.get(key, 0) + len(r.text)
    size = max(weights.items(), key=lambda item: item[1])[0][0]
    size = max(size, max((r.size for r in runs if len(r.text.strip()) > 3), default=size))
    main = [r for r in runs if r.size > raised * size] or runs
    return size, max(main, key=lambda r: len(r.text)).base


def _take_label(runs: list[Run]) -> tuple[str | None, list[Run]]:
    """The label that stands in runs of its own in front of a line, and the runs after it."""
    first = runs[0]
    text = first.text.strip()
    if len(runs) > 1 and first.size < 0.85 * runs[1].size and _MARK.fullmatch(text):
        return text, runs[1:]
    if len(runs) == 1:
        return (text, []) if len(text) == 1 and is_bullet(first, False) else (None, runs)
    gap = runs[1].x0 - first.x1
    apart = gap > 0.25 * first.size or first.text.endswith((" ", "\t")) or runs[1].text.startswith(" ")
    if is_bullet(first, apart):
        return text, runs[1:]
    if text == "o" and gap > 0.6 * first.size:
        return text, runs[1:]
    wide = gap > 0.45 * first.size
    if (wide and _LABEL.fullmatch(text)) or (apart and _STRONG_LABEL.fullmatch(text)):
        return text, runs[1:]
    return None, runs


def rejoin_label(line: Line) -> None:
    """Give a line its label back as text: it was the first word of a sentence's next line."""
    line.text, line.label, line.x0, line.glued = f"{line.label} {line.text}", None, line.left, False


def _split_label(line: Line) -> None:
    """Take a label off the front of the line's text where it is of one run with it."""
    text = line.text
    rules = reading_rules()
    dash = text[:1] in tuple("–—-−") and (text[1:2] == " " or (text[0] == "−" and text[1:2].isalnum()))
    if len(text) > 2 and (text[0] in rules.bullets or dash):
        cut, line.bullet = 1, True
    elif match := _GLUED_LABEL.match(text):
        cut = match.end()
    else:
        head = text.split(" ", 1)[0]
        if len(head) == len(text) or not _STRONG_LABEL.fullmatch(head):
            return
        if re.fullmatch(r"\d{1,3}\.\d{1,2}", head) and text[len(head) + 1 :][:1].islower():
            return  # "2.5 million": a figure, no label
        cut = len(head)
    line.glued = True
    line.label = text[:cut]
    line.text = text[cut:].strip()
    line.x0 += (line.x1 - line.x0) * (len(text) - len(line.text)) / len(text)


_TOC = re.compile(r".*\S(\s?\.){4,}\s*\d{1,4}")


def _note_gaps(line: Line, runs: list[Run]) -> None:
    """Remember where the text after the row's first wide gap starts, and whether dots lead to a page number."""
    if len(runs) > 1:
        gap = 0.55 * reading_rules().thresholds.column_gap
        for a, b in itertools.pairwise(runs):
            key = a.bold and not b.bold and a.text.rstrip().endswith(":")
            if b.x0 - a.x1 > gap * max(a.size, b.size) or key:
                line.hang = b.x0
                break
    line.alone = line.alone or (line.text[-1:].isdigit() and bool(_TOC.fullmatch(line.text)))

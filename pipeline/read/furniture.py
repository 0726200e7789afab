"""Which lines of the pages are furniture: running heads and feet, page numbers, letterheads."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable

from pipeline.read.lines import Line
from pipeline.read.page_text import PageText
from pipeline.read.reading_rules import reading_rules, stands_alone

_PAGE = re.compile(r"(?i)^\W*(page\s*)?\d{1,4}(\s+of\s+\d+)?\s*\|?\s+(?=\D)|[\s|]+(page\s*)?\d{1,4}(\s+of\s+\d+)?\W*$")
_DIGITS = re.compile(r"\d+")
_CONTACT = re.compile(
    r"(?i)https?://|www\.|\b[\w.]+@[\w.]+\.\w+|\b(tel(ephone)?|textphone|t|f|fax|e|w|phone)\b[:. ]*\+?[\d ]{9,}|"
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
)


@functools.cache
def _always() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in reading_rules().furniture), re.I)


def _key(line: Line) -> str:
    return _DIGITS.sub("#", _shown(line)).lower()


def mark_furniture(pages: list[PageText], lines: list[list[Line]]) -> set[int]:
    """The `id()`s of the lines that are furniture. `lines` are the pages' lines, page by page.

    A line of the top or bottom margin is furniture where it, digits aside, stands at the same height on another
    page too; where it is a page number or another line that `models/reading.yml` lists; and, in small type, where
    it repeats what the document says elsewhere or stands under a rule at the foot.
    """
    limits = reading_rules().thresholds
    seen: dict[tuple[str, int], set[int]] = {}
    anywhere: dict[tuple[str, bool], set[int]] = {}
    zones: list[tuple[list[Line], list[Line]]] = []
    for page, page_lines in zip(pages, lines, strict=True):
        depth = limits.margin_zone * page.height
        top = sorted((n for n in page_lines if n.bottom <= depth), key=lambda n: n.base)
        bottom = sorted((n for n in page_lines if n.top >= page.height - depth), key=lambda n: -n.base)
        zones.append((top, bottom))
        for line in (*top, *bottom):
            anywhere.setdefault((_key(line), line.base < page.height / 2), set()).add(page.number)
            spot = round(line.base / 4)
            for near in (spot - 1, spot, spot + 1):
                seen.setdefault((_key(line), near), set()).add(page.number)
    found: set[int] = set()
    body = _body_size(lines)
    said = functools.cache(lambda: _said(lines, limits.footnote_size * body))
    for page, page_lines, zone in zip(pages, lines, zones, strict=True):
        for upper, side in zip((True, False), zone, strict=True):
            for line in side:
                repeats = len(seen[(_key(line), round(line.base / 4))])
                elsewhere = len(anywhere[(_key(line), upper)])
                if elsewhere > 2 * limits.repeats:
                    repeats = elsewhere
                if line.size > 1.1 * body and (2 * repeats < len(pages) or _opens_document(line, page_lines, body)):
                    repeats = 0  # a heading that two pages happen to share, not a running head
                shown = _shown(line)
                small = line.size <= limits.footnote_size * body
                if (
                    (repeats >= limits.repeats and len(shown) < 200)
                    or _always().fullmatch(shown)
                    or (small and _repeats_text(shown, said))
                    or (small and not upper and _under_rule(line, page, page_lines, body))
                ):
                    found.add(id(line))
                elif line.base > 0 and not _near(line, side, found):
                    break
            for at, line in enumerate(side):
                if _shown(line) == str(page.number) and _is_outermost(line, side[:at], found):
                    found.add(id(line))
    if pages:
        found |= _letterhead(pages[0], lines[0])
    return found


def _shown(line: Line) -> str:
    return f"{line.label or ''} {line.text}".strip()


def _said(lines: list[list[Line]], small: float) -> str:
    """All that the document says in type that is not small, in one string, to look lines up in."""
    return " ".join(_plain(_shown(n)) for page_lines in lines for n in page_lines if n.size > small)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


def _repeats_text(shown: str, said: Callable[[], str]) -> bool:
    """Whether a line of three words or more, page number aside, stands in the document's own text too."""
    text = _plain(_PAGE.sub("", shown))
    return len(text.split()) >= 3 and text in said()


def _under_rule(line: Line, page: PageText, page_lines: list[Line], body: float) -> bool:
    """Whether the line is one of at most three short ones, in small type and no footnotes, that a rule over half
    the page's width parts from all that stands above them."""
    rules = [e["top"] for e in page.edges if e["orientation"] == "h" and e["x1"] - e["x0"] > 0.5 * page.width]
    rule = max((y for y in rules if y <= line.top + 2), default=None)
    if rule is None:
        return False
    below = [n for n in page_lines if n.bottom > rule + 2 and not _always().fullmatch(_shown(n))]
    return len(below) <= 3 and all(
        n.size <= 0.85 * body
        and (n.label is None or stands_alone(_shown(n)))
        and not n.text.endswith((".", ";"))
        and len(n.text) < 120
        for n in below
    )


def _is_outermost(line: Line, further: list[Line], found: set[int]) -> bool:
    """Whether nothing stands further out than the line but furniture and what shares its height."""
    return all(id(n) in found or abs(n.base - line.base) < line.size for n in further)


def _opens_document(line: Line, page_lines: list[Line], body: float) -> bool:
    """Whether a bold line of three words or more, over a second heading, opens a document as a council's name does."""
    if not line.bold or len(line.text.split()) < 3:
        return False
    below = min((n for n in page_lines if n.base > line.base + 2), key=lambda n: n.base, default=None)
    return below is not None and below.bold and below.size >= line.size - 1


def _body_size(lines: list[list[Line]]) -> float:
    sizes: Counter[float] = Counter()
    for page_lines in lines:
        for n in page_lines:
            sizes[round(n.size * 2) / 2] += len(n.text)
    return sizes.most_common(1)[0][0] if sizes else 12.0


def _near(line: Line, side: list[Line], found: set[int]) -> bool:
    """Whether a line further in may still be furniture: only past a line on the same height as one that is."""
    return any(id(other) in found and abs(other.base - line.base) < line.size for other in side)


def _letterhead(page: PageText, lines: list[Line]) -> set[int]:
    """The sender's address on a first page: small lines at its head or foot, some with a telephone or web address."""
    found: set[int] = set()
    for zone in (
        [n for n in lines if n.bottom <= 0.2 * page.height],
        [n for n in lines if n.top >= 0.86 * page.height],
    ):
        body = max((n.size for n in lines if len(n.text) > 60), default=12.0)
        small = [n for n in zone if n.size <= 0.9 * body]
        if sum(1 for n in small if _CONTACT.search(n.text)) >= 2 and all(len(n.text) < 90 for n in small):
            found |= {id(n) for n in small}
    return found

"""A file's blocks → documents (agenda packs apart) → sections → sentences."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from pipeline.read.blocks import Block, BlockKind, Box, Piece
from pipeline.rules import RuleModel, read_yaml


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


class SentenceExample(RuleModel):
    """A text and the sentences it must be split into."""

    text: str
    sentences: tuple[str, ...]


class SentenceRules(RuleModel):
    """Schema of `models/sentences.yml`."""

    titles: frozenset[str]
    inner: frozenset[str]
    before_digit: frozenset[str]
    either: frozenset[str]
    dates: frozenset[str]
    inline_bullets: str
    examples: tuple[SentenceExample, ...]


@cache
def sentence_rules() -> SentenceRules:
    """The abbreviations and bullets that the splitter knows."""
    return read_yaml("sentences.yml", SentenceRules)


_CLOSERS = "\"'”’»)\\]"
_OPENERS = "\"'“‘«(\\["
_STOP = re.compile(
    rf"(?P<mark>[.!?…]+)(?P<close>[{_CLOSERS}]*)(?P<note>(?<=[a-z][.!?])\d{{1,2}}(?=\s+[{_OPENERS}]*[A-Z]))?"
    rf"(?:(?P<gap>\s+)|(?=[A-Z][a-z]))"
)
_WORD_BEFORE = re.compile(rf"[^\s{_OPENERS}–—/]+$")
_STARTS_SENTENCE = re.compile(rf"[{_OPENERS}*_–—-]*\s?[^\W_a-z]")
_STARTS_LOWER = re.compile(rf"[{_OPENERS}]*[^\W\d_A-Z]")


def find_sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a text as (start, end), in order and without overlap, white space and inner bullets left out.

    A text without a full stop is one sentence.
    """
    spans, start = [], 0
    for end, resume in _find_breaks(text):
        spans.append((start, end))
        start = resume
    spans.append((start, len(text)))
    return [(a, b) for a, b in (_trim(text, a, b) for a, b in spans) if a < b]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


@cache
def _breaks() -> re.Pattern[str]:
    bullets = re.escape(sentence_rules().inline_bullets)
    return re.compile(rf"(?P<bullet>(?:^|(?<=\s))[{bullets}]\s*)|{_STOP.pattern}")


def _find_breaks(text: str) -> Iterator[tuple[int, int]]:
    for m in _breaks().finditer(text):
        if m["bullet"]:
            yield m.start(), m.end()
        elif m.end() < len(text) and _ends_sentence(text, m):
            end = m.end("note") if m["note"] else m.end("close")
            yield end, m.end()


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    rules = sentence_rules()
    found = _WORD_BEFORE.search(text, max(0, stop.start() - 30), stop.start())
    word = found[0] if found else ""
    if stop["gap"] is None:  # "…supported.Managers…": a space was lost, unless it is a web address or an initial
        return len(word) > 3 and word.isalpha() and word.islower() and stop["mark"] in ".?!"
    following = text[stop.end() : stop.end() + 8]
    if _STARTS_LOWER.match(following):  # "they ask 'why?' and wait", "e.g. for", "the plan … which"
        return False
    if not _STARTS_SENTENCE.match(following):
        return False
    if stop["mark"] != "." or stop["close"]:
        return True
    return not _is_abbreviation(word, following, rules)


def _is_abbreviation(word: str, following: str, rules: SentenceRules) -> bool:
    key = word.lower()
    digit = following[:1].isdigit()
    if not key:
        return False
    if len(word) == 1 and word.isupper() and word != "I":  # initials: "A. J. Moss"; but "Appendix A. The…" is rare
        return True
    if key in rules.titles:
        return word[0].isupper()
    if key in rules.before_digit:
        return digit
    if key in rules.inner:
        return True
    return key in rules.dates and digit


_PARAGRAPH_NUMBER = re.compile(r"(?:para(?:graph)?\.? ?)?(\d{1,3}(?:\.\d{1,3})*)\.?$", re.IGNORECASE)


def sentences(part: Part) -> tuple[Sentence, ...]:
    """The part's sentences in the order of its text; furniture yields none.

    A heading is one sentence of kind HEADING; every cell of a table yields its own sentences of kind TABLE. A list
    item keeps the number of the paragraph above it; a heading ends that paragraph.
    """
    found: list[Sentence] = []
    above: list[tuple[int, str]] = []
    paragraph: str | None = None
    for index, block in enumerate(part.blocks):
        if block.kind is BlockKind.FURNITURE or not block.text.strip():
            continue
        headings = tuple(text for _, text in above)
        if block.kind is BlockKind.HEADING:
            while above and above[-1][0] >= block.level:
                above.pop()
            headings = tuple(text for _, text in above)
            above.append((block.level, block.text.strip()))
            paragraph = None
        printed = _PARAGRAPH_NUMBER.match(block.label) if block.label else None
        if block.kind is not BlockKind.HEADING:
            paragraph = _number_paragraph(block, printed, paragraph)
        ends = [p.end for p in block.pieces]
        for start, end in _find_units(block):
            at = part.starts[index]
            place = bisect_right(ends, start)
            first = block.pieces[place] if place < len(ends) else None
            found.append(
                Sentence(
                    text=block.text[start:end],
                    char_start=at + start,
                    char_end=at + end,
                    block=index,
                    kind=block.kind,
                    page=first.page if first else None,
                    line=first.line if first else None,
                    bbox=_cover(block.pieces, place, end),
                    paragraph=printed[1] if printed and block.kind is BlockKind.HEADING else paragraph,
                    section=headings[-1] if headings else None,
                    headings=headings,
                )
            )
    return tuple(found)


def _number_paragraph(block: Block, printed: re.Match[str] | None, above: str | None) -> str | None:
    """The number of the paragraph that a block belongs to, given the number that is in force above it."""
    if printed:
        return printed[1]
    return above if block.kind in (BlockKind.LIST_ITEM, BlockKind.TABLE, BlockKind.FOOTNOTE) else None


def _find_units(block: Block) -> list[tuple[int, int]]:
    if block.kind is BlockKind.HEADING:
        return [_trim(block.text, 0, len(block.text))]
    if block.kind is BlockKind.TABLE and block.cells:
        return [
            (cell.start + a, cell.start + b)
            for cell in sorted(block.cells, key=lambda c: c.start)
            for a, b in find_sentences(block.text[cell.start : cell.end])
        ]
    return find_sentences(block.text)


def _cover(pieces: tuple[Piece, ...], first: int, end: int) -> Box | None:
    """The box around the lines from piece `first` to offset `end` that stand on the first one's page."""
    own = itertools.takewhile(lambda p: p.start < end, itertools.islice(pieces, first, None))
    boxes = [p.bbox for p in own if p.bbox and p.page == pieces[first].page]
    if not boxes:
        return None
    x0, top, x1, bottom = zip(*boxes, strict=True)
    return min(x0), min(top), max(x1), max(bottom)

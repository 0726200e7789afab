"""A recommendation before it is a record, and what every way of finding one must know about a block."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field

from pipeline.read.blocks import Block, BlockKind
from pipeline.records import DocType, RecommendationKind
from pipeline.rules import Regex, RuleModel
from pipeline.split import Part

UNREAD = frozenset({BlockKind.FURNITURE, BlockKind.FOOTNOTE})
_ENUMERATOR = re.compile(
    r"[-–•*\s]*(\(?(?:\d{1,3}(?:\.\d{1,2}){0,3}|[ivx]{1,5}|[a-zA-Z])[).]|\d{1,3}(?:\.\d{1,2}){1,3}"
    r"|R(?:ec\.? ?)?\d{1,2}[).:]?(?=\s+[A-Z]))\s+"
)
_FOOTNOTE_MARK = re.compile(r"(?<=[a-z?.:)])[\d¹²³]{1,2}$")
_REMARK = re.compile(r"\s*\([^()]{1,60}\)\W*$")
_RUN_IN = re.compile(r"(?:(?<=^)|(?<=\s))\(?([1-9a-hA-H]|i{1,3}|iv|vi{0,3})(?:\)|\.(?=\s+[A-Za-z]))\s+")
_SERIES = ("123456789", "abcdefgh", "ABCDEFGH", ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii"))
_TITLE_MAX_WORDS = 14
Runs = list[tuple[int, int, str | None]]
"""Start, end and number of the items within a text."""
RANK = {"number": 0, "": 1, "letter": 1, "bullet": 2}
"""Which marks stand for sub-items of which: bullets under letters under numbers."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A run of a part's text, `part.text[start:end]`, with what is known of it."""

    start: int
    end: int
    kind: RecommendationKind
    rule_id: str
    confidence: float
    number: str | None = None
    addressee: str | None = None
    owner: str | None = None
    due: str | None = None
    status: str | None = None
    section: str | None = None

    def overlaps(self, other: Draft) -> bool:
        """Whether the two runs share a character."""
        return self.start < other.end and other.start < self.end


class PhraseRule(RuleModel):
    """A pattern in a `models/` file with its examples. Line breaks in the pattern are layout and count for nothing."""

    id: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")
    note: str = Field(min_length=1)
    pattern: Regex
    hit: list[str] = Field(min_length=1)
    miss: list[str] = Field(min_length=1)


class KindRule(PhraseRule):
    """A phrase that makes what follows, or the sentence it stands in, a recommendation of a kind."""

    kind: RecommendationKind
    confidence: float = Field(gt=0, le=1)
    doc_types: tuple[DocType, ...] = ()
    not_in: tuple[DocType, ...] = ()

    def works_in(self, doc_type: DocType) -> bool:
        """Whether the rule is for this kind of document."""
        return doc_type not in self.not_in and (not self.doc_types or doc_type in self.doc_types)


@functools.cache
def compiled(pattern: str, *, ignore_case: bool = True) -> re.Pattern[str]:
    """The pattern without its layout."""
    return re.compile(re.sub(r"\n\s*", "", pattern), re.IGNORECASE if ignore_case else 0)


def matches(rules: Sequence[PhraseRule], heading: str) -> bool:
    """Whether a plain heading, or the start of a text, is what one of the rules describes."""
    return any(compiled(rule.pattern).fullmatch(heading) for rule in rules)


def begins(rules: Sequence[PhraseRule], text: str) -> bool:
    """Whether a text begins as one of the rules describes."""
    return any(compiled(rule.pattern).match(text) for rule in rules)


def plain_heading(text: str) -> str:
    """A heading in lower case without its number, footnote mark, quotation marks and the punctuation at its end."""
    text = _ENUMERATOR.sub("", " ".join(text.split()), count=1).lower().strip(" \"'“”‘’*_#")
    text = _FOOTNOTE_MARK.sub("", text)
    return text.rstrip(" :.?-–—*_\"'”’").replace("’", "'")


def cut_remark(heading: str) -> str:
    """A heading without what stands in brackets behind it: "Next steps (2031/32)"."""
    return _REMARK.sub("", heading)


def is_title(block: Block) -> bool:
    """Whether the block is a heading, or a paragraph as short as one and without a full stop."""
    if block.kind is BlockKind.HEADING:
        return True
    text = block.text.rstrip()
    return (
        block.kind is BlockKind.PARAGRAPH
        and 0 < len(text.split()) <= _TITLE_MAX_WORDS
        and not text.endswith((".", ";", ","))
        and text[:1].isupper()
    )


def number_in(label: str | None) -> str | None:
    """The number or letter of a printed label: `4` of "4." and of "R4", `a` of "(a)", None of a bullet."""
    found = re.search(r"\d+(?:\.\d+)*|[ivx]+|[A-Za-z]", re.sub(r"^R(?:ec\.?)? ?(?=\d)", "", label or ""))
    return found.group() if found else None


def label_style(label: str | None) -> str:
    """How items are marked: `number`, `letter`, `bullet`, or nothing."""
    if not label:
        return ""
    number = number_in(label)
    if number is None:
        return "bullet"
    return "number" if number[0].isdigit() else "letter"


@dataclass(frozen=True, slots=True)
class Item:
    """A block as a list sees it: `index` into the part's blocks, its run of text without an enumerator, its number."""

    index: int
    block: Block
    start: int
    end: int
    number: str | None
    style: str

    @property
    def marked(self) -> bool:
        """Whether it has a bullet, number or letter."""
        return bool(self.style) or self.block.kind is BlockKind.LIST_ITEM


def read_items(part: Part) -> list[Item]:
    """The blocks of the part that are read as content, in order."""
    items = []
    for index, block in enumerate(part.blocks):
        if block.kind in UNREAD or not block.text.strip():
            continue
        start = part.starts[index]
        end = start + len(block.text.rstrip())
        label = block.label
        found = _ENUMERATOR.match(block.text) if block.kind in (BlockKind.LIST_ITEM, BlockKind.PARAGRAPH) else None
        if found:
            start += found.end()
            label = label if number_in(label) else found.group(1)
        items.append(Item(index, block, start, end, number_in(label), label_style(label)))
    return items


def split_enumerated(text: str) -> Iterator[tuple[int, int, str]]:
    """The items of a run-in enumeration "(1) ...; and (2) ..." as start, end and number; nothing without one.

    It may begin anywhere in its series: a page or a wrapped line parts "A. ... B. ..." from "C. ... D. ...".
    """
    marks = list(_RUN_IN.finditer(text))
    if not marks or marks[0].start() > 0:
        return
    run: list[re.Match[str]] = []
    for series in _SERIES:
        wanted = list(series)
        if marks[0].group(1) not in wanted:
            continue
        wanted = wanted[wanted.index(marks[0].group(1)) :]
        found: list[re.Match[str]] = []
        for mark in marks:
            if len(found) < len(wanted) and mark.group(1) == wanted[len(found)]:
                found.append(mark)
        if len(found) > max(1, len(run)):
            run = found
    if not run:
        return
    for mark, after in zip(run, [*run[1:], None], strict=True):
        body = text[mark.end() : after.start() if after else len(text)]
        body = re.sub(r"[\s;,]*(?:\b(?:and|or)\b)?[\s;,]*$", "", body) if after else body.rstrip()
        yield mark.end(), mark.end() + len(body), mark.group(1)


def split_body(body: str) -> Runs:
    """The items of a run-in enumeration, also behind a lead-in ("asked to: (a) ...; (b) ..."); [] without one."""
    lead = re.match(r"(?:[^:]{0,160}:\s+(?=\(|[1aA][.)])|[^:(]{0,80}?\b(?:that|to)\s+(?=\())", body)
    at = lead.end() if lead else 0
    return [(a + at, b + at, number) for a, b, number in split_enumerated(body[at:])]


def keep_first(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts in the order of the text, without those that overlap one that was given before them."""
    kept: list[Draft] = []
    for draft in drafts:
        if draft.end > draft.start and not any(draft.overlaps(k) for k in kept):
            kept.append(draft)
    return sorted(kept, key=lambda d: (d.start, d.end))

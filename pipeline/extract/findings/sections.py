"""Where findings may stand: what the headings above a sentence say about it, and which blocks hold none."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from pipeline.read.blocks import BlockKind
from pipeline.records import DocType
from pipeline.rules import Regex, RuleModel, read_yaml
from pipeline.split import Sentence

FILE = "finding_sections.yml"
EVALUATING = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
SILENT = frozenset({DocType.AGENDA})
"""Kinds of document that never evaluate."""
FEWEST_WORDS = 3


class Tone(StrEnum):
    """What a section holds."""

    CLOSED = "closed"
    STRENGTH = "strength"
    WEAKNESS = "weakness"


class SectionRule(RuleModel):
    """A heading that closes what stands beneath it to findings, or lends it a tone."""

    id: str
    note: str = Field(min_length=1)
    tone: Tone
    pattern: Regex
    doc_types: tuple[DocType, ...] = ()
    items_only: bool = False
    hit: tuple[str, ...] = Field(min_length=1)
    miss: tuple[str, ...] = Field(min_length=1)

    def matches(self, heading: str) -> bool:
        """Whether the rule knows the heading."""
        return _compile(self.pattern).fullmatch(_plain(heading)) is not None


class LeadRule(RuleModel):
    """A sentence before a list whose items are no findings: it says what was looked at, or what must be done."""

    id: str
    note: str = Field(min_length=1)
    pattern: Regex
    hit: tuple[str, ...] = Field(min_length=1)
    miss: tuple[str, ...] = Field(min_length=1)

    def matches(self, text: str) -> bool:
        """Whether the rule knows the sentence."""
        return _compile(self.pattern).search(" ".join(text.split()).lower()) is not None


class SectionRules(RuleModel):
    """`models/finding_sections.yml`."""

    sections: tuple[SectionRule, ...]
    leads: tuple[LeadRule, ...]


@functools.cache
def load_sections() -> tuple[SectionRule, ...]:
    """The rules in the order in which they are tried."""
    return read_yaml(FILE, SectionRules).sections


@functools.cache
def load_leads() -> tuple[LeadRule, ...]:
    """The rules on sentences that open a list."""
    return read_yaml(FILE, SectionRules).leads


def closes_list(text: str) -> bool:
    """Whether the items of the list that this sentence opens are no findings."""
    return text.rstrip().endswith(":") and any(rule.matches(text) for rule in load_leads())


@functools.cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _plain(heading: str) -> str:
    bare = re.sub(r"^[\dA-Za-z]{0,2}[\d.]*\)?\s+(?=\S)", "", heading) if re.match(r"^\d", heading) else heading
    return re.sub(r"[\s?:.\d]+$", "", " ".join(bare.split())).lower()


@functools.lru_cache(maxsize=4096)
def _tone_of(heading: str, doc_type: DocType, is_item: bool) -> Tone | None:
    for rule in load_sections():
        if rule.items_only and not is_item:
            continue
        if (not rule.doc_types or doc_type in rule.doc_types) and rule.matches(heading):
            return rule.tone
    return None


def find_tone(sentence: Sentence, doc_type: DocType) -> Tone | None:
    """The tone of the nearest heading above the sentence; None where no rule knows it.

    Headings further out are not asked: where readers nest headings wrongly they would close whole chapters.
    """
    return _tone_of(sentence.section, doc_type, sentence.kind is BlockKind.LIST_ITEM) if sentence.section else None


def find_open(sentences: Sequence[Sentence], doc_type: DocType) -> list[Sentence]:
    """The sentences where a finding may stand, lists that a sentence of scope or demand opens left out."""
    kept, closed = [], False
    for sentence in sentences:
        if sentence.kind is not BlockKind.LIST_ITEM:
            closed = sentence.kind is BlockKind.PARAGRAPH and closes_list(sentence.text)
        elif closed:
            continue
        if may_evaluate(sentence, doc_type):
            kept.append(sentence)
    return kept


def may_evaluate(sentence: Sentence, doc_type: DocType) -> bool:
    """Whether a finding may stand here at all: by kind of document, kind of block, heading and length."""
    if doc_type in SILENT or sentence.kind not in EVALUATING:
        return False
    text = sentence.text.rstrip()
    if (
        sum(any(c.isalpha() for c in word) for word in text.split()) < FEWEST_WORDS
        or text.endswith(("?", ":"))
        or text.startswith("RESOLVED")
    ):
        return False
    return find_tone(sentence, doc_type) is not Tone.CLOSED

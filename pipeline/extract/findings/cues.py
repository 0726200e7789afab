"""The words that give a finding away: cue rules as data, counted for each sentence.

`models/finding_cues.jsonl` holds token patterns, each with a label (`good`, `deficit`, `plan`, …). A sentence becomes
a row of numbers: how often each label occurs in it, with praise and criticism turned round where a negation stands
shortly before, and told apart by the side of a contrast ("although …, …") on which they stand.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.errors import MatchPatternError
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

from pipeline.errors import RuleFault
from pipeline.rules import PatternRule, read_jsonl

FILE = "finding_cues.jsonl"
REACH = 4
"""Tokens over which a negation turns what follows."""
CAP = 4
"""Further occurrences of a cue say no more."""


class CueRule(PatternRule):
    """A pattern of `models/finding_cues.jsonl`; with `start` it counts only at the head of the sentence."""

    start: bool = False


@dataclass(frozen=True)
class Cue:
    """One occurrence: tokens `start:end` of the sentence under the rule's label."""

    rule_id: str
    label: str
    start: int
    end: int


@functools.cache
def load_rules() -> tuple[CueRule, ...]:
    """The cue rules, validated."""
    return read_jsonl(FILE, CueRule)


@functools.cache
def load_labels() -> tuple[str, ...]:
    """The labels in alphabetical order: the order of the features."""
    return tuple(sorted({rule.label for rule in load_rules()}))


@functools.cache
def _tokenizer() -> Language:
    return spacy.blank("en")


def _words_of(rule: CueRule) -> tuple[str, ...]:
    """The words of a rule that is no more than a list of words; empty for every other rule."""
    if isinstance(rule.pattern, list) and len(rule.pattern) == 1:
        spec = rule.pattern[0]
        if set(spec) == {"LOWER"} and isinstance(spec["LOWER"], dict) and set(spec["LOWER"]) == {"IN"}:
            return tuple(spec["LOWER"]["IN"])
    return ()


@functools.cache
def _lists() -> dict[str, tuple[CueRule, ...]]:
    """Word → the rules that list it: looked up, not matched, which is five times as fast."""
    table: dict[str, list[CueRule]] = {}
    for rule in load_rules():
        for word in _words_of(rule):
            table.setdefault(word, []).append(rule)
    return {word: tuple(rules) for word, rules in table.items()}


@functools.cache
def load_matchers() -> tuple[tuple[CueRule, Matcher, tuple[frozenset[str], ...]], ...]:
    """Each rule that is no list, its matcher, and the sets of words of which a sentence needs one each to match it.

    A matcher asks every word of a sentence about every rule; the words that a rule cannot do without rule out nine
    matchers in ten at once.
    """
    made = []
    for rule in load_rules():
        if _words_of(rule):
            continue
        pattern = rule.pattern
        if isinstance(pattern, str):
            pattern = [{"LOWER": token.lower_} for token in _tokenizer().make_doc(pattern)]
        matcher = Matcher(_tokenizer().vocab)
        try:
            matcher.add(rule.id, [pattern], greedy="LONGEST")
        except MatchPatternError as e:
            raise RuleFault(f"models/{FILE}, rule {rule.id}: pattern is none that spaCy knows: {e}") from e
        needed = (_listed(spec) for spec in pattern if spec.get("OP", "1") in ("1", "+"))
        made.append((rule, matcher, tuple(words for words in needed if words)))
    return tuple(made)


def _listed(spec: dict[str, Any]) -> frozenset[str]:
    """The words that a token's spec lists; empty where it lists none."""
    lower = spec.get("LOWER")
    if isinstance(lower, str):
        return frozenset((lower,))
    return frozenset(lower["IN"]) if isinstance(lower, dict) and set(lower) == {"IN"} else frozenset()


def find_cues(doc: Doc) -> list[Cue]:
    """The cues of one sentence, by position."""
    found: list[Cue] = []
    words = {token.lower_ for token in doc}
    for rule, matcher, needed in load_matchers():
        if not any(words.isdisjoint(one_of) for one_of in needed):
            found.extend(
                Cue(rule.id, rule.label, start, end) for _, start, end in matcher(doc) if not rule.start or start == 0
            )
    lists = _lists()
    for i, token in enumerate(doc):
        for rule in lists.get(token.lower_, ()):
            if not rule.start or i == 0:
                found.append(Cue(rule.id, rule.label, i, i + 1))
    return sorted(found, key=lambda c: (c.start, c.end, c.rule_id))


def tokenize(texts: Iterable[str]) -> list[Doc]:
    """The texts as token sequences, typographic apostrophes made plain."""
    make = _tokenizer().make_doc
    return [make(text.replace("’", "'").replace("\ufffe", "-")) for text in texts]


def read_cues(text: str) -> list[Cue]:
    """The cues of one sentence given as text."""
    return find_cues(tokenize([text])[0])

"""Names and keywords of themes: the phrases that set a group of texts apart from the rest of its code."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.records import Side
from pipeline.rules import RuleModel, read_yaml
from pipeline.themes.codebook import load_codebook, plain_words

_LONGEST = 4
_INSIDE = frozenset({"of", "and", "in", "to", "for", "from", "at", "with", "the", "on", "out"})
"""Small words that may stand within a phrase, though not at its ends."""


class StopWords(RuleModel):
    """`models/themes/stop_words.yml`."""

    note: str
    words: frozenset[str]


@cache
def _stop_words() -> frozenset[str]:
    return read_yaml("themes/stop_words.yml", StopWords).words


@cache
def _common_words() -> frozenset[str]:
    return frozenset(load_codebook().common)


@lru_cache(maxsize=20_000)
def find_phrases(text: str) -> frozenset[str]:
    """The phrases of one to four words that begin and end with a word that says something, none of them but common
    words."""
    found: set[str] = set()
    for clause in re.split(r"[.,;:()\[\]–—•/]|\s-\s", text):
        words = plain_words(clause).split()
        roles = [_role_of(w) for w in words]
        for start, role in enumerate(roles):
            if not role.ends:
                continue
            telling = False
            for end in range(start, min(start + _LONGEST, len(words))):
                telling = telling or roles[end].tells
                if telling and roles[end].ends:
                    found.add(" ".join(words[start : end + 1]))
                if not roles[end].joins:
                    break
    return frozenset(found)


class _Role(NamedTuple):
    """Whether a word may stand at the end of a phrase and within it, and whether it is no common word."""

    ends: bool
    joins: bool
    tells: bool


@lru_cache(maxsize=20_000)
def _role_of(word: str) -> _Role:
    stop = word in _stop_words()
    ends = not stop and len(word) >= 3 and not word.isdigit()
    return _Role(ends, not stop or word in _INSIDE, not stop and word not in _common_words())


def count_phrases(texts: Sequence[str]) -> Counter[str]:
    """In how many of the texts each phrase stands."""
    return Counter(phrase for text in texts for phrase in find_phrases(text))


def rank_phrases(own: Counter[str], texts: int, rest: Counter[str], others: int) -> Iterator[tuple[str, float]]:
    """Phrases of a group of `texts` texts, those first that tell it best from `others` texts; no two share a word.

    A phrase scores what it adds to the divergence of the group from all texts: the share of the group's texts that
    hold it times the logarithm of how much larger that is than its share of all (Kullback and Leibler 1951), and a
    quarter more for each further word, because longer phrases say more.
    """
    scored = []
    for phrase, count in own.items():
        if count < 2 and texts > 2:
            continue
        inside, everywhere = count / texts, (count + rest[phrase] + 1) / (texts + others + 2)
        length = sum(w not in _stop_words() for w in phrase.split())
        scored.append((round(inside * math.log(inside / everywhere) * (0.75 + 0.25 * length), 9), phrase))
    used: set[str] = set()
    for score, phrase in sorted(scored, key=lambda s: (-s[0], s[1])):
        roots = {_root(w) for w in phrase.split() if w not in _stop_words()}
        if score <= 0:
            return
        if not roots & used:
            used |= roots
            yield phrase, score


def _root(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("'")
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def find_keywords(texts: Mapping[str, Sequence[str]], many: int = 8) -> dict[str, tuple[str, ...]]:
    """For each group of texts the phrases that set it apart from the other groups, at most `many`, best first."""
    counts = {name: count_phrases(texts[name]) for name in sorted(texts)}
    whole: Counter[str] = Counter()
    for count in counts.values():
        whole.update(count)
    size = sum(map(len, texts.values()))
    found = {}
    for name, own in counts.items():
        rest = Counter({p: whole[p] - n for p, n in own.items()})
        ranked = rank_phrases(own, len(texts[name]), rest, size - len(texts[name]))
        found[name] = tuple(phrase for phrase, _ in [*ranked][:many])
    return found


def name_theme(side: str, code: str, topic: str | None = None, phrases: Sequence[str] = ()) -> str:
    """The theme's label: the codebook's for a whole code, the topic's for a topic of it, with two telling phrases for
    what was found by density within it or outside the codebook."""
    tail = " (strengths)" if side == Side.STRENGTH else ""
    if topic:
        return topic + tail
    if not code:
        return f"Outside the codebook: {', '.join(phrases[:3])}{tail}"
    label = load_codebook()[code].label
    said = {_root(w) for w in plain_words(label).split()}
    telling = [p for p in phrases if not said >= {_root(w) for w in p.split()}]
    return label + (": " + ", ".join(telling[:2]) if telling else "") + tail

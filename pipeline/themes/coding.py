"""Texts → codes of the codebook: what is named goes before what is near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from pydantic import Field

from pipeline.embed import Vectors
from pipeline.rules import RuleModel, read_yaml
from pipeline.themes.codebook import Level, load_codebook, load_cues, load_prototypes, plain_words


@dataclass(frozen=True, slots=True)
class Coding:
    """The codes of a text: the first theme, a second where it carries weight, and how sure the first is."""

    code: str | None
    code_2: str | None
    confidence: float
    rule_id: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text's plain words that names a theme."""

    code: str
    level: Level
    start: int
    end: int
    phrase: str


class CodingThresholds(RuleModel):
    """`models/themes/coding.yml`."""

    note: str
    near: float = Field(ge=0, le=1)
    confidence: dict[str, float]


@cache
def load_thresholds() -> CodingThresholds:
    """The thresholds of the coding, each with the measurement that chose it."""
    return read_yaml("themes/coding.yml", CodingThresholds)


def find_mentions(text: str) -> list[Mention]:
    """What the text names, the most specific first and in the order of naming.

    A mention inside a longer one is dropped; so is what neutral phrases hide.
    """
    words = plain_words(text) + " "
    found: list[tuple[str | None, Level, int, int, str]] = []
    for cue, pattern, literals in load_cues():
        if not any(literal in words for literal in literals):
            continue
        found += [(cue.code, cue.level, m.start(), m.end(), cue.phrase) for m in pattern.finditer(words)]
    kept: list[tuple[str | None, Level, int, int, str]] = []
    for hit in sorted(found, key=lambda h: (h[2] - h[3], h[2], -h[1], h[4])):
        if not any(k[2] <= hit[2] and hit[3] <= k[3] and (k[0] != hit[0]) for k in kept):
            kept.append(hit)
    mentions = [Mention(code, level, start, end, phrase) for code, level, start, end, phrase in kept if code]
    return sorted(mentions, key=lambda m: (-m.level, m.start, -m.end, m.code))


def assign_codes(texts: Sequence[str], vectors: Vectors) -> list[Coding]:
    """The codes of each text, in order. `vectors` are the texts' unit vectors, shape (len(texts), dimensions).

    A text that names nothing takes the theme of the nearest prototype, or none where that is far.
    """
    if not texts:
        return []
    codes = [t.code for t in load_codebook().themes]
    near = vectors @ load_prototypes().T
    return [_code(text, row, codes) for text, row in zip(texts, near, strict=True)]


def _code(text: str, near: Vectors, codes: list[str]) -> Coding:
    limits = load_thresholds()
    mentions = find_mentions(text)
    named = list(dict.fromkeys(m.code for m in mentions))
    best = int(np.argmax(near))
    if not named or mentions[0].level == Level.HINT:
        if near[best] >= limits.near:
            other = named[0] if named and named[0] != codes[best] else None
            return Coding(codes[best], other, limits.confidence["near"], "themes.near")
        if not named:
            return Coding(None, None, limits.confidence["none"], "themes.none")
    agrees = "agreed" if codes[best] in named[:2] else "alone"
    level = mentions[0].level.name.lower()
    return Coding(
        code=named[0],
        code_2=named[1] if len(named) > 1 else None,
        confidence=limits.confidence[f"{level}_{agrees}"],
        rule_id=f"themes.{named[0]}.{level}",
    )

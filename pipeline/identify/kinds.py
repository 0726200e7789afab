"""Which kind of document it is: the sum of the cues of `models/kinds.yml`."""

from __future__ import annotations

import functools
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, field_validator

from pipeline.identify.views import View
from pipeline.records import DocType, VisitType
from pipeline.rules import Regex, RuleModel, read_yaml

VISIT_TYPES = {
    DocType.ILACS_INSPECTION: VisitType.ILACS_INSPECTION,
    DocType.SIF_INSPECTION: VisitType.SIF_INSPECTION,
    DocType.FOCUSED_VISIT: VisitType.FOCUSED_VISIT,
    DocType.MONITORING_VISIT: VisitType.MONITORING_VISIT,
    DocType.JTAI_LETTER: VisitType.JTAI,
    DocType.AREA_SEND_INSPECTION: VisitType.AREA_SEND,
}
"""The kinds that report an inspection or visit."""

_WEAK = 0.2  # what cues that nearly make a kind take from the confidence in `other`

Zone = Literal["top", "opening", "heading", "body", "foot", "shape"]


class Cue(RuleModel):
    """One line of evidence for a kind."""

    id: str = Field(pattern=r"^[a-z]+\.[a-z_]+$")
    kind: DocType
    where: Zone
    weight: float = Field(gt=0)
    opens: bool = False
    pattern: Regex
    note: str
    hit: list[str] = Field(min_length=1)
    miss: list[str] = Field(min_length=1)

    def search(self, text: str) -> re.Match[str] | None:
        """The first place of the cue in the text."""
        return _compile(self.pattern).search(text)


class FrameworkName(RuleModel):
    """The framework that an opening's words name."""

    kind: DocType
    name: str
    pattern: Regex


class Kinds(RuleModel):
    """`models/kinds.yml`."""

    least: float
    nothing: float = Field(gt=0, lt=1)
    certain: float
    cues: list[Cue]
    frameworks: list[FrameworkName]

    @field_validator("cues")
    @classmethod
    def _unique(cls, value: list[Cue]) -> list[Cue]:
        ids = [c.id for c in value]
        if len(set(ids)) < len(ids):
            raise ValueError("two cues with one id")
        return value


@functools.cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


@functools.cache
def load_kinds() -> Kinds:
    """The cues, validated."""
    return read_yaml("kinds.yml", Kinds)


@dataclass(frozen=True)
class KindGuess:
    """The kind, the probability that it is right, the sums of all kinds, and the cues that were found."""

    kind: DocType
    confidence: float
    scores: dict[DocType, float]
    cues: tuple[Cue, ...]


def _zone(view: View, where: Zone) -> str:
    return view.headings if where == "heading" else str(getattr(view, where))


def guess_kind(view: View) -> KindGuess:
    """The kind whose cues weigh most; `other` where none reaches the least weight."""
    rules = load_kinds()
    found = tuple(cue for cue in rules.cues if cue.search(_zone(view, cue.where)))
    scores: dict[DocType, float] = defaultdict(float)
    for cue in found:
        scores[cue.kind] += cue.weight
    ranked = sorted(scores.items(), key=lambda s: (-s[1], s[0]))
    best, score = ranked[0] if ranked else (DocType.OTHER, 0.0)
    if score < rules.least:
        return KindGuess(DocType.OTHER, round(rules.nothing - _WEAK * score / rules.least, 3), dict(scores), found)
    # Slides on a subject that has a kind of its own are of that kind: their shape is no rival.
    rival = max([s for k, s in ranked if k not in (best, DocType.PRESENTATION)], default=0.0)
    # A logistic in the lead over the next kind: even odds at no lead, near certainty at a lead of `certain`.
    confidence = 1 / (1 + math.exp(-4 * (score - rival) / rules.certain))
    return KindGuess(best, round(confidence, 3), dict(scores), tuple(c for c in found if c.kind is best))


def name_framework(kind: DocType, opening: str) -> str:
    """The inspection framework that the opening of a document of this kind names.

    Raises KeyError for a kind that reports no visit.
    """
    for row in load_kinds().frameworks:
        if row.kind is kind and _compile(row.pattern).search(opening):
            return row.name
    raise KeyError(kind)

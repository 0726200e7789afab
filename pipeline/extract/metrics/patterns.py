"""The regular expressions of models/metric_patterns.jsonl: what masks a number, names a time or marks a target."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from pipeline.rules import Regex, RuleModel, read_jsonl

RULES = "metric_patterns.jsonl"
Label = Literal["not_metric", "period", "target", "target_after", "duration", "duration_within", "rank", "score"]


class MetricPattern(RuleModel):
    """One line of the file. `any_unit` masks percentages and money too, `unless_waited` spares lengths
    of time that somebody waits, stays or takes, `case` minds letter case."""

    id: str = Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")
    label: Label
    regex: Regex
    any_unit: bool = False
    unless_waited: bool = False
    case: bool = False
    note: str = Field(min_length=1)
    hit: list[str] = Field(min_length=1)
    miss: list[str] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A pattern ready for use."""

    rule: MetricPattern
    regex: re.Pattern[str]


@functools.cache
def load_patterns(label: Label) -> tuple[Compiled, ...]:
    """The patterns with that label, compiled, in the file's order."""
    return tuple(
        Compiled(rule, re.compile(rule.regex, 0 if rule.case else re.IGNORECASE))
        for rule in read_jsonl(RULES, MetricPattern)
        if rule.label == label
    )


def find_mask(text: str, start: int, end: int, *, plain: bool, waited: bool = False) -> str | None:
    """The id of the pattern by which `text[start:end]` is no metric, or None.

    `plain` numbers (counts, lengths of time) fall to every pattern, shares and money to those marked `any_unit`.
    """
    for pattern in load_patterns("not_metric"):
        if (not plain and not pattern.rule.any_unit) or (waited and pattern.rule.unless_waited):
            continue
        for match in pattern.regex.finditer(text):
            if match.start() < end and match.end() > start:
                return pattern.rule.id
    return None


def find_rule(label: Label, text: str) -> str | None:
    """The id of the first pattern with that label that fits the text, or None."""
    return next((p.rule.id for p in load_patterns(label) if p.regex.search(text)), None)

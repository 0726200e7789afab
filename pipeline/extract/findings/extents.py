"""How widely a finding holds: the quantifier that its author used."""

from __future__ import annotations

import functools
import re

from pydantic import Field

from pipeline.records import Extent
from pipeline.rules import RuleModel, read_yaml


class ExtentRule(RuleModel):
    """An extent and the words that state it."""

    extent: Extent
    phrases: tuple[str, ...] = Field(min_length=1)
    note: str
    hit: tuple[str, ...] = Field(min_length=1)
    miss: tuple[str, ...] = Field(min_length=1)


class ExtentRules(RuleModel):
    """`models/extents.yml`."""

    extents: tuple[ExtentRule, ...]


@functools.cache
def load_extents() -> tuple[ExtentRule, ...]:
    """The extents with their words."""
    return read_yaml("extents.yml", ExtentRules).extents


@functools.cache
def _pattern() -> tuple[re.Pattern[str], dict[str, Extent]]:
    known = {phrase: rule.extent for rule in load_extents() for phrase in rule.phrases}
    words = "|".join(re.escape(p) for p in sorted(known, key=lambda p: (-len(p), p)))
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])"), known


def find_extent(text: str) -> Extent | None:
    """The extent that the first quantifier of the sentence states; None where there is none."""
    pattern, known = _pattern()
    found = pattern.search(text.lower())
    return known[found.group()] if found else None

"""The vocabulary of lists: `models/recommendation_headings.yml` and its schema."""

from __future__ import annotations

import functools
from typing import Literal

from pipeline.extract.recommendations.drafts import KindRule, PhraseRule
from pipeline.rules import RuleModel, read_yaml


class ListRule(KindRule):
    """A heading that opens a list; see the head of the file for the keys."""

    prose: Literal["never", "fallback", "orders", "demands", "always"] = "never"
    nested: bool = False
    subheadings: bool = False
    forward: bool = False
    imperative: bool = False
    topics: bool = False


class Chapter(PhraseRule):
    """A heading that says whom the lists under it address."""

    addressee: str | None


class ListRules(RuleModel):
    """`models/recommendation_headings.yml`."""

    lists: list[ListRule]
    chapters: list[Chapter]
    ends: list[PhraseRule]
    timings: list[PhraseRule]
    nothing: list[PhraseRule]
    fields: list[PhraseRule]
    demands: list[PhraseRule]
    delivered: list[PhraseRule]
    openers: list[PhraseRule]
    headless: list[KindRule]
    assigned: list[PhraseRule]
    looks_back: list[PhraseRule]
    leads: list[ListRule]
    charters: list[PhraseRule]
    ahead: list[PhraseRule]


@functools.cache
def load_list_rules() -> ListRules:
    """The headings and what goes with them."""
    return read_yaml("recommendation_headings.yml", ListRules)

"""Whom a finding is about, by the words of the sentence and, failing these, by the headings above it."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from pydantic import Field

from pipeline.records import Cohort
from pipeline.rules import RuleModel, read_yaml


class CohortRule(RuleModel):
    """A cohort with the words that name it in a sentence and in a heading."""

    cohort: Cohort
    words: tuple[str, ...] = Field(min_length=1)
    headings: tuple[str, ...]
    note: str
    hit: tuple[str, ...] = Field(min_length=1)
    miss: tuple[str, ...] = Field(min_length=1)


class CohortRules(RuleModel):
    """`models/cohorts.yml`."""

    cohorts: tuple[CohortRule, ...]


@functools.cache
def load_cohorts() -> tuple[CohortRule, ...]:
    """The cohorts with their words."""
    return read_yaml("cohorts.yml", CohortRules).cohorts


@functools.cache
def _patterns() -> tuple[tuple[Cohort, re.Pattern[str], re.Pattern[str] | None], ...]:
    def compile_words(words: Sequence[str]) -> re.Pattern[str] | None:
        if not words:
            return None
        return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(w) for w in words) + r")(?!\w)")

    out = []
    for rule in load_cohorts():
        named = compile_words(rule.words)
        if named is not None:
            out.append((rule.cohort, named, compile_words(rule.headings)))
    return tuple(out)


SERVED = frozenset({Cohort.HELP_AND_PROTECTION, Cohort.IN_CARE, Cohort.CARE_LEAVERS, Cohort.DISABLED_CHILDREN})
"""Cohorts of children and young people, which a heading lends to sentences that name none of them."""


def find_cohorts(text: str, headings: Sequence[str] = ()) -> tuple[Cohort, ...]:
    """The cohorts in the order of `models/cohorts.yml`; empty where nobody is named."""
    words = text.replace("’", "'").lower()
    found = [cohort for cohort, named, _ in _patterns() if named.search(words)]
    if SERVED.isdisjoint(found):
        for heading in reversed(headings):
            lent = [c for c, _, above in _patterns() if above and above.search(heading.lower())]
            if lent:
                found.extend(c for c in lent if c not in found)
                break
    order = [rule.cohort for rule in load_cohorts()]
    return tuple(sorted(found, key=order.index))

"""The narrower themes of `models/themes/topics.yml`: which of them a text names."""

from __future__ import annotations

import re
from functools import cache

from pydantic import Field

from pipeline.rules import RuleModel, read_yaml
from pipeline.themes.codebook import phrase_pattern, plain_words


class Topic(RuleModel):
    """A part of a code, by the name that a policy officer would use, and the words by which it is known."""

    name: str = Field(min_length=1)
    words: tuple[str, ...] = Field(min_length=1)


class Topics(RuleModel):
    """`models/themes/topics.yml`."""

    note: str
    topics: dict[str, tuple[Topic, ...]]


@cache
def load_topics() -> dict[str, tuple[Topic, ...]]:
    """The topics of each code."""
    return read_yaml("themes/topics.yml", Topics).topics


@cache
def _patterns(code: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    topics = load_topics().get(code, ())
    return tuple((t.name, re.compile("|".join(phrase_pattern(w) for w in t.words))) for t in topics)


def find_topic(code: str, text: str) -> str | None:
    """The first topic of the code, in the order of the file, that the text names; None where it names none."""
    words = plain_words(text) + " "
    return next((name for name, pattern in _patterns(code) if pattern.search(words)), None)

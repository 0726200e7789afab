"""The matters of children's services that a text names, finer than the themes of the codebook."""

from __future__ import annotations

import functools
from collections import defaultdict

from pydantic import Field

from pipeline.rules import RuleModel, read_yaml
from pipeline.themes.codebook import plain_words

_STEM = 3
"""Letters by which phrases are looked up; the first word of a phrase has at least so many, or is written out."""


class Concept(RuleModel):
    """A matter and the phrases that name it, in plain words; `*` at the end of a word stands for any ending.

    `rarity` is the natural logarithm of how rarely findings of inspection reports name it.
    """

    name: str = Field(pattern=r"^[a-z_]+$")
    rarity: float = Field(gt=0)
    phrases: tuple[str, ...] = Field(min_length=1)


class Concepts(RuleModel):
    """`models/threads/concepts.yml`."""

    note: str
    concepts: tuple[Concept, ...]


@functools.cache
def load_concepts() -> dict[str, float]:
    """The rarity of each concept, by its name."""
    return {c.name: c.rarity for c in _read().concepts}


@functools.cache
def _read() -> Concepts:
    return read_yaml("threads/concepts.yml", Concepts)


@functools.cache
def _by_stem() -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """The words of each phrase and its concept, by the first letters of its first word."""
    table: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for concept in _read().concepts:
        for phrase in concept.phrases:
            words = tuple(phrase.split())
            table[words[0].rstrip("*")[:_STEM]].append((words, concept.name))
    return {stem: tuple(held) for stem, held in table.items()}


def find_concepts(text: str) -> frozenset[str]:
    """The names of the concepts that the text names."""
    table, words = _by_stem(), plain_words(text).split()
    return frozenset(
        name
        for start, word in enumerate(words)
        for phrase, name in table.get(word[:_STEM], ())
        if _stands(phrase, words[start : start + len(phrase)])
    )


def _stands(phrase: tuple[str, ...], words: list[str]) -> bool:
    return len(words) == len(phrase) and all(
        word.startswith(part[:-1]) if part.endswith("*") else word == part
        for part, word in zip(phrase, words, strict=True)
    )

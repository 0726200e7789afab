"""An item of the dataset as it is compared with others: its meaning, its rarer words, the themes and concepts that it
names and whom it is about."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.cohorts import find_cohorts
from pipeline.embed import Vectors
from pipeline.records import Cohort
from pipeline.rules import read_bytes
from pipeline.themes.codebook import plain_words
from pipeline.themes.coding import Mention, describe_mentions, find_chances, find_mentions, load_weights
from pipeline.threads.concepts import find_concepts

Array = NDArray[np.float64]

TELLING = 2.2
"""Rarity from which a stem counts in a pair."""


@dataclass(frozen=True, slots=True)
class View:
    """An item as it is compared: its unit vector, its word stems, the pairs of telling stems that stand together, its
    topics (code → level, first topic first), its cohorts, its concepts and the probability of each theme."""

    item_id: str
    text: str
    vector: Vectors
    stems: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    topics: tuple[tuple[str, int], ...]
    cohorts: frozenset[Cohort]
    concepts: frozenset[str]
    chances: Array


def view_item(
    item_id: str, text: str, vector: Vectors, heading: str | None = None, cohorts: Iterable[Cohort] | None = None
) -> View:
    """The view of an item. A heading lends its words and its topics, after those of the text. Cohorts that are not
    given are those that the text names."""
    stems, mentions = find_stems(text), find_mentions(text)
    topics = _find_topics(mentions)
    if heading:
        stems |= find_stems(heading)
        topics |= {c: level for c, level in _find_topics(find_mentions(heading)).items() if c not in topics}
    return View(
        item_id,
        text,
        vector,
        stems,
        find_pairs(text),
        tuple(topics.items()),
        frozenset(find_cohorts(text) if cohorts is None else cohorts),
        find_concepts(text),
        find_chances(describe_mentions([mentions], vector[None]), load_weights())[0],
    )


def find_stems(text: str) -> frozenset[str]:
    """The text's words without their endings."""
    return frozenset(_stem(w) for w in plain_words(text).split())


def find_pairs(text: str) -> frozenset[tuple[str, str]]:
    """Each telling stem with the next two telling ones."""
    rarity = load_rarity()
    stems = [s for s in map(_stem, plain_words(text).split()) if rarity.get(s, rarity[""]) > TELLING]
    return frozenset([*itertools.pairwise(stems), *zip(stems, stems[2:], strict=False)])


@functools.lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    for ending in ("'s", "'", "ing", "ies", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word[: -len(ending)]
    return word


def _find_topics(mentions: Sequence[Mention]) -> dict[str, int]:
    """The codes that are mentioned, each with the level of its best mention, in the order of the coding."""
    levels: dict[str, int] = {}
    for mention in mentions:
        levels.setdefault(mention.code, int(mention.level))
    return levels


@functools.cache
def load_rarity() -> dict[str, float]:
    """Weight of each word stem: the logarithm of how rarely sentences of inspection reports hold it."""
    weights: dict[str, float] = json.loads(read_bytes("threads/rarity.json"))
    return weights

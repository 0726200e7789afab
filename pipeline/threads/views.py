"""What two items of the dataset have in common: their meaning, their rarer words, the topics they name and whom they
are about."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import Vectors
from pipeline.extract.findings.cohorts import find_cohorts
from pipeline.records import Cohort
from pipeline.rules import read_bytes
from pipeline.themes.codebook import load_codebook, plain_words
from pipeline.themes.coding import find_mentions

Array = NDArray[np.float64]
T = TypeVar("T", bound=Hashable)

FEATURES = (
    "cosine", "cosine_among_later", "cosine_among_earlier", "words_of_earlier", "words_of_later", "same_first_topic",
    "first_topic_in_later", "first_topic_in_earlier", "topics", "no_common_topic", "nearest_later", "nearest_earlier",
    "rarest_word", "rare_words", "word_pairs", "same_cohort", "other_cohort",
)  # fmt: skip
"""The columns of `compare`, in order."""

TELLING, RARE = 2.2, 3.5
"""Rarity from which a stem counts in a pair, and from which as a rare word."""


@dataclass(frozen=True, slots=True)
class View:
    """An item as it is compared: its unit vector, its word stems, the pairs of telling stems that stand together, its
    topics (code → level, first topic first) and its cohorts."""

    item_id: str
    text: str
    vector: Vectors
    stems: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    topics: tuple[tuple[str, int], ...]
    cohorts: frozenset[Cohort]


def view_item(
    item_id: str, text: str, vector: Vectors, heading: str | None = None, cohorts: Iterable[Cohort] | None = None
) -> View:
    """The view of an item. A heading lends its words and its topics, after those of the text. Cohorts that are not
    given are those that the text names."""
    stems, topics = find_stems(text), dict(find_topics(text))
    if heading:
        stems |= find_stems(heading)
        topics |= {c: level for c, level in find_topics(heading) if c not in topics}
    about = find_cohorts(text) if cohorts is None else cohorts
    return View(item_id, text, vector, stems, find_pairs(text), tuple(topics.items()), frozenset(about))


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


@functools.lru_cache(maxsize=100_000)
def find_topics(text: str) -> tuple[tuple[str, int], ...]:
    """The codes that the text names, each with the level of its best mention, in the order of the coding."""
    levels: dict[str, int] = {}
    for mention in find_mentions(text):
        levels.setdefault(mention.code, int(mention.level))
    return tuple(levels.items())


@functools.cache
def load_rarity() -> dict[str, float]:
    """Weight of each word stem: the logarithm of how rarely sentences of inspection reports hold it."""
    weights: dict[str, float] = json.loads(read_bytes("threads/rarity.json"))
    return weights


def compare(earlier: Sequence[View], later: Sequence[View]) -> Array:
    """What each earlier item shares with each later one, shape (len(earlier), len(later), len(FEATURES)).

    Nearness is given as it is, and against how near the other items of either side are, since one report speaks
    more alike than another.
    """
    if not earlier or not later:
        return np.zeros((len(earlier), len(later), len(FEATURES)))
    cosine = np.stack([v.vector for v in earlier]).astype(float) @ np.stack([v.vector for v in later]).T.astype(float)
    marks_e, marks_l, weight = _mark_words(earlier, later)
    shared, own_e, own_l = (marks_e * weight) @ marks_l.T, marks_e @ weight, marks_l @ weight
    topics_e, topics_l = _weigh_topics(earlier), _weigh_topics(later)
    has_e, has_l = topics_e > 0.2, topics_l > 0.2
    first_e, first_l = _first_topics(earlier), _first_topics(later)
    length = np.outer(np.linalg.norm(topics_e, axis=1), np.linalg.norm(topics_l, axis=1))
    return np.stack(
        [
            cosine,
            _standardise(cosine, 1),
            _standardise(cosine, 0),
            shared / np.maximum(own_e[:, None], 1e-9),
            shared / np.maximum(own_l[None, :], 1e-9),
            first_e @ first_l.T,
            first_e @ has_l.T,
            has_e @ first_l.T,
            topics_e @ topics_l.T / np.maximum(length, 1e-9),
            (has_e.astype(float) @ has_l.T.astype(float) == 0).astype(float),
            (cosine == cosine.max(axis=1, keepdims=True)).astype(float),
            (cosine == cosine.max(axis=0, keepdims=True)).astype(float),
            *_share_words(marks_e, marks_l, weight),
            _share_pairs(earlier, later),
            *_share_cohorts(earlier, later),
        ],
        axis=2,
    )


def _standardise(values: Array, axis: int) -> Array:
    spread = values.std(axis=axis, keepdims=True) if values.shape[axis] > 2 else np.full((1, 1), 0.12)
    centred: Array = (values - values.mean(axis=axis, keepdims=True)) / np.maximum(spread, 0.03)
    return centred


def _mark_words(earlier: Sequence[View], later: Sequence[View]) -> tuple[Array, Array, Array]:
    """Which item holds which stem, and the rarity of each stem."""
    rarity = load_rarity()
    marks_e, marks_l, stems = _mark([v.stems for v in earlier], [v.stems for v in later])
    return marks_e, marks_l, np.array([rarity.get(s, rarity[""]) for s in stems])


def _mark(earlier: Sequence[frozenset[T]], later: Sequence[frozenset[T]]) -> tuple[Array, Array, list[T]]:
    things = sorted({t for held in (*earlier, *later) for t in held}, key=str)
    place = {t: i for i, t in enumerate(things)}

    def mark(rows: Sequence[frozenset[T]]) -> Array:
        marks = np.zeros((len(rows), len(things)))
        for i, held in enumerate(rows):
            marks[i, [place[t] for t in held]] = 1.0
        return marks

    return mark(earlier), mark(later), things


def _share_words(marks_e: Array, marks_l: Array, weight: Array) -> tuple[Array, Array]:
    """The rarity of the rarest common stem, and the number of rare ones."""
    held = [np.flatnonzero(row) for row in marks_e]
    rarest = np.stack([(marks_l[:, own] * weight[own]).max(axis=1, initial=0.0) for own in held])
    return rarest, (marks_e * (weight > RARE)) @ marks_l.T


def _share_pairs(earlier: Sequence[View], later: Sequence[View]) -> Array:
    """The logarithm of the number of common pairs."""
    common = frozenset().union(*(v.pairs for v in earlier)) & frozenset().union(*(v.pairs for v in later))
    marks_e, marks_l, _ = _mark([v.pairs & common for v in earlier], [v.pairs & common for v in later])
    shared: Array = np.log1p(marks_e @ marks_l.T)
    return shared


def _share_cohorts(earlier: Sequence[View], later: Sequence[View]) -> tuple[Array, Array]:
    """Whether two items share a cohort; whether both name cohorts and share none."""
    marks_e, marks_l, _ = _mark([v.cohorts for v in earlier], [v.cohorts for v in later])
    same = (marks_e @ marks_l.T > 0).astype(float)
    both = np.outer(marks_e.any(axis=1), marks_l.any(axis=1)).astype(float)
    return same, both - same


@functools.cache
def _places() -> dict[str, int]:
    return {t.code: i for i, t in enumerate(load_codebook().themes)}


def _weigh_topics(views: Sequence[View]) -> Array:
    weights = np.zeros((len(views), len(_places())))
    for i, view in enumerate(views):
        for code, level in view.topics:
            weights[i, _places()[code]] = (0.2, 0.7, 0.8, 1.0)[level]
    return weights


def _first_topics(views: Sequence[View]) -> Array:
    firsts = np.zeros((len(views), len(_places())))
    for i, view in enumerate(views):
        if view.topics:
            firsts[i, _places()[view.topics[0][0]]] = 1.0
    return firsts

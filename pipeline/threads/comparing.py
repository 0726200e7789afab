"""What two items of the dataset have in common: numbers from which the models of the threads judge."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.themes.codebook import load_codebook
from pipeline.threads.concepts import load_concepts
from pipeline.threads.views import View, load_rarity

Array = NDArray[np.float64]
T = TypeVar("T", bound=Hashable)

FEATURES = (
    "cosine", "cosine_among_later", "cosine_among_earlier", "words_of_earlier", "words_of_later", "same_first_topic",
    "first_topic_in_later", "first_topic_in_earlier", "topics", "no_common_topic", "nearest_later", "nearest_earlier",
    "rarest_word", "rare_words", "word_pairs", "same_cohort", "other_cohort", "themes_alike", "same_theme",
    "concepts_of_earlier", "concepts_of_later", "rarest_concept", "no_common_concept", "concepts_of_both",
)  # fmt: skip
"""The columns of `compare`, in order."""

RARE = 3.5
"""Rarity from which a stem counts as a rare word."""


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
    return np.stack(
        [
            cosine,
            _standardise(cosine, 1),
            _standardise(cosine, 0),
            shared / np.maximum(own_e[:, None], 1e-9),
            shared / np.maximum(own_l[None, :], 1e-9),
            *_share_topics(earlier, later),
            (cosine == cosine.max(axis=1, keepdims=True)).astype(float),
            (cosine == cosine.max(axis=0, keepdims=True)).astype(float),
            *_share_words(marks_e, marks_l, weight),
            _share_pairs(earlier, later),
            *_share_cohorts(earlier, later),
            *_share_themes(earlier, later),
            *_share_concepts(earlier, later),
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


def _share_topics(earlier: Sequence[View], later: Sequence[View]) -> tuple[Array, Array, Array, Array, Array]:
    """Whether the first topics are one, whether the other item names the first topic, the cosine of all topics, and
    whether none is common."""
    topics_e, topics_l = _weigh_topics(earlier), _weigh_topics(later)
    has_e, has_l = (topics_e > 0.2).astype(float), (topics_l > 0.2).astype(float)
    first_e, first_l = _first_topics(earlier), _first_topics(later)
    length = np.outer(np.linalg.norm(topics_e, axis=1), np.linalg.norm(topics_l, axis=1))
    return (
        first_e @ first_l.T,
        first_e @ has_l.T,
        has_e @ first_l.T,
        topics_e @ topics_l.T / np.maximum(length, 1e-9),
        (has_e @ has_l.T == 0).astype(float),
    )


def _share_themes(earlier: Sequence[View], later: Sequence[View]) -> tuple[Array, Array]:
    """How alike the probabilities of the themes are (Bhattacharyya 1943), and the probability of one theme for both."""
    chances_e, chances_l = np.stack([v.chances for v in earlier]), np.stack([v.chances for v in later])
    return np.sqrt(chances_e) @ np.sqrt(chances_l).T, chances_e @ chances_l.T


def _share_concepts(earlier: Sequence[View], later: Sequence[View]) -> tuple[Array, Array, Array, Array, Array]:
    """The share of the earlier and of the later item's concepts that is common, by rarity; the rarity of the rarest
    common one; whether none is common; and the geometric mean of the shares."""
    marks_e, marks_l, names = _mark([v.concepts for v in earlier], [v.concepts for v in later])
    weight = np.array([load_concepts()[n] for n in names])
    shared = (marks_e * weight) @ marks_l.T
    of_earlier = shared / np.maximum(marks_e @ weight, 0.5)[:, None]
    of_later = shared / np.maximum(marks_l @ weight, 0.5)[None, :]
    rarest = np.stack([(marks_l * (row * weight)).max(axis=1, initial=0.0) for row in marks_e])
    return of_earlier, of_later, rarest, (shared == 0).astype(float), np.sqrt(of_earlier * of_later)


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

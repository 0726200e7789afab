"""Texts → codes of the codebook: what is named and what is meant, weighed by a trained classifier."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.embed import DIMENSIONS, Vectors
from pipeline.errors import RuleFault
from pipeline.rules import RuleModel, read_bytes, read_yaml
from pipeline.themes.codebook import Level, load_codebook, plain_words, sieve_cues

WEIGHTS = "themes/weights.npz"
NO_THEME = "none"
"""The class of texts that belong to no theme, such as that the minutes were agreed."""
_VIEWS = 4
"""What the classifier is told of each code: named first, named second, how outright, and how often."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coding:
    """The codes of a text: the first theme, a second where it carries weight, and the probability of the first."""

    code: str | None
    code_2: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text's plain words that names a theme."""

    code: str
    level: Level
    start: int
    end: int
    phrase: str


class CodingThresholds(RuleModel):
    """`models/themes/coding.yml`."""

    note: str
    none: float = Field(ge=0, le=1)
    second: float = Field(ge=0, le=1)


@dataclass(frozen=True)
class Weights:
    """A multinomial logistic regression: `coefficients` of shape (classes, features + 1), the intercept last."""

    classes: tuple[str, ...]
    coefficients: Matrix


@cache
def load_thresholds() -> CodingThresholds:
    """The thresholds of the coding, each with the measurement that chose it."""
    return read_yaml("themes/coding.yml", CodingThresholds)


@cache
def load_weights() -> Weights:
    """The weights, made by `python -m pipeline.train.themes`.

    Raises RuleFault where they are missing or belong to another codebook.
    """
    with np.load(io.BytesIO(read_bytes(WEIGHTS))) as stored:
        weights = Weights(tuple(map(str, stored["classes"])), stored["coefficients"].astype(np.float64))
    codes = [t.code for t in load_codebook().themes]
    if list(weights.classes) != [*codes, NO_THEME] or weights.coefficients.shape[1] != count_features() + 1:
        raise RuleFault(f"models/{WEIGHTS} was trained on other themes; run python -m pipeline.train.themes")
    return weights


def count_features() -> int:
    """How many numbers describe a text: its vector, and what it names of each code."""
    return DIMENSIONS + _VIEWS * len(load_codebook().themes)


def find_mentions(text: str) -> list[Mention]:
    """What the text names, the most specific first and in the order of naming.

    A mention inside a longer one is dropped; so is what neutral phrases hide.
    """
    words = plain_words(text) + " "
    found: list[tuple[str | None, Level, int, int, str]] = []
    for cue, pattern in sieve_cues(words):
        found += [(cue.code, cue.level, m.start(), m.end(), cue.phrase) for m in pattern.finditer(words)]
    kept: list[tuple[str | None, Level, int, int, str]] = []
    for hit in sorted(found, key=lambda h: (h[2] - h[3], h[2], -h[1], h[4])):
        if not any(k[2] <= hit[2] and hit[3] <= k[3] and (k[0] != hit[0]) for k in kept):
            kept.append(hit)
    mentions = [Mention(code, level, start, end, phrase) for code, level, start, end, phrase in kept if code]
    return sorted(mentions, key=lambda m: (-m.level, m.start, -m.end, m.code))


def name_codes(text: str) -> tuple[str, ...]:
    """The codes that the text names, the most specific first and in the order of naming."""
    return tuple(dict.fromkeys(m.code for m in find_mentions(text)))


def describe_texts(texts: Sequence[str], vectors: Vectors) -> Matrix:
    """The features of each text, shape (len(texts), count_features()). `vectors` are the texts' unit vectors."""
    return describe_mentions([find_mentions(t) for t in texts], vectors)


def describe_mentions(mentioned: Sequence[Sequence[Mention]], vectors: Vectors) -> Matrix:
    """The features of texts by what each mentions and their unit vectors, shape (len(mentioned), count_features()).

    The vector counts three times, so that it and the cues are shrunk alike (see the model card).
    """
    place = {t.code: i for i, t in enumerate(load_codebook().themes)}
    named = np.zeros((len(mentioned), _VIEWS, len(place)))
    for row, mentions in zip(named, mentioned, strict=True):
        for view, code in enumerate(list(dict.fromkeys(m.code for m in mentions))[:2]):
            row[view, place[code]] = 1
        for m in mentions:
            at = place[m.code]
            row[2, at] = max(row[2, at], (1 + m.level) / len(Level))
            row[3, at] += 0.3
    return np.hstack([3.0 * vectors.astype(np.float64), named.reshape(len(mentioned), -1)])


def find_chances(features: Matrix, weights: Weights) -> Matrix:
    """The probability of each class for each row of features, shape (rows, classes)."""
    scores = features @ weights.coefficients[:, :-1].T + weights.coefficients[:, -1]
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: Matrix = raised / raised.sum(axis=1, keepdims=True)
    return chances


def assign_codes(texts: Sequence[str], vectors: Vectors) -> list[Coding]:
    """The codes of each text, in order. `vectors` are the texts' unit vectors, shape (len(texts), DIMENSIONS)."""
    if not texts:
        return []
    weights = load_weights()
    return choose_codes(find_chances(describe_texts(texts, vectors), weights), weights.classes)


def choose_codes(chances: Matrix, classes: Sequence[str]) -> list[Coding]:
    """The codes by the probabilities of the classes, of which NO_THEME is the last."""
    limits = load_thresholds()
    codings = []
    for row in chances:
        order = np.argsort(-row[:-1], kind="stable")
        first, second = int(order[0]), int(order[1])
        if row[-1] >= limits.none:
            codings.append(Coding(None, None, round(float(row[-1]), 4)))
        else:
            other = classes[second] if row[second] >= limits.second else None
            codings.append(Coding(classes[first], other, round(float(row[first]), 4)))
    return codings

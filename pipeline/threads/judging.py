"""What became of a recommendation: the later report's findings about it, weighed, and what it asks for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import DIMENSIONS
from pipeline.records import Outcome, Polarity

Array = NDArray[np.float64]

WEIGHED = (
    "none", "strong", "weak", "mixed", "strong_of_three", "weak_of_three", "repeat_odds", "repeat_sure", "report_weak",
    "both", "surest",
)  # fmt: skip
"""The columns of `weigh_findings`, in order."""

OUTCOME_FEATURES = (*WEIGHED, *(f"vector_{i}" for i in range(DIMENSIONS)))
"""The columns of `describe_outcomes`, in order."""


def weigh_findings(polarities: Sequence[Polarity], about: Array, repeats: Array) -> Array:
    """One row of features for each recommendation, shape (recommendations, len(WEIGHED)).

    `about` holds the probability that each finding is about each recommendation, and last that none is, shape
    (recommendations, findings + 1); `repeats` that each later recommendation tells it again.
    """
    strong, weak, mixed = (
        np.array([p == side for p in polarities], dtype=float)
        for side in (Polarity.STRENGTH, Polarity.WEAKNESS, Polarity.MIXED)
    )
    tone = float((weak + mixed / 2).mean()) if len(weak) else 0.5
    rows = []
    for chances, again in zip(about, repeats, strict=True):
        found, none = chances[:-1], float(chances[-1])
        shares = found / max(float(found.sum()), 1e-9)
        top = np.argsort(-found, kind="stable")[:3]
        three = found[top] / max(float(found[top].sum()), 1e-9)
        repeat = float(again.max(initial=0.0))
        rows.append(
            [
                _odds(none),
                float(shares @ strong),
                float(shares @ weak),
                float(shares @ mixed),
                float(three @ strong[top]),
                float(three @ weak[top]),
                _odds(repeat),
                repeat,
                tone,
                4 * float(shares @ strong) * float(shares @ weak),
                float(np.log(found.max(initial=0.0) + 1e-4)),
            ]
        )
    return np.array(rows, dtype=float).reshape(len(about), len(WEIGHED))


def describe_outcomes(polarities: Sequence[Polarity], about: Array, repeats: Array, vectors: Array) -> Array:
    """What the outcomes are judged from, shape (recommendations, len(OUTCOME_FEATURES)): `weigh_findings`, and the unit
    vectors of the recommendations themselves, shape (recommendations, DIMENSIONS): of some matters later reports seldom
    speak."""
    weighed = weigh_findings(polarities, about, repeats)
    return np.hstack([weighed, vectors.reshape(len(weighed), DIMENSIONS)])


def settle_outcomes(chances: Array, classes: Sequence[str], linked: NDArray[np.bool_]) -> Array:
    """The chances of the outcomes where what is `linked` to a later recommendation cannot have gone away: it is told
    again, in whole or in part. Shape (recommendations, classes); rows still sum to 1."""
    open_still = np.array([c in (Outcome.REPEATED, Outcome.PARTLY_IMPROVED) for c in classes])
    settled = np.where((linked.sum(axis=1, keepdims=True) > 0) & ~open_still, 0.0, chances)
    made: Array = settled / settled.sum(axis=1, keepdims=True)
    return made


def _odds(chance: float) -> float:
    sure = min(max(chance, 1e-4), 1 - 1e-4)
    return float(np.log(sure / (1 - sure)))

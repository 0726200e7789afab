"""What became of a recommendation: the later report's findings about it, weighed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Outcome, Polarity
from pipeline.threads.views import View, load_rarity

Array = NDArray[np.float64]

OUTCOME_FEATURES = (
    "about_first", "weak_of_three", "strong_of_three", "repeat_first", "repeat_sure", "topic_weak", "report_weak",
    "words_together",
)  # fmt: skip
"""The columns of `weigh_findings`, in order."""


def weigh_findings(
    recommendations: Sequence[View],
    findings: Sequence[View],
    polarities: Sequence[Polarity],
    about: Array,
    repeats: Array,
) -> Array:
    """One row of features for each recommendation, shape (len(recommendations), len(OUTCOME_FEATURES)).

    `about` holds the probability that each finding is about each recommendation, `repeats` that each later
    recommendation tells it again. Weakness counts a mixed finding as half.
    """
    strong = np.array([p == Polarity.STRENGTH for p in polarities], dtype=float)
    weak = np.array([{Polarity.WEAKNESS: 1.0, Polarity.MIXED: 0.5}.get(p, 0.0) for p in polarities])
    tone = float(weak.mean()) if len(weak) else 0.5
    rows = []
    for i, view in enumerate(recommendations):
        chances = about[i]
        top = np.argsort(-chances, kind="stable")[:3]
        mass = float(chances[top].sum()) + 0.02
        again = float(repeats[i].max(initial=0.0))
        rows.append(
            [
                _log(float(chances.max(initial=0.0))),
                float((chances[top] * weak[top]).sum()) / mass,
                float((chances[top] * strong[top]).sum()) / mass,
                _log(again),
                again,
                _weakness_of_topic(view, findings, weak, tone),
                tone,
                _words_together(view, findings),
            ]
        )
    return np.array(rows, dtype=float).reshape(len(recommendations), len(OUTCOME_FEATURES))


def settle_outcomes(chances: Array, classes: Sequence[str], linked: NDArray[np.bool_]) -> Array:
    """The chances of the outcomes where what is `linked` to a later recommendation cannot have gone away: it is told
    again, in whole or in part. Shape (recommendations, classes); rows still sum to 1."""
    open_still = np.array([c in (Outcome.REPEATED, Outcome.PARTLY_IMPROVED) for c in classes])
    settled = np.where((linked.sum(axis=1, keepdims=True) > 0) & ~open_still, 0.0, chances)
    made: Array = settled / settled.sum(axis=1, keepdims=True)
    return made


def _weakness_of_topic(view: View, findings: Sequence[View], weak: Array, tone: float) -> float:
    """Share of weakness among the findings that name the recommendation's first topic, drawn towards the report's."""
    topic = view.topics[0][0] if view.topics else None
    same = [float(w) for f, w in zip(findings, weak, strict=True) if topic in {c for c, _ in f.topics[:3]}]
    return (sum(same) + 2 * tone) / (len(same) + 2)


def _words_together(view: View, findings: Sequence[View]) -> float:
    """Share of the weight of the recommendation's words, rare ones above all, that one finding holds at best."""
    rarity = load_rarity()

    def weigh(stems: Iterable[str]) -> float:
        return sum(weight * weight for weight in (rarity.get(s, rarity[""]) for s in sorted(stems)))

    together: float = max((weigh(view.stems & f.stems) for f in findings), default=0.0)
    return together / (weigh(view.stems) or 1.0)


def _log(chance: float) -> float:
    return float(np.log(chance + 1e-3))

"""Small calibrated models as plain numbers: what is trained with scikit-learn is shipped as JSON and runs on numpy."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.rules import RuleModel, read_yaml

Array = NDArray[np.float64]


class Logistic(RuleModel):
    """A logistic regression over standardised features: one row of weights a class, or one row for yes and no."""

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]
    classes: tuple[str, ...]
    threshold: float = Field(default=0.5, ge=0, le=1)

    def predict(self, values: Array) -> Array:
        """Probabilities, shape (..., classes), of rows of features, shape (..., features)."""
        scaled = (values - np.array(self.mean)) / np.array(self.scale)
        logits = scaled @ np.array(self.weights).T + np.array(self.bias)
        if logits.shape[-1] == 1:
            yes = 1 / (1 + np.exp(-logits))
            return np.concatenate([1 - yes, yes], axis=-1)
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        made: Array = powers / powers.sum(axis=-1, keepdims=True)
        return made


class Choice(RuleModel):
    """A conditional logit (McFadden 1974): which of a report's findings is about a recommendation, or that none is.

    The findings compete, so that the sharpest match counts, not everything that is on the subject. `none` is the score
    of the choice of no finding.
    """

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    none: float

    def predict(self, values: Array) -> Array:
        """Probabilities, shape (items, findings + 1), of features, shape (items, findings, features). The last column
        is that of none; each row sums to 1."""
        scores = (values - np.array(self.mean)) / np.array(self.scale) @ np.array(self.weights)
        scores = np.concatenate([scores, np.full((len(scores), 1), self.none)], axis=1)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        made: Array = powers / powers.sum(axis=1, keepdims=True)
        return made


class ThreadModels(RuleModel):
    """`models/threads/weights.json`: which finding is about a recommendation, which recommendation tells it again,
    and what became of it. The first two also judge a council's papers."""

    about: Choice
    repeats: Logistic
    outcome: Logistic


@functools.cache
def load_models() -> ThreadModels:
    """The trained weights (JSON, which is YAML)."""
    return read_yaml("threads/weights.json", ThreadModels)

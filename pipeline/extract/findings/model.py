"""The classifier of sentences: no finding, strength, weakness or mixed, with probabilities.

Multinomial logistic regression over a sentence's cues, its place and its vector. A first, smaller model over cues
and place alone sifts out what is surely no finding, so that vectors are made for the rest only. The weights come
from `python -m pipeline.train.findings`; `models/findings/README.md` is their model card.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import DIMENSIONS, Embedder
from pipeline.errors import RuleFault
from pipeline.extract.findings.polarity import SIDES, describe_sentences, feature_names
from pipeline.extract.findings.sections import Tone, find_open, find_tone
from pipeline.paper import Paper
from pipeline.read.blocks import BlockKind
from pipeline.records import DocType
from pipeline.rules import read_bytes
from pipeline.split import Sentence

Matrix = NDArray[np.float64]

WEIGHTS = "findings/weights.npz"
CLASSES = ("none", "strength", "weakness", "mixed")
CUE_SCALE, VECTOR_SCALE = 1.0, 3.0
"""Weight of the two groups of features before regularisation; chosen by cross-validation over documents."""
THRESHOLD = 0.5
"""Probability of being a finding from which a sentence counts."""

INSPECTION = frozenset(
    {
        DocType.ILACS_INSPECTION,
        DocType.SIF_INSPECTION,
        DocType.FOCUSED_VISIT,
        DocType.MONITORING_VISIT,
        DocType.JTAI_LETTER,
        DocType.AREA_SEND_INSPECTION,
    }
)
ANAPHORA = ("this", "these", "they", "it", "as a result", "consequently", "such", "those", "therefore", "for example")
PLACES = (
    "inspection",
    "minutes",
    "report",
    "area_send",
    "list_item",
    "tone_strength",
    "tone_weakness",
    "anaphora",
    "anaphora_praise",
    "anaphora_criticism",
    "after_praise",
    "after_criticism",
    "first",
)


@dataclass(frozen=True)
class Weights:
    """`sift` has one weight a cue or place and its intercept last; `classes` a column for each class.

    Raises RuleFault where the weights were trained with other cues than `models/finding_cues.jsonl` holds now.
    """

    sift: Matrix
    sift_below: float
    classes: Matrix
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.columns != column_names():
            raise RuleFault(f"models/{WEIGHTS} does not fit models/finding_cues.jsonl: train findings again")


def column_names() -> tuple[str, ...]:
    """The names of the features of `describe_place` and cues, without the vector's."""
    return feature_names() + tuple(f"place:{p}" for p in PLACES)


@functools.cache
def load_weights() -> Weights:
    """The weights, read once."""
    with np.load(io.BytesIO(read_bytes(WEIGHTS))) as data:
        return Weights(
            sift=data["sift"].astype(np.float64),
            sift_below=float(data["sift_below"]),
            classes=data["classes"].astype(np.float64),
            columns=tuple(str(c) for c in data["columns"]),
        )


@dataclass(frozen=True)
class Candidates:
    """The sentences of a paper in which a finding may stand, with their cues and places."""

    sentences: tuple[Sentence, ...]
    features: Matrix


def find_candidates(paper: Paper) -> Candidates:
    """Sentences where findings may stand, and one row of features (columns as `column_names`) for each."""
    return describe_candidates(paper.sentences, paper.document.doc_type)


def describe_candidates(sentences: Sequence[Sentence], doc_type: DocType) -> Candidates:
    """As `find_candidates`, for sentences in the order of a text of one kind."""
    kept = tuple(find_open(sentences, doc_type))
    cues = describe_sentences([s.text for s in kept])
    return Candidates(kept, np.hstack([cues, _describe_places(kept, cues, doc_type)]))


def _describe_places(sentences: Sequence[Sentence], cues: Matrix, doc_type: DocType) -> Matrix:
    names = feature_names()
    praise, criticism = names.index(f"side:{SIDES[0]}"), names.index(f"side:{SIDES[1]}")
    out = np.zeros((len(sentences), len(PLACES)))
    inspection = doc_type in INSPECTION
    minutes = doc_type is DocType.MINUTES
    for i, sentence in enumerate(sentences):
        follows = i > 0 and sentences[i - 1].block == sentence.block
        anaphora = sentence.text.lower().startswith(ANAPHORA)
        before = cues[i - 1] if i and (follows or sentences[i - 1].section == sentence.section) else None
        good = float(before[praise]) if before is not None else 0.0
        bad = float(before[criticism]) if before is not None else 0.0
        tone = find_tone(sentence, doc_type)
        out[i] = (
            inspection,
            minutes,
            not inspection and not minutes,
            doc_type is DocType.AREA_SEND_INSPECTION,
            sentence.kind is BlockKind.LIST_ITEM,
            tone is Tone.STRENGTH,
            tone is Tone.WEAKNESS,
            anaphora,
            anaphora * good,
            anaphora * bad,
            good,
            bad,
            not follows,
        )
    return out


def sift(candidates: Candidates, weights: Weights) -> Candidates:
    """The candidates that the first model does not rule out."""
    if not candidates.sentences:
        return candidates
    score = candidates.features @ weights.sift[:-1] + weights.sift[-1]
    keep = np.flatnonzero(score >= weights.sift_below)
    return Candidates(tuple(candidates.sentences[i] for i in keep), candidates.features[keep])


def join_features(features: Matrix, vectors: NDArray[np.float32]) -> Matrix:
    """Cues, places and vectors side by side, scaled, with a column of ones for the intercept."""
    if vectors.shape[1:] != (DIMENSIONS,):
        raise ValueError(f"vectors of {DIMENSIONS} numbers are expected, not {vectors.shape}")
    ones = np.ones((len(features), 1))
    return np.hstack([features * CUE_SCALE, np.asarray(vectors, dtype=np.float64) * VECTOR_SCALE, ones])


def classify(candidates: Candidates, embedder: Embedder, weights: Weights) -> Matrix:
    """Probabilities, one row a candidate, columns as `CLASSES`."""
    vectors = embedder.encode([s.text for s in candidates.sentences])
    return soften(join_features(candidates.features, vectors) @ weights.classes)


def soften(scores: Matrix) -> Matrix:
    """Softmax over the rows."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    out: Matrix = shifted / shifted.sum(axis=1, keepdims=True)
    return out

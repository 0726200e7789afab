"""The classifier of sentences: no finding, strength, weakness or mixed, with probabilities.

A sentence model whose upper layers were adapted to the task by low-rank factors, and a linear layer over its vectors
of the sentence and the one before it, the sentence's cues and place, and the plain vector of the heading above it. A
first, smaller model over cues and place alone sifts out what is surely no finding, so that vectors are made for the
rest only. The weights come from `python -m pipeline.train.findings`; `models/findings/README.md` is their model card.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.adapted import Adapter
from pipeline.embed import DIMENSIONS, Embedder, Vectors
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
HEADING_SCALE = 2.0
"""What the unit vector of the heading is multiplied by beside the cues, which are 0 or 1."""
HEADING_ENDS = 200
"""Characters of a heading, from its end, that are asked for its vector."""
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
    """`sift` has one weight a cue or place and its intercept last; `head` a row for each column of `join_features`
    and a column for each class.

    Raises RuleFault where the weights were trained with other cues than `models/finding_cues.jsonl` holds now.
    """

    sift: Matrix
    sift_below: float
    head: Matrix
    adapter: Adapter
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.columns != column_names():
            raise RuleFault(f"models/{WEIGHTS} does not fit models/finding_cues.jsonl: train findings again")


def column_names() -> tuple[str, ...]:
    """The names of the features of cues and place, without the vectors'."""
    return feature_names() + tuple(f"place:{p}" for p in PLACES) + tuple(f"kind:{k}" for k in DocType)


@functools.cache
def load_weights() -> Weights:
    """The weights, read once."""
    with np.load(io.BytesIO(read_bytes(WEIGHTS))) as data:
        return Weights(
            sift=data["sift"].astype(np.float64),
            sift_below=float(data["sift_below"]),
            head=data["head"].astype(np.float64),
            adapter=Adapter(
                int(data["first_layer"]),
                {k.removeprefix("down:"): data[k] for k in data.files if k.startswith("down:")},
                {k.removeprefix("up:"): data[k] for k in data.files if k.startswith("up:")},
            ),
            columns=tuple(str(c) for c in data["columns"]),
        )


@dataclass(frozen=True)
class Candidates:
    """The sentences of a paper in which a finding may stand, with their cues and places.

    `before` holds for each the sentence before it in its paragraph or list, empty where it is the first.
    """

    sentences: tuple[Sentence, ...]
    before: tuple[str, ...]
    features: Matrix

    def __getitem__(self, rows: Iterable[int]) -> Candidates:
        chosen = list(rows)
        return Candidates(
            tuple(self.sentences[i] for i in chosen), tuple(self.before[i] for i in chosen), self.features[chosen]
        )


def find_candidates(paper: Paper) -> Candidates:
    """Sentences where findings may stand, and one row of features (columns as `column_names`) for each."""
    return describe_candidates(paper.sentences, paper.document.doc_type)


def describe_candidates(sentences: Sequence[Sentence], doc_type: DocType) -> Candidates:
    """As `find_candidates`, for sentences in the order of a text of one kind."""
    kept = tuple(find_open(sentences, doc_type))
    cues = describe_sentences([s.text for s in kept])
    before = tuple(kept[i - 1].text if i and _goes_on(kept[i - 1], sentence) else "" for i, sentence in enumerate(kept))
    kinds = np.zeros((len(kept), len(DocType)))
    kinds[:, list(DocType).index(doc_type)] = 1
    return Candidates(kept, before, np.hstack([cues, _describe_places(kept, cues, doc_type), kinds]))


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
    return candidates[np.flatnonzero(score >= weights.sift_below)]


def _goes_on(before: Sentence, sentence: Sentence) -> bool:
    """Whether the two stand in one paragraph or in one list."""
    if before.block == sentence.block:
        return True
    in_list = before.kind is BlockKind.LIST_ITEM and sentence.kind is BlockKind.LIST_ITEM
    return in_list and before.section == sentence.section


def embed_headings(candidates: Candidates, embedder: Embedder) -> Matrix:
    """The scaled vector of the heading above each candidate, noughts where there is none."""
    headings = [(s.section or "")[-HEADING_ENDS:] for s in candidates.sentences]
    return spread(headings, embedder.encode) * HEADING_SCALE


def spread(texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors]) -> Matrix:
    """A vector for each text, noughts for an empty one; each text is encoded once."""
    known = {text: i for i, text in enumerate(dict.fromkeys(t for t in texts if t))}
    made = np.zeros((len(texts), DIMENSIONS))
    there = [i for i, text in enumerate(texts) if text]
    made[there] = encode(list(known))[[known[texts[i]] for i in there]]
    return made


def join_features(own: Matrix, before: Matrix, features: Matrix, headings: Matrix) -> Matrix:
    """All that the linear layer sees, a row a candidate: the adapted vectors of the sentence and of the one before it,
    cues and place, the heading's vector, and 1."""
    return np.hstack([own, before, features, headings, np.ones((len(features), 1))])


def embed_sentences(
    texts: Sequence[str], before: Sequence[str], embedder: Embedder, adapter: Adapter
) -> tuple[Matrix, Matrix]:
    """The adapted vectors of the texts and of those before them."""
    both = spread([*texts, *before], lambda distinct: embedder.encode_both(distinct, adapter)[1])
    return both[: len(texts)], both[len(texts) :]


def classify(candidates: Candidates, embedder: Embedder, weights: Weights) -> Matrix:
    """Probabilities, one row a candidate, columns as `CLASSES`."""
    texts = [s.text for s in candidates.sentences]
    own, before = embed_sentences(texts, candidates.before, embedder, weights.adapter)
    headings = embed_headings(candidates, embedder)
    return soften(join_features(own, before, candidates.features, headings) @ weights.head)


def soften(scores: Matrix) -> Matrix:
    """Softmax over the rows."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    out: Matrix = shifted / shifted.sum(axis=1, keepdims=True)
    return out

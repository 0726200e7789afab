"""Trains the classifier of findings: `python -m pipeline.train.findings --corpus FOLDER`.

`models/findings/labels.jsonl` holds labels of sentences that were read one by one: hashes and labels, no text. The
sentences are found again in the documents of the corpus folder. `models/findings/written.jsonl` adds sentences in the
register of council papers, of which the corpus holds few, about councils that do not exist. Nothing is random; weights
are rounded, so that a fresh training writes the same bytes. With `--check` nothing is written and the scores of a
cross-validation over documents, and over the sections of the written sentences, are printed.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from pipeline.embed import Embedder, load_embedder
from pipeline.errors import FileFault
from pipeline.extract.findings.model import (
    CLASSES,
    THRESHOLD,
    WEIGHTS,
    Matrix,
    column_names,
    describe_candidates,
    find_candidates,
    join_features,
    soften,
)
from pipeline.identify import identify
from pipeline.ids import file_sha256, normalise
from pipeline.paper import Paper
from pipeline.parts import split_parts
from pipeline.read import read_file
from pipeline.read.blocks import BlockKind
from pipeline.records import DocType
from pipeline.rules import RuleModel, read_jsonl
from pipeline.split import Sentence, sentences

log = logging.getLogger(__name__)

MODELS = Path(__file__).resolve().parents[2] / "models"
STRENGTH_OF_FIT = 0.1
"""C of the logistic regression: chosen by cross-validation over documents (see the model card)."""
WRITTEN_WEIGHT = 1.5
"""What a written sentence counts against a labelled one: chosen by cross-validation on both (see the model card)."""
SIFT_RECALL = 0.997
"""Share of the labelled findings that the first model must let through, each judged by folds it was not fitted on."""
FOLDS = 10
DECIMALS = 3


LabelName = Literal["none", "strength", "weakness", "mixed"]


class FileLabels(RuleModel):
    """The labelled sentences of a file: the hash of its bytes, and by the hash of a sentence's normalised words its
    label."""

    file_sha256: str
    labels: dict[str, LabelName]


class Written(RuleModel):
    """One sentence or list item written for training; rows of one `section` stand in the order of a text."""

    text: str
    label: LabelName
    doc_type: DocType
    section: str
    block: BlockKind
    paragraph: int


@dataclass(frozen=True)
class Sample:
    """Labelled sentences: features, vectors, labels, the file (or section) of each, and how much each counts."""

    features: Matrix
    vectors: NDArray[np.float32]
    labels: NDArray[np.int64]
    groups: NDArray[np.str_]
    weights: Matrix
    is_written: NDArray[np.bool_]


def hash_sentence(text: str) -> str:
    """What stands for a sentence in the labels of its file: 64 bits of the sha256 of its normalised words."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()[:16]


@functools.cache
def load_labels() -> dict[tuple[str, str], int]:
    """(file, sentence) → number of the class."""
    rows = read_jsonl("findings/labels.jsonl", FileLabels)
    return {(row.file_sha256, key): CLASSES.index(label) for row in rows for key, label in row.labels.items()}


def _papers(corpus: Path) -> Iterator[Paper]:
    wanted = {file for file, _ in load_labels()}
    for path in sorted(p for p in corpus.rglob("*") if p.is_file()):
        sha = file_sha256(path)
        if sha not in wanted:
            continue
        wanted.discard(sha)
        try:
            reading = read_file(path)
        except FileFault as fault:
            log.warning("%s cannot be read: %s", path.name, fault)
            continue
        for part in split_parts(reading):
            found = identify(part, reading, path.name, sha)
            yield Paper(found.document, found.visit, part, tuple(sentences(part)))


Row = tuple[Matrix, str, int, str]
"""Features, text, number of the class and group of one labelled sentence."""


def _find_labelled(corpus: Path) -> Iterator[Row]:
    labels = load_labels()
    for paper in _papers(corpus):
        sha = paper.document.file_sha256
        candidates = find_candidates(paper)
        for sentence, features in zip(candidates.sentences, candidates.features, strict=True):
            label = labels.get((sha, hash_sentence(sentence.text)))
            if label is not None:
                yield features, sentence.text, label, sha


def load_written() -> tuple[Written, ...]:
    """The written sentences in order."""
    return read_jsonl("findings/written.jsonl", Written)


def _find_written() -> Iterator[Row]:
    for (doc_type, section), rows in groupby(load_written(), key=lambda r: (r.doc_type, r.section)):
        labels, made = {}, []
        for row in rows:
            labels[row.text] = CLASSES.index(row.label)
            made.append(Sentence(row.text, 0, len(row.text), row.paragraph, row.block, section=section))
        candidates = describe_candidates(made, doc_type)
        for sentence, features in zip(candidates.sentences, candidates.features, strict=True):
            yield features, sentence.text, labels[sentence.text], f"{doc_type.value}: {section}"


def gather(corpus: Path, embedder: Embedder) -> Sample:
    """The labelled sentences that stand where findings may stand, by file and text; the written ones last."""
    labelled, written = list(_find_labelled(corpus)), list(_find_written())
    log.info("%d of %d labels found where findings may stand", len(labelled), len(load_labels()))
    log.info("%d of %d written sentences stand where findings may stand", len(written), len(load_written()))
    features, texts, labels, groups = zip(*labelled, *written, strict=True)
    is_written = np.arange(len(texts)) >= len(labelled)
    return Sample(
        np.asarray(features),
        embedder.encode(texts),
        np.asarray(labels),
        np.asarray(groups),
        np.where(is_written, WRITTEN_WEIGHT, 1.0),
        is_written,
    )


def fit_classes(x: Matrix, labels: NDArray[np.int64], weights: Matrix) -> Matrix:
    """Weights of the multinomial model, one column a class; the last column of `x` is the intercept."""
    model = LogisticRegression(C=STRENGTH_OF_FIT, max_iter=5000, tol=1e-6)
    model.fit(x[:, :-1], labels, sample_weight=weights)
    fitted = np.vstack([model.coef_.T, model.intercept_])
    centred: Matrix = np.round(fitted - fitted.mean(axis=1, keepdims=True), DECIMALS)
    return centred


def fit_sift(features: Matrix, labels: NDArray[np.int64], weights: Matrix) -> Matrix:
    """Weights of the first model: finding or none, by cues and place alone; the intercept last."""
    model = LogisticRegression(C=STRENGTH_OF_FIT, max_iter=5000, tol=1e-6)
    model.fit(features, labels > 0, sample_weight=weights)
    fitted: Matrix = np.round(np.append(model.coef_[0], model.intercept_), DECIMALS)
    return fitted


def cross_validate(sample: Sample) -> tuple[Matrix, Matrix]:
    """Scores of the first model and probabilities of the second, each from folds without the sentence's group."""
    x = join_features(sample.features, sample.vectors)
    sifted, chances = np.zeros(len(x)), np.zeros((len(x), len(CLASSES)))
    for train, test in GroupKFold(FOLDS).split(x, sample.labels, sample.groups):
        labels, weights = sample.labels[train], sample.weights[train]
        sift = fit_sift(sample.features[train], labels, weights)
        sifted[test] = sample.features[test] @ sift[:-1] + sift[-1]
        chances[test] = soften(x[test] @ fit_classes(x[train], labels, weights))
    return sifted, chances


def report(labels: NDArray[np.int64], chances: Matrix) -> dict[str, float]:
    """F1 of findings, with polarity and by class, and the calibration error of the confidence in ten bins."""
    is_finding = 1 - chances[:, 0] >= THRESHOLD
    guess = np.where(is_finding, 1 + chances[:, 1:].argmax(axis=1), 0)
    both = (guess > 0).sum() + (labels > 0).sum()
    out = {
        "findings": 2 * ((guess > 0) & (labels > 0)).sum() / both,
        "with polarity": 2 * ((guess == labels) & (labels > 0)).sum() / both,
    }
    for number, name in enumerate(CLASSES[1:], 1):
        pair = (guess == number).sum() + (labels == number).sum()
        out[name] = 2 * ((guess == number) & (labels == number)).sum() / max(1, pair)
    sure = chances[np.arange(len(guess)), guess][is_finding]
    right = (guess == labels)[is_finding]
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = [abs(sure[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    out["calibration error"] = sum(gaps)
    return {name: round(float(value), 4) for name, value in out.items()}


def train(corpus: Path, target: Path | None) -> dict[str, float]:
    """Fit on all labels, write the weights to `target` where given; returns the scores of the cross-validation."""
    sample = gather(corpus, load_embedder())
    sifted, chances = cross_validate(sample)
    is_finding = sample.labels > 0
    below = np.floor(np.quantile(sifted[is_finding], 1 - SIFT_RECALL) * 100) / 100
    council = (sample.features[:, column_names().index("place:inspection")] == 0) & ~sample.is_written
    sets = {"labelled": ~sample.is_written, "labelled in council papers": council, "written": sample.is_written}
    scores: dict[str, float] = {}
    for name, rows in sets.items():
        values = report(sample.labels[rows], chances[rows])
        values["sentences"] = int(rows.sum())
        values["sift keeps findings"] = round(float((sifted >= below)[rows & is_finding].mean()), 4)
        values["sift keeps others"] = round(float((sifted >= below)[rows & ~is_finding].mean()), 4)
        scores.update({f"{name}: {key}": value for key, value in values.items()})
    if target is not None:
        x = join_features(sample.features, sample.vectors)
        target.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            target,
            sift=fit_sift(sample.features, sample.labels, sample.weights).astype(np.float32),
            sift_below=np.float32(below),
            classes=fit_classes(x, sample.labels, sample.weights).astype(np.float32),
            columns=np.array(column_names()),
        )
    return scores


def main() -> None:
    """Train, write `models/findings/weights.npz` and log the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with the labelled documents")
    parser.add_argument("--check", action="store_true", help="score only, write nothing")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name, value in train(arguments.corpus, None if arguments.check else MODELS / WEIGHTS).items():
        log.info("%-48s %s", name, value)


if __name__ == "__main__":
    main()

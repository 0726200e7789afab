"""Trains the classifier of findings: `python -m pipeline.train.findings --corpus FOLDER`.

`models/findings/labels.jsonl` holds labels of sentences that were read one by one: hashes and labels, no text. The
sentences are found again in the documents of the corpus folder. Nothing is random; weights are rounded, so that a
fresh training writes the same bytes. With `--check` nothing is written and the scores of a cross-validation over
documents are printed.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
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
    find_candidates,
    join_features,
    soften,
)
from pipeline.identify import identify
from pipeline.ids import file_sha256, normalise
from pipeline.paper import Paper
from pipeline.parts import split_parts
from pipeline.read import read_file
from pipeline.rules import RuleModel, read_jsonl
from pipeline.split import sentences

log = logging.getLogger(__name__)

MODELS = Path(__file__).resolve().parents[2] / "models"
STRENGTH_OF_FIT = 0.1
"""C of the logistic regression: chosen by cross-validation over documents (see the model card)."""
SIFT_RECALL = 0.997
"""Share of the labelled findings that the first model must let through, each judged by folds it was not fitted on."""
FOLDS = 10
DECIMALS = 3


class Label(RuleModel):
    """One labelled sentence: hash of its file, hash of its normalised words, label."""

    file_sha256: str
    sentence_sha256: str
    label: Literal["none", "strength", "weakness", "mixed"]


@dataclass(frozen=True)
class Sample:
    """The labelled sentences found in the corpus: features, vectors, labels and the file of each."""

    features: Matrix
    vectors: NDArray[np.float32]
    labels: NDArray[np.int64]
    groups: NDArray[np.str_]


def hash_sentence(text: str) -> str:
    """What stands for a sentence in the labels: sha256 of its normalised words."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()


@functools.cache
def load_labels() -> dict[tuple[str, str], int]:
    """(file, sentence) → number of the class."""
    rows = read_jsonl("findings/labels.jsonl", Label)
    return {(row.file_sha256, row.sentence_sha256): CLASSES.index(row.label) for row in rows}


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


def gather(corpus: Path, embedder: Embedder) -> Sample:
    """The labelled sentences that stand where findings may stand, in the order of files and text."""
    labels = load_labels()
    features, texts, classes, groups = [], [], [], []
    for paper in _papers(corpus):
        sha = paper.document.file_sha256
        candidates = find_candidates(paper)
        for sentence, row in zip(candidates.sentences, candidates.features, strict=True):
            label = labels.get((sha, hash_sentence(sentence.text)))
            if label is not None:
                features.append(row)
                texts.append(sentence.text)
                classes.append(label)
                groups.append(sha)
    log.info("%d of %d labels found where findings may stand", len(texts), len(labels))
    vectors = embedder.encode(texts)
    return Sample(np.asarray(features), vectors, np.asarray(classes), np.asarray(groups))


def fit_classes(x: Matrix, labels: NDArray[np.int64]) -> Matrix:
    """Weights of the multinomial model, one column a class; the last column of `x` is the intercept."""
    model = LogisticRegression(C=STRENGTH_OF_FIT, max_iter=5000, tol=1e-6)
    model.fit(x[:, :-1], labels)
    weights = np.vstack([model.coef_.T, model.intercept_])
    centred: Matrix = np.round(weights - weights.mean(axis=1, keepdims=True), DECIMALS)
    return centred


def fit_sift(features: Matrix, labels: NDArray[np.int64]) -> Matrix:
    """Weights of the first model: finding or none, by cues and place alone; the intercept last."""
    model = LogisticRegression(C=STRENGTH_OF_FIT, max_iter=5000, tol=1e-6)
    model.fit(features, labels > 0)
    weights: Matrix = np.round(np.append(model.coef_[0], model.intercept_), DECIMALS)
    return weights


def cross_validate(sample: Sample) -> tuple[Matrix, Matrix]:
    """Scores of the first model and probabilities of the second, each from folds without the sentence's document."""
    x = join_features(sample.features, sample.vectors)
    sifted, chances = np.zeros(len(x)), np.zeros((len(x), len(CLASSES)))
    for train, test in GroupKFold(FOLDS).split(x, sample.labels, sample.groups):
        weights = fit_sift(sample.features[train], sample.labels[train])
        sifted[test] = sample.features[test] @ weights[:-1] + weights[-1]
        chances[test] = soften(x[test] @ fit_classes(x[train], sample.labels[train]))
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
    below = np.floor(np.quantile(sifted[sample.labels > 0], 1 - SIFT_RECALL) * 100) / 100
    scores = report(sample.labels, chances)
    scores["sentences"] = len(sample.labels)
    scores["sift keeps findings"] = round(float((sifted >= below)[sample.labels > 0].mean()), 4)
    scores["sift keeps others"] = round(float((sifted >= below)[sample.labels == 0].mean()), 4)
    if target is not None:
        x = join_features(sample.features, sample.vectors)
        target.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            target,
            sift=fit_sift(sample.features, sample.labels).astype(np.float32),
            sift_below=np.float32(below),
            classes=fit_classes(x, sample.labels).astype(np.float32),
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
        log.info("%-22s %s", name, value)


if __name__ == "__main__":
    main()

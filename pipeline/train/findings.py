"""Trains the classifier of findings: `python -m pipeline.train.findings --corpus FOLDER`.

Learns from the sentences of `pipeline.train.labelled`. With `--check` nothing is written and the scores of a
cross-validation over documents, and over the sections of the written sentences, are printed.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from pipeline.embed import Precision, SentenceModel
from pipeline.extract.findings.model import (
    CLASSES,
    THRESHOLD,
    WEIGHTS,
    Matrix,
    column_names,
    embed_sentences,
    join_features,
    soften,
)
from pipeline.train.adapting import Fitted, Lower, fit, run_lower
from pipeline.train.labelled import Sample, gather

log = logging.getLogger(__name__)

MODELS = Path(__file__).resolve().parents[2] / "models"
STRENGTH_OF_FIT = 0.1
"""C of the first model's logistic regression."""
SIFT_RECALL = 0.999
"""Share of the labelled findings that the first model must let through, each judged by folds it was not fitted on."""
FOLDS = 3
DECIMALS = 3


def fit_sift(features: Matrix, labels: NDArray[np.int64], weights: Matrix) -> Matrix:
    """Weights of the first model: finding or none, by cues and place alone; the intercept last."""
    model = LogisticRegression(C=STRENGTH_OF_FIT, max_iter=5000, tol=1e-6)
    model.fit(features, labels > 0, sample_weight=weights)
    fitted: Matrix = np.round(np.append(model.coef_[0], model.intercept_), DECIMALS)
    return fitted


def cross_validate(sample: Sample, model: SentenceModel, lower: Lower) -> tuple[Matrix, Matrix]:
    """Scores of the first model and probabilities of the second, each from folds without the sentence's group."""
    count = len(sample.labels)
    sifted, chances = np.zeros(count), np.zeros((count, len(CLASSES)))
    folds = GroupKFold(FOLDS).split(sample.features, sample.labels, sample.groups)
    for number, (train, test) in enumerate(folds, 1):
        log.info("fold %d of %d", number, FOLDS)
        sift = fit_sift(sample.features[train], sample.labels[train], sample.weights[train])
        sifted[test] = sample.features[test] @ sift[:-1] + sift[-1]
        chances[test] = predict(fit(model.encoder, lower, sample, train), sample[test], model)
    return sifted, chances


def predict(fitted: Fitted, sample: Sample, model: SentenceModel) -> Matrix:
    """Probabilities of the sample's sentences, columns as `CLASSES`."""
    own, before = embed_sentences(sample.texts, sample.before, model, fitted.adapter)
    return soften(join_features(own, before, sample.features, sample.headings) @ fitted.head)


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


def check(sample: Sample, model: SentenceModel, lower: Lower) -> dict[str, float]:
    """The scores of the cross-validation: of all labelled sentences, of those in council papers, and of the written."""
    sifted, chances = cross_validate(sample, model, lower)
    is_finding = sample.labels > 0
    below = place_sift(sifted, is_finding)
    council = (sample.features[:, column_names().index("place:inspection")] == 0) & ~sample.is_written
    sets = {"labelled": ~sample.is_written, "labelled in council papers": council, "written": sample.is_written}
    scores: dict[str, float] = {}
    for name, rows in sets.items():
        values = report(sample.labels[rows], chances[rows])
        values["sentences"] = int(rows.sum())
        values["sift keeps findings"] = round(float((sifted >= below)[rows & is_finding].mean()), 4)
        values["sift keeps others"] = round(float((sifted >= below)[rows & ~is_finding].mean()), 4)
        scores.update({f"{name}: {key}": value for key, value in values.items()})
    return scores


def place_sift(sifted: Matrix, is_finding: NDArray[np.bool_]) -> float:
    """The score below which the first model drops a sentence."""
    return float(np.floor(np.quantile(sifted[is_finding], 1 - SIFT_RECALL) * 100) / 100)


def cross_sift(sample: Sample) -> Matrix:
    """Scores of the first model, each from folds without the sentence's group."""
    sifted = np.zeros(len(sample.labels))
    for train, test in GroupKFold(10).split(sample.features, sample.labels, sample.groups):
        sift = fit_sift(sample.features[train], sample.labels[train], sample.weights[train])
        sifted[test] = sample.features[test] @ sift[:-1] + sift[-1]
    return sifted


def write(target: Path, fitted: Fitted, sample: Sample) -> None:
    """Write the weights of both models."""
    target.parent.mkdir(parents=True, exist_ok=True)
    factors: dict[str, Any] = {f"down:{name}": values for name, values in fitted.adapter.down.items()}
    factors |= {f"up:{name}": values for name, values in fitted.adapter.up.items()}
    np.savez_compressed(
        target,
        sift=fit_sift(sample.features, sample.labels, sample.weights).astype(np.float32),
        sift_below=np.float32(place_sift(cross_sift(sample), sample.labels > 0)),
        head=fitted.head.astype(np.float16),
        first_layer=np.int64(fitted.adapter.first_layer),
        columns=np.array(column_names()),
        **factors,
    )


def main() -> None:
    """Train and write `models/findings/weights.npz`, or score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with the labelled documents")
    parser.add_argument("--check", action="store_true", help="score only, write nothing")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    model = SentenceModel(Precision.FP32)
    sample = gather(arguments.corpus, model)
    lower = run_lower(model.encoder, sample)
    if arguments.check:
        for name, value in check(sample, model, lower).items():
            log.info("%-48s %s", name, value)
    else:
        write(MODELS / WEIGHTS, fit(model.encoder, lower, sample, np.arange(len(sample.texts))), sample)


if __name__ == "__main__":
    main()

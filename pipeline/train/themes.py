"""Trains the classifier of themes and measures it: `python -m pipeline.train.themes SHARED --out OUT`.

`models/themes/labels.jsonl` holds codes of recommendations and findings that were read one by one: hashes and codes,
no text. Their words are found again in OUT, a run over the documents in SHARED/corpus. The seed sentences of the
codebook, which are the project's own, are added. Nothing is random; weights are rounded, so that a fresh training
writes the same bytes. Without `--write` only the figures are printed: a cross-validation in which no council is in two
folds, and `SHARED/gold/dev/themes_dev.jsonl`, none of whose items is among the labels. The cues were once corrected on
those items, so how well new ones are coded is said by the vectors alone there, and by the cross-validation.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from pipeline.calibration import bin_rows, calibration_error
from pipeline.embed import DIMENSIONS, Embedder, load_embedder
from pipeline.ids import normalise
from pipeline.rules import RuleModel, read_jsonl
from pipeline.themes.agreement import measure_bcubed
from pipeline.themes.codebook import load_codebook
from pipeline.themes.coding import (
    NO_THEME,
    WEIGHTS,
    Coding,
    Matrix,
    Weights,
    choose_codes,
    describe_texts,
    find_chances,
)
from pipeline.train.labelled import hash_sentence

MODELS = Path(__file__).resolve().parents[2] / "models"
STRENGTH_OF_FIT = 1.0
"""C of the logistic regression: chosen by cross-validation over councils (see the model card)."""
SHARPEN = 1.3
"""What the weights are multiplied by, since shrinking makes them too modest: by the same cross-validation."""
FOLDS = 8
DECIMALS = 3
NOBODY = "the codebook"


class FileCodes(RuleModel):
    """The coded items of a file: the hash of its bytes, and by the hash of an item's normalised words its first and
    second theme; an empty list where it belongs to none."""

    file_sha256: str
    codes: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Sample:
    """Labelled texts: features, first and second code ("" where there is none), council, and where each is from."""

    texts: tuple[str, ...]
    features: Matrix
    first: NDArray[np.str_]
    second: NDArray[np.str_]
    councils: NDArray[np.str_]
    tables: NDArray[np.str_]


def load_labels() -> dict[tuple[str, str], tuple[str, ...]]:
    """(file, text) → first and second code."""
    rows = read_jsonl("themes/labels.jsonl", FileCodes)
    return {(row.file_sha256, key): codes for row in rows for key, codes in row.codes.items()}


def read_items(out: Path) -> pd.DataFrame:
    """Recommendations and findings of a published run with the file and the council of each."""
    documents = pd.read_parquet(out / "dataset" / "documents.parquet")[["document_id", "file_sha256", "council"]]
    tables = []
    for name in ("recommendations", "findings"):
        rows = pd.read_parquet(out / "dataset" / f"{name}.parquet")[["document_id", "text", "theme_id", "theme_code"]]
        tables.append(rows.assign(table=name))
    return pd.concat(tables).merge(documents, on="document_id")


def gather(items: pd.DataFrame, embedder: Embedder) -> Sample:
    """The labelled items among these, and the codebook's own sentences."""
    labels = load_labels()
    rows: dict[tuple[str, str], tuple[str, str, str, tuple[str, ...]]] = {}
    for row in items.to_dict("records"):
        key = (str(row["file_sha256"]), hash_sentence(str(row["text"])))
        if key in labels:
            council = str(row["council"] or row["file_sha256"])
            rows.setdefault(key, (str(row["text"]), council, str(row["table"]), labels[key]))
    for theme in load_codebook().themes:
        for n, text in enumerate((theme.label, theme.definition, *theme.seeds)):
            rows[theme.code, str(n)] = (text, NOBODY, "codebook", (theme.code,))
    ordered = [rows[key] for key in sorted(rows)]
    texts = tuple(text for text, _, _, _ in ordered)
    codes = [codes for _, _, _, codes in ordered]
    return Sample(
        texts=texts,
        features=describe_texts(texts, embedder.encode(texts)),
        first=np.array([c[0] if c else NO_THEME for c in codes]),
        second=np.array([c[1] if len(c) > 1 else "" for c in codes]),
        councils=np.array([council for _, council, _, _ in ordered]),
        tables=np.array([table for _, _, table, _ in ordered]),
    )


def fit(features: Matrix, first: NDArray[np.str_]) -> Weights:
    """The classifier of these texts; a class without a text is never chosen."""
    model = LogisticRegression(C=STRENGTH_OF_FIT, max_iter=3000).fit(features, first)
    classes = (*(t.code for t in load_codebook().themes), NO_THEME)
    made = np.zeros((len(classes), features.shape[1] + 1))
    made[:, -1] = -50.0
    rows = [classes.index(c) for c in model.classes_]
    made[rows] = np.hstack([model.coef_, model.intercept_[:, None]])
    return Weights(classes, np.round(SHARPEN * made, DECIMALS))


def cross_validate(sample: Sample, features: Matrix) -> Matrix:
    """Chances of each labelled text by weights that saw no text of its council; the codebook's rows stay 0."""
    real = np.flatnonzero(sample.councils != NOBODY)
    own = np.flatnonzero(sample.councils == NOBODY)
    chances = np.zeros((len(sample.texts), len(load_codebook().themes) + 1))
    for train, test in GroupKFold(FOLDS).split(real, groups=sample.councils[real]):
        rows = np.concatenate([real[train], own])
        chances[real[test]] = find_chances(features[real[test]], fit(features[rows], sample.first[rows]))
    return chances


def score_codings(codings: Sequence[Coding], first: Sequence[str], second: Sequence[str]) -> dict[str, float]:
    """Shares of right codes. A code is right if it is the first or second of the reader; texts without a theme count
    as right where they are given none."""
    made = [c.code or NO_THEME for c in codings]
    right = [m in (f, s) for m, f, s in zip(made, first, second, strict=True)]
    seconds = [(c.code_2, f, s) for c, f, s in zip(codings, first, second, strict=True) if c.code_2]
    pairs = list(zip([c.confidence for c in codings], right, strict=True))
    return {
        "items": len(codings),
        "right": float(np.mean(right)),
        "first theme": float(np.mean([m == f for m, f in zip(made, first, strict=True)])),
        "given a second": float(np.mean([bool(c.code_2) for c in codings])),
        "second right": float(np.mean([c in (f, s) for c, f, s in seconds])) if seconds else 0.0,
        "said": float(np.mean([c.confidence for c in codings])),
        "calibration error": calibration_error(bin_rows(pairs)),
    }


def read_gold(shared: Path) -> list[dict[str, Any]]:
    """The coded recommendations of `themes_dev.jsonl`."""
    lines = (shared / "gold/dev/themes_dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _say(name: str, values: Mapping[str, float]) -> None:
    sys.stdout.write(f"{name:42} " + "  ".join(f"{k} {v:.3f}" for k, v in values.items()) + "\n")


def _measure(sample: Sample, gold: Sequence[Mapping[str, Any]], embedder: Embedder) -> None:
    texts = [g["text"] for g in gold]
    known = {normalise(t) for t in texts}
    apart = np.array([normalise(t) not in known for t in sample.texts])  # seed sentences may say the same
    if (~apart & (sample.councils != NOBODY)).any():
        raise SystemExit("items of themes_dev.jsonl are among the labels: their figures would mean nothing")
    test = describe_texts(texts, embedder.encode(texts))
    truth = [g["theme"] for g in gold], [g["theme2"] or "" for g in gold]
    ways = {
        "cues and vectors": slice(None),
        "vectors alone": slice(0, DIMENSIONS),
        "cues alone": slice(DIMENSIONS, None),
    }
    for way, columns in ways.items():
        features = sample.features[:, columns]
        chances = cross_validate(sample, features)
        classes = (*(t.code for t in load_codebook().themes), NO_THEME)
        for table in ("recommendations", "findings"):
            rows = np.flatnonzero(sample.tables == table)
            codings = choose_codes(chances[rows], classes)
            scores = score_codings(codings, sample.first[rows].tolist(), sample.second[rows].tolist())
            _say(f"{way}: {table}, councils left out", scores)
        found = choose_codes(find_chances(test[:, columns], fit(features[apart], sample.first[apart])), classes)
        _say(f"{way}: themes_dev", score_codings(found, *truth))


def _measure_run(items: pd.DataFrame, gold: Sequence[Mapping[str, Any]]) -> None:
    rows = items[items.table == "recommendations"]
    theme_of = {normalise(t): i or t for t, i in zip(rows.text, rows.theme_id, strict=True)}
    codes: dict[str, Hashable] = {g["id"]: g["theme"] for g in gold if normalise(g["text"]) in theme_of}
    groups = {g["id"]: theme_of[normalise(g["text"])] for g in gold if g["id"] in codes}
    precision, recall, f1 = measure_bcubed(groups, codes)
    _say("clusters of the run", {"items": len(codes), "precision": precision, "recall": recall, "B-cubed F1": f1})


def main() -> None:
    """Print the figures, and with `--write` make `models/themes/weights.npz`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, help="folder with gold/dev/themes_dev.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="a published run over the labelled documents")
    parser.add_argument("--write", action="store_true", help="write the weights")
    arguments = parser.parse_args()
    embedder = load_embedder()
    items = read_items(arguments.out)
    sample = gather(items, embedder)
    if arguments.write:
        weights = fit(sample.features, sample.first)
        np.savez(
            MODELS / WEIGHTS,
            classes=np.array(weights.classes),
            coefficients=weights.coefficients.astype(np.float32),
        )
    gold = read_gold(arguments.shared)
    _measure(sample, gold, embedder)
    _measure_run(items, gold)


if __name__ == "__main__":
    main()

"""The labelled pairs of inspections: hashes only, and each label as the guide allows."""

import re

import numpy as np
import pytest

from pipeline.records import Outcome, Polarity
from pipeline.rules import read_bytes
from pipeline.threads.comparing import FEATURES
from pipeline.train.thread_cases import PairLabels
from pipeline.train.threads import Case, fit_choice

HASH = re.compile(r"[0-9a-f]{16}")


@pytest.fixture(scope="module")
def rows():
    return [PairLabels.model_validate_json(line) for line in read_bytes("threads/labels.jsonl").splitlines()]


def test_no_text_is_among_the_labels(rows):
    for row in rows:
        assert all(re.fullmatch(r"[0-9a-f]{64}", sha) for sha in (row.from_sha256, row.to_sha256))
        for key, label in row.recommendations.items():
            assert all(HASH.fullmatch(h) for h in (key, *label.repeats, *label.evidence))


def test_each_pair_is_labelled_once(rows):
    pairs = [(r.from_sha256, r.to_sha256) for r in rows]
    assert len(pairs) == len(set(pairs))


def test_what_is_not_mentioned_has_no_evidence_and_what_went_away_is_not_told_again(rows):
    for label in (label for row in rows for label in row.recommendations.values()):
        if label.outcome == Outcome.NOT_MENTIONED:
            assert not label.evidence
        if label.outcome in (Outcome.NOT_MENTIONED, Outcome.IMPROVED):
            assert not label.repeats


def test_the_choice_learns_which_feature_tells():
    numbers = np.random.default_rng(0)
    values = numbers.normal(size=(60, 8, len(FEATURES)))
    about = values[:, :, 3] == values[:, :, 3].max(axis=1, keepdims=True)
    case = Case(
        "Wolds",
        np.zeros((60, 384)),
        values[:, :2],
        values,
        [Polarity.STRENGTH] * 8,
        about,
        about[:, :2],
        ["improved"] * 60,
    )
    made = fit_choice([case])
    assert int(np.argmax(np.abs(made.weights))) == 3
    chosen = made.predict(values)
    assert (chosen[:, :-1].argmax(axis=1) == about.argmax(axis=1)).mean() > 0.9

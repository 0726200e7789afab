"""The comparison of ways to compute the vectors counts what it says, and takes none that differs from the reference."""

import numpy as np
import pytest

from pipeline.bench.embeddings import Way, choose_way, describe_ways, measure_ways

DOCUMENTS = [[f"{n}" for n in range(30)], [f"{n}" for n in range(30, 50)]]


def encode(texts):
    made = np.stack([np.random.default_rng(int(text)).standard_normal(8) for text in texts]).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def turn(texts):
    """The same, but for a turn by 60 degrees in one plane for all: neighbours change."""
    made = encode(texts).copy()
    made[:, 0], made[:, 1] = made[:, 0] / 2 - made[:, 1] * 0.866, made[:, 0] * 0.866 + made[:, 1] / 2
    made[:, 2] *= 3
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_a_way_is_compared_with_the_first():
    same, turned = measure_ways({"reference": encode, "turned": turn}, DOCUMENTS)
    assert same.cosine == pytest.approx(1)
    assert same.neighbours == 1
    assert turned.cosine < 0.9
    assert turned.percentile < turned.cosine
    assert 0 < turned.neighbours < 1
    assert same.rate > 0


def test_the_fastest_that_agrees_is_the_one_to_take():
    ways = [
        Way("reference", 100, 1, 1, 1),
        Way("good", 500, 0.99995, 0.9999, 0.99),
        Way("slow", 300, 1, 1, 1),
        Way("far", 900, 0.99, 0.98, 0.9),
    ]
    assert choose_way(ways).name == "good"
    lines = list(describe_ways(ways))
    assert lines[3] == "| good | 500 | 0.99995 | 0.99990 | 0.990 |"
    assert lines[-2].endswith(": good")

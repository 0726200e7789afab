"""Texts in rows: each token once and in its place, few shapes, and room that is used."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sequences import TOKENS_A_BATCH, WIDTHS, Batch, fill_rows, make_batches

SIZES = st.lists(st.integers(1, WIDTHS[-1]), max_size=150)


def make_ids(sizes: list[int]) -> list[list[int]]:
    return [list(range(1000 * n + 1, 1000 * n + size + 1)) for n, size in enumerate(sizes)]


@given(SIZES)
def test_every_text_stands_whole_in_one_row(sizes: list[int]) -> None:
    ids, found = make_ids(sizes), {}
    for batch in make_batches(ids):
        assert batch.ids.size <= TOKENS_A_BATCH
        for place, number in enumerate(batch.texts):
            rows, columns = np.nonzero(batch.owner == place)
            assert len(set(rows)) == 1
            assert list(columns) == list(range(columns[0], columns[0] + sizes[number]))
            assert list(batch.positions[rows, columns]) == list(range(sizes[number]))
            found[number] = list(batch.ids[rows, columns])
        assert (batch.ids[batch.owner == len(batch.texts)] == 0).all()
    assert found == dict(enumerate(ids))


@given(st.lists(st.integers(1, 64), min_size=1, max_size=200))
def test_no_two_rows_could_have_been_one(sizes: list[int]) -> None:
    rows = fill_rows([(size, n) for n, size in enumerate(sizes)], 64)
    filled = sorted(sum(sizes[n] for n in row) for row in rows)
    assert filled[-1] <= 64
    assert sum(filled) == sum(sizes)
    assert len(filled) < 2 or filled[0] + filled[1] > 64


def test_reports_worth_of_sentences_comes_in_few_shapes_and_little_padding() -> None:
    rng = np.random.default_rng(4)
    shapes, tokens, room = set(), 0, 0
    for _ in range(60):
        sizes = np.clip(rng.lognormal(3.2, 0.5, rng.integers(20, 400)), 4, 256).astype(int)
        for batch in make_batches(make_ids(sizes.tolist())):
            shapes.add(batch.ids.shape)
            room += batch.ids.size
        tokens += int(sizes.sum())
    assert len(shapes) <= 14
    assert room < 1.15 * tokens


def test_a_token_sees_its_own_text_only_and_the_mean_is_over_it() -> None:
    (batch,) = make_batches([[1, 2, 3], [4, 5]])
    sees = batch.mask(torch.float32)[:, 0] == 0
    assert torch.equal(sees, torch.from_numpy(batch.owner[:, :, None] == batch.owner[:, None, :]))
    means = batch.pool(torch.from_numpy(batch.ids)[:, :, None])
    assert dict(zip(batch.texts, means[:, 0].tolist(), strict=True)) == {0: 2.0, 1: 4.5}


def test_a_text_longer_than_every_row_is_refused_and_no_text_is_no_batch() -> None:
    with pytest.raises(ValueError, match="257 tokens"):
        list(make_batches([[1] * 257]))
    assert not list(make_batches([]))


def test_a_full_batch_needs_no_padding() -> None:
    batches: list[Batch] = list(make_batches([[7] * 64] * 32))
    assert len(batches) == 1
    assert (batches[0].owner < 32).all()

"""Texts and vectors in files while a dataset is assembled."""

from __future__ import annotations

import numpy as np

import pipeline.spool as spool_module
from pipeline.embed import DIMENSIONS
from pipeline.spool import ItemVectors, Spool, take_vectors
from pipeline.store import FileResult


def make_result(name: str, text: str, rows: int) -> FileResult:
    vectors = np.arange(rows * DIMENSIONS, dtype=np.float32).reshape(rows, DIMENSIONS)
    return FileResult(f"{name}.pdf", name, texts={name: text, f"{name} 2": text[::-1]}, vectors=vectors)


def test_what_was_put_in_comes_out(tmp_path):
    spool = Spool(tmp_path / "room")
    results = [make_result("a", "£ – \ud800\r\n", 2), make_result("b", "", 0), make_result("c", "x" * 100_000, 3)]
    for result in results:
        spool.add(result)
    spool.end()
    assert dict(spool) == {k: v for r in results for k, v in r.texts.items()}
    vectors, expected = spool.end(), np.concatenate([r.vectors for r in results])
    for rows in ([0, 1, 2, 3, 4], [3, 0], np.array([4, 4]), [4, 1, 3] * 40, np.arange(100) % 5):
        np.testing.assert_array_equal(vectors[rows], expected[rows])
    assert vectors[[0]].dtype == np.float32


def test_rows_of_every_window_come_in_the_order_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(spool_module, "_WINDOW", 3)
    spool, result = Spool(tmp_path / "room"), make_result("a", "text", 8)
    spool.add(result)
    rows = [7, 0, 3, 2, 6, 6, 5] * 5
    np.testing.assert_array_equal(spool.end()[rows], result.vectors[rows])


def test_the_files_have_no_names_that_a_killed_run_could_leave(tmp_path):
    spool = Spool(tmp_path / "room")
    spool.add(make_result("a", "text", 1))
    spool.end()
    assert not list((tmp_path / "room").iterdir())
    assert spool["a"] == "text"


def test_nothing_put_in_nothing_out():
    spool = Spool()
    assert (len(spool), spool.end()[[]].shape) == (0, (0, DIMENSIONS))


def test_rows_are_found_by_the_items_that_they_belong_to():
    rows = np.eye(2, DIMENSIONS, dtype=np.float32)
    vectors = ItemVectors(["b", "a"], rows)
    assert list(vectors) == ["b", "a"]
    np.testing.assert_array_equal(vectors["a"], rows[1])
    assert vectors.take([]).shape == (0, DIMENSIONS)
    for known in (vectors, dict(vectors)):
        np.testing.assert_array_equal(take_vectors(known, ["a", "b", "a"]), rows[[1, 0, 1]])
        assert take_vectors(known, []).shape == (0, DIMENSIONS)

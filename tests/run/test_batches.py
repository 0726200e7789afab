"""Files in batches: each once, and in an order that leaves no worker with a large file at the end."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.plan import Options, Plan, PlannedFile
from pipeline.run import batches, equal_batches


def make_plan(sizes: list[int], workers: int) -> Plan:
    files = tuple(PlannedFile(f"/{n}", f"{n}", f"{n:064}", size, "pdfium", f"{n:064}") for n, size in enumerate(sizes))
    return Plan(Options((), Path("out"), workers=workers), files, files, frozenset(), (), "", current=False)


@pytest.mark.parametrize("many", [1, 3, 8, 26, 1003])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_file_is_in_one_batch(many: int, workers: int) -> None:
    sizes = [random.Random(n).randrange(10**6) for n in range(many)]
    plan = make_plan(sizes, workers)
    for made in (batches(plan), equal_batches(plan)):
        assert sorted((f for batch in made for f in batch), key=lambda f: f.key) == list(plan.files)
        assert all(1 <= len(batch) <= 25 for batch in made)
        assert len(made) >= min(many, 4 * workers)


def test_files_come_by_size_whichever_batch_they_are_of() -> None:
    plan = make_plan([5, 9, 1, 7, 7, 3] * 40, 2)
    sizes = [file.size for batch in batches(plan) for file in batch]
    assert sizes == sorted(sizes, reverse=True)


def test_equal_batches_weigh_the_same_but_for_one_file() -> None:
    weights = [sum(f.size for f in batch) for batch in equal_batches(make_plan(list(range(1000)), 2))]
    assert max(weights) - min(weights) < 1000


def test_nothing_to_do_is_no_batch() -> None:
    assert batches(make_plan([], 2)) == equal_batches(make_plan([], 2)) == []

"""Copies for the benchmark are other documents of other councils."""

import itertools

import pytest

from pipeline.bench.copies import make_copies, rename_councils
from pipeline.identify.councils import load_councils


@pytest.fixture(scope="module")
def copies(sample, tmp_path_factory):
    paths = sorted(sample.rglob("*.pdf"))[:2]
    made = make_copies(paths, tmp_path_factory.mktemp("copies"))
    return [(path, pages) for path, pages in itertools.islice(made, 6)]


def test_every_copy_has_other_bytes_and_the_pages_of_its_document(copies):
    assert len({path.read_bytes() for path, _ in copies}) == 6
    pages = [n for _, n in copies]
    assert pages == pages[:2] * 3
    assert min(pages) > 0


def test_councils_change_places_and_no_two_become_one():
    names = sorted({council.name for council in load_councils().values()})
    renamed = [rename_councils(f"A letter to {name}.", 7) for name in names]
    assert len(set(renamed)) == len(names)
    assert renamed[0] == f"A letter to {names[7]}."
    assert renamed[-1] == f"A letter to {names[6]}."


def test_what_names_no_council_stays():
    assert rename_councils("Plans are clear.", 7) == "Plans are clear."

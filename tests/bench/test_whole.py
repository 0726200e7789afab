"""The benchmark of what comes after reading takes the same results for other files' about other councils."""

import subprocess
import sys

import numpy as np
import pytest

from pipeline.bench.whole import list_results, rename
from pipeline.identify.councils import load_councils
from pipeline.plan import store_of
from pipeline.publish.check import find_faults
from pipeline.publish.frames import read_tables
from pipeline.store import FileResult
from tests.publish.conftest import make_dataset


@pytest.fixture
def kept(tmp_path):
    """A folder with one kept result: the documents of the dataset of these tests with their rows."""
    made = make_dataset()
    tables = {n: tuple(made.tables[n]) for n in ("documents", "visits", "judgements", "recommendations", "findings")}
    plain = {"theme_id": None}
    tables["findings"] = tuple(f.replace(**plain) for f in tables["findings"])
    tables["recommendations"] = tuple(
        r.replace(**plain, outcome=None, outcome_visit_id=None) for r in tables["recommendations"]
    )
    tables["visits"] = tuple(v.replace(previous_visit_id=None) for v in tables["visits"])
    items = len(tables["findings"]) + len(tables["recommendations"])
    vectors = np.random.default_rng(3).standard_normal((items, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store_of(tmp_path / "out").save("a" * 64, FileResult("a.pdf", "a", texts=made.texts, vectors=vectors, **tables))
    return tmp_path / "out"


def test_each_time_is_of_other_councils_and_whole(kept):
    first, second, third = list_results(kept, 2, 1)
    ids = [{row.document_id for row in r.documents} for r in (first, second, third)]
    assert not ids[0] & ids[1]
    assert not ids[1] & ids[2]
    assert not {d.council for d in first.documents} & {d.council for d in second.documents} - {None}
    for result in (first, rename(first, 7)):
        assert list(find_faults(result.tables, result.texts)) == []


def test_a_listed_council_becomes_the_next_of_the_list():
    names = sorted(load_councils())
    council = load_councils()[names[-1]]
    document = make_dataset().tables["documents"][0]
    document = document.replace(council=council.name, council_code=council.code, region=council.region)
    renamed = rename(FileResult("a.pdf", "a", documents=(document, document)), 2).documents
    expected = load_councils()[names[1]]
    assert {(d.council, d.council_code, d.region) for d in renamed} == {(expected.name, expected.code, expected.region)}
    assert renamed[0].document_id is renamed[1].document_id


def test_it_publishes_them(kept, tmp_path):
    command = [sys.executable, "-m", "pipeline.bench.whole", str(kept), "--times", "2", "--into", f"{tmp_path}/into"]
    for more in (0, 1):
        subprocess.run([*command, "--more", str(more)], check=True)
        found = read_tables(tmp_path / "into")
        (result,) = list_results(kept, 1, 0)
        assert len(found["findings"]) == (2 + more) * len(result.findings)

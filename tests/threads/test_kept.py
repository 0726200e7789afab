"""Threads that are kept: the same as from anew, and made again only where something is new."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipeline.records import DocType, Visit, VisitType
from pipeline.threads import KeptThreads, kept, link_threads
from tests.threads.test_linking import ASKED, FIRST, NEXT, document, find, recommend, vector, visit, wolds

__all__ = ["wolds"]
OTHER = "E99000002"


@pytest.fixture
def two(wolds):
    """The council of `wolds` and another one, which is asked for something twice."""
    documents, visits, recommendations, findings, vectors = wolds
    moved = {"council": "Downs", "council_code": OTHER}
    papers = [document(n, DocType.ILACS_INSPECTION, v).replace(**moved) for n, v in (("d1", "w1"), ("d2", "w2"))]
    seen = [visit(n, VisitType.ILACS_INSPECTION, when).replace(**moved) for n, when in (("w1", FIRST), ("w2", NEXT))]
    asked = [
        recommend("x1", "d1", FIRST, ASKED, "area_for_improvement", "w1").replace(council_code=OTHER),
        recommend("x2", "d2", NEXT, ASKED, "area_for_improvement", "w2").replace(council_code=OTHER),
    ]
    said = [find("y1", "d2", NEXT, "Interviews are late.", "weakness", "w2").replace(council_code=OTHER)]
    own = {"x1": vector(1), "x2": vector(1, 0.05), "y1": vector(1, 0.3)}
    return [*documents, *papers], [*visits, *seen], [*recommendations, *asked], [*findings, *said], {**vectors, **own}


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """How many councils were compared anew, counted also in other processes."""
    count = tmp_path / "count"
    count.touch()

    def link(*rows):
        with count.open("a") as f:
            f.write("x")
        return link_threads(*rows)

    monkeypatch.setattr(kept, "link_threads", link)

    def read() -> int:
        number = len(count.read_text())
        count.write_text("")
        return number

    return read


def test_they_are_those_that_comparing_all_gives(two, tmp_path, compared):
    made = KeptThreads(tmp_path / "kept").link(*two)
    assert made == link_threads(*two)
    assert {t.council_code for t in made.threads} == {"E99000001", OTHER}
    assert compared() == 2


def test_a_council_about_which_nothing_is_new_is_not_compared_again(two, tmp_path, compared):
    first = KeptThreads(tmp_path / "kept").link(*two)
    compared()
    assert KeptThreads(tmp_path / "kept").link(*[rows[::-1] for rows in two[:4]], two[4]) == first
    assert compared() == 0
    documents, visits, recommendations, findings, vectors = two
    longer = [f.replace(text=f.text + " Plans are weak.") if f.finding_id == "y1" else f for f in findings]
    made = KeptThreads(tmp_path / "kept").link(documents, visits, recommendations, longer, vectors)
    assert made == link_threads(documents, visits, recommendations, longer, vectors)
    assert compared() == 1
    moved = {**vectors, "f1": vector(0, 0, 0, 1)}
    made = KeptThreads(tmp_path / "kept").link(documents, visits, recommendations, longer, moved)
    assert made == link_threads(documents, visits, recommendations, longer, moved)
    assert compared() == 1


def test_a_visit_of_another_date_is_news(two, tmp_path, compared):
    documents, visits, *others = two
    KeptThreads(tmp_path / "kept").link(*two)
    compared()
    later = [v.replace(visit_end=dt.date(2022, 5, 1)) if v.visit_id == "w2" else v for v in visits]
    assert KeptThreads(tmp_path / "kept").link(documents, later, *others) == link_threads(documents, later, *others)
    assert compared() == 1


def test_what_nobody_needs_any_more_goes(two, tmp_path):
    folder = tmp_path / "kept"
    KeptThreads(folder).link(*two)
    assert len(list(folder.iterdir())) == 2
    (folder / "half.123").touch()
    documents, visits, recommendations, findings, vectors = two
    own = [[r for r in rows if r.council_code == OTHER] for rows in (documents, visits, recommendations, findings)]
    assert KeptThreads(folder).link(*own, vectors) == link_threads(*own, vectors)
    assert len(list(folder.iterdir())) == 1


def test_a_file_that_speaks_of_two_councils_counts_for_both(two, tmp_path):
    documents, visits, recommendations, findings, vectors = two
    pack = [d.replace(file_sha256="pack") if d.document_id in ("plan", "d2") else d for d in documents]
    rows = (pack, visits, recommendations, findings, vectors)
    assert KeptThreads(tmp_path / "kept").link(*rows) == link_threads(*rows)


def test_a_damaged_file_is_made_anew(two, tmp_path):
    folder = tmp_path / "kept"
    first = KeptThreads(folder).link(*two)
    next(folder.iterdir()).write_text("{")
    assert KeptThreads(folder).link(*two) == first


def test_nothing_comes_of_nothing(tmp_path):
    assert not KeptThreads(tmp_path / "kept").link([], [Visit(
        visit_id="v", council="Downs", council_code=OTHER, visit_type=VisitType.JTAI, framework="JTAI",
    )], [], [], {}).threads  # fmt: skip

"""What a fictional council says of itself beside what the inspectors found."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.records import DocType, Document, Finding, Polarity, Verdict, Visit, VisitType
from pipeline.threads import compare_claims

CODE = "E99000001"
SAID, NEXT = dt.date(2021, 10, 1), dt.date(2022, 3, 1)


def document(name: str, doc_type: DocType) -> Document:
    return Document(
        document_id=name, file_name=f"{name}.pdf", file_sha256=name, media_type="application/pdf", part=1, title=name,
        doc_type=doc_type, doc_type_confidence=1, council="Wolds", council_code=CODE, words=1, text_source="native",
    )  # fmt: skip


def visit(name: str, kind: VisitType, end: dt.date, code: str = CODE) -> Visit:
    return Visit(visit_id=name, council="Wolds", council_code=code, visit_type=kind, visit_end=end, framework="ILACS")


def find(name: str, polarity: str, visit_id: str | None = None, code: str | None = "supervision") -> Finding:
    return Finding(
        finding_id=name, document_id="new" if visit_id else "own", visit_id=visit_id, council_code=CODE,
        date=NEXT if visit_id else SAID, char_start=0, char_end=1, rule_id="test.rule", confidence=1, text=name,
        polarity=Polarity(polarity), theme_code=code,
    )  # fmt: skip


DOCUMENTS = [document("own", DocType.SELF_ASSESSMENT), document("new", DocType.ILACS_INSPECTION)]
VISITS = [
    visit("before", VisitType.ILACS_INSPECTION, dt.date(2018, 3, 1)),
    visit("letter", VisitType.FOCUSED_VISIT, dt.date(2021, 12, 1)),
    visit("next", VisitType.ILACS_INSPECTION, NEXT),
    visit("last", VisitType.ILACS_INSPECTION, dt.date(2024, 3, 1)),
    visit("elsewhere", VisitType.ILACS_INSPECTION, dt.date(2021, 11, 1), "E99000002"),
]


@pytest.mark.parametrize(
    ("claimed", "found", "verdict"),
    [
        (["strength"], ["weakness"], Verdict.OVERCLAIMED),
        (["weakness"], ["strength", "strength", "weakness"], Verdict.UNDERCLAIMED),
        (["strength", "mixed"], ["strength"], Verdict.SHARED_STRENGTH),
        (["weakness"], ["weakness", "mixed"], Verdict.SHARED_WEAKNESS),
        (["strength"], ["strength", "weakness"], Verdict.DIVIDED),
    ],
)
def test_the_verdict_compares_which_side_of_each_is_heavier(claimed, found, verdict):
    own = [find(f"own{i}", p) for i, p in enumerate(claimed)]
    theirs = [find(f"new{i}", p, "next") for i, p in enumerate(found)]
    (row,) = compare_claims(DOCUMENTS, VISITS, [*own, *theirs])
    assert row.verdict == verdict
    assert row.claimed_strengths == tuple(f.finding_id for f in own if f.polarity == Polarity.STRENGTH)
    assert row.found_weaknesses == tuple(f.finding_id for f in theirs if f.polarity == Polarity.WEAKNESS)


def test_it_is_held_against_the_next_full_inspection_of_the_same_council():
    findings = [find("own", "strength"), *(find(v.visit_id, "weakness", v.visit_id) for v in VISITS)]
    (row,) = compare_claims(DOCUMENTS, VISITS, findings)
    assert (row.visit_id, row.found_weaknesses) == ("next", ("next",))
    assert row.days == (NEXT - SAID).days
    assert not compare_claims(DOCUMENTS, [v for v in VISITS if v.visit_id == "before"], findings)


def test_a_theme_that_one_side_does_not_speak_of_makes_no_row():
    findings = [
        find("own", "strength", code="neglect"),
        find("bare", "strength", code=None),
        find("f", "weakness", "next"),
    ]
    assert compare_claims(DOCUMENTS, VISITS, findings) == ()


def test_other_papers_claim_nothing():
    minutes = [document("own", DocType.MINUTES), DOCUMENTS[1]]
    assert compare_claims(minutes, VISITS, [find("own", "strength"), find("f", "weakness", "next")]) == ()


def test_order_does_not_matter():
    findings = [find(f"{v}{i}", "strength", v, code) for i in range(3) for v in (None, "next") for code in ("a", "b")]
    there = compare_claims(DOCUMENTS, VISITS, findings)
    assert len(there) == 2
    assert compare_claims(DOCUMENTS[::-1], VISITS[::-1], findings[::-1]) == there


def test_a_self_assessment_without_a_day_counts_from_the_meeting_of_its_pack():
    own = [find("own", "strength").replace(date=None)]
    theirs = [find("new", "weakness", "next")]
    assert compare_claims(DOCUMENTS, VISITS, [*own, *theirs]) == ()
    agenda = document("agenda", DocType.AGENDA).replace(file_sha256="own", meeting_date=SAID)
    (row,) = compare_claims([*DOCUMENTS, agenda], VISITS, [*own, *theirs])
    assert (row.visit_id, row.days) == ("next", (NEXT - SAID).days)

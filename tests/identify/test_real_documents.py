"""Kinds, councils, dates and judgements of the real documents, against official statistics and the gold."""

import csv
import hashlib
import json
from functools import cache
from pathlib import Path

import pytest

from pipeline.errors import FileFault
from pipeline.extract.judgements import extract_judgements
from pipeline.identify import Identity, identify
from pipeline.paper import Paper
from pipeline.parts import split_parts
from pipeline.read import read_file
from pipeline.split import sentences

pytestmark = pytest.mark.shared

AREAS = {
    "Overall effectiveness": "overall_effectiveness",
    "The impact of leaders on social work practice with children and families": "leaders",
    "The experiences and progress of children who need help and protection": "help_and_protection",
    "The experiences and progress of children in care": "in_care",
    "The experiences and progress of care leavers": "care_leavers",
}
GRADES = {
    "Outstanding": "outstanding",
    "Good": "good",
    "Requires improvement to be good": "requires_improvement",
    "Inadequate": "inadequate",
}
KINDS = {"letters": "focused_visit", "jtai": "jtai_letter", "send": "area_send_inspection"}


@cache
def read_identities(path: Path) -> list[tuple[Identity, dict[str, str]]]:
    """Each document of a file with its judgements by area; none where the file is no document."""
    try:
        reading = read_file(path)
    except FileFault:
        return []
    found = []
    for part in split_parts(reading):
        identity = identify(part, reading, path.name, hashlib.sha256(path.read_bytes()).hexdigest())
        paper = Paper(identity.document, identity.visit, part, tuple(sentences(part)))
        grades = {j.area.value: j.grade.value for j in extract_judgements(paper)}
        found.append((identity, grades))
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def _find_report(shared: Path, row: dict[str, str]) -> Path:
    named = shared / "corpus" / row["file"]
    if named.exists():
        return named
    urn, name = row["ofsted_urn"], row["publication_date"]
    return next((shared / "corpus").rglob(f"{urn}_*{name}*.pdf"))


def test_every_official_judgement_date_and_council(shared: Path) -> None:
    wrong = []
    for row in _rows(shared / "gold" / "dev" / "official_judgements.csv"):
        want = {AREAS[c]: GRADES[g] for c, g in row.items() if c in AREAS and g != "nan"}
        if "care_leavers" not in want:
            want["in_care_and_care_leavers"] = want.pop("in_care")
        ((identity, got),) = read_identities(_find_report(shared, row))
        facts = (identity.document.council_code, str(identity.visit and identity.visit.visit_start))
        if got != want or facts != (row["ons_code"], row["inspection_date"]):
            wrong.append((row["file"], got, want, facts))
    assert wrong == []


def test_every_official_focused_visit(shared: Path) -> None:
    wrong = []
    for row in _rows(shared / "gold" / "dev" / "official_focused_visits.csv"):
        ((identity, _),) = read_identities(shared / "corpus" / row["file"])
        got = (str(identity.visit and identity.visit.visit_start), str(identity.document.published))
        if got != (row["visit_date"], row["letter_date"]):
            wrong.append((row["file"], got))
    assert wrong == []


def test_the_facts_of_the_gold_documents(shared: Path) -> None:
    wrong = []
    for path in sorted((shared / "gold" / "dev").glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        found = read_identities(shared / "corpus" / gold["file"])
        if "parts" in gold:
            got = [(i.document.doc_type.value, i.document.council, i.document.first_line) for i, _ in found]
            want = [(p["doc_type"], p["council"], p["first_line"]) for p in gold["parts"]]
            ok = [g[:2] for g in got] == [w[:2] for w in want]
            ok = ok and all(abs(int(g[2] or 0) - w[2]) <= 3 for g, w in zip(got, want, strict=True))
        else:
            ((identity, grades),) = found
            document, visit = identity.document, identity.visit
            got = [
                document.doc_type.value,
                document.council,
                document.published,
                document.meeting_date,
                sorted(grades.items()),
            ]
            got += [visit.visit_start, visit.visit_end] if visit else [None, None]
            keys = ("doc_type", "council", "published", "meeting_date", "judgements", "visit_start", "visit_end")
            want = [gold.get(k) for k in keys]
            want[4] = sorted((j["area"], j["grade"]) for j in want[4])
            ok = [str(g) for g in got] == [str(w) for w in want]
        if not ok:
            wrong.append((gold["doc"], got, want))
    assert wrong == []


def test_every_inspectorate_document_has_its_kind_council_and_dates(shared: Path) -> None:
    wrong = []
    for path in sorted((shared / "corpus").rglob("*.pdf")):
        folder = path.relative_to(shared / "corpus").parts[0]
        if folder == "committee" or not (found := read_identities(path)):
            continue
        document, visit = found[0][0].document, found[0][0].visit
        want = KINDS.get(folder, document.doc_type.value)
        known = document.council and visit and visit.visit_start and visit.visit_end
        known = known and ("visit" in visit.visit_type or visit.lead_inspector)
        if folder == "jtai":
            known = document.council and visit and visit.visit_start and visit.published
        if len(found) != 1 or document.doc_type.value != want or document.doc_type.value == "other" or not known:
            wrong.append((path.name, len(found), document.doc_type.value, visit))
    assert wrong == []


def test_traffords_visits_stand_in_order(shared: Path) -> None:
    files = [p for p in sorted((shared / "corpus").rglob("*")) if "trafford" in str(p).lower() and p.suffix == ".pdf"]
    files.append(next((shared / "corpus" / "seeds").glob("001_*.txt")))
    visits = {v.visit_id: v for f in files for i, _ in read_identities(f) if (v := i.visit)}
    assert all(v.council == "Trafford" for v in visits.values())
    ordered = sorted(visits.values(), key=lambda v: str(v.visit_start))
    assert [f"{v.visit_start} {v.visit_type.value}" for v in ordered] == [
        "2015-01-27 sif_inspection",
        "2018-07-10 focused_visit",
        "2019-03-04 ilacs_inspection",
        "2021-03-08 focused_visit",
        "2022-03-10 monitoring_visit",
        "2022-11-21 ilacs_inspection",
        "2023-10-16 area_send",
        "2024-07-02 focused_visit",
        "2025-09-30 focused_visit",
        "2026-06-08 ilacs_inspection",
    ]

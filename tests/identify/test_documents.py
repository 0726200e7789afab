"""What a document is: kind, council, dates, committee, on small papers written for these tests."""

import datetime as dt
from types import ModuleType

import pytest

from pipeline.identify.councils import find_councils, load_councils
from pipeline.records import DocType

D = dt.date


def test_a_monitoring_letter(papers: ModuleType) -> None:
    found = papers.identify_text(papers.LETTER.replace("COUNCIL", "Rutland"))
    document, visit = found.document, found.visit
    assert (document.doc_type, document.council, document.published) == (
        DocType.MONITORING_VISIT,
        "Rutland",
        D(2023, 11, 17),
    )
    assert (visit.visit_start, visit.visit_end, visit.ordinal) == (D(2023, 10, 17), D(2023, 10, 18), 2)
    assert visit.framework == "ILACS"
    assert visit.lead_inspector is None  # the letter does not say that whoever signs it led
    assert document.visit_id == visit.visit_id
    assert found.problems == ()


@pytest.mark.parametrize("name", sorted(set(load_councils()) - {"Trafford"}))
def test_every_council_wins_by_the_title_over_one_that_the_body_names_more_often(papers: ModuleType, name: str) -> None:
    document = papers.identify_text(papers.LETTER.replace("COUNCIL", name)).document
    assert document.council == name
    assert document.council_code == load_councils()[name].code != ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Bedford local authority", ["Bedford Borough"]),
        ("Bedfordshire", []),
        ("the London corporation", ["City of London"]),
        ("Birmingham Children’s Trust", ["Birmingham"]),
        ("North Somerset Council", ["North Somerset"]),
        ("Avon and Somerset Police", []),
        ("Greater Manchester", []),
        ("Store Street, Manchester M1 2WD", []),
        ("KENT COUNTY COUNCIL", ["Kent"]),
        ("children enjoy reading", []),
        ("Hull and St Helens", ["Kingston Upon Hull, City of", "St. Helens"]),
        ("Newcastle-under-Lyme", []),
        ("Cumbria and Northamptonshire", ["Cumbria", "Northamptonshire"]),
    ],
)
def test_spellings_of_councils(text: str, names: list[str]) -> None:
    assert [c.name for c, _ in find_councils(text)] == names


def test_a_council_that_nothing_names_is_unknown_and_told(papers: ModuleType) -> None:
    found = papers.identify_text("Minutes of the panel\nPresent:\nRobin Vale\nRESOLVED that the plan be noted.")
    assert found.document.council is None
    assert "council_unknown" in {p.error for p in found.problems}


def test_the_source_tells_the_council_where_the_text_does_not(papers: ModuleType) -> None:
    text = "Children's progress report\nAll went well in the year and more is to come."
    url = "https://democracy.rutland.gov.uk/documents/d1"
    assert papers.identify_text(text, source_url=url).document.council == "Rutland"
    assert papers.identify_text(text, file_name="80547_report.txt").document.council == "Rutland"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "Inspection report for children's home\nUnique reference number SC123456\nOverall effectiveness: good",
            "other",
        ),
        ("Rutland Council\nSubject: Planning application 23/0123 for a garage\nRecommendation: approve", "other"),
        ("Report to: Cabinet\nSubject: Revenue budget monitoring\nReport of: Director of Finance, Rutland", "other"),
        (
            "Report to: Children's Scrutiny Panel\nDate: 5 July 2023\nSubject: Early help\nReport of: Director",
            "scrutiny_report",
        ),
        (
            "Report to: Improvement Board\nDate: 5 July 2023\nTitle: Progress of the improvement plan",
            "improvement_report",
        ),
        ("Rutland Council self-evaluation\nSeptember 2023\nWhat do we know?", "self_assessment"),
        ("Joint local area SEND inspection in Rutland\nInspectors from Ofsted came.", "area_send_inspection"),
        ("RUTLAND COUNCIL\nChildren's Committee\nPresent:\nCouncillor Elm\nThe meeting commenced at 4 pm.", "minutes"),
        (
            "AGENDA\nCabinet\nDate: 5 July 2023\nTime: 6 pm\nPlace: Town Hall\n1. Apologies\n2. Plan (Pages 3 - 9)",
            "agenda",
        ),
    ],
)
def test_kinds(papers: ModuleType, text: str, kind: str) -> None:
    assert papers.identify_text(text).document.doc_type == kind


def test_a_title_outranks_the_scrutiny_committee_it_goes_to(papers: ModuleType) -> None:
    text = "Report to: Overview and Scrutiny Committee\nDate: July 2023\nReport Title\nUpdate on the improvement plan\n"
    document = papers.identify_text(text).document
    assert (document.doc_type, document.title) == ("scrutiny_report", "Update on the improvement plan")
    assert document.committee == "Overview and Scrutiny Committee"
    assert document.meeting_date is None  # a month is no day


def test_front_page_and_foot_that_differ_are_told(papers: ModuleType) -> None:
    found = papers.identify_blocks(
        "# Inspection of Rutland local authority children’s services",
        "Inspection dates: 27 April to 3 May 2027",
        "Lead inspector: Robin Vale, His Majesty’s Inspector",
        "~ 17 April to 3 May 2027",
    )
    assert (found.visit.visit_start, found.visit.lead_inspector) == (D(2027, 4, 27), "Robin Vale")
    assert [p.error for p in found.problems] == ["visit_dates_differ"]


def test_a_copyright_year_is_no_date_of_publication(papers: ModuleType) -> None:
    title = "Inspection of Rutland local authority children’s services"
    found = papers.identify_text(f"{title}\nInspection dates: 4 to 8 May 2026\n© Crown copyright 2026")
    assert found.document.published is None


def test_ids_come_from_content_only(papers: ModuleType) -> None:
    text = papers.LETTER.replace("COUNCIL", "Rutland")
    first, second = papers.identify_text(text, "a.txt"), papers.identify_text(text, "b.txt")
    assert first.document.document_id == second.document.document_id
    assert first.visit == second.visit

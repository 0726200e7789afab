"""Judgements from tables, sentences and headings, on reports written for these tests."""

from types import ModuleType

from pipeline.expectations import check_expectations
from pipeline.extract.judgements import list_contradictions, list_unknown_judgements

ILACS = (
    "# Inspection of Rutland local authority children’s services",
    "Inspection dates: 4 to 8 May 2026",
)
ROWS = (
    ("Judgement", "Grade"),
    ("The experiences and progress of children in care", "Outstanding"),
    ("The impact of leaders on social work practice with children and families", "Good"),
    ("The experiences and progress of children who need help and protection", "Requires improvement"),
    ("The experiences and progress of children care leavers", "Inadequate"),
)


def grades(judgements) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return {j.area.value: j.grade.value for j in judgements}


def test_a_table_without_overall_effectiveness(papers: ModuleType) -> None:
    paper, judgements = papers.judge(*ILACS, list(ROWS))
    assert grades(judgements) == {
        "leaders": "good",
        "help_and_protection": "requires_improvement",
        "in_care": "outstanding",
        "care_leavers": "inadequate",
    }
    assert list_unknown_judgements(paper) == []
    for j in judgements:
        quote = paper.part.text[j.char_start : j.char_end]
        assert quote.endswith(("Good", "Requires improvement", "Outstanding", "Inadequate"))
        assert "\t" in quote


def test_a_judgement_of_several_kinds_of_children_before_2023(papers: ModuleType) -> None:
    rows = (
        ROWS[2],
        ("The experiences and progress of children in care and care leavers", "Good"),
        ("Overall effectiveness", "Good"),
    )
    _, judgements = papers.judge(*ILACS, list(rows))
    assert grades(judgements) == {
        "leaders": "good",
        "in_care_and_care_leavers": "good",
        "overall_effectiveness": "good",
    }


def test_a_table_that_came_out_as_lines(papers: ModuleType) -> None:
    _, judgements = papers.judge(*ILACS, *(f"{label}: {grade}" for label, grade in ROWS[1:]))
    assert len(judgements) == 4


def test_grades_of_an_earlier_inspection_are_not_taken(papers: ModuleType) -> None:
    filler = "Inspectors met families. " * 200
    _, judgements = papers.judge(*ILACS, list(ROWS), filler, "Overall effectiveness: inadequate")
    assert "overall_effectiveness" not in grades(judgements)


def test_an_unknown_area_and_an_unknown_grade_are_told_not_guessed(papers: ModuleType) -> None:
    rows = (*ROWS, ("Overall effectiveness", "Adequate"), ("Quality of the canteen", "Good"))
    paper, judgements = papers.judge(*ILACS, list(rows))
    assert "overall_effectiveness" not in grades(judgements)
    assert len(list_unknown_judgements(paper)) == 2
    errors = [p.error for p in check_expectations(paper, judgements, [], [])]
    assert errors.count("judgement_unknown") == 2


def test_a_heading_with_another_grade_is_told(papers: ModuleType) -> None:
    heading = "# The experiences and progress of children in care: good"
    paper, judgements = papers.judge(*ILACS, list(ROWS), heading)
    assert grades(judgements)["in_care"] == "outstanding"
    assert len(list_contradictions(paper, judgements)) == 1


SIF = (
    "# Rutland County Council",
    "Inspection of services for children in need of help and protection",
    "Review of the effectiveness of the Local Safeguarding Children Board",
    "Inspection date: 3 March 2015 – 25 March 2015",
    "Report published: 12 May 2015",
)


def test_a_single_inspection_with_its_board(papers: ModuleType) -> None:
    rows = (
        ("2.1 Adoption performance", "Outstanding"),
        ("2.2 Experiences and progress of care leavers", "Outstanding"),
        ("3. Leadership, management and governance", "Good"),
        ("1. Children who need help and protection", "Requires improvement"),
        ("2. Children looked after and achieving permanence", "Good"),
    )
    paper, judgements = papers.judge(
        *SIF,
        "The overall judgement is that children’s services require improvement",
        list(rows),
        "# The LSCB is inadequate because:",
        "An LSCB that is good coordinates the activity of its partners.",
    )
    assert grades(judgements) == {
        "overall_effectiveness": "requires_improvement",
        "help_and_protection": "requires_improvement",
        "in_care_and_care_leavers": "good",
        "adoption": "outstanding",
        "care_leavers": "outstanding",
        "leaders": "good",
        "lscb": "inadequate",
    }
    board = next(j for j in judgements if j.area == "lscb")
    assert paper.part.text[board.char_start : board.char_end] == "The LSCB is inadequate"


def test_a_council_report_gives_no_judgements(papers: ModuleType) -> None:
    _, judgements = papers.judge("Report to: Scrutiny Committee", "Subject: Inspection", list(ROWS))
    assert judgements == []


def test_too_few_rows_are_a_warning(papers: ModuleType) -> None:
    paper, judgements = papers.judge(*ILACS, list(ROWS[:3]))
    assert "unexpected_judgements" in {p.error for p in check_expectations(paper, judgements, [], [])}

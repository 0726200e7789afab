"""What committees, boards and officers write, in the wordings of many councils; read from files as text."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from pipeline.identify import Identity, identify
from pipeline.parts import split_parts
from pipeline.read import read_file

PAPERS = yaml.safe_load((Path(__file__).parent / "council_papers.yml").read_text(encoding="utf-8"))["papers"]


def identify_file(folder: Path, text: str) -> list[Identity]:
    """The identities of the documents of a text file."""
    path = folder / "paper.txt"
    path.write_text(text, encoding="utf-8")
    reading = read_file(path)
    return [identify(part, reading, path.name, "0" * 64) for part in split_parts(reading)]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda p: f"{p['kind']}-{p['council']}")
def test_a_councils_paper_is_what_its_reader_would_say(tmp_path: Path, paper: dict[str, str]) -> None:
    (found,) = identify_file(tmp_path, paper["text"])
    assert (found.document.doc_type, found.document.council) == (paper["kind"], paper["council"])


def test_a_small_lead_is_told(tmp_path: Path) -> None:
    text = "Slough Borough Council\nChildren's Improvement Board\n\nAttendees: Anna Birch\n\nThe front door was busy.\n"
    (found,) = identify_file(tmp_path, text)
    assert found.document.doc_type_confidence < 0.7
    assert "kind_unsure" in [p.error for p in found.problems]


def test_a_paper_without_any_sign_is_other_and_not_for_certain(tmp_path: Path) -> None:
    (found,) = identify_file(tmp_path, "Oldham Council\n\nNeglect harms children, and partners answer it together.\n")
    assert found.document.doc_type == "other"
    assert 0.6 < found.document.doc_type_confidence < 0.8
    assert "kind_unsure" not in [p.error for p in found.problems]


@pytest.mark.parametrize(
    ("text", "committee"),
    [
        ("Isle of Wight Council\nExecutive Board: 17 July 2018\nPresent: Cllr Birch\n", "Executive Board"),
        ("Sandwell Council\n\nReport to Cabinet\n\n22 March 2023\n\nTitle: Hubs\n", "Cabinet"),
        (
            "MINUTES of a meeting of the SCRUTINY COMMITTEE - PEOPLE held at County Hall on Wednesday, 5 July 2023\n",
            "Scrutiny Committee - People",
        ),
        (
            "HELPING THE DEVELOPMENT OF CHILDREN POLICY COMMITTEE\n\n15 October 2019\n\nPresent:\nCouncillor Birch\n",
            "Helping the Development of Children Policy Committee",
        ),
        ("Committee and Date: Overview Panel, 15 June 2022\n\nTitle: Hubs\n", "Overview Panel"),
        ("Committee Name and Date of Committee Meeting\nSelect Commission – 29 October 2024\n", "Select Commission"),
        (
            "Children's Services                    Agenda Item No. 8\nScrutiny Committee\n\n27 September 2022\n",
            "Children's Services Scrutiny Committee",
        ),
        (
            "Report Title: The offer Meeting: Youth Scrutiny Committee\nMeeting Date: 6 March 2025\n",
            "Youth Scrutiny Committee",
        ),
    ],
)
def test_a_committee_is_neither_its_council_nor_the_words_before_it(tmp_path: Path, text: str, committee: str) -> None:
    (found,) = identify_file(tmp_path, text)
    assert found.document.committee == committee


def test_a_surname_is_no_council(tmp_path: Path) -> None:
    text = (
        "Children's Panel\n16 January 2025\n\nPresent: Councillors Birch, Kent and Ash, Mr D Bolton\n\n"
        "Apologies were received from Councillor Sutton.\n\nRESOLVED: That the report be noted.\n"
    )
    (found,) = identify_file(tmp_path, text)
    assert found.document.council is None
    (found,) = identify_file(tmp_path, text.replace("\n16", ", Bury Council\n16"))
    assert found.document.council == "Bury"


def test_minutes_are_of_their_own_day(tmp_path: Path) -> None:
    text = (
        "Committee and Date: Overview Panel, 15 June 2022\nItem: 3\n\n"
        "MINUTES OF THE OVERVIEW PANEL MEETING HELD ON 23 MARCH 2022\n\nPresent\nCouncillor Birch\n"
    )
    (found,) = identify_file(tmp_path, text)
    assert found.document.doc_type == "minutes"
    assert found.document.meeting_date == dt.date(2022, 3, 23)


def test_a_paper_under_the_rows_of_its_front_table_has_the_day_of_its_meeting(tmp_path: Path) -> None:
    text = (
        "Type: Full\n\nWard: North\n\nAgent: Oak Ltd\n\nOfficer: R Vale\n\nPlanning Board, 15 November 2023\n\nSite\n"
    )
    (found,) = identify_file(tmp_path, text)
    assert found.document.meeting_date == dt.date(2023, 11, 15)


def test_slides_with_an_agenda_of_the_day_are_no_agenda(tmp_path: Path) -> None:
    text = "Kent County Council\nFamily hubs\n\nAgenda for today\n- Welcome\n- What is a hub?\n\nWhat is a hub?\n- A door\n"
    assert all(found.document.doc_type != "agenda" for found in identify_file(tmp_path, text))

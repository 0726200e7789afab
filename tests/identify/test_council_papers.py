"""What committees, boards and officers write, in the wordings of many councils; read from files as text."""

from __future__ import annotations

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
    ],
)
def test_a_committee_is_neither_its_council_nor_the_words_before_it(tmp_path: Path, text: str, committee: str) -> None:
    (found,) = identify_file(tmp_path, text)
    assert found.document.committee == committee

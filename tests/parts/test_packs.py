"""Packs as councils publish them come apart; single papers that look like packs stay whole; all written here."""

from __future__ import annotations

import pytest

from pipeline.parts import split_parts
from pipeline.read.blocks import Block, BlockKind, Bookmark, Piece, Reading

PROSE = "Leaders have improved the quality of supervision and social workers value the time they have to reflect. " * 3


def page(number: int, *lines: str, stamp: str = "", head: str = "") -> list[Block]:
    """Blocks of a page, with a stamp at its foot and a running head as furniture."""
    texts = [(head, BlockKind.FURNITURE), *((t, BlockKind.PARAGRAPH) for t in lines), (stamp, BlockKind.FURNITURE)]
    return [Block(kind, t, (Piece(0, len(t), page=number),)) for t, kind in texts if t]


def first_pages(
    *pages: list[Block], outline: tuple[Bookmark, ...] = (), title: str | None = None, media_type: str = "pdf"
) -> list[int | None]:
    """The first page of each part."""
    blocks = tuple(b for p in pages for b in p)
    parts = split_parts(Reading(f"application/{media_type}", blocks, len(pages), outline, title=title))
    assert tuple(b for p in parts for b in p.blocks) == blocks
    return [p.blocks[0].page for p in parts]


def first_lines(text: str) -> list[str]:
    """The first line of each part of a text without pages."""
    blocks = tuple(
        Block(BlockKind.PARAGRAPH, t.strip(), (Piece(0, len(t.strip()), line=n),))
        for n, t in enumerate(text.split("\n"), 1)
        if t.strip()
    )
    return [p.blocks[0].text for p in split_parts(Reading("text/plain", blocks))]


AGENDA = (
    "Walsall Council",
    "AGENDA",
    "Children's Services Overview and Scrutiny Committee",
    "Date: Thursday 8 September 2022",
    "Time: 6.00 pm",
    "Venue: Council House",
    "1. Apologies",
    "2. Minutes of the previous meeting (Pages 3 - 4)",
    "3. Improvement plan (Pages 5 - 6)",
)
MINUTES = ("Children's Services Overview and Scrutiny Committee", "7 July 2022", "Present: Councillor Birch", PROSE)
REPORT = ("Report to: Children's Scrutiny Committee", "Date: 8 September 2022", "Report of: the Director", PROSE)
LETTER = ("Ofsted", "Piccadilly Gate", "9 May 2022", "Robin Vale", "Dear Robin", PROSE)
HEAD = "WALSALL METROPOLITAN BOROUGH COUNCIL"


@pytest.mark.parametrize("stamp", ["Page {}", "{}", "Page {} of 7", ""])
@pytest.mark.parametrize("head", [HEAD, ""])
def test_a_pack_stamped_through_comes_apart_at_its_papers(stamp: str, head: str) -> None:
    papers = [AGENDA, (PROSE,), MINUTES, (PROSE, "The meeting closed at 7 pm."), REPORT, (PROSE,), LETTER]
    pages = [page(n, *lines, stamp=stamp.format(n), head=head) for n, lines in enumerate(papers, 1)]
    assert first_pages(*pages) == [1, 3, 5, 7]


def test_a_pack_comes_apart_where_its_bookmarks_and_the_items_stamp_agree() -> None:
    pages = [
        page(1, *AGENDA),
        page(2, "Membership of the committee", PROSE),
        page(3, "Agenda Item 2", *MINUTES, stamp="Page 3"),
        page(4, PROSE, stamp="Page 4"),
        page(5, "Agenda Item 3", "Improvement plan update", PROSE, stamp="Page 5"),
        page(6, PROSE, stamp="Page 6"),
        page(7, "Appendix 1", "The plan", PROSE, stamp="Page 7"),
    ]
    outline = (
        Bookmark("Agenda", 1, 1),
        Bookmark("2 Minutes of the previous meeting", 3, 1),
        Bookmark("3 Improvement plan", 5, 1),
        Bookmark("Appendix 1 - The plan", 7, 2),
    )
    title = "(Public Pack)Agenda Document for Children's Services Overview and Scrutiny Committee, 08/09/2022 18:00"
    assert first_pages(*pages, outline=outline, title=title) == [1, 3, 5, 7]


def test_an_agenda_of_two_pages_is_one() -> None:
    more = ("AGENDA", "Part two", "7. Apologies", "8. Declarations of interest", PROSE)
    assert first_pages(page(1, *AGENDA), page(2, *more), page(3, *REPORT)) == [1, 3]


def test_a_note_that_sends_out_a_single_paper_is_its_cover() -> None:
    note = (
        "Ask for: Robin Vale",
        "Date: 8 September 2022",
        "Dear Member",
        "Agenda Item No",
        "6 Questions (Pages 1 - 2)",
    )
    paper = page(2, "Agenda Item 6", "Question by Anna Birch to Tom Elm", PROSE, stamp="Page 1")
    outline = (Bookmark("Agenda", 1, 1), Bookmark("6 Questions", 2, 1))
    assert first_pages(page(1, *note), paper, page(3, PROSE, stamp="Page 2"), outline=outline) == [1]


@pytest.mark.parametrize(
    "last",
    [
        ("His Majesty’s Inspector",),
        (
            "Yours sincerely",
            "Anna Birch",
            "His Majesty’s Inspector",
            "Copied to the Department for Education and others",
        ),
        (
            "Anna Birch",
            "Her Majesty’s Inspector",
            "This letter will be published on the inspectorate's own website soon.",
        ),
    ],
)
def test_the_last_page_of_a_letter_stays_with_it(last: tuple[str, ...]) -> None:
    assert first_pages(page(1, *LETTER, "Yours sincerely"), page(2, *last, stamp="2")) == [1]
    assert first_pages(page(1, *LETTER, "Yours sincerely"), page(2, *last)) == [1]


def test_headings_of_a_report_in_its_bookmarks_start_nothing() -> None:
    pages = [
        page(1, "Improvement plan 2024", PROSE),
        page(2, "1. Agenda for change", PROSE),
        page(3, "Appendix 1", PROSE),
        page(4, "Appendix 2: the agenda", PROSE),
    ]
    outline = (
        Bookmark("Introduction", 1, 1),
        Bookmark("1. Agenda for change", 2, 1),
        Bookmark("Appendix 1", 3, 1),
        Bookmark("Appendix 2", 4, 1),
    )
    assert first_pages(*pages, outline=outline) == [1]
    minuted = (Bookmark("Agenda item 1: apologies", 1, 1), *outline[1:])
    assert first_pages(*pages, outline=minuted) == [1]


@pytest.mark.parametrize("media_type", ["pdf", "vnd.openxmlformats-officedocument.presentationml.presentation"])
def test_a_talks_slide_named_agenda_starts_nothing(media_type: str) -> None:
    slides = [
        page(1, "Our improvement journey", "Robin Vale, Director", "June 2024"),
        page(2, "Agenda", "Where we are", "What comes next", "Questions"),
        page(3, "Where we are", PROSE),
        page(4, "Minutes matter", PROSE),
    ]
    assert first_pages(*slides, media_type=media_type) == [1]


BODY = "\n".join(f"{n}. {PROSE}" for n in range(1, 30))
TAIL = "\n".join(f"{n}. {PROSE}" for n in range(30, 60))
FRONT = "\n".join(REPORT[:3])


@pytest.mark.parametrize(
    "inside",
    [
        "Action\tBy\tDate\nTrain all staff\tRobin Vale\tMay 2024",
        "Meeting\nDate\nSubject\nPanel\n8 September 2022\nEarly help",
        "On 9 May 2022\nthe council was told",
        "Next meeting\n8 September 2022",
        "Appendix 1\nOur plan for May 2024",
        "Report author: Robin Vale\nTelephone: 01234 567890",
        "From: April 2022 the service will be run by the trust",
    ],
)
def test_a_single_report_stays_whole(inside: str) -> None:
    assert first_lines(f"{FRONT}\n{BODY}\n{inside}\n{TAIL}") == [REPORT[0]]


def test_a_pack_as_text_comes_apart() -> None:
    rest = "\n".join(f"Paragraph {n}. {PROSE}" for n in range(15))
    minutes = "\n".join((*MINUTES, rest, "The meeting closed at 7 pm."))
    report = "\n".join(("Agenda Item 3", *REPORT, rest))
    text = "\n".join((*AGENDA, rest, "", "", minutes, "", "", "", report, "\n".join(LETTER)))
    assert first_lines(text) == [AGENDA[0], MINUTES[0], "Agenda Item 3", LETTER[0]]


def test_the_first_row_of_a_front_table_is_cut_from_the_paragraph_it_seems_to_continue() -> None:
    text = "A plan of works is kept By: Robin Vale, Scrutiny Officer"
    cut = text.index("By:")
    over = Block(BlockKind.PARAGRAPH, text, (Piece(0, cut - 1, page=2), Piece(cut, len(text), page=3)))
    rest = page(3, "To: Cabinet", "Subject: Family hubs", PROSE)
    blocks = (*page(1, *AGENDA), *page(2, "Estates strategy", PROSE), over, *rest)
    parts = split_parts(Reading("application/pdf", blocks, pages=3))
    assert [p.blocks[0].text for p in parts][-1] == "By: Robin Vale, Scrutiny Officer"
    assert parts[-2].blocks[-1].text == "A plan of works is kept"


def test_a_pack_that_has_lost_its_agenda_comes_apart_at_its_front_sheets() -> None:
    papers = [REPORT, (PROSE,), MINUTES, (PROSE, "The meeting closed at 7 pm."), REPORT, (PROSE,), LETTER, (PROSE,)]
    pages = [page(n, *lines, stamp=f"Page {n + 12}", head=HEAD) for n, lines in enumerate(papers, 1)]
    assert first_pages(*pages) == [1, 3, 5, 7]


def test_a_report_with_one_letter_bound_in_stays_whole_without_an_agenda() -> None:
    papers = [REPORT, (PROSE,), ("Robin Vale", "9 May 2022", "Dear Robin", PROSE), (PROSE,)]
    pages = [page(n, *lines, stamp=f"Page {n}", head=HEAD) for n, lines in enumerate(papers, 1)]
    assert first_pages(*pages) == [1]

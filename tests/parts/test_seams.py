"""Where a file comes apart, and where it must not."""

from __future__ import annotations

from pipeline.parts import split_parts
from pipeline.read.blocks import Block, BlockKind, Bookmark, Piece, Reading


def page(number: int, *lines: str, foot: str = "") -> list[Block]:
    """Blocks of a page; `foot` is furniture at its end."""
    blocks = [Block(BlockKind.PARAGRAPH, t, (Piece(0, len(t), page=number),)) for t in lines]
    if foot:
        blocks.append(Block(BlockKind.FURNITURE, foot, (Piece(0, len(foot), page=number),)))
    return blocks


def first_pages(*pages: list[Block], outline: tuple[Bookmark, ...] = ()) -> list[int | None]:
    """The first page of each part."""
    blocks = tuple(b for p in pages for b in p)
    parts = split_parts(Reading("application/pdf", blocks, pages=len(pages), outline=outline))
    assert tuple(b for p in parts for b in p.blocks) == blocks
    assert [p.number for p in parts] == list(range(1, len(parts) + 1))
    return [p.blocks[0].page for p in parts]


def text_lines(text: str) -> Reading:
    blocks = tuple(
        Block(BlockKind.PARAGRAPH, t.strip(), (Piece(0, len(t.strip()), line=n),))
        for n, t in enumerate(text.split("\n"), 1)
        if t.strip()
    )
    return Reading("text/plain", blocks)


PROSE = "Leaders have improved the quality of supervision and social workers value the time they have to reflect. " * 3
REPORT = ("Inspection of Rutland local authority children’s services", "Inspection dates: 4 to 8 May 2026", PROSE)
LETTER = ("Ofsted", "Piccadilly Gate", "9 May 2024", "Robin Vale", "Dear Robin", PROSE)


def test_a_report_and_a_letter_come_apart() -> None:
    foot = "Inspection of Rutland local authority children’s services {} 4 to 8 May 2026"
    report = [
        page(1, *REPORT),
        page(2, PROSE, foot=foot.format(2)),
        page(3, PROSE, "© Crown copyright 2026", foot=foot.format(3)),
    ]
    assert first_pages(*report) == [1]
    assert first_pages(*report, page(4, *LETTER), page(5, PROSE, foot="2")) == [1, 4]


def test_two_reports_of_one_council_come_apart_by_their_titles() -> None:
    one = [page(1, *REPORT), page(2, PROSE, foot="2")]
    two = [page(3, *REPORT), page(4, PROSE, foot="2")]
    assert first_pages(*one, *two) == [1, 3]


def test_a_part_on_the_safeguarding_board_is_no_document_of_its_own() -> None:
    pages = [page(1, "Rutland", *REPORT, foot="1"), page(2, PROSE, foot="2")]
    board = page(3, "The Local Safeguarding Children Board is good", "Executive summary", PROSE, foot="3")
    assert first_pages(*pages, board, page(4, PROSE, foot="4")) == [1]


def test_a_contents_page_with_the_number_one_belongs_to_its_cover() -> None:
    cover = page(
        1,
        "Inspection of looked after children services",
        "Rutland Council",
        "Inspection dates: 8 – 12 July 2013",
        PROSE,
    )
    contents = page(3, "Contents", "About this inspection 2", foot="Rutland inspection of looked after children 1")
    imprint = page(2, "© Crown copyright 2013", PROSE)
    assert first_pages(
        cover, imprint, contents, page(4, PROSE, foot="Rutland inspection of looked after children 2")
    ) == [1]


def test_bookmarks_of_a_pack_count_and_those_of_headings_do_not() -> None:
    pages = [page(1, "Dear Member", PROSE), page(2, "Agenda Item 6", "Early help", PROSE), page(3, PROSE)]
    pack = (Bookmark("Agenda", 1, 1), Bookmark("6 Early help", 2, 1), Bookmark("7 Fostering", 3, 1))
    assert first_pages(*pages, outline=pack) == [1, 2]  # nothing else says that something starts on page 3
    headings = (Bookmark("Executive summary", 1, 1), Bookmark("2 Findings", 2, 1))
    pages = [page(1, "Early help", PROSE), page(2, "2 Findings", PROSE), page(3, PROSE)]
    assert first_pages(*pages, outline=headings) == [1]


def test_a_date_joined_to_the_signature_of_the_letter_before_moves_to_its_letter() -> None:
    text = "Anna Birch His Majesty’s Inspector 9 May 2024"
    cut = text.index("9 May")
    joined = Block(BlockKind.PARAGRAPH, text, (Piece(0, cut - 1, page=1), Piece(cut, len(text), page=2)))
    pages = [*page(1, *LETTER), joined, *page(2, "Robin Vale", "Dear Robin", PROSE)]
    parts = split_parts(Reading("application/pdf", tuple(pages), pages=2))
    assert [p.blocks[0].text for p in parts] == ["Ofsted", "9 May 2024"]
    assert parts[0].blocks[-1].text == "Anna Birch His Majesty’s Inspector"
    assert parts[1].blocks[0].pieces == (Piece(0, 10, page=2),)


def test_a_paragraph_that_runs_over_holds_its_pages_together() -> None:
    over = Block(BlockKind.PARAGRAPH, "Leaders know that more is to do.", (Piece(0, 12, page=1), Piece(13, 32, page=2)))
    blocks = (*page(1, *LETTER), over, *page(2, *REPORT))
    assert len(split_parts(Reading("application/pdf", blocks, pages=2))) == 1


PACK = """AGENDA PAPERS FOR CHILDREN'S SCRUTINY COMMITTEE
Date: Thursday, 7 July 2022
Time: 5.00 p.m.
Place: Town Hall
Members are asked to attend the meeting, and the public is welcome to come and to listen to what is said there too.
Apologies should be sent to the officer named below before noon on the day of the meeting, so that others may come.
1. Apologies for absence
2. Declarations of interest
3. Minutes of the last meeting
4. Early help: to consider the attached report
5. Any other business
The chair is Councillor Elm.
The officer is Robin Vale.

CHILDREN'S SCRUTINY COMMITTEE

9 FEBRUARY 2022

PRESENT

Councillor Elm and others
Something was said at length about the plan and its progress by the officers who were there on the day.
It was asked why, and the answer was given at once by those who know about it and have worked on it for years.
It was thought that the matter be looked at again when more is known of its effects on children and families.
A third thing was said and nobody disagreed with it, though one asked for a note of the numbers to be sent on.
A fourth thing was said, which the members heard with interest, and a fifth was left to the next meeting.
More was said, and more was asked, and the officers took it away to think about it and to come back with answers.
Then the chair thanked everybody for coming, and the members thanked the chair, and so the evening went on.
The meeting commenced at 6.15 p.m. and finished at 7.42 p.m.
This page is intentionally left blank
Docum

RUTLAND COUNCIL

Report to: Children's Scrutiny Committee
Date: July 2022
Report of: Director of Children's Services
Report Title
Update on early help
"""


def test_a_pack_without_pages_comes_apart_at_its_documents() -> None:
    parts = split_parts(text_lines(PACK))
    assert [p.blocks[0].text for p in parts] == [
        "AGENDA PAPERS FOR CHILDREN'S SCRUTINY COMMITTEE",
        "CHILDREN'S SCRUTINY COMMITTEE",
        "RUTLAND COUNCIL",
    ]


def test_one_report_without_pages_stays_whole() -> None:
    report = PACK[PACK.index("RUTLAND COUNCIL") :] + "\n".join(f"{n}. {PROSE}" for n in range(1, 60))
    assert len(split_parts(text_lines(report))) == 1


def test_an_empty_file_is_one_part() -> None:
    assert len(split_parts(Reading("text/plain", ()))) == 1

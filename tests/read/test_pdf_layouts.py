"""PDF files as other councils' and inspectorates' typesetting makes them → blocks. All councils here are invented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from pipeline.read.blocks import Block, BlockKind, Reading
from pipeline.read.pdf import read_pdf
from pipeline.read.reading_rules import names_field, stands_alone

FILL = "The team in Westmarsh meets every week and keeps good notes of what was said and"
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=11)
BOLD = ParagraphStyle("bold", parent=BODY, fontName="Helvetica-Bold")

Put = Callable[..., None]


def draw(path: Path, *pages: Callable[[Put, Canvas], object], size: tuple[float, float] = A4) -> Reading:
    """A PDF whose pages put text at (x, y from the top), read."""
    canvas = Canvas(str(path), pagesize=size)

    def put(x: float, y: float, text: str, points: float = 11, bold: bool = False) -> None:
        canvas.setFont("Helvetica-Bold" if bold else "Helvetica", points)
        canvas.drawString(x, size[1] - y, text)

    for page in pages:
        page(put, canvas)
        canvas.showPage()
    canvas.save()
    return read_pdf(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "report.pdf"


def body(put: Put, y: float = 200) -> None:
    """Enough plain text that the size of the body is known."""
    for i in range(4):
        put(72, y + 14 * i, FILL if i < 3 else "that is read again.")


def of(reading: Reading, kind: BlockKind) -> list[Block]:
    return [b for b in reading.blocks if b.kind is kind]


def texts(reading: Reading, kind: BlockKind) -> list[str]:
    return [b.text for b in of(reading, kind)]


@pytest.mark.parametrize("lift", [0, 1.5, 3])
@pytest.mark.parametrize("glyph", ["•", "–"])
def test_bullet_in_smaller_type_belongs_to_its_text(path: Path, glyph: str, lift: float) -> None:
    def page(put: Put, _: Canvas) -> None:
        body(put)
        for y in (300, 320):
            put(77, y - lift, glyph, 8)
            put(93, y, "The quality of plans for children.")

    reading = draw(path, page)
    assert [(b.label, b.text) for b in of(reading, BlockKind.LIST_ITEM)] == [
        (glyph, "The quality of plans for children.")
    ] * 2


def test_items_under_an_item_have_the_second_level(path: Path) -> None:
    def page(put: Put, _: Canvas) -> None:
        body(put)
        put(77, 300, "•", 8)
        put(93, 300, "Plans:")
        for y, text in ((316, "that are short"), (332, "that are kept.")):
            put(93, y - 3, "–", 8)
            put(109, y, text)

    items = of(draw(path, page), BlockKind.LIST_ITEM)
    assert [(b.level, b.text) for b in items] == [(1, "Plans:"), (2, "that are short"), (2, "that are kept.")]


def test_bullet_above_its_text_opens_it_and_one_without_text_is_left_out(path: Path) -> None:
    def page(put: Put, _: Canvas) -> None:
        body(put)
        put(77, 300, "•")
        put(93, 308, "The panel asked for notes.")
        put(77, 400, "•")

    reading = draw(path, page)
    assert texts(reading, BlockKind.LIST_ITEM) == ["The panel asked for notes."]
    assert all(b.text for b in reading.blocks)


def test_foot_that_stands_once_is_furniture(path: Path) -> None:
    def first(put: Put, _: Canvas) -> None:
        put(72, 100, "Inspection of Westmarsh local authority", 18)
        put(72, 122, "children's services", 18)
        put(72, 150, "Inspection dates: 3 to 14 March 2031")
        body(put)

    def second(put: Put, _: Canvas) -> None:
        body(put, 100)
        put(72, 790, "Inspection of Westmarsh local authority children's services", 6.5, True)
        put(72, 799, "3 to 14 March 2031", 6.5, True)
        put(520, 795, "2", 10)

    reading = draw(path, first, second)
    assert texts(reading, BlockKind.FURNITURE) == [
        "Inspection of Westmarsh local authority children's services", "2", "3 to 14 March 2031",
    ]  # fmt: skip


def test_small_line_under_a_rule_at_the_foot_is_furniture(path: Path) -> None:
    def page(put: Put, canvas: Canvas) -> None:
        body(put, 100)
        canvas.line(72, 842 - 780, 520, 842 - 780)
        put(72, 795, "Corporate parenting panel, spring meeting", 8)

    assert texts(draw(path, page), BlockKind.FURNITURE) == ["Corporate parenting panel, spring meeting"]


def test_note_under_a_rule_and_last_line_of_the_body_stay(path: Path) -> None:
    def page(put: Put, canvas: Canvas) -> None:
        body(put, 730)
        canvas.line(72, 842 - 785, 520, 842 - 785)
        put(72, 797, "1", 6)
        put(78, 799, "The list names each plan of the council in turn.", 8)

    reading = draw(path, page)
    assert texts(reading, BlockKind.FOOTNOTE) == ["The list names each plan of the council in turn."]
    assert of(reading, BlockKind.FURNITURE) == []
    assert of(reading, BlockKind.PARAGRAPH)[0].text.endswith("that is read again.")


@pytest.mark.parametrize(
    "line", ["Page 3 of 12", "Page 45", r"G:\Committee\Scrutiny 2031\report.docx", "Report final v2.docx"]
)
def test_stamps_and_file_paths_are_furniture(path: Path, line: str) -> None:
    def page(put: Put, _: Canvas) -> None:
        body(put)
        put(72, 815, line, 8)

    assert texts(draw(path, page), BlockKind.FURNITURE) == [line]


def test_name_of_the_council_over_each_document_of_a_pack_is_a_heading(path: Path) -> None:
    def page(second: str) -> Callable[[Put, Canvas], None]:
        def show(put: Put, _: Canvas) -> None:
            put(72, 70, "WESTMARSH METROPOLITAN BOROUGH COUNCIL", 13, True)
            put(72, 90, second, 13, True)
            body(put)

        return show

    reading = draw(path, page("CHILDREN AND FAMILIES PANEL"), page("SCHOOLS PANEL"), page("HOUSING PANEL"))
    council = "WESTMARSH METROPOLITAN BOROUGH COUNCIL"
    assert texts(reading, BlockKind.HEADING) == [
        council, "CHILDREN AND FAMILIES PANEL", council, "SCHOOLS PANEL", council, "HOUSING PANEL",
    ]  # fmt: skip


def test_running_head_in_large_type_is_furniture(path: Path) -> None:
    def page(put: Put, _: Canvas) -> None:
        put(400, 50, "Office of Inspectors", 16, True)
        body(put)

    assert texts(draw(path, page, page, page), BlockKind.FURNITURE) == ["Office of Inspectors"] * 3


def test_date_and_fields_are_blocks_of_their_own(path: Path) -> None:
    def page(put: Put, _: Canvas) -> None:
        put(72, 70, "CHILDREN AND FAMILIES PANEL", 13, True)
        put(72, 86, "12 JULY 2031", 13, True)
        for i, line in enumerate(("Report to: Children Panel", "Date: 6 March 2031", "Report of: Pat Moss, Director")):
            put(72, 110 + 14 * i, line)
        body(put)

    reading = draw(path, page)
    assert texts(reading, BlockKind.HEADING) == ["CHILDREN AND FAMILIES PANEL", "12 JULY 2031"]
    assert texts(reading, BlockKind.PARAGRAPH)[:3] == [
        "Report to: Children Panel", "Date: 6 March 2031", "Report of: Pat Moss, Director",
    ]  # fmt: skip


def test_date_at_the_head_of_a_page_does_not_join_the_page_before(path: Path) -> None:
    def first(put: Put, _: Canvas) -> None:
        put(72, 700, "14.1")
        put(100, 700, FILL[:70])
        put(100, 714, "and thanked the officers")

    def second(put: Put, _: Canvas) -> None:
        put(100, 120, "5 March 2031")
        body(put)

    reading = draw(path, first, second)
    assert "5 March 2031" in texts(reading, BlockKind.PARAGRAPH)


def test_date_that_ends_a_sentence_stays_in_it(path: Path) -> None:
    def page(put: Put, _: Canvas) -> None:
        body(put)
        put(72, 300, "The panel will meet again on")
        put(72, 314, "4 March 2031")

    assert "The panel will meet again on 4 March 2031" in texts(draw(path, page), BlockKind.PARAGRAPH)


@pytest.mark.parametrize("line", ["4 March 2031", "Tuesday, 4th March 2031", "12 JULY 2031", "04/03/2031"])
def test_lines_that_are_dates(line: str) -> None:
    assert stands_alone(line)


@pytest.mark.parametrize("line", ["4 March", "on 4 March 2031", "4 March 2031.", "2031"])
def test_lines_that_are_more_or_less_than_dates(line: str) -> None:
    assert not stands_alone(line)


@pytest.mark.parametrize("line", ["Report to: the panel", "Date:", "In attendance: Pat Moss", "Date of meeting: May"])
def test_lines_that_name_fields(line: str) -> None:
    assert names_field(line)


@pytest.mark.parametrize(
    "line", ["T: 0300 000", "the panel: and more", "12: one", "A line with far more words than a field: x"]
)
def test_lines_that_name_none(line: str) -> None:
    assert not names_field(line)


COLUMNS = [30, 150, 250, 100, 80, 60]


def plan_rows(count: int) -> list[list[Paragraph]]:
    head = ("Ref", "Recommendation", "Action", "Lead officer", "Due date", "RAG")
    rows = [[Paragraph(x, BOLD) for x in head]]
    for i in range(1, count + 1):
        cells = (str(i), f"{FILL} more, {i}.", f"{FILL} {FILL} it ends.", "Head of Service", "March 2031", "Amber")
        rows.append([Paragraph(x, BODY) for x in cells])
    return rows


@pytest.mark.parametrize("repeated", [0, 1])
def test_action_plan_over_pages_is_one_table(path: Path, repeated: int) -> None:
    style = [("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    style += [("BACKGROUND", (5, 1), (5, -1), colors.orange)]
    table = Table(plan_rows(25), colWidths=COLUMNS, style=style, repeatRows=repeated)
    SimpleDocTemplate(
        str(path), pagesize=landscape(A4)
    ).build([table], onFirstPage=number_page, onLaterPages=number_page)  # fmt: skip
    reading = read_pdf(path)
    assert (reading.pages or 0) > 1
    (found,) = of(reading, BlockKind.TABLE)
    assert [c.text for c in found.cells if c.column == 0] == ["Ref", *(str(i) for i in range(1, 26))]
    assert {c.text for c in found.cells if c.column == 5 and c.row} == {"Amber"}
    assert [c.column for c in found.cells if c.header] == list(range(6))
    assert found.last_page == reading.pages
    assert all(found.text[c.start : c.end] == c.text for c in found.cells)


def number_page(canvas: Canvas, document: object) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawCentredString(420, 20, str(canvas.getPageNumber()))


def grid(put: Put, canvas: Canvas, top: float, rows: list[list[str]], edges: list[float], bold: bool = False) -> None:
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            canvas.rect(edges[c], 842 - top - 20 * (r + 1), edges[c + 1] - edges[c], 20)
            put(edges[c] + 4, top + 20 * r + 14, text, 10, bold and r == 0)


def test_row_cut_by_the_page_break_is_one_row(path: Path) -> None:
    edges = [72.0, 150.0, 400.0]
    reading = draw(
        path,
        lambda put, canvas: (
            body(put),
            grid(put, canvas, 700, [["Ref", "Action"], ["1", "Read the notes and"]], edges),
        ),
        lambda put, canvas: grid(put, canvas, 60, [["", "keep them."], ["2", "Meet."]], edges),
    )
    (table,) = of(reading, BlockKind.TABLE)
    assert table.text == "Ref\tAction\n1\tRead the notes and keep them.\n2\tMeet."


def test_tables_with_other_columns_or_headers_stay_apart(path: Path) -> None:
    first, other = [72.0, 150.0, 400.0], [72.0, 250.0, 400.0]
    reading = draw(
        path,
        lambda put, canvas: (body(put), grid(put, canvas, 700, [["Ref", "Action"], ["1", "Read."]], first, True)),
        lambda put, canvas: grid(put, canvas, 60, [["Name", "Role"], ["Moss", "Chair"]], other),
    )
    assert len(of(reading, BlockKind.TABLE)) == 2
    reading = draw(
        path,
        lambda put, canvas: (body(put), grid(put, canvas, 700, [["Ref", "Action"], ["1", "Read."]], first, True)),
        lambda put, canvas: grid(put, canvas, 60, [["Name", "Role"], ["Moss", "Chair"]], first, True),
    )
    assert len(of(reading, BlockKind.TABLE)) == 2


def test_slide_with_boxes_side_by_side(path: Path) -> None:
    def page(put: Put, _: Canvas) -> None:
        put(60, 60, "Strengths and next steps", 36, True)
        put(60, 120, "What is going well", 24, True)
        put(500, 120, "What we need to do", 24, True)
        pairs = (("• Early help is strong", "• Reduce caseloads"), ("• Leaders listen", "• Keep notes"))
        for i, (left, right) in enumerate(pairs):
            put(60, 160 + 30 * i, left, 20)
            put(500, 160 + 30 * i, right, 20)
        put(900, 520, "1", 12)

    reading = draw(path, page, size=(960, 540))
    assert [(b.kind, b.text) for b in reading.blocks] == [
        (BlockKind.HEADING, "Strengths and next steps"), (BlockKind.HEADING, "What is going well"),
        (BlockKind.LIST_ITEM, "Early help is strong"), (BlockKind.LIST_ITEM, "Leaders listen"),
        (BlockKind.HEADING, "What we need to do"), (BlockKind.LIST_ITEM, "Reduce caseloads"),
        (BlockKind.LIST_ITEM, "Keep notes"), (BlockKind.FURNITURE, "1"),
    ]  # fmt: skip


def test_minutes_with_numbers_in_the_margin(path: Path) -> None:
    def page(put: Put, _: Canvas) -> None:
        put(40, 100, "12")
        put(72, 100, "MINUTES", 11, True)
        body(put, 120)
        put(40, 200, "12.1")
        put(72, 200, FILL[:70])
        put(72, 214, "that the Chair keeps.")

    reading = draw(path, page)
    assert [(b.label, b.text) for b in of(reading, BlockKind.HEADING)] == [("12", "MINUTES")]
    assert [b.label for b in of(reading, BlockKind.PARAGRAPH)] == [None, "12.1"]


def test_letters_and_roman_numbers_nest_under_numbered_paragraphs(path: Path) -> None:
    def page(put: Put, _: Canvas) -> None:
        body(put, 60)
        rows = ((72, 108, "1.1", FILL[:60]), (108, 144, "(a)", "Plans."), (108, 144, "(b)", "Visits:"),
                (144, 180, "(i)", "at home"), (144, 180, "(ii)", "at school."))  # fmt: skip
        for i, (label, text, mark, words) in enumerate(rows):
            put(label, 200 + 20 * i, mark)
            put(text, 200 + 20 * i, words)

    reading = draw(path, page)
    assert [(b.label, b.level) for b in of(reading, BlockKind.LIST_ITEM)] == [
        ("(a)", 1), ("(b)", 1), ("(i)", 2), ("(ii)", 2),
    ]  # fmt: skip


def test_damaged_outline_is_no_loss(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pdfwords

    def fail(self: object) -> object:
        raise RuntimeError("cannot load page 4")

    monkeypatch.setattr(pdfwords.Document, "get_toc", fail)
    reading = draw(path, lambda put, _: body(put))
    assert reading.outline == ()
    assert len(reading.blocks) == 1


def test_engines_agree_on_dingbats_and_small_bullets(path: Path) -> None:
    def page(put: Put, canvas: Canvas) -> None:
        body(put)
        canvas.setFont("ZapfDingbats", 8)
        canvas.drawString(77, 842 - 300, "n")
        put(93, 303, "The quality of plans.")
        put(77, 340, "•", 8)
        put(93, 340, "Visits to children.")

    first = draw(path, page)
    second = read_pdf(path, engine="pdfplumber")
    shown = [[(b.kind, b.label, b.level, b.text) for b in r.blocks] for r in (first, second)]
    assert shown[0] == shown[1]
    assert [b.label for b in of(first, BlockKind.LIST_ITEM)] == ["■", "•"]


SHORT = ParagraphStyle("short", fontName="Helvetica", fontSize=11, leading=14, spaceAfter=6)
HEAD = ParagraphStyle("head", fontName="Helvetica-Bold", fontSize=13, leading=16, spaceBefore=8, spaceAfter=8)
HEARD = "The panel in Westmarsh heard that visits to homes were late in the spring."


def typeset(path: Path, *flow: tuple[str, ParagraphStyle]) -> Reading:
    """A PDF of paragraphs one below the other, read."""
    SimpleDocTemplate(str(path), pagesize=A4).build([Paragraph(text, style) for text, style in flow])
    return read_pdf(path)


def test_headings_that_stand_under_each_other_are_two(path: Path) -> None:
    flow = [("Areas for improvement", HEAD), ("Leadership and oversight", HEAD), *[(HEARD, SHORT)] * 6]
    assert texts(typeset(path, *flow), BlockKind.HEADING) == ["Areas for improvement", "Leadership and oversight"]


@pytest.mark.parametrize(
    "first", ["The quality of practice for children in Westmarsh and the", "Schools, colleges and"]
)
def test_heading_that_wraps_or_breaks_off_is_one(path: Path, first: str) -> None:
    def page(put: Put, _: Canvas) -> None:
        body(put, 300)
        put(72, 200, first, 14, True)
        put(72, 219, "Early Help", 14, True)

    assert texts(draw(path, page), BlockKind.HEADING) == [f"{first} Early Help"]


def test_paragraphs_of_one_line_stay_apart(path: Path) -> None:
    sentences = [
        f"Point {i} was noted by the board of Westmarsh, and no vote was taken on that night." for i in range(12)
    ]
    assert texts(typeset(path, *[(s, SHORT) for s in sentences]), BlockKind.PARAGRAPH) == sentences


def test_paragraphs_stay_apart_where_few_lines_wrap(path: Path) -> None:
    wraps = f"{FILL} agreed by all who came to it in the summer."
    flow = [*[HEARD, HEARD] * 5, wraps, "Nobody spoke against it.", wraps]
    assert texts(typeset(path, *[(s, SHORT) for s in flow]), BlockKind.PARAGRAPH) == flow


def test_cells_in_columns_under_a_bold_row_are_a_table(path: Path) -> None:
    rows = [("Measure", "2030", "2031"), ("Visits", "81%", "92%"), ("Plans", "70%", "77%"), ("Reviews", "60%", "66%")]

    def page(put: Put, _: Canvas) -> None:
        body(put)
        for i, row in enumerate(rows):
            for x, text in zip((72, 300, 380), row, strict=True):
                put(x, 320 + 18 * i, text, 11, i == 0)

    reading = draw(path, page)
    assert texts(reading, BlockKind.TABLE) == ["\n".join("\t".join(row) for row in rows)]
    assert [c.text for c in of(reading, BlockKind.TABLE)[0].cells if c.header] == list(rows[0])


def test_list_of_contents_without_dots_is_no_table(path: Path) -> None:
    def page(put: Put, _: Canvas) -> None:
        body(put, 500)
        for i, text in enumerate(("Findings", "Practice", "Leaders", "Partners", "Actions")):
            put(72, 100 + 18 * i, text, 11, i == 0)
            put(400, 100 + 18 * i, str(i + 2), 11, i == 0)

    assert of(draw(path, page), BlockKind.TABLE) == []


def test_mark_of_a_footnote_at_full_size_goes(path: Path) -> None:
    def page(put: Put, _: Canvas) -> None:
        body(put)
        put(72, 300, "Nine live in special schools3, and two in KS2 classes.")
        put(72, 740, "3", 6)
        put(78, 743, "Schools open for part of the year.", 9)

    reading = draw(path, page)
    assert "Nine live in special schools, and two in KS2 classes." in texts(reading, BlockKind.PARAGRAPH)
    assert [(b.label, b.text) for b in of(reading, BlockKind.FOOTNOTE)] == [("3", "Schools open for part of the year.")]

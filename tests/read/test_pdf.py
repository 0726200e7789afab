"""PDF files → blocks: one small file a defect. All councils here are invented."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pipeline.errors import FileFault
from pipeline.read.blocks import Block, BlockKind, Reading
from pipeline.read.ocr import parse_tsv
from pipeline.read.pdf import read_pdf

WIDTH, HEIGHT = 595.0, 842.0
FILL = "The team in Westmarsh meets every week and keeps good notes of what was said and"  # about one full line


class Sheet:
    """Draws text at (x, y from the top), so that a test reads like the page."""

    def __init__(self, path: Path, **options: object) -> None:
        self.path = path
        self.canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), **options)

    def put(self, x: float, y: float, text: str, size: float = 12, bold: bool = False) -> Sheet:
        self.canvas.setFont("Helvetica-Bold" if bold else "Helvetica", size)
        self.canvas.drawString(x, HEIGHT - y, text)
        return self

    def lines(self, x: float, y: float, *texts: str, size: float = 12, pitch: float = 14) -> Sheet:
        for i, text in enumerate(texts):
            self.put(x, y + i * pitch, text, size)
        return self

    def box(self, x0: float, top: float, x1: float, bottom: float) -> Sheet:
        self.canvas.rect(x0, HEIGHT - bottom, x1 - x0, bottom - top)
        return self

    def page(self) -> Sheet:
        self.canvas.showPage()
        return self

    def read(self, engine: str = "pdfium") -> Reading:
        self.canvas.save()
        return read_pdf(self.path, engine=engine)


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    return Sheet(tmp_path / "report.pdf")


def content(reading: Reading) -> list[Block]:
    return [b for b in reading.blocks if b.kind is not BlockKind.FURNITURE]


def of(reading: Reading, kind: BlockKind) -> list[Block]:
    return [b for b in reading.blocks if b.kind is kind]


def body(sheet: Sheet, y: float = 100) -> Sheet:
    """Enough plain text that the size of the body is known."""
    return sheet.lines(72, y, FILL, FILL, "that is read again.")


def test_lines_join_and_gaps_part(sheet: Sheet) -> None:
    sheet.lines(72, 100, FILL, "that is one paragraph.").lines(72, 150, FILL, "that is another.")
    blocks = content(sheet.read())
    assert [b.text for b in blocks] == [f"{FILL} that is one paragraph.", f"{FILL} that is another."]
    assert [b.kind for b in blocks] == [BlockKind.PARAGRAPH] * 2


def test_pieces_cover_each_line_with_page_and_box(sheet: Sheet) -> None:
    sheet.lines(72, 100, FILL, "that ends here.")
    (block,) = content(sheet.read())
    assert [block.text[p.start : p.end] for p in block.pieces] == [FILL, "that ends here."]
    assert [p.page for p in block.pieces] == [1, 1]
    x0, top, x1, bottom = block.pieces[0].bbox or (0, 0, 0, 0)
    assert x0 == pytest.approx(72, abs=2)
    assert top < 100 < bottom + 1
    assert x1 > 400


def test_heading_levels_follow_size(sheet: Sheet) -> None:
    body(sheet.put(72, 60, "Inspection of Westmarsh", 24).put(72, 85, "What needs to improve", 14, bold=True))
    sheet.put(72, 200, "Leadership", 12, bold=True)
    headings = of(sheet.read(), BlockKind.HEADING)
    assert [(b.text, b.level) for b in headings] == [
        ("Inspection of Westmarsh", 1), ("What needs to improve", 2), ("Leadership", 3),
    ]  # fmt: skip


def test_heading_over_two_lines_is_one(sheet: Sheet) -> None:
    sheet.put(72, 60, "The experiences and progress of children who need help and", 14, bold=True)
    sheet.put(72, 77, "protection: good", 14, bold=True)
    (heading,) = of(body(sheet).read(), BlockKind.HEADING)
    assert heading.text == "The experiences and progress of children who need help and protection: good"


def test_bold_words_in_a_paragraph_make_no_heading(sheet: Sheet) -> None:
    sheet.put(72, 100, "Westmarsh", 12, bold=True).put(140, 100, "is a place where the team meets every week and keeps")
    sheet.put(72, 114, "good notes.")
    (block,) = content(body(sheet, 200).read())[:1]
    assert block.kind is BlockKind.PARAGRAPH
    assert block.text.endswith("keeps good notes.")


def test_paragraph_number_is_a_label(sheet: Sheet) -> None:
    for n, y in ((1, 100), (2, 150)):
        sheet.put(72, y, f"{n}.").lines(100, y, FILL[:59], "that is read again.")
    blocks = content(sheet.read())
    assert [(b.label, b.kind) for b in blocks] == [("1.", BlockKind.PARAGRAPH), ("2.", BlockKind.PARAGRAPH)]
    assert blocks[0].text == f"{FILL[:59]} that is read again."


def test_number_glued_to_its_text_is_a_label(sheet: Sheet) -> None:
    sheet.lines(72, 100, "10.Children are seen by people who know them well and who take time", "to listen to them.")
    (block,) = content(sheet.read())
    assert (block.label, block.text[:8]) == ("10.", "Children")


def test_number_that_carries_a_sentence_on_is_no_label(sheet: Sheet) -> None:
    sheet.lines(72, 100, f"{FILL} in", "15. The rest of the notes are kept by people who never", "write at all.")
    (block,) = content(body(sheet, 300).read())[:1]
    assert block.label is None
    assert "in 15. The rest" in block.text


@pytest.mark.parametrize("glyph", ["•", "–", "o"])
def test_bullets_are_items(sheet: Sheet, glyph: str) -> None:
    for y in (100, 120):
        sheet.put(72, y, glyph).put(90, y, "The quality of plans for children.")
    items = of(sheet.read(), BlockKind.LIST_ITEM)
    assert [(b.label, b.text, b.level) for b in items] == [(glyph, "The quality of plans for children.", 1)] * 2


def test_symbol_font_bullets_are_items(sheet: Sheet) -> None:
    for y in (100, 120):
        sheet.canvas.setFont("ZapfDingbats", 12)
        sheet.canvas.drawString(72, HEIGHT - y, "n")
        sheet.put(90, y, "The quality of plans for children.")
    items = of(sheet.read(), BlockKind.LIST_ITEM)
    assert [b.text for b in items] == ["The quality of plans for children."] * 2


def test_nested_items_have_levels(sheet: Sheet) -> None:
    sheet.put(72, 100, "•").put(90, 100, "Plans:").put(108, 115, "–").put(126, 115, "are short")
    sheet.put(108, 130, "–").put(126, 130, "are kept").put(72, 145, "•").put(90, 145, "Visits.")
    assert [b.level for b in of(sheet.read(), BlockKind.LIST_ITEM)] == [1, 2, 2, 1]


def test_letters_are_items(sheet: Sheet) -> None:
    for letter, y in (("a.", 100), ("b.", 115)):
        sheet.put(90, y, letter).put(110, y, "The panel asked for more notes.")
    assert [b.label for b in of(sheet.read(), BlockKind.LIST_ITEM)] == ["a.", "b."]


def paged(sheet: Sheet, pages: list[Callable[[Sheet], object]]) -> Reading:
    """Pages with a running head and a page number around what each callable draws."""
    for number, draw in enumerate(pages, 1):
        sheet.put(72, 40, "Inspection of Westmarsh children's services", 9).put(500, 810, str(number), 9)
        draw(sheet)
        sheet.page()
    return sheet.read()


def test_paragraph_over_a_page_break_is_one_block(sheet: Sheet) -> None:
    reading = paged(sheet, [
        lambda s: s.lines(72, 700, FILL, FILL, "the children"),
        lambda s: s.lines(72, 90, "who were seen said so too."),
    ])  # fmt: skip
    (block,) = content(reading)
    assert block.text.endswith("the children who were seen said so too.")
    assert (block.page, block.last_page) == (1, 2)
    assert sorted({b.text for b in of(reading, BlockKind.FURNITURE)}) == [
        "1", "2", "Inspection of Westmarsh children's services",
    ]  # fmt: skip


def test_item_over_a_page_break_is_one_item(sheet: Sheet) -> None:
    reading = paged(sheet, [
        lambda s: s.put(72, 740, "•").lines(90, 740, FILL[:70], "and the"),
        lambda s: s.put(90, 90, "plans that follow.").put(72, 110, "•").put(90, 110, "Visits to children."),
    ])  # fmt: skip
    items = of(reading, BlockKind.LIST_ITEM)
    assert [b.text for b in items] == [f"{FILL[:70]} and the plans that follow.", "Visits to children."]


def test_finished_paragraph_does_not_swallow_the_next_page(sheet: Sheet) -> None:
    reading = paged(sheet, [lambda s: s.lines(72, 700, FILL, "that ends."), lambda s: s.lines(72, 90, FILL, "anew.")])
    assert len(content(reading)) == 2


def test_footnote_and_its_mark_stay_out_of_the_text(sheet: Sheet) -> None:
    sheet.put(72, 60, "What needs to improve?", 14, bold=True).put(238, 55, "1", 7, bold=True)
    body(sheet).put(72, 760, "1", 6).put(77, 760, "The list names each plan of the council in turn.", 9)
    reading = sheet.read()
    assert of(reading, BlockKind.HEADING)[0].text == "What needs to improve?"
    (note,) = of(reading, BlockKind.FOOTNOTE)
    assert (note.label, note.text) == ("1", "The list names each plan of the council in turn.")


def test_line_end_hyphen_is_kept_where_the_word_has_one(sheet: Sheet) -> None:
    sheet.lines(72, 100, "Practice here is warm and it is child-", "centred in every way that was seen.")
    assert "child-centred in" in content(sheet.read())[0].text


def test_line_end_hyphen_goes_where_the_document_has_the_whole_word(sheet: Sheet) -> None:
    sheet.lines(72, 100, "The inspection was short. An inspec-", "tion is a visit of some days and weeks.")
    assert "An inspection is" in content(sheet.read())[0].text


TABLE = [("Judgement", "Grade"), ("Leaders", "Good"), ("Care leavers", "Requires improvement to be good")]


def draw_table(sheet: Sheet) -> Sheet:
    for row, (left, right) in enumerate(TABLE):
        top = 300 + row * 25
        sheet.box(72, top, 300, top + 25).box(300, top, 520, top + 25)
        sheet.put(78, top + 16, left, bold=row == 0).put(306, top + 16, right, bold=row == 0)
    return sheet


def test_ruled_table_has_cells_and_is_not_repeated(sheet: Sheet) -> None:
    reading = draw_table(body(sheet)).read()
    (table,) = of(reading, BlockKind.TABLE)
    assert table.text == "\n".join("\t".join(row) for row in TABLE)
    assert [(c.row, c.column, c.text) for c in table.cells] == [
        (r, c, text) for r, row in enumerate(TABLE) for c, text in enumerate(row)
    ]
    assert all(table.text[c.start : c.end] == c.text for c in table.cells)
    assert [c.header for c in table.cells] == [True, True, False, False, False, False]
    assert not any("Care leavers" in b.text for b in reading.blocks if b is not table)


def test_framed_text_is_paragraphs(sheet: Sheet) -> None:
    sheet.box(60, 80, 540, 200).lines(72, 100, FILL, "that ends.").lines(72, 150, FILL, "that ends too.")
    reading = sheet.read()
    assert [b.kind for b in reading.blocks] == [BlockKind.PARAGRAPH] * 2


def test_white_patches_behind_lines_are_no_table(sheet: Sheet) -> None:
    sheet.canvas.setFillColorRGB(1, 1, 1)
    for y in (90, 104):
        for x in (70, 300):
            sheet.canvas.rect(x, HEIGHT - y - 14, 230, 14, stroke=0, fill=1)
    sheet.canvas.setFillColorRGB(0, 0, 0)
    sheet.lines(72, 100, FILL, "that ends.")
    assert [b.kind for b in sheet.read().blocks] == [BlockKind.PARAGRAPH]


def test_columns_are_read_one_after_the_other(sheet: Sheet) -> None:
    left, right = "Each week the whole team meets here", "People who were seen said they are glad"
    sheet.lines(60, 100, left, left, "to talk.").lines(320, 107, right, right, "of the help.")
    texts = " ".join(b.text for b in content(sheet.read()))
    assert texts == f"{left} {left} to talk. {right} {right} of the help."


def test_paragraph_runs_from_column_to_column(sheet: Sheet) -> None:
    left, right = "Each week the whole team meets here", "who were seen said that they are glad"
    sheet.lines(60, 100, left, left, "to talk. The children").lines(320, 100, right, left, "of all the help.")
    (block,) = content(sheet.read())
    assert block.text == f"{left} {left} to talk. The children {right} {left} of all the help."


def test_first_line_indents_part_paragraphs(sheet: Sheet) -> None:
    for y in (100, 142):
        sheet.put(96, y, FILL[:76]).lines(72, y + 14, FILL, "that is read again.")
    assert [b.text for b in content(sheet.read())] == [f"{FILL[:76]} {FILL} that is read again."] * 2


def test_heading_that_two_pages_share_is_a_heading(sheet: Sheet) -> None:
    reading = paged(sheet, [
        lambda s: body(s.put(72, 70, "Next steps", 16, bold=True)),
        lambda s: body(s.put(72, 70, "Next steps", 16, bold=True)),
        lambda s: body(s), lambda s: body(s), lambda s: body(s),
    ])  # fmt: skip
    assert len(of(reading, BlockKind.HEADING)) == 2


def test_letterhead_is_furniture_and_the_letter_stays(sheet: Sheet) -> None:
    sheet.lines(72, 40, "Office of Inspectors", "1 Mill Lane", "Westmarsh", size=9, pitch=10)
    sheet.lines(300, 40, "T 0300 000 0000", "post@inspectors.example", size=9, pitch=10)
    sheet.put(72, 140, "30 October 2031").lines(72, 170, "Pat Moss", "Director", "Town Hall").put(72, 230, "Dear Pat")
    reading = body(sheet, 260).read()
    assert all(b.size == 9 for b in of(reading, BlockKind.FURNITURE))
    assert len(of(reading, BlockKind.FURNITURE)) >= 3
    assert [b.text for b in content(reading)][:3] == ["30 October 2031", "Pat Moss Director Town Hall", "Dear Pat"]


def test_contents_are_furniture(sheet: Sheet) -> None:
    sheet.put(72, 80, "Contents", 20)
    for i, entry in enumerate(("Executive summary", "Recommendations", "Findings")):
        sheet.put(72, 120 + 24 * i, entry, 14).put(500, 120 + 24 * i, str(i + 2), 14)
    body(sheet.page())
    reading = sheet.read()
    assert of(reading, BlockKind.HEADING) == []
    assert next(b.text for b in of(reading, BlockKind.FURNITURE)) == "Contents"


def test_engines_give_the_same_blocks(tmp_path: Path) -> None:
    sheet = draw_table(body(Sheet(tmp_path / "a.pdf").put(72, 60, "Findings", 14, bold=True)))
    sheet.put(72, 420, "–").lines(90, 420, FILL[:70], "goes on.")
    first = sheet.read()
    second = read_pdf(sheet.path, engine="pdfplumber")
    assert [(b.kind, b.label, b.level, b.text) for b in first.blocks] == [
        (b.kind, b.label, b.level, b.text) for b in second.blocks
    ]


def test_outline_and_title(sheet: Sheet) -> None:
    sheet.canvas.setTitle("Report to the Westmarsh panel")
    body(sheet)
    sheet.canvas.bookmarkPage("one")
    sheet.canvas.addOutlineEntry("Item 4: Report", "one", 0)
    reading = sheet.read()
    assert reading.title == "Report to the Westmarsh panel"
    assert [(b.title, b.page) for b in reading.outline] == [("Item 4: Report", 1)]
    assert (reading.pages, reading.media_type) == (1, "application/pdf")


@pytest.mark.parametrize("title", ["untitled", "report.docx", "LA NAME - report - DATE", "Microsoft Word - x y z"])
def test_titles_of_templates_are_none(sheet: Sheet, title: str) -> None:
    sheet.canvas.setTitle(title)
    assert body(sheet).read().title is None


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", "empty_file", "empty"),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "html_named_pdf", "web page"),
        (b"\x89PNG\r\n\x1a\n", "image_named_pdf", "PNG"),
        (b"Dear all, here are the notes.", "unknown_format", "not a PDF"),
        (b"%PDF-1.7\nnothing of use\n%%EOF", "damaged_pdf", "damaged"),
    ],
)
def test_faults_say_what_the_file_is(tmp_path: Path, data: bytes, error: str, says: str) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(data)
    with pytest.raises(FileFault) as caught:
        read_pdf(path)
    assert caught.value.error == error
    assert says in caught.value.message


def test_cut_off_file(sheet: Sheet) -> None:
    body(sheet).read()
    data = sheet.path.read_bytes()
    sheet.path.write_bytes(data[:300])
    with pytest.raises(FileFault) as caught:
        read_pdf(sheet.path)
    assert caught.value.error == "truncated_pdf"


def test_damaged_page_is_a_note_and_the_others_are_read(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.read import pdfium

    whole = pdfium._read_page

    def fail_on_first(page: object, number: int) -> object:
        if number == 1:
            raise RuntimeError("cannot load page 0")
        return whole(page, number)

    monkeypatch.setattr(pdfium, "_read_page", fail_on_first)
    reading = body(body(sheet).page()).read()
    assert [n.error for n in reading.notes] == ["damaged_page"]
    assert [b.page for b in reading.blocks] == [2]


def test_locked_file(tmp_path: Path) -> None:
    sheet = body(Sheet(tmp_path / "locked.pdf", encrypt=StandardEncryption("secret")))
    with pytest.raises(FileFault) as caught:
        sheet.read()
    assert caught.value.error == "encrypted_pdf"


def scanned(tmp_path: Path) -> Sheet:
    """A page that is a picture of a page."""
    import pypdfium2

    native = Sheet(tmp_path / "native.pdf").lines(
        72, 100, "The panel met in the town hall of Westmarsh.", "It was short."
    )
    native.read()
    with pypdfium2.PdfDocument(native.path) as document:
        image = document[0].render(scale=3).to_pil()
    sheet = Sheet(tmp_path / "scan.pdf")
    sheet.canvas.drawImage(ImageReader(image), 0, 0, WIDTH, HEIGHT)
    return sheet


def test_scanned_page_without_tesseract_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.read.ocr.has_tesseract", lambda: False)
    (note,) = scanned(tmp_path).read().notes
    assert note.error == "no_text_layer"
    assert "page 1" in note.message


def test_legibility_is_the_mean_confidence_by_letters() -> None:
    head = "level\tblock_num\tpar_num\tline_num\tleft\ttop\twidth\theight\tconf\ttext\n"
    words = "5\t1\t1\t1\t10\t10\t90\t40\t90\tneat\n5\t1\t1\t1\t110\t10\t90\t40\t40\tqueer4\n5\t1\t1\t1\t210\t10\t9\t4\t3\t~\n"
    runs, legible = parse_tsv(head + words)
    assert [r.text for r in runs] == ["neat", "queer4"]
    assert legible == pytest.approx((4 * 0.9 + 6 * 0.4) / 10)


def _has_tesseract() -> bool:
    try:
        return subprocess.run(["tesseract", "--version"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not _has_tesseract(), reason="tesseract is not installed")
def test_scanned_page_is_read_by_ocr(tmp_path: Path) -> None:
    reading = scanned(tmp_path).read()
    assert 0.7 < reading.legible[1] <= 1
    assert reading.notes[0].error == "read_by_ocr"
    assert "The panel met in the town hall of Westmarsh." in reading.blocks[0].text

"""Word and PowerPoint files, written here and read back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
import pptx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from pipeline.errors import FileFault
from pipeline.read import read_file
from pipeline.read.blocks import Block, Reading
from pipeline.read.docx import read_docx
from pipeline.read.pptx import read_pptx


def _save(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _show(blocks: tuple[Block, ...]) -> list[tuple[str, int, str | None, str]]:
    return [(b.kind.value, b.level, b.label, b.text) for b in blocks]


def test_word_blocks_in_the_order_of_the_body(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Millford Council"
    document.add_heading("Quality of practice", 1)
    document.add_paragraph("1.1\tPlans are clear. Visits are late.")
    document.add_paragraph("train staff", style="List Bullet")
    document.add_paragraph("write a plan", style="List Number")
    document.add_paragraph("check it", style="List Number")
    table = document.add_table(2, 3)
    for i, text in enumerate(["Area", "Action", "By when", "Front door", "Train  staff.\nCheck it.", "May 2031"]):
        table.cell(i // 3, i % 3).text = text
    document.add_paragraph().add_run("Next steps").bold = True
    path = tmp_path / "report.pdf"  # its name lies
    path.write_bytes(_save(document))
    reading = read_file(path)
    assert reading.pages is None
    assert _show(reading.blocks) == [
        ("furniture", 0, None, "Millford Council"),
        ("heading", 1, None, "Quality of practice"),
        ("paragraph", 0, "1.1", "Plans are clear. Visits are late."),
        ("list_item", 1, reading.blocks[3].label, "train staff"),
        ("list_item", 1, "1.", "write a plan"),
        ("list_item", 1, "2.", "check it"),
        ("table", 0, None, "Area\tAction\tBy when\nFront door\tTrain staff. Check it.\tMay 2031"),
        ("heading", 4, None, "Next steps"),
    ]
    assert [c.header for c in reading.blocks[6].cells] == [True] * 3 + [False] * 3
    assert [b.line for b in reading.blocks[1:]] == [1, 2, 3, 4, 5, 6, 8]


def _append(document: Any, xml: str) -> None:
    document.element.body.insert(0, parse_xml(xml))


def test_word_text_box_tracked_change_and_box_table() -> None:
    document = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>Boxed text.</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    _append(
        document,
        f"<w:p {nsdecls('w')} {mc}><w:r><w:t>Plans are </w:t></w:r>"
        f"<w:del><w:r><w:delText>not </w:delText></w:r></w:del>"
        f"<w:ins><w:r><w:t>clear.</w:t></w:r></w:ins><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>",
    )
    document.add_table(1, 1).cell(0, 0).text = "A frame around text."
    assert [b.text for b in read_docx(_save(document)).blocks] == [
        "Plans are clear.",
        "Boxed text.",
        "A frame around text.",
    ]


def _deck() -> Any:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Our progress"
    slide.placeholders[1].text = "Visits are regular"
    item = slide.placeholders[1].text_frame.add_paragraph()
    item.text, item.level = "for all teams", 1
    right = slide.shapes.add_textbox(Inches(5), Inches(6), Inches(2), Inches(1))
    right.text_frame.text = "Right."
    left = slide.shapes.add_textbox(Inches(1), Inches(6.1), Inches(2), Inches(1))
    left.text_frame.text = "Left."
    slide.notes_slide.notes_text_frame.text = "Say this."
    second = deck.slides.add_slide(deck.slide_layouts[6])
    table = second.shapes.add_table(2, 2, 0, 0, Inches(4), Inches(1)).table
    for i, text in enumerate(["Measure", "Value", "Audits", "42"]):
        table.cell(i // 2, i % 2).text = text
    data = CategoryChartData()
    data.categories = ["2030", "2031"]
    data.add_series("Caseload", (17.5, 16))
    second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, Inches(3), Inches(4), Inches(2), data)
    return deck


def test_slides_in_reading_order() -> None:
    reading = read_pptx(_save(_deck()))
    assert reading.pages == 2
    assert [(b.page, b.kind.value, b.level, b.text) for b in reading.blocks] == [
        (1, "heading", 1, "Our progress"),
        (1, "list_item", 1, "Visits are regular"),
        (1, "list_item", 2, "for all teams"),
        (1, "paragraph", 0, "Left."),
        (1, "paragraph", 0, "Right."),
        (1, "footnote", 0, "Say this."),
        (2, "table", 0, "Measure\tValue\nAudits\t42"),
        (2, "table", 0, "\tCaseload\n2030\t17.5\n2031\t16"),
    ]


def test_slide_without_text_is_noted() -> None:
    deck = _deck()
    deck.slides.add_slide(deck.slide_layouts[6])
    notes = read_pptx(_save(deck)).notes
    assert [n.error for n in notes] == ["slides_without_text"]
    assert "3" in notes[0].message


def test_deck_without_slides_is_the_files_fault() -> None:
    with pytest.raises(FileFault) as caught:
        read_pptx(_save(pptx.Presentation()))
    assert caught.value.error == "no_pages"


@pytest.mark.parametrize("reader", [read_docx, read_pptx])
def test_damaged_package_is_the_files_fault(reader: Any) -> None:
    data = _save(docx.Document() if reader is read_docx else _deck())
    data = data[: len(data) // 2] + bytes(200) + data[len(data) // 2 + 200 :]

    def read() -> Reading:
        reading: Reading = reader(data)
        return reading

    with pytest.raises(FileFault) as caught:
        read()
    assert caught.value.error in ("damaged_office", "empty_file")


def test_word_footnote_follows_its_paragraph() -> None:
    document = docx.Document()
    document.add_paragraph("Plans are clear.")
    run = document.paragraphs[0].add_run()
    run._r.append(parse_xml(f'<w:footnoteReference {nsdecls("w")} w:id="2"/>'))
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>Not all.</w:t></w:r></w:p></w:footnote>'
    notes = f"<w:footnotes {nsdecls('w')}>{note}</w:footnotes>"
    name = PackURI("/word/footnotes.xml")
    document.part.relate_to(
        Part(name, "application/xml", notes.encode(), document.part.package), RELATIONSHIP_TYPE.FOOTNOTES
    )
    document.add_paragraph("Visits are late.")
    assert [(b.kind.value, b.text) for b in read_docx(_save(document)).blocks] == [
        ("paragraph", "Plans are clear."),
        ("footnote", "Not all."),
        ("paragraph", "Visits are late."),
    ]


def test_word_list_styles_of_the_second_level_nest() -> None:
    document = docx.Document()
    for style in ("List Bullet", "List Bullet 2", "List Bullet 3", "List Number", "List Number 2"):
        document.add_paragraph("write a plan", style=style)
    assert [b.level for b in read_docx(_save(document)).blocks] == [1, 2, 3, 1, 2]


def test_word_level_of_a_paragraph_holds_where_its_style_names_the_list() -> None:
    document = docx.Document()
    for _ in range(2):
        document.add_paragraph("write a plan", style="List Bullet")
    style = document.styles["List Bullet"].element.pPr.numPr
    levels = document.part.numbering_part.element
    number = next(n for n in levels.num_lst if n.numId == style.numId.val)
    abstract = next(
        a for a in levels.iter(f"{{{levels.nsmap['w']}}}abstractNum") if _val(a) == number.abstractNumId.val
    )
    abstract.append(
        parse_xml(f'<w:lvl {nsdecls("w")} w:ilvl="1"><w:numFmt w:val="bullet"/><w:lvlText w:val="–"/></w:lvl>')
    )
    document.paragraphs[1]._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="1"/></w:numPr>')
    )
    assert [(b.level, b.label) for b in read_docx(_save(document)).blocks][1] == (2, "–")


def _val(abstract: Any) -> int:
    return int(next(value for name, value in abstract.attrib.items() if name.endswith("abstractNumId")))

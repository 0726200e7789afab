"""What all the PDFs share: fonts, styles, running heads and bullets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import reportlab
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, ListFlowable, ListItem, PageTemplate, Paragraph, Spacer

_FONTS = Path(reportlab.__file__).parent / "fonts"
for _name, _file in (("Body", "Vera.ttf"), ("Bold", "VeraBd.ttf"), ("Italic", "VeraIt.ttf")):
    pdfmetrics.registerFont(TTFont(_name, str(_FONTS / _file)))
pdfmetrics.registerFontFamily("Body", normal="Body", bold="Bold", italic="Italic", boldItalic="Bold")

BODY = ParagraphStyle("body", fontName="Body", fontSize=11, leading=14, spaceAfter=8)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=7, leading=9, spaceAfter=0)
TITLE = ParagraphStyle("title", parent=BODY, fontSize=18, leading=22, spaceAfter=10)
HEADING = ParagraphStyle("heading", parent=BODY, fontName="Bold", fontSize=13, leading=16, spaceBefore=8, spaceAfter=6)
SUBHEADING = ParagraphStyle("subheading", parent=HEADING, fontSize=11, leading=14)

Item = str | dict[str, Any]


def paragraph(text: str, style: ParagraphStyle = BODY) -> Paragraph:
    """A paragraph of plain text."""
    return Paragraph(text.replace("&", "&amp;").replace("<", "&lt;"), style)


def bullets(items: Sequence[Item], glyph: str = "•", style: ParagraphStyle = BODY) -> ListFlowable:
    """A bulleted list; an item with sub-items is a mapping of `intro` and `items`. The glyph `square` is drawn from
    the symbol font, as in the inspectorate's reports."""
    font = "ZapfDingbats" if glyph == "square" else "Body"
    rows = []
    for item in items:
        if isinstance(item, dict):
            inner = bullets(item["items"], "–", style)
            rows.append(ListItem([paragraph(item["intro"], style), inner]))
        else:
            rows.append(ListItem(paragraph(item, style)))
    return ListFlowable(rows, bulletType="bullet", start=glyph, bulletFontName=font, bulletFontSize=8, leftIndent=16)


def numbered(items: Sequence[str], start: int = 1) -> ListFlowable:
    """Paragraphs with printed numbers: "1." and so on."""
    rows = [ListItem(paragraph(item)) for item in items]
    return ListFlowable(
        rows, bulletType="1", start=start, bulletFormat="%s.", bulletFontName="Body", bulletFontSize=11, leftIndent=26
    )


def marked_heading(text: str) -> Paragraph:
    """A heading with the mark of footnote 1."""
    return Paragraph(f"{text}<super size=6>1</super>", HEADING)


def gap(height: float = 4) -> Spacer:
    """White space, in millimetres."""
    return Spacer(1, height * mm)


def build_pdf(
    path: Path, title: str, story: list[Flowable], furniture: Callable[[Canvas, int], None] | None = None
) -> None:
    """Write a PDF whose bytes depend on its content alone. `furniture` draws what stands on every page."""

    def draw(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.saveState()
        if furniture:
            furniture(canvas, document.page)
        canvas.restoreState()

    path.parent.mkdir(parents=True, exist_ok=True)
    document = BaseDocTemplate(str(path), pagesize=A4, title=title, author="Golden Thread sample", invariant=1)
    frame = Frame(25 * mm, 25 * mm, A4[0] - 50 * mm, A4[1] - 55 * mm, id="page")
    document.addPageTemplates(PageTemplate(id="page", frames=[frame], onPage=draw))
    document.build(story)


def draw_logo(canvas: Canvas) -> None:
    """A letterhead in the place where the inspectorate's stands: the name, no emblem."""
    canvas.setFont("Bold", 16)
    canvas.drawRightString(A4[0] - 25 * mm, A4[1] - 20 * mm, "Ofsted")
    canvas.setFont("Body", 7)
    canvas.drawRightString(A4[0] - 25 * mm, A4[1] - 24 * mm, "raising standards improving lives")


def draw_footer(canvas: Canvas, lines: Sequence[str], page: int | None) -> None:
    """A rule with the running foot below it on the left and the page number on the right."""
    canvas.setLineWidth(0.5)
    canvas.line(25 * mm, 20 * mm, A4[0] - 25 * mm, 20 * mm)
    canvas.setFont("Bold", 6.5)
    for i, line in enumerate(lines):
        canvas.drawString(25 * mm, 16 * mm - i * 3 * mm, line)
    if page:
        canvas.setFont("Body", 10)
        canvas.drawRightString(A4[0] - 25 * mm, 15 * mm, str(page))

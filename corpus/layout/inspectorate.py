"""Inspection reports and letters, in the layouts of four frameworks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak, Table, TableStyle

from corpus.layout.page import (
    BODY,
    HEADING,
    SMALL,
    SUBHEADING,
    TITLE,
    build_pdf,
    bullets,
    draw_footer,
    draw_logo,
    gap,
    marked_heading,
    numbered,
    paragraph,
)

_GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("FONTNAME", (0, 0), (-1, 0), "Bold"),
    ]
)
_FOOTNOTE = (
    "1 The areas for improvement refer to the outcomes and enablers of the national framework for children’s social care, "
    "which sets out what services for children are for."
)


def _table(rows: list[list[str]], widths: list[float]) -> Table:
    cells = [[paragraph(c, BODY) for c in row] for row in rows]
    return Table(cells, colWidths=[w * mm for w in widths], style=_GRID)


def build_ilacs(document: dict[str, Any], council: str, path: Path) -> None:
    """An inspection report under ILACS, 2018 onwards."""
    title = f"Inspection of {council} local authority children’s services"
    note = _FOOTNOTE if document.get("footnote") else None
    story: list[Flowable] = [
        paragraph(title, TITLE),
        paragraph(f"Inspection dates: {document['dates']}", BODY),
        paragraph(f"Lead inspector: {document['lead']}"),
        _table([["Judgement", "Grade"], *document["judgements"]], [95, 60]),
        gap(),
        *map(paragraph, document["summary"]),
        marked_heading("What needs to improve?") if note else paragraph("What needs to improve?", HEADING),
        bullets(document["improve"], "square"),
    ]
    number = 1
    for section in document["sections"]:
        story.append(paragraph(section["heading"], HEADING))
        story.append(numbered(section["paragraphs"], number))
        number += len(section["paragraphs"])

    def furniture(canvas: Canvas, page: int) -> None:
        draw_logo(canvas)
        if page > 1:
            draw_footer(canvas, [title, document["running"]], page)
        elif note:
            text = paragraph(note, SMALL)
            text.wrap(155 * mm, 20 * mm)
            text.drawOn(canvas, 27 * mm, 12 * mm)

    build_pdf(path, title, story, furniture)


def build_sif(document: dict[str, Any], council: str, path: Path) -> None:
    """A report under the single inspection framework, 2013 to 2017, with the review of the safeguarding board."""
    area = f"{council}"
    grades = [[document["overall"], ""], *document["judgements"]]
    table = _table(grades, [105, 50])
    table.setStyle(TableStyle([("SPAN", (0, 0), (1, 0))]))
    executive = Table(
        [[[paragraph("Executive summary", HEADING), *map(paragraph, document["summary"])]]], colWidths=[155 * mm]
    )
    executive.setStyle(TableStyle([("BOX", (0, 0), (-1, -1), 0.5, colors.black)]))
    board = document["lscb"]
    story: list[Flowable] = [
        paragraph(area, TITLE),
        paragraph(
            "Inspection of services for children in need of help and protection, children looked after and care leavers",
            SUBHEADING,
        ),
        paragraph("and"),
        paragraph("Review of the effectiveness of the Local Safeguarding Children Board", SUBHEADING),
        paragraph(f"Inspection date: {document['dates']}"),
        paragraph(f"Report published: {document['published']}"),
        gap(),
        table,
        PageBreak(),
        executive,
        PageBreak(),
        paragraph("The local authority", TITLE),
        paragraph("Information about this local authority area", HEADING),
        paragraph("Children living in this area", SUBHEADING),
        bullets(document["area"], "square"),
        PageBreak(),
        paragraph("Recommendations", HEADING),
        numbered(document["recommendations"]),
    ]
    number = 1
    for section in document["sections"]:
        story += [paragraph(section["heading"], HEADING), numbered(section["paragraphs"], number)]
        number += len(section["paragraphs"])
    story += [
        PageBreak(),
        paragraph(board["heading"], TITLE),
        paragraph("The Local Safeguarding Children Board is good", HEADING),
        paragraph(board["grade"]),
        paragraph("Recommendations", HEADING),
        numbered(board["recommendations"]),
        paragraph("Inspection findings – the Local Safeguarding Children Board", HEADING),
        numbered(board["paragraphs"], number),
    ]

    def furniture(canvas: Canvas, page: int) -> None:
        draw_logo(canvas)
        draw_footer(canvas, [], page)

    build_pdf(path, area, story, furniture)


def _letterhead() -> list[Flowable]:
    rows = [
        ["Ofsted", ""],
        ["Piccadilly Gate", "T 0300 123 1231"],
        ["Store Street", "enquiries@ofsted.gov.uk"],
        ["Manchester M1 2WD", "www.gov.uk/ofsted"],
    ]
    table = Table([[paragraph(c, SMALL) for c in row] for row in rows], colWidths=[40 * mm, 60 * mm], hAlign="LEFT")
    return [table, gap(6)]


def build_letter(document: dict[str, Any], council: str, path: Path) -> None:
    """A letter after a focused or a monitoring visit."""
    title = f"{document['visit']} to {council} children’s services"
    story: list[Flowable] = [*_letterhead(), paragraph(document["date"])]
    story += [paragraph(line, SMALL) for line in document["addressee"]]
    story += [
        gap(),
        paragraph(document["salutation"]),
        paragraph(title, SUBHEADING),
        *map(paragraph, document["opening"]),
    ]
    if document.get("headline") and document["visit"] == "Focused visit":
        story += [paragraph("Headline findings", SUBHEADING), paragraph(document["headline"])]
    for part in document["lists"]:
        story += [paragraph(part["heading"], SUBHEADING), bullets(part["items"], "square")]
    if document.get("headline") and document["visit"] != "Focused visit":
        story += [paragraph("Headline findings", SUBHEADING), paragraph(document["headline"])]
    story.append(paragraph(document["findings_heading"], SUBHEADING))
    story += (
        [bullets(document["paragraphs"], "square")]
        if document.get("bullets")
        else [*map(paragraph, document["paragraphs"])]
    )
    story += [*map(paragraph, document["closing"]), paragraph("Yours sincerely"), paragraph("His Majesty’s Inspector")]

    def furniture(canvas: Canvas, page: int) -> None:
        draw_logo(canvas)
        draw_footer(canvas, [], page if page > 1 else None)

    build_pdf(path, title, story, furniture)


def build_jtai(document: dict[str, Any], council: str, path: Path) -> None:
    """A letter after a joint targeted area inspection."""
    title = f"Joint targeted area inspection of {document['place']}"
    story: list[Flowable] = [
        gap(8),
        paragraph(document["date"]),
        paragraph(f"Dear {document['place']} local safeguarding partnership"),
        paragraph(title, SUBHEADING),
        paragraph(
            "This letter summarises the findings of the joint targeted area inspection (JTAI) of the multi-agency response to "
            f"children who are at risk of exploitation in {document['place']}."
        ),
        paragraph(
            f"This inspection took place from {document['dates']}. It was carried out by inspectors from Ofsted, the Care Quality "
            "Commission (CQC) and His Majesty’s Inspectorate of Constabulary and Fire & Rescue Services (HMICFRS)."
        ),
        paragraph("Headline findings", SUBHEADING),
        *map(paragraph, document["headline"]),
        paragraph(document["improve_heading"], SUBHEADING),
        bullets(document["improve"], "square"),
        paragraph(document["strengths_heading"], SUBHEADING),
        bullets(document["strengths"], "square"),
        paragraph(document["findings_heading"], SUBHEADING),
        *map(paragraph, document["paragraphs"]),
        paragraph("Next steps", SUBHEADING),
        paragraph(document["next_steps"]),
        paragraph("Yours sincerely"),
    ]

    def furniture(canvas: Canvas, page: int) -> None:
        draw_logo(canvas)
        draw_footer(canvas, [], page)

    build_pdf(path, title, story, furniture)


def build_send(document: dict[str, Any], council: str, path: Path) -> None:
    """A report on an area SEND inspection."""
    place = document["place"]
    title = f"Area SEND inspection of {place} Local Area Partnership"
    story: list[Flowable] = [
        paragraph("Local Area Partnership report", SUBHEADING),
        paragraph(title, TITLE),
        paragraph(f"Inspection dates: {document['dates']}"),
        paragraph(f"Dates of previous inspection: {document['previous']}"),
        paragraph("Inspection outcome", HEADING),
        *map(paragraph, document["outcome"]),
        paragraph("The next full area SEND inspection will be within approximately three years."),
        paragraph("Information about the local area partnership", HEADING),
        *map(paragraph, document["about"]),
        paragraph("What is it like to be a child or young person with SEND in this area?", HEADING),
        *map(paragraph, document["like"]),
        paragraph("What is the area partnership doing that is effective?", HEADING),
        bullets(document["effective"], "square"),
        paragraph("What does the area partnership need to do better?", HEADING),
        bullets(document["better"], "square"),
        paragraph("Areas for improvement", HEADING),
        _table([["Areas for improvement"], *document["areas"]], [155]),
    ]

    def furniture(canvas: Canvas, page: int) -> None:
        draw_logo(canvas)
        if page > 1:
            draw_footer(
                canvas, [f"Area SEND inspection report: {place} Local Area Partnership", document["dates"]], page
            )

    build_pdf(path, title, story, furniture)

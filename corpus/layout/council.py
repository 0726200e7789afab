"""Councils' own papers: packs, minutes, reports, slides and a committee page."""

from __future__ import annotations

import datetime as dt
import html
import zipfile
from pathlib import Path
from typing import Any

from docx import Document as Word
from pptx import Presentation
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak

from corpus.layout.page import HEADING, SUBHEADING, build_pdf, bullets, draw_footer, gap, paragraph

_EPOCH = dt.datetime(2020, 1, 1)


def _story_of_minutes(council: str, committee: str, document: dict[str, Any]) -> list[Flowable]:
    story: list[Flowable] = [paragraph(council, HEADING)]
    if "text" in document:
        story += [paragraph(committee, HEADING), paragraph(document["text"])]
    else:
        story += [paragraph(committee, HEADING), paragraph(document["date"], HEADING)]
    story += [*map(paragraph, document["present"])]
    for item in document["items"]:
        story.append(paragraph(item["heading"], SUBHEADING))
        story += [*map(paragraph, item["paragraphs"]), *map(paragraph, item.get("resolved", []))]
    return story


def build_minutes(document: dict[str, Any], council: str, path: Path) -> None:
    """Minutes of one meeting."""
    story = _story_of_minutes(document["council_name"], document["committee"], document)
    build_pdf(path, document["committee"].title(), story, lambda canvas, page: draw_footer(canvas, [], page))


def build_pack(document: dict[str, Any], council: str, path: Path) -> None:
    """An agenda pack: front sheet, minutes of the meeting before, a report. It has no bookmarks."""
    committee, name = document["committee"], document["council_name"]
    story: list[Flowable] = []
    for part in document["parts"]:
        if story:
            story.append(PageBreak())
        if part["type"] == "agenda":
            story += [paragraph(name, HEADING), paragraph("AGENDA PAPERS FOR", HEADING), paragraph(committee, HEADING)]
            story += [
                paragraph(f"Date: {part['date']}"),
                paragraph("Time: 6.30 p.m."),
                paragraph(f"Place: {part['place']}"),
                gap(),
            ]
            story.append(paragraph("A G E N D A", HEADING))
            for number, title, text in part["items"]:
                story += [paragraph(f"{number} {title}", SUBHEADING)] + ([paragraph(text)] if text else [])
        elif part["type"] == "minutes":
            story += _story_of_minutes(name, committee, part)
        else:
            story += _story_of_report(name, part)
    build_pdf(path, f"Agenda pack, {committee.title()}", story, lambda canvas, page: _stamp(canvas, page))


def _stamp(canvas: Canvas, page: int) -> None:
    canvas.setFont("Body", 8)
    canvas.drawRightString(560, 20, f"Page {page}")


def _story_of_report(name: str, part: dict[str, Any]) -> list[Flowable]:
    story: list[Flowable] = [paragraph(name, HEADING)]
    for label in ("to", "date", "for", "of"):
        printed = {"to": "Report to", "date": "Date", "for": "Report for", "of": "Report of"}[label]
        story.append(paragraph(f"{printed}: {part[label]}"))
    story += [paragraph("Report Title", SUBHEADING), paragraph(part["title"], HEADING)]
    story += [paragraph("Summary", SUBHEADING), paragraph(part["summary"])]
    story += [paragraph("Recommendation(s)", SUBHEADING), bullets(part["recommendation"])]
    for section in part["sections"]:
        story.append(paragraph(section["heading"], SUBHEADING))
        story += [*map(paragraph, section.get("paragraphs", []))]
        if section.get("items"):
            story.append(bullets(section["items"]))
    return story


def _fix_times(path: Path) -> None:
    """Rewrite the archive with one date for all members, so that its bytes depend on its content alone."""
    with zipfile.ZipFile(path) as old:
        members = [(name, old.read(name)) for name in old.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)


def build_scrutiny_docx(document: dict[str, Any], council: str, path: Path) -> None:
    """An officer's report to a scrutiny committee, with an action plan as a table."""
    word = Word()
    word.core_properties.created = word.core_properties.modified = _EPOCH
    word.add_paragraph(document["council_name"])
    word.add_heading(document["title"], level=0)
    for label, value in (("Report to", "committee"), ("Date", "date"), ("Report of", "author")):
        word.add_paragraph(f"{label}: {document[value]}")
    word.add_heading("Recommendations", level=1)
    for item in document["recommendations"]:
        word.add_paragraph(item, style="List Number")
    for section in document["sections"]:
        word.add_heading(section["heading"], level=1)
        for text in section["paragraphs"]:
            word.add_paragraph(text)
        for text in section.get("bullets", []):
            word.add_paragraph(text, style="List Bullet")
    word.add_heading("Appendix 1: Improvement plan", level=1)
    plan = document["plan"]
    table = word.add_table(rows=1, cols=len(plan["header"]), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, plan["header"], strict=True):
        cell.text = text
    for row in plan["rows"]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    path.parent.mkdir(parents=True, exist_ok=True)
    word.save(str(path))
    _fix_times(path)


def build_slides(document: dict[str, Any], council: str, path: Path) -> None:
    """A slide deck."""
    deck = Presentation()
    deck.core_properties.created = deck.core_properties.modified = _EPOCH
    for number, slide in enumerate(document["slides"]):
        layout = deck.slide_layouts[0 if number == 0 else 5 if "table" in slide else 1]
        page = deck.slides.add_slide(layout)
        page.shapes.title.text = slide["title"]
        if "bullets" in slide:
            frame = page.placeholders[1].text_frame
            frame.text = slide["bullets"][0]
            for text in slide["bullets"][1:]:
                frame.add_paragraph().text = text
        if "table" in slide:
            rows = slide["table"]
            shape = page.shapes.add_table(len(rows), len(rows[0]), Inches(1), Inches(2), Inches(8), Inches(2))
            for r, row in enumerate(rows):
                for c, text in enumerate(row):
                    shape.table.cell(r, c).text = text
        if "notes" in slide:
            page.notes_slide.notes_text_frame.text = slide["notes"]
    path.parent.mkdir(parents=True, exist_ok=True)
    deck.save(str(path))
    _fix_times(path)


def build_html(document: dict[str, Any], council: str, path: Path) -> None:
    """A committee page as a ModernGov site shows it, saved from the web."""
    e = html.escape
    paragraphs = "\n".join(f"<p>{e(p)}</p>" for p in document["paragraphs"])
    resolved = "\n".join(f"<li>{e(r)}</li>" for r in document["resolved"])
    page = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Agenda item - {e(document["title"])} - {e(document["council_name"])}</title>
<script>var tracking = true;</script></head>
<body>
<div class="cookiebanner"><p>We use cookies to make this website better.</p></div>
<nav><ul><li><a href="/">Home</a></li><li><a href="mgListCommittees.aspx">Committees</a></li></ul></nav>
<main id="mainContent"><div class="mgContent">
<h1>Agenda item</h1>
<h2 class="mgSubTitleTxt">{e(document["title"])}</h2>
<ul class="mgNonBulletTitleList"><li>Meeting of {e(document["committee"])}, {e(document["date"])} (Item 5.)</li></ul>
<h3>Minutes:</h3>
<div class="mgWordPara">{paragraphs}
<p><b>RESOLVED</b> that:</p><ol>{resolved}</ol></div>
</div></main>
<footer><p>{e(document["council_name"])}, The Guildhall, Wexcombe</p></footer>
</body></html>
"""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8", newline="\n")

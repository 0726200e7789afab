"""PowerPoint decks (.pptx) to blocks, slide by slide in reading order."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pptx
from lxml import etree
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn

from pipeline.errors import FileFault
from pipeline.read.blocks import Block, BlockKind, Note, Piece, Reading
from pipeline.read.grid import build_table
from pipeline.read.package import MALFORMED, check_package, damaged
from pipeline.read.sniff import Format
from pipeline.read.text_lines import clean_spaces, split_label

_SAME_ROW = 228600
"""Shapes whose tops lie within a quarter of an inch (in EMU) stand side by side and are read from the left."""
_FURNITURE = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.SLIDE_NUMBER)
_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE)
_LISTS = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY, PP_PLACEHOLDER.VERTICAL_OBJECT)


def read_pptx(data: bytes) -> Reading:
    """The blocks of a deck; pages are slides, titles headings, speaker notes footnotes.

    Raises FileFault (damaged_office, too_large, no_pages, empty_file).
    """
    check_package(data, "PowerPoint")
    try:
        deck = pptx.Presentation(io.BytesIO(data))
        slides = list(deck.slides)
        blocks = [block for number, slide in enumerate(slides, 1) for block in _read_slide(slide, number)]
        title = deck.core_properties.title or None
    except MALFORMED as e:
        raise damaged("PowerPoint", e) from e
    if not slides:
        raise FileFault("no_pages", "The deck has no slides.")
    if not blocks:
        raise FileFault("empty_file", "The slides hold no text; perhaps they are pictures: save the deck as PDF.")
    silent = sorted(set(range(1, len(slides) + 1)) - {block.page for block in blocks if block.page})
    notes = (
        (Note("slides_without_text", f"No text on slides {', '.join(map(str, silent))}: perhaps pictures."),)
        if silent
        else ()
    )
    return Reading(media_type=Format.PPTX, blocks=tuple(blocks), pages=len(slides), title=title, notes=notes)


def _read_slide(slide: Any, number: int) -> Iterator[Block]:
    title = slide.shapes.title
    if title is not None and clean_spaces(title.text_frame.text):
        yield _block(BlockKind.HEADING, clean_spaces(title.text_frame.text), number, level=1)
    for shape in _order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            yield from _read_shape(shape, number)
    yield from _read_diagrams(slide, number)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
            if text := clean_spaces(paragraph.text):
                yield _block(BlockKind.FOOTNOTE, text, number)


def _order(shapes: Any) -> list[Any]:
    """Shapes from top to bottom in rows, and from left to right within a row."""
    placed = sorted(shapes, key=lambda s: (s.top or 0, s.left or 0))
    rows: list[list[Any]] = []
    for shape in placed:
        if rows and (shape.top or 0) - (rows[-1][0].top or 0) <= _SAME_ROW:
            rows[-1].append(shape)
        else:
            rows.append([shape])
    return [shape for row in rows for shape in sorted(row, key=lambda s: s.left or 0)]


def _read_shape(shape: Any, number: int) -> Iterator[Block]:
    if hasattr(shape, "shapes"):
        for member in _order(shape.shapes):
            yield from _read_shape(member, number)
    elif getattr(shape, "has_table", False) and shape.has_table:
        rows = [[clean_spaces(cell.text) for cell in row.cells] for row in shape.table.rows]
        kept = [row for row in rows if any(row)]
        if kept:
            yield build_table(kept, page=number, header_rows=1 if shape.table.first_row and len(kept) > 1 else 0)
    elif getattr(shape, "has_chart", False) and shape.has_chart:
        yield from _read_chart(shape.chart, number)
    elif getattr(shape, "has_text_frame", False) and shape.has_text_frame:
        yield from _read_frame(shape, number)


def _read_frame(shape: Any, number: int) -> Iterator[Block]:
    kind = shape.placeholder_format.type if shape.is_placeholder else None
    counts: dict[int, int] = {}
    for paragraph in shape.text_frame.paragraphs:
        text = clean_spaces(paragraph.text)
        if not text:
            continue
        depth = paragraph.level + 1
        typed, rest = split_label(text)
        mark = _find_mark(paragraph, kind in _LISTS)
        if mark == "number":
            counts = {level: count for level, count in counts.items() if level <= depth}
            counts[depth] = counts.get(depth, 0) + 1
        if kind in _FURNITURE:
            yield _block(BlockKind.FURNITURE, text, number)
        elif kind in _TITLES or kind is PP_PLACEHOLDER.SUBTITLE:
            yield _block(BlockKind.HEADING, text, number, level=1 if kind in _TITLES else 2)
        elif typed and rest:
            yield _block(BlockKind.LIST_ITEM, rest, number, typed, depth)
        elif mark:
            yield _block(BlockKind.LIST_ITEM, text, number, f"{counts[depth]}." if mark == "number" else mark, depth)
        else:
            yield _block(BlockKind.PARAGRAPH, text, number, bold=_is_bold(paragraph))


def _find_mark(paragraph: Any, listed: bool) -> str | None:
    """The bullet before a paragraph, "number" for an automatic one, None for neither; `listed` is the default."""
    properties = paragraph._p.find(qn("a:pPr"))
    if properties is not None:
        if properties.find(qn("a:buNone")) is not None:
            return None
        if properties.find(qn("a:buAutoNum")) is not None:
            return "number"
        glyph = properties.find(qn("a:buChar"))
        if glyph is not None:
            return (glyph.get("char") or "").strip() or "•"
    return "•" if listed or paragraph.level > 0 else None


def _is_bold(paragraph: Any) -> bool:
    runs = [run for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.font.bold for run in runs)


def _read_chart(chart: Any, number: int) -> Iterator[Block]:
    """A chart as the table of its figures: categories down, series across."""
    titled = chart.has_title and chart.chart_title.has_text_frame
    if titled and (title := clean_spaces(chart.chart_title.text_frame.text)):
        yield _block(BlockKind.PARAGRAPH, title, number, bold=True)
    for plot in chart.plots:
        names = [clean_spaces(str(category)) for category in plot.categories]
        series = [(clean_spaces(str(one.name or "")), list(one.values)) for one in plot.series]
        if names and series:
            rows = [["", *(name for name, _ in series)]]
            for i, name in enumerate(names):
                rows.append([name, *(_show(values[i]) if i < len(values) else "" for _, values in series)])
            yield build_table(rows, page=number, header_rows=1)


def _show(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if abs(value) < 1e5 else f"{value:.0f}"


def _read_diagrams(slide: Any, number: int) -> Iterator[Block]:
    """The words of SmartArt, which stand in a part of their own."""
    for relation in slide.part.rels.values():
        if relation.is_external or not relation.reltype.endswith("/diagramData"):
            continue
        for point in etree.fromstring(relation.target_part.blob).iter("{*}pt"):
            for paragraph in point.iter(qn("a:p")):
                if text := clean_spaces("".join(node.text or "" for node in paragraph.iter(qn("a:t")))):
                    yield _block(BlockKind.LIST_ITEM, text, number, "•", 1)


def _block(
    kind: BlockKind, text: str, page: int, label: str | None = None, level: int = 0, *, bold: bool = False
) -> Block:
    return Block(kind, text, (Piece(0, len(text), page=page),), label, level, bold=bold)

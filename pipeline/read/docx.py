"""Word documents (.docx) to blocks, in the order of the body."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

import docx
from docx.oxml.ns import qn
from lxml import etree

from pipeline.errors import FileFault
from pipeline.read.blocks import Block, BlockKind, Piece, Reading
from pipeline.read.grid import build_table
from pipeline.read.headings import is_numbered_paragraph, reads_as_heading
from pipeline.read.numbering import Numbering
from pipeline.read.package import MALFORMED, check_package, damaged
from pipeline.read.sniff import Format
from pipeline.read.text_lines import clean_spaces, split_label


def read_docx(data: bytes) -> Reading:
    """The blocks of a Word document. It has no pages; a piece's line is the ordinal of its paragraph or table row.

    Footnotes follow the paragraph that cites them, text boxes the one that they hang on. Running heads and feet are
    furniture. Raises FileFault (damaged_office, too_large, empty_file).
    """
    check_package(data, "Word")
    try:
        document = docx.Document(io.BytesIO(data))
        blocks = _BodyReader(document).read()
        title = document.core_properties.title or None
    except MALFORMED as e:
        raise damaged("Word", e) from e
    if not any(block.kind is not BlockKind.FURNITURE for block in blocks):
        raise FileFault("empty_file", "The Word file holds no text.")
    return Reading(media_type=Format.DOCX, blocks=tuple(blocks), title=title)


_SKIPPED = {qn("w:txbxContent"), qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:pPr"), qn("w:rPr")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_VALUE = qn("w:val")
_LIST_STYLE = re.compile(r"list(?: bullet| number| continue)? ([2-9])", re.IGNORECASE)


def _walk_text(node: Any) -> Iterator[str]:
    for child in node:
        if child.tag in _SKIPPED or child.tag == _FALLBACK:
            continue
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in (qn("w:tab"), qn("w:br"), qn("w:cr")):
            yield "\t" if child.tag == qn("w:tab") else " "
        elif child.tag == qn("w:noBreakHyphen"):
            yield "-"
        else:
            yield from _walk_text(child)


def _find(node: Any, path: str) -> Any:
    return node.find("/".join(qn(step) for step in path.split("/")))


def _find_boxes(paragraph: Any) -> Iterator[Any]:
    """The contents of text boxes; the copy for old readers is left out."""
    for box in paragraph.iter(qn("w:txbxContent")):
        ancestors = {a.tag for a in box.iterancestors()}
        if _FALLBACK not in ancestors:
            yield box


class _BodyReader:
    """Walks the body once; counters of numbered lists and of lines go along."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._numbering = Numbering(document)
        self._styles = {style.style_id: style for style in document.styles}
        self._footnotes = dict(self._read_footnotes())
        self._line = 0
        self._blocks: list[Block] = []

    def read(self) -> list[Block]:
        self._add_furniture("header")
        self._read_children(self._document.element.body)
        self._add_furniture("footer")
        return self._blocks

    def _read_children(self, parent: Any) -> None:
        for child in parent.iterchildren():
            if child.tag == qn("w:p"):
                self._read_paragraph(child)
            elif child.tag == qn("w:tbl"):
                self._read_table(child)
            elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:smartTag"), qn("w:customXml")):
                self._read_children(child)

    def _read_paragraph(self, paragraph: Any) -> None:
        self._line += 1
        raw = "".join(_walk_text(paragraph))
        style = self._style(paragraph)
        text = clean_spaces(raw)
        if text:
            level = self._heading_level(paragraph, style)
            automatic = self._numbering.label(paragraph, style)
            label, depth = automatic if automatic else (None, 0)
            if label is None:
                label, text = split_label(raw)
                text = clean_spaces(text) or clean_spaces(raw)
            depth = max(depth, _style_depth(style))
            self._blocks.append(self._classify(text, label, depth, level, _is_bold(paragraph, style)))
        for reference in paragraph.iter(qn("w:footnoteReference"), qn("w:endnoteReference")):
            note = self._footnotes.get((reference.tag, reference.get(qn("w:id"))))
            if note:
                self._blocks.append(_block(BlockKind.FOOTNOTE, note, self._line))
        for box in _find_boxes(paragraph):
            self._read_children(box)

    def _classify(self, text: str, label: str | None, depth: int, level: int, bold: bool) -> Block:
        before = self._blocks[-1] if self._blocks else None
        lead = before is not None and (before.kind is BlockKind.LIST_ITEM or before.text.endswith(":"))
        if level:
            return _block(BlockKind.HEADING, text, self._line, label, level, bold)
        if label is None and bold and reads_as_heading(text, bold=True):
            return _block(BlockKind.HEADING, text, self._line, None, 4, True)
        if label is None or is_numbered_paragraph(label, text, lead):
            return _block(BlockKind.PARAGRAPH, text, self._line, label, 0, bold)
        return _block(BlockKind.LIST_ITEM, text, self._line, label, max(depth, 1), bold)

    def _style(self, paragraph: Any) -> Any:
        node = _find(paragraph, "w:pPr/w:pStyle")
        return self._styles.get(node.get(_VALUE)) if node is not None else None

    def _heading_level(self, paragraph: Any, style: Any) -> int:
        outline = _find(paragraph, "w:pPr/w:outlineLvl")
        for _ in range(10):  # styles are based on styles; a damaged file may go round
            if outline is not None or style is None:
                break
            if found := re.match(r"heading (\d)", style.name or "", re.IGNORECASE):
                return int(found[1])
            if (style.name or "").lower() in ("title", "subtitle"):
                return 1
            outline = _find(style.element, "w:pPr/w:outlineLvl")
            style = getattr(style, "base_style", None)
        value = outline.get(_VALUE) if outline is not None else None
        return int(value) + 1 if value and value.isdigit() and int(value) < 9 else 0

    def _read_table(self, table: Any) -> None:
        rows = list(table.iterchildren(qn("w:tr")))
        cells = [[c for c in row.iter(qn("w:tc")) if next(c.iterancestors(qn("w:tbl"))) is table] for row in rows]
        if sum(len(row) for row in cells) == 1:  # a box around text
            self._read_children(cells[0][0])
            return
        texts = [[text for cell in row for text in self._read_cell(cell)] for row in cells]
        kept = [row for row in texts if any(row)]
        if not kept:
            return
        marked = 0
        for row in rows:
            if _find(row, "w:trPr/w:tblHeader") is None:
                break
            marked += 1
        first = self._line + 1
        self._line += len(kept)
        lines = range(first, first + len(kept))
        self._blocks.append(build_table(kept, lines=lines, header_rows=marked or None))

    def _read_cell(self, cell: Any) -> Sequence[str]:
        """A cell's text, and an empty text for each further column that it spans."""
        merge, span = _find(cell, "w:tcPr/w:vMerge"), _find(cell, "w:tcPr/w:gridSpan")
        width = int(span.get(_VALUE, "1")) if span is not None else 1
        if merge is not None and merge.get(_VALUE) != "restart":
            return [""] * width
        parts = []
        for paragraph in cell.iter(qn("w:p")):
            text = clean_spaces("".join(_walk_text(paragraph)))
            label = self._numbering.label(paragraph, self._style(paragraph)) if text else None
            parts.append(f"{label[0]} {text}" if label else text)
        return [" ".join(part for part in parts if part), *[""] * (min(width, 64) - 1)]

    def _read_footnotes(self) -> Iterator[tuple[tuple[str, str], str]]:
        for relation in self._document.part.rels.values():
            kind = relation.reltype.rsplit("/", 1)[-1]
            if kind not in ("footnotes", "endnotes") or relation.is_external:
                continue
            name = kind[:-1]
            for note in etree.fromstring(relation.target_part.blob).iter(qn(f"w:{name}")):
                text = clean_spaces("".join(_walk_text(note)))
                if note.get(qn("w:type")) is None and text:
                    yield (qn(f"w:{name}Reference"), note.get(qn("w:id"))), text

    def _add_furniture(self, name: str) -> None:
        seen = set()
        for section in self._document.sections:
            for kind in (f"first_page_{name}", name, f"even_page_{name}"):
                area = getattr(section, kind)
                if area.is_linked_to_previous:  # asking for its text would add an empty one
                    continue
                for paragraph in area._element.iter(qn("w:p")):
                    text = clean_spaces("".join(_walk_text(paragraph)))
                    if text and text not in seen:
                        seen.add(text)
                        self._blocks.append(_block(BlockKind.FURNITURE, text, None))


def _style_depth(style: Any) -> int:
    """The nesting that Word's own list styles have in their names: "List Bullet 2", each a list for itself."""
    for _ in range(10):
        if style is None:
            break
        if found := _LIST_STYLE.fullmatch(style.name or ""):
            return int(found[1])
        style = getattr(style, "base_style", None)
    return 0


def _is_bold(paragraph: Any, style: Any) -> bool:
    runs = [r for r in paragraph.iter(qn("w:r")) if "".join(_walk_text(r)).strip()]
    styled = bool(style is not None and getattr(style, "font", None) is not None and style.font.bold)
    return bool(runs) and all(_is_on(_find(run, "w:rPr/w:b"), styled) for run in runs)


def _is_on(mark: Any, default: bool) -> bool:
    return default if mark is None else mark.get(_VALUE) not in ("0", "false", "none", "off")


def _block(
    kind: BlockKind, text: str, line: int | None, label: str | None = None, level: int = 0, bold: bool = False
) -> Block:
    return Block(kind, text, (Piece(0, len(text), line=line),), label, level, bold=bold)

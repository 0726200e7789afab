"""A second, independent opinion on layout: the tags (list item, heading, cell, note) that a PDF's own author's program
has left in it. It is held against the blocks that the reader builds from geometry alone.

Tags err too: reports laid out in one big table, numbered paragraphs tagged as items, headings over whole pages.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

Box = tuple[float, float, float, float]

_ROLES = {"Note": "footnote", "FENote": "footnote", "LI": "list_item", "Lbl": "list_item", "LBody": "list_item",
          "TD": "table", "TH": "table"}  # fmt: skip


@dataclass(frozen=True)
class TaggedText:
    """A text object: its page (from 1), its box from the page's top left corner, what the nearest tag above says that
    it is (`furniture` for what stands outside the tree), and the element that holds it."""

    text: str
    page: int
    bbox: Box
    role: str
    element: int | None


def read_tagged(path: Path) -> Iterator[TaggedText]:
    """The text objects of a tagged PDF in the order of its content."""
    document = pypdfium2.PdfDocument(path)
    for number in range(len(document)):
        page = document[number]
        text_page = page.get_textpage()
        tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
        owners: dict[int, tuple[tuple[str, ...], int]] = {}
        for child in range(pdfium.FPDF_StructTree_CountChildren(tree)):
            _gather(pdfium.FPDF_StructTree_GetChildAtIndex(tree, child), (), owners)
        for index in range(pdfium.FPDFPage_CountObjects(page.raw)):
            item = pdfium.FPDFPage_GetObject(page.raw, index)
            if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_TEXT:
                continue
            text = _text_of(item, text_page.raw).strip()
            if text:
                owner = owners.get(pdfium.FPDFPageObj_GetMarkedContentID(item))
                role, element = (_role(owner[0]), owner[1]) if owner else ("furniture", None)
                yield TaggedText(text, number + 1, _box_of(item, page.get_height()), role, element)
        pdfium.FPDF_StructTree_Close(tree)


def _gather(element: Any, path: tuple[str, ...], owners: dict[int, tuple[tuple[str, ...], int]]) -> None:
    """Which tags, outermost first, and which element own each marked content."""
    if not element:
        return
    size = pdfium.FPDF_StructElement_GetType(element, None, 0)
    buffer = ctypes.create_string_buffer(max(size, 2))
    pdfium.FPDF_StructElement_GetType(element, buffer, size)
    path = (*path, buffer.raw.decode("utf-16-le", "ignore").rstrip("\0"))
    address = ctypes.cast(element, ctypes.c_void_p).value or 0
    children = pdfium.FPDF_StructElement_CountChildren(element)
    marks = [pdfium.FPDF_StructElement_GetChildMarkedContentID(element, i) for i in range(children)]
    for mark in marks or [pdfium.FPDF_StructElement_GetMarkedContentID(element)]:
        if mark >= 0:
            owners.setdefault(mark, (path, address))
    for i in range(children):
        _gather(pdfium.FPDF_StructElement_GetChildAtIndex(element, i), path, owners)


def _role(path: tuple[str, ...]) -> str:
    for tag in reversed(path):
        if tag in _ROLES:
            return _ROLES[tag]
        if tag[:1] == "H" and (tag[1:].isdigit() or tag == "H"):
            return "heading"
    return "paragraph"


def _text_of(item: Any, text_page: Any) -> str:
    size = pdfium.FPDFTextObj_GetText(item, text_page, None, 0)
    buffer = (ctypes.c_ushort * (size // 2))()
    pdfium.FPDFTextObj_GetText(item, text_page, buffer, size)
    return bytes(buffer).decode("utf-16-le", "ignore").rstrip("\0")


def _box_of(item: Any, height: float) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    return left.value, height - top.value, right.value, height - bottom.value

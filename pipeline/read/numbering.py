"""The automatic numbers and bullets of a Word document, counted as Word counts them."""

from __future__ import annotations

import re
from typing import Any

from docx.oxml.ns import qn

_VALUE = qn("w:val")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


class Numbering:
    """Labels of numbered and bulleted paragraphs. Ask once for each paragraph, in the order of the document."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[str, dict[int, Any]] = {}
        self._abstract: dict[str, str] = {}
        self._counters: dict[str, list[int]] = {}
        part = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        if part is None:
            return
        for abstract in part.element.iter(qn("w:abstractNum")):
            levels = {_integer(lvl.get(qn("w:ilvl"))): lvl for lvl in abstract.iter(qn("w:lvl"))}
            self._levels[abstract.get(qn("w:abstractNumId"))] = levels
        for number in part.element.iter(qn("w:num")):
            link = number.find(qn("w:abstractNumId"))
            if link is not None:
                self._abstract[number.get(qn("w:numId"))] = link.get(_VALUE)

    def label(self, paragraph: Any, style: Any) -> tuple[str, int] | None:
        """The printed label and the nesting level from 1 of a paragraph; None where it has neither."""
        number = _find_number(paragraph, style)
        if number is None or number[0] not in self._abstract:
            return None
        list_id = self._abstract[number[0]]
        levels = self._levels.get(list_id, {})
        depth = _find_depth(levels, style) if number[1] is None else number[1]
        level = levels.get(depth)
        if level is None:
            return None
        shape, text = _child(level, "w:numFmt") or "decimal", _child(level, "w:lvlText") or ""
        if shape == "bullet":
            return (text.strip() or "•"), depth + 1
        if shape == "none" or not text:
            return None
        counters = self._counters.setdefault(list_id, [])
        while len(counters) <= depth:
            start = _child(self._levels[list_id].get(len(counters)), "w:start")
            counters.append(_integer(start, 1) - (1 if len(counters) == depth else 0))
        counters[depth] += 1
        del counters[depth + 1 :]
        return re.sub(r"%(\d)", lambda m: self._count(list_id, counters, int(m[1]) - 1), text), depth + 1

    def _count(self, list_id: str, counters: list[int], depth: int) -> str:
        value = counters[depth] if 0 <= depth < len(counters) else 1
        return _format_count(value, _child(self._levels[list_id].get(depth), "w:numFmt") or "decimal")


def _integer(value: str | None, default: int = 0) -> int:
    return int(value) if value is not None and re.fullmatch(r"\d{1,6}", value) else default


def _child(node: Any, name: str) -> str | None:
    found = node.find(qn(name)) if node is not None else None
    return found.get(_VALUE) if found is not None else None


def _find_number(paragraph: Any, style: Any) -> tuple[str, int | None] | None:
    """The list and level that a paragraph or its style names, the level None where neither names one; list 0 takes
    a paragraph out of its style's list."""
    properties = paragraph.find(qn("w:pPr"))
    depth: int | None = None
    for _ in range(10):
        found = properties.find(qn("w:numPr")) if properties is not None else None
        if found is not None:
            list_id, own = _child(found, "w:numId"), _child(found, "w:ilvl")
            depth = _integer(own) if depth is None and own is not None else depth
            if list_id:
                return None if list_id == "0" else (list_id, depth)
        if style is None:
            return None
        properties, style = style.element.find(qn("w:pPr")), getattr(style, "base_style", None)
    return None


def _find_depth(levels: dict[int, Any], style: Any) -> int:
    """The level of a list that a style is tied to, the first where none is."""
    own = getattr(style, "style_id", None)
    return next((depth for depth, lvl in sorted(levels.items()) if own and _child(lvl, "w:pStyle") == own), 0)


def _format_count(value: int, shape: str) -> str:
    if shape in ("lowerLetter", "upperLetter") and value > 0:
        letter = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 % 8 + 1)
        return letter.upper() if shape == "upperLetter" else letter
    if shape in ("lowerRoman", "upperRoman") and 0 < value < 4000:
        text = ""
        for size, digits in _ROMAN:
            text, value = text + digits * (value // size), value % size
        return text.upper() if shape == "upperRoman" else text
    return str(value)

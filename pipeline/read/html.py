"""Web pages to blocks: ModernGov pages, saved committee pages and Word's HTML, without their furniture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import lxml.html
from lxml import etree

from pipeline.errors import FileFault
from pipeline.read.blocks import Block, BlockKind, Piece, Reading
from pipeline.read.grid import build_table
from pipeline.read.headings import NUMBERED, is_numbered_paragraph, reads_as_heading
from pipeline.read.text_lines import clean_spaces, decode_text, split_label
from pipeline.rules import RuleModel, read_yaml


class WebRules(RuleModel):
    """Schema of `models/web_pages.yml`."""

    main: tuple[str, ...]
    dropped_tags: frozenset[str]
    dropped_roles: frozenset[str]
    edge_tags: frozenset[str]
    dropped_words: frozenset[str]


@cache
def web_rules() -> WebRules:
    """Where the content of a web page stands, and what is none."""
    return read_yaml("web_pages.yml", WebRules)


def read_html(data: bytes) -> Reading:
    """The blocks of a web page's content. There are no pages; a piece's line is that of its element in the source.

    Scripts, navigation, banners and forms are left out. Raises FileFault (undecodable, empty_file).
    """
    source = _unescape_markup(_decode(data))
    try:
        root = lxml.html.document_fromstring(source, parser=lxml.html.HTMLParser(huge_tree=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as e:
        raise FileFault("empty_file", "The web page holds no text.") from e
    title = root.findtext(".//title")
    main = _find_main(root)
    walk = _Walk()
    walk.read(main)
    walk.flush()
    if not walk.blocks:
        raise FileFault("empty_file", "The web page holds no text of its own; perhaps it is filled in by a script.")
    return Reading(
        media_type="text/html", blocks=tuple(walk.blocks), title=clean_spaces(title) or None if title else None
    )


_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ESCAPED = re.compile(
    r"&lt;(/?(?:p|div|span|strong|b|em|i|u|ul|ol|li|br|table|tbody|tr|td|th|h[1-6]|o:p|font|a))"
    r"((?:\s(?:(?!&gt;)[^<]){0,2000})?/?)&gt;",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _decode(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            name = declared[1].decode()
            text = data.decode("cp1252" if name.lower() in ("iso-8859-1", "latin1", "ascii", "us-ascii") else name)
        except (LookupError, UnicodeError):
            text = decode_text(data)
    else:
        text = decode_text(data)
    return _CONTROLS.sub("", _DECLARATION.sub("", text.replace("\ufffe", "-")))


def _unescape_markup(source: str) -> str:
    """The page with escaped tags made tags again: ModernGov prints what was pasted from Word that way."""
    found = list(_ESCAPED.finditer(source))
    if len(found) < 4:
        return source
    return _ESCAPED.sub(lambda m: f"<{m[1]}{m[2].replace('&quot;', chr(34)).replace('&amp;', '&')}>", source)


def _find_main(root: Any) -> Any:
    whole = root.find("body") if root.find("body") is not None else root
    most = len(_plain(whole))
    for path in web_rules().main:
        found = root.xpath(path)
        if found:
            best = max(found, key=lambda node: len(_plain(node)))
            if len(_plain(best)) >= 0.2 * most:
                return best
    return whole


def _plain(node: Any) -> str:
    """An element's text without that of scripts and styles, to weigh it."""
    return "".join(node.xpath(".//text()[not(parent::script or parent::style)]")).strip()


def _is_furniture(node: Any) -> bool:
    rules = web_rules()
    if node.tag in rules.dropped_tags or node.get("role") in rules.dropped_roles:
        return True
    if node.tag in rules.edge_tags and not _inside(node):
        return True
    if node.get("hidden") is not None or re.search(r"display\s*:\s*none|mso-hide\s*:\s*all", node.get("style") or ""):
        return True
    names = f"{node.get('id') or ''} {node.get('class') or ''}".lower().split()
    words = {word for name in names for word in (name, *re.split(r"[-_]+", name))}
    return bool(words & rules.dropped_words) and len(node.text_content()) < 3000 and not node.xpath(".//h1|.//main")


_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer "
        "form h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody td tfoot th thead tr ul",
    )
)
_HEADING = re.compile(r"h([1-6])$")
_LAYOUT = "|".join(f".//{tag}" for tag in ("table", "h1", "h2", "h3", "h4", "ul", "ol"))


@dataclass
class _Walk:
    """A walk over the elements: inline text gathers until a block element begins or ends."""

    blocks: list[Block] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _bold: list[bool] = field(default_factory=list)
    _line: int | None = None
    _kind: BlockKind = BlockKind.PARAGRAPH
    _level: int = 0
    _label: str | None = None
    _loose: str | None = None

    def read(self, node: Any, *, depth: int = 0, bold: bool = False) -> None:
        """Reads an element and all within it; `depth` is the number of lists around it."""
        stack: list[tuple[Any, int, bool, bool]] = [(node, depth, bold, False)]
        while stack:  # no recursion: pages made by machines nest thousands deep
            element, depth, bold, done = stack.pop()
            if done:
                self._leave(element, bold)
                continue
            if not isinstance(element.tag, str) or (element is not node and _is_furniture(element)):
                self._add_tail(element, node, bold)
                continue
            if element.tag == "table" and self._read_table(element):
                self._add_tail(element, node, bold)
                continue
            inner = bold or element.tag in ("b", "strong") or "font-weight:bold" in (element.get("style") or "")
            depth += element.tag in ("ul", "ol")
            self._enter(element, depth)
            if element.text:
                self._add(element.text, inner, element.sourceline)
            stack.append((element, depth, bold, True))
            stack.extend((child, depth, inner, False) for child in reversed(element))

    def _leave(self, element: Any, bold: bool) -> None:
        if element.tag in _BLOCKS:
            self.flush()
        if element.tag == "li" or _HEADING.match(element.tag):  # an empty one gives nothing to what follows
            self._kind, self._level, self._label = BlockKind.PARAGRAPH, 0, None
        if element.tail and element.getparent() is not None:
            self._add(element.tail, bold, element.sourceline)

    def _add_tail(self, element: Any, top: Any, bold: bool) -> None:
        if element is not top and element.tail:
            self._add(element.tail, bold, element.sourceline)

    def _enter(self, element: Any, depth: int) -> None:
        if element.tag == "br":
            self._texts.append("\n")
            self._bold.append(True)
            return
        if element.tag not in _BLOCKS:
            return
        self.flush()
        if heading := _HEADING.match(element.tag):
            self._kind, self._level = BlockKind.HEADING, int(heading[1])
        elif element.tag == "li":
            self._kind, self._level, self._label = BlockKind.LIST_ITEM, max(depth, 1), _label_item(element)

    def _add(self, text: str, bold: bool, line: int | None) -> None:
        if text.strip() and self._line is None:
            self._line = line
        self._texts.append(re.sub(r"\s+", " ", text))
        self._bold.append(bold or not text.strip())

    def flush(self) -> None:
        """Ends the block in hand."""
        text, bold = "".join(self._texts), bool(self._texts) and all(self._bold)
        kind, level, label, line = self._kind, self._level, self._label, self._line
        if text.strip():
            for part in re.split(r"\n\s*\n", text):
                if clean := clean_spaces(part):
                    self._emit(clean, kind, level, label, line, bold)
                    label = None
            self._kind, self._level, self._label = BlockKind.PARAGRAPH, 0, None
        self._texts, self._bold, self._line = [], [], None

    def _emit(self, text: str, kind: BlockKind, level: int, label: str | None, line: int | None, bold: bool) -> None:
        if NUMBERED.match(text) and len(text) <= 6 and text.endswith("."):  # a number in a cell of its own
            self._loose = text
            return
        typed, rest = split_label(text)
        if rest and typed and (label is None or label == "•"):
            label, text = typed, rest
        if self._loose:
            label, self._loose = label or self._loose, None
        if kind is BlockKind.PARAGRAPH and bold and reads_as_heading(text, bold=True):
            kind, level = BlockKind.HEADING, 4
        before = self.blocks[-1] if self.blocks else None
        lead = before is not None and (before.kind is BlockKind.LIST_ITEM or before.text.endswith(":"))
        if kind is BlockKind.PARAGRAPH and label and not is_numbered_paragraph(label, text, lead):
            kind, level = BlockKind.LIST_ITEM, 1
        self.blocks.append(Block(kind, text, (Piece(0, len(text), line=line),), label, level, bold=bold))

    def _read_table(self, table: Any) -> bool:
        """Adds a table of data; False for one that only lays the page out."""
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
        cells = [[c for c in row if c.tag in ("td", "th")] for row in rows]
        if max((len(row) for row in cells), default=0) < 2 or table.get("role") == "presentation":
            return False
        if any(cell.xpath(_LAYOUT) for row in cells for cell in row):
            return False
        texts = _spread(cells)
        kept = [(row, element.sourceline) for row, element in zip(texts, rows, strict=True) if any(row)]
        if not kept:
            return True
        self.flush()
        headed = all(cell.tag == "th" for cell in cells[0])
        grid = build_table([r for r, _ in kept], lines=[n or 0 for _, n in kept], header_rows=1 if headed else None)
        self.blocks.append(grid)
        return True


def _inside(element: Any) -> bool:
    return any(a.tag in ("main", "article", "section") for a in element.iterancestors())


def _spread(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """The texts of the rows by column; a cell over several rows or columns has its text in the first of them."""
    texts, covered = [], dict[int, int]()
    for row in rows:
        cells, line = iter(row), list[str]()
        below = {column: left - 1 for column, left in covered.items() if left > 1}
        while True:
            if len(line) in covered:
                line.append("")
                continue
            if (cell := next(cells, None)) is None:
                break
            width, height = _span(cell, "colspan"), _span(cell, "rowspan")
            if height > 1:
                below |= dict.fromkeys(range(len(line), len(line) + width), height - 1)
            line += [clean_spaces(" ".join(cell.itertext())), *[""] * (width - 1)]
        texts.append(line)
        covered = below
    return texts


def _span(cell: Any, name: str) -> int:
    span = cell.get(name) or "1"
    return max(1, min(int(span), 50)) if span.isdigit() else 1


def _label_item(item: Any) -> str:
    """The number or bullet that a browser shows before an item."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "•"
    value, start = item.get("value") or "", parent.get("start") or "1"
    if re.fullmatch(r"\d{1,5}", value):
        number = int(value)
    else:
        number = (int(start) if re.fullmatch(r"\d{1,5}", start) else 1) + sum(
            1 for other in item.itersiblings("li", preceding=True)
        )
    if parent.get("type") in ("a", "A") and 0 < number <= 26:
        return f"{chr(ord(parent.get('type')) + number - 1)}."
    return f"{number}."

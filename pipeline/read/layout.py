"""Pages of lines → blocks: headings, paragraphs, items, footnotes, tables and furniture, joined over pages."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from pipeline.read.blocks import Block, BlockKind, Cell, Piece
from pipeline.read.columns import order_lines
from pipeline.read.furniture import mark_furniture
from pipeline.read.lines import Line, rejoin_label
from pipeline.read.page_text import PageText
from pipeline.read.reading_rules import reading_rules
from pipeline.read.tables import find_grids, within

_ENDED = re.compile(r"[.!?:;…][\"'’”)\]]*\d{0,2}$")
_DASHES = frozenset("–—-−")
_SECTION = re.compile(r"\d{1,2}\.?")
_NOTE_MARK = re.compile(r"(\d{1,2}|[*†‡])\s?(?=[A-Z‘“(h])")
_LETTER = re.compile(r"\(?[a-z]{1,5}[.)]{1,2}")


@dataclass(slots=True)
class Draft:
    """A block in the making."""

    kind: BlockKind
    lines: list[Line]
    label: str | None = None
    bullet: bool = False
    level: int = 0
    table: list[tuple[int, int, list[Line]]] | None = None
    page: int = 0
    order: float = 0.0

    @property
    def last(self) -> Line:
        """The line that it ends with so far."""
        return self.lines[-1]


def build_blocks(pages: list[PageText]) -> tuple[Block, ...]:
    """The blocks of a PDF in reading order."""
    page_lines: list[list[Line]] = []
    page_tables: list[list[Draft]] = []
    for page in pages:
        lines, tables = _take_tables(page)
        page_lines.append(lines)
        page_tables.append(tables)
    furniture = mark_furniture(pages, page_lines)
    style = _Style.of([n for lines in page_lines for n in lines if id(n) not in furniture])
    drafts: list[Draft] = []
    for page, lines, tables in zip(pages, page_lines, page_tables, strict=True):
        drafts = _add_page(drafts, page, lines, tables, furniture, style)
    _rank_headings(drafts)
    _rank_items(drafts)
    words = _Vocabulary(page_lines)
    return tuple(_finish(d, words) for d in drafts)


@dataclass(slots=True)
class _Style:
    """The document's ordinary type: size and line pitch."""

    size: float
    pitch: float
    right: float

    @classmethod
    def of(cls, lines: list[Line]) -> _Style:
        sizes: Counter[float] = Counter()
        for n in lines:
            sizes[round(n.size * 2) / 2] += len(n.text)
        size = sizes.most_common(1)[0][0] if sizes else 12.0
        pitches: Counter[float] = Counter()
        for a, b in itertools.pairwise(lines):
            step = b.base - a.base
            if a.page == b.page and abs(a.size - size) < 0.6 and abs(b.size - size) < 0.6 and 0 < step < 2.6 * size:
                pitches[round(step, 0)] += 1
        pitch = pitches.most_common(1)[0][0] if pitches else 1.2 * size
        rights: Counter[float] = Counter(round(n.x1 / 4) * 4 for n in lines if abs(n.size - size) < 0.6)
        right = max((x for x, count in rights.items() if count >= 0.02 * len(lines)), default=0.0)
        return cls(size, pitch, right)


def _take_tables(page: PageText) -> tuple[list[Line], list[Draft]]:
    """The page's lines outside its tables, and a draft for each table."""
    grids, frames = find_grids(page)
    runs = page.runs
    drafts: list[Draft] = []
    for grid in grids:
        boxes = [box for _, _, box, _ in grid.cells]
        runs = [r for r in runs if not any(within(r, box) for box in boxes)]
        cells = [(row, column, order_lines(own, page.number)) for row, column, _, own in grid.cells]
        lines = [n for _, _, group in cells for n in group]
        drafts.append(Draft(BlockKind.TABLE, lines, table=cells, page=page.number, order=grid.bbox[1]))
    lines = order_lines(runs, page.number)
    if frames:
        for n in lines:
            middle = (n.x0 + n.x1) / 2, (n.top + n.bottom) / 2
            n.box = next(
                (i for i, f in enumerate(frames, 1) if f[0] <= middle[0] <= f[2] and f[1] <= middle[1] <= f[3]), 0
            )
    return lines, drafts


def _add_page(
    drafts: list[Draft], page: PageText, lines: list[Line], tables: list[Draft], furniture: set[int], style: _Style
) -> list[Draft]:
    head = [n for n in lines if id(n) in furniture and n.base < page.height / 2]
    foot = [n for n in lines if id(n) in furniture and n.base >= page.height / 2]
    content = [n for n in lines if id(n) not in furniture]
    notes = _footnote_lines(page, content, style)
    own: list[Draft] = []
    waiting = sorted(tables, key=lambda t: t.order)
    for n in content:
        if id(n) in notes:
            continue
        while waiting and waiting[0].order < n.top:
            own.append(waiting.pop(0))
        _place(own, n, style)
    own.extend(waiting)
    own = _settle(own, style)
    feet: list[Draft] = []
    for n in content:
        if id(n) in notes:
            if feet and n.label is None:
                feet[-1].lines.append(n)
            else:
                feet.append(Draft(BlockKind.FOOTNOTE, [n], label=n.label, page=page.number))
    tops = [Draft(BlockKind.FURNITURE, [n], page=page.number) for n in head]
    bottoms = [Draft(BlockKind.FURNITURE, [n], page=page.number) for n in foot]
    before = next((d for d in reversed(drafts) if d.kind not in (BlockKind.FURNITURE, BlockKind.FOOTNOTE)), None)
    if before is not None and own and _runs_on(before, own[0], style):
        before.lines.extend(own.pop(0).lines)
    return [*drafts, *tops, *own, *feet, *bottoms]


def _footnote_lines(page: PageText, lines: list[Line], style: _Style) -> set[int]:
    """Small type at the foot of the page that a mark opens."""
    largest = max((n.size for n in lines), default=style.size)  # a page all in small type has no footnotes
    limit = reading_rules().thresholds.footnote_size * min(style.size, largest)
    found: list[Line] = []
    for n in sorted(lines, key=lambda n: -n.base):
        if n.size > limit or n.base < 0.5 * page.height:
            break
        found.append(n)
    found.reverse()
    for n in found:
        if n.label is None and (mark := _NOTE_MARK.match(n.text)):
            n.label, n.text = mark.group(1), n.text[mark.end() :]
    while found and found[0].label is None:
        found.pop(0)
    return {id(n) for n in found}


def _place(drafts: list[Draft], n: Line, style: _Style) -> None:
    """Add a line to the block above it, or start a block with it."""
    last = drafts[-1] if drafts else None
    if last is not None and n.glued and last.table is None and _carries_number(last, n, style):
        rejoin_label(n)
    if last is not None and last.table is None and n.label is None and _continues(last, n, style):
        last.lines.append(n)
        return
    kind = BlockKind.LIST_ITEM if n.bullet or (n.label and _LETTER.fullmatch(n.label)) else BlockKind.PARAGRAPH
    drafts.append(Draft(kind, [n], label=n.label, bullet=n.bullet, page=n.page))


def _carries_number(block: Draft, n: Line, style: _Style) -> bool:
    """Whether a line's number is no label but part of the sentence that the line above leaves open."""
    above = block.last
    aligned = abs(n.left - above.x0) <= (20 if above.glued else 9)
    if _ENDED.search(above.text) or n.base - above.base > 1.5 * max(style.pitch, n.size) or not aligned:
        return False
    full = above.x1 + n.lead + 3 * n.size > (n.right or style.right)
    if not full or above.bold != n.bold or abs(above.size - n.size) > 0.6:
        return False
    if n.bullet:
        return n.label != block.label and n.label in _DASHES
    return _number(n.label) != _number(block.label) + 1


def _number(label: str | None) -> int:
    digits = re.findall(r"\d+", label or "")
    return int(digits[-1]) if digits else -9


def _continues(block: Draft, n: Line, style: _Style) -> bool:
    limits = reading_rules().thresholds
    above = block.last
    step = n.base - above.base
    if step <= 0 and n.right > above.right > 0 and n.text[:1].islower() and not _ENDED.search(above.text):
        return True  # from the foot of one column to the head of the next
    if step <= 0 or n.page != above.page or n.alone or above.alone:
        return False
    if n.box != above.box and _ENDED.search(above.text):
        return False
    hanging = block.lines[0].hang and abs(n.x0 - block.lines[0].hang) <= limits.indent
    pitch = block.lines[-1].base - block.lines[-2].base if len(block.lines) > 1 else _pitch(n.size, style)
    if abs(n.size - above.size) > 0.6:
        return False
    if step > limits.paragraph_gap * max(pitch, 1.15 * n.size):
        return False
    if hanging and abs(n.base - above.base) <= limits.paragraph_gap * max(style.pitch, 1.2 * n.size):
        return True
    if n.hang and above.hang and abs(n.hang - above.hang) < 4:
        return False
    if n.size > style.size + 2 * limits.heading_step:
        return abs(n.x0 - above.x0) <= limits.indent or abs((n.x0 + n.x1) - (above.x0 + above.x1)) < 12
    if n.bold != above.bold and not n.text[:1].islower() and _ENDED.search(above.text):
        return False
    if above.bold and not n.bold and not n.first_bold and not n.text[:1].islower():
        return False
    if n.bold and not above.bold and len(n.text) > 3 and not n.text[:1].islower():
        return False
    if (
        above.x1 + n.lead + 2 * n.size < max(n.right or style.right, n.x1)
        and _ENDED.search(above.text)
        and _opens(n.text)
    ):
        return False
    if abs(n.x0 - above.x0) <= limits.indent or (above.glued and above.left - 2 <= n.x0 <= above.x0 + 20):
        return True
    indented = len(block.lines) == 1 and block.label is None and limits.indent < above.x0 - n.x0 < 4 * n.size
    if indented and above.x1 + n.lead + 2 * n.size > (n.right or style.right):
        return True
    # centred lines, and lines after a label that hang or do not
    centre = abs((n.x0 + n.x1) - (above.x0 + above.x1)) < 8
    if centre:
        return True
    if block.label is not None and len(block.lines) == 1:
        return n.x0 >= above.left - 2 and (n.x0 < above.x0)
    return False


def _opens(text: str) -> bool:
    """Whether a sentence may start with this text."""
    return not text[:1].islower()


def _pitch(size: float, style: _Style) -> float:
    return style.pitch * size / style.size if size > style.size else max(style.pitch, 1.2 * size)


def _settle(drafts: list[Draft], style: _Style) -> list[Draft]:
    """Call headings headings, and the entries of a list of contents furniture."""
    limits = reading_rules().thresholds
    contents = any(d.table is None and len(d.lines) == 1 and d.lines[0].text.lower() == "contents" for d in drafts)
    out: list[Draft] = []
    for d in drafts:
        if contents and d.table is None and len(d.lines) < 4 and re.search(r"\s\d{1,3}$", d.lines[-1].text):
            d.kind = BlockKind.FURNITURE
        elif (
            d.table is None
            and not d.bullet
            and not d.last.alone
            and _is_heading(d, style, limits.heading_step, limits.heading_words)
        ):
            d.kind = BlockKind.HEADING
        out.append(d)
    return out


def _is_heading(d: Draft, style: _Style, step: float, most: int) -> bool:
    text = " ".join(n.text for n in d.lines)
    words = text.split()
    if not any(c.isalpha() for c in text) or len(words) > most or len(d.lines) > 8:
        return False
    size = max(n.size for n in d.lines)
    bold = all(n.bold for n in d.lines)
    if size >= style.size + 2 * step:
        return len(words) <= most
    if not bold or len(d.lines) > 4:
        return False
    return not text.endswith((".", ";", ",")) or len(words) <= 6 or bool(_SECTION.fullmatch(d.label or ""))


def _runs_on(block: Draft, first: Draft, style: _Style) -> bool:
    """Whether the first block of a page carries on the last of the page before."""
    if block.table is not None or first.table is not None or first.label is not None:
        return False
    if BlockKind.HEADING in (block.kind, first.kind):
        return False
    above, below = block.last, first.lines[0]
    if abs(above.size - below.size) > 0.6 or block.lines[-1].page == below.page:
        return False
    aligned = abs(below.x0 - above.x0) <= 9 or (len(block.lines) == 1 and above.left - 2 <= below.x0 <= above.x0 + 9)
    ended = bool(_ENDED.search(above.text))
    if not ended and below.text[:1].islower():
        return True
    if not ended and aligned and above.x1 + below.lead + 3 * below.size > (above.right or style.right):
        return True
    if block.label is not None:
        return aligned and abs(block.lines[0].left - below.x0) > 4 and abs(block.lines[0].x0 - below.x0) <= 9
    return False


def _rank_headings(drafts: list[Draft]) -> None:
    """Levels by size, then weight: the largest heading style of the document is level 1."""
    styles = {(round(d.lines[0].size * 2) / 2, d.lines[0].bold) for d in drafts if d.kind is BlockKind.HEADING}
    levels = {style: i for i, style in enumerate(sorted(styles, reverse=True), 1)}
    for d in drafts:
        if d.kind is BlockKind.HEADING:
            d.level = min(levels[(round(d.lines[0].size * 2) / 2, d.lines[0].bold)], 6)


def _rank_items(drafts: list[Draft]) -> None:
    """Nesting of list items by where their labels stand, within each run of items."""
    stack: list[float] = []
    for d in drafts:
        if d.kind in (BlockKind.FURNITURE, BlockKind.FOOTNOTE):
            continue
        if d.kind is not BlockKind.LIST_ITEM:
            stack = []
            continue
        left = d.lines[0].left
        while stack and left < stack[-1] - 4:
            stack.pop()
        if not stack or left > stack[-1] + 4:
            stack.append(left)
        d.level = len(stack)


class _Vocabulary:
    """The document's words, to tell a hyphen of the word from one of the line."""

    def __init__(self, pages: list[list[Line]]) -> None:
        self._pages = pages
        self._words: set[str] | None = None

    def __contains__(self, word: str) -> bool:
        if self._words is None:
            self._words = {w for lines in self._pages for n in lines for w in re.findall(r"[\w’'-]+", n.text.lower())}
        return word.lower() in self._words


def join_lines(texts: list[str], words: _Vocabulary) -> tuple[str, list[tuple[int, int]]]:
    """Printed lines as one text, and where each line's run stands in it."""
    out = ""
    spans: list[tuple[int, int]] = []
    for text in texts:
        if out.endswith("\u00ad"):
            out = _repair(out[:-1], text, words)
            if spans:
                spans[-1] = (spans[-1][0], len(out))
        elif out.endswith("-") and not out.endswith(" -") and text[:1].isalnum():
            out = _repair(out[:-1], text, words)
            spans[-1] = (spans[-1][0], len(out))
        elif out and text:
            out += " "
        spans.append((len(out), len(out) + len(text)))
        out += text
    return out.replace("\u00ad", "-"), spans


def _repair(before: str, after: str, words: _Vocabulary) -> str:
    """The text up to a line-end hyphen: without the hyphen only where the document has the joined word and not
    the hyphened one."""
    head, tail = before.rsplit(" ", 1)[-1], re.match(r"[\w’']*", after)
    tail_word = tail.group() if tail else ""
    if head.isalpha() and tail_word.isalpha() and f"{head}{tail_word}" in words and f"{head}-{tail_word}" not in words:
        return before
    return before + "-"


def _finish(d: Draft, words: _Vocabulary) -> Block:
    if d.table is not None:
        return _finish_table(d, words)
    lines = [n for n in d.lines if n.text] or d.lines[:1]
    text, spans = join_lines([n.text for n in lines], words)
    pieces = tuple(Piece(start, end, page=n.page, bbox=n.bbox) for (start, end), n in zip(spans, lines, strict=True))
    label = d.label
    if d.kind is BlockKind.FURNITURE and d.lines[0].label:
        label = d.lines[0].label
    return Block(
        d.kind, text, pieces, label=label, level=d.level,
        bold=all(n.bold for n in lines), size=round(lines[0].size, 1),
    )  # fmt: skip


def _finish_table(d: Draft, words: _Vocabulary) -> Block:
    assert d.table is not None
    cells = d.table
    text = ""
    pieces: list[Piece] = []
    out: list[Cell] = []
    before = 0
    for row, column, lines in cells:
        if out:
            text += "\t" if row == before else "\n"
        before = row
        start = len(text)
        shown = [f"{n.label} {n.text}".strip() if n.label else n.text for n in lines]
        joined, spans = join_lines(shown, words)
        pieces.extend(
            Piece(start + a, start + b, page=n.page, bbox=n.bbox) for (a, b), n in zip(spans, lines, strict=True)
        )
        text += joined
        bold = bool(lines) and all(n.bold for n in lines)
        out.append(Cell(row, column, joined, start, len(text), header=row == 0 and bold))
    return Block(BlockKind.TABLE, text, tuple(pieces), cells=tuple(out))

"""Plain text and Markdown, as people write them and as converters leave them, to blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pipeline.errors import FileFault
from pipeline.read.blocks import Block, BlockKind, Piece, Reading
from pipeline.read.grid import build_table
from pipeline.read.headings import NUMBERED, dangles, is_numbered_paragraph, reads_as_heading
from pipeline.read.stacked_tables import join_stacked_rows
from pipeline.read.text_columns import join_columns
from pipeline.read.text_lines import Line, LineKind, decode_text, read_lines, split_lines


def read_text(data: bytes, *, markdown: bool = False) -> Reading:
    """The blocks of a text file. Pieces carry the line, counted from 1; there are no pages.

    Lines of a hard-wrapped text are joined to paragraphs; a sentence that a blank line, a page stamp or a running
    head interrupts is joined again. Headings without marks are guessed from short lines that stand alone.
    Raises FileFault (undecodable, empty_file).
    """
    text = decode_text(data)
    lines = mark_running_heads(join_stacked_rows(join_columns(read_lines(text), split_lines(text))))
    blocks = _build_blocks(_mark_headings(_gather_drafts(lines)), _find_words(lines))
    if not blocks:
        raise FileFault("empty_file", "The file holds no text.")
    return Reading(media_type="text/markdown" if markdown else "text/plain", blocks=blocks)


@dataclass(slots=True)
class _Draft:
    """A block in the making: its lines, and whether white space stands before and after it."""

    kind: BlockKind
    lines: list[Line]
    label: str | None = None
    level: int = 0
    bold: bool = False
    apart: bool = True
    apart_after: bool = True
    rows: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


_ENDED = re.compile(r"[.!?:;][\"'”’)\]]*\d{0,2}$")
_GOES_ON = re.compile(r"[a-z,;)&]|\([a-z]{3}|\([A-Z]{2,6}s?\)")
_MANY_PAGES = 5
"""Page stamps beside which a line must repeat to be a running head: fewer may be the title of a pack's documents."""
_HEAD_LINES = 3
"""Lines of a running head or foot."""
_SHORTEST_OPEN = 6
"""Words that a paragraph without a full stop needs before it is taken for the first half of a sentence."""


def _is_open(text: str) -> bool:
    return not _ENDED.search(text)


def mark_running_heads(lines: Sequence[Line]) -> list[Line]:
    """The lines with running heads as stamps: short lines that repeat beside page stamps or inside sentences."""
    marked = list(lines)
    for _ in range(_HEAD_LINES):  # from the page stamp outwards, one line a turn
        marked, before = _mark_heads_once(marked), marked
        if marked == before:
            break
    return marked


def _mark_heads_once(lines: Sequence[Line]) -> list[Line]:
    counts = Counter(
        line.text
        for line in lines
        if line.kind is LineKind.TEXT and len(line.text) <= 100 and not line.text.endswith(".")
    )
    content = [i for i, line in enumerate(lines) if line.kind is not LineKind.BLANK]
    beside: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for position, i in enumerate(content):
        line = lines[i]
        if line.kind is not LineKind.TEXT or counts[line.text] < 2 or not 0 < position < len(content) - 1:
            continue
        before, after = lines[content[position - 1]], lines[content[position + 1]]
        if after.kind is LineKind.ITEM:
            continue
        opened = _is_open(before.text) and len(before.text.split()) >= _SHORTEST_OPEN
        inside[line.text] += opened and after.text[:1].islower()
        turns = line.tops_page or after.tops_page or LineKind.STAMP in (before.kind, after.kind)
        beside[line.text] += turns
    heads = {
        text
        for text, n in counts.items()
        if n > 1
        and 2 * max(inside[text], beside[text]) >= n
        and (inside[text] > 1 or (n >= 3 and inside[text]) or beside[text] >= _MANY_PAGES)
    }
    return [
        replace(line, kind=LineKind.STAMP) if line.kind is LineKind.TEXT and line.text in heads else line
        for line in lines
    ]


def _measure_wrap(lines: Sequence[Line]) -> int:
    """The width at which the text is hard-wrapped, or 0 where a line is a paragraph."""
    words = (LineKind.TEXT, LineKind.ITEM)
    widths = sorted(line.width for line in lines if line.kind in words)
    followed = [a.width for a, b in pairwise(lines) if a.kind in words and b.kind is LineKind.TEXT]
    if len(followed) < 5 or widths[int(0.95 * (len(widths) - 1))] > 140:
        return 0
    full = sum(45 <= width <= 140 for width in followed)
    return widths[int(0.9 * (len(widths) - 1))] if 2 * full >= len(followed) else 0


def _gather_drafts(lines: Sequence[Line]) -> list[_Draft]:
    """Lines to drafts, in the order of the file; furniture inside a paragraph follows it."""
    wrap = _measure_wrap(lines)
    drafts: list[_Draft] = []
    current: _Draft | None = None
    gap = turned = True
    for line, below in zip(lines, [*lines[1:], None], strict=True):
        turned = turned or line.tops_page or line.kind is LineKind.STAMP
        gap = gap or line.tops_page
        if line.kind is LineKind.BLANK or (line.kind is LineKind.RULE and not drafts):
            gap = True
            continue
        if line.kind is LineKind.STAMP:
            drafts.append(_Draft(BlockKind.FURNITURE, [line]))
            gap = True
            continue
        if line.kind is LineKind.RULE and not gap and drafts and drafts[-1].kind is BlockKind.TABLE:
            continue
        if line.kind is LineKind.RULE:
            _underline(drafts, line, gap)
            gap = True
            continue
        if _is_row(line, below, None if gap or not drafts else drafts[-1]):
            last = drafts[-1] if drafts else None
            if last and last.kind is BlockKind.TABLE and not gap:
                last.rows.append(line)
            else:
                drafts.append(_Draft(BlockKind.TABLE, [line], rows=[line], apart=gap))
            current = None
        elif line.kind is LineKind.TEXT and current is not None and _continues(current, line, gap, turned, wrap):
            current.lines.append(line)
        else:
            current = _open_draft(line, gap, drafts)
            drafts.append(current)
            if line.kind is LineKind.HEADING:
                current = None
        gap = turned = False
    content = [d for d in drafts if d.kind is not BlockKind.FURNITURE]
    for draft, following in pairwise(content):
        draft.apart_after = following.apart
    return drafts


def _is_row(line: Line, below: Line | None, above: _Draft | None) -> bool:
    """Whether a line is a row of a table; a line with tabs and one full cell is one right above or below a row."""
    if line.kind in (LineKind.ROW, LineKind.PIPE_ROW):
        return True
    beside = (above and above.kind is BlockKind.TABLE) or (below and below.kind is LineKind.ROW)
    return bool(line.cells and beside)


def _underline(drafts: list[_Draft], line: Line, gap: bool) -> None:
    """A row of = or - right under a single line makes it a heading, Markdown's other kind."""
    last = drafts[-1] if drafts else None
    if last is None or gap or last.kind is not BlockKind.PARAGRAPH or line.text[:1] not in ("=", "-"):
        return
    if len(last.lines) == 1 and len(last.text.split()) <= 14:
        last.kind, last.level = BlockKind.HEADING, 1 if line.text[0] == "=" else 2


def _open_draft(line: Line, gap: bool, drafts: list[_Draft]) -> _Draft:
    if line.kind is LineKind.HEADING:
        return _Draft(BlockKind.HEADING, [line], line.label, line.level, True, gap)
    if line.kind is LineKind.ITEM:
        return _Draft(BlockKind.LIST_ITEM, [line], line.label, max(line.level, 1), line.bold, gap)
    return _Draft(BlockKind.PARAGRAPH, [line], bold=line.bold, apart=gap)


def _continues(draft: _Draft, line: Line, gap: bool, turned: bool, wrap: int) -> bool:
    """Whether a line without a label goes on with the paragraph or item before it."""
    last = draft.lines[-1]
    opened = _is_open(last.text)
    if not gap:
        if line.bold and not last.bold:
            return False
        if wrap and last.width >= 0.7 * wrap:
            return True
        if draft.kind is BlockKind.LIST_ITEM and line.indent > draft.lines[0].indent:
            return True
        return opened and (line.text[:1].islower() or dangles(last.text))
    if line.bold or not opened or len(draft.text.split()) < _SHORTEST_OPEN:
        return False
    full = turned and wrap > 0 and last.width >= 0.8 * wrap and line.width > 0.5 * wrap
    return full or bool(_GOES_ON.match(line.text)) or dangles(last.text)


_LETTER = re.compile(r"\(?([a-zA-Z])[.)]$")
_ROMAN = re.compile(r"\(?[ivx]{1,4}[.)]$")


def _style(label: str, before: str | None) -> str:
    """A label with its counter taken out, so that "(a)" and "(b)" are of one style, and "(i)" of another."""
    letter, last = _LETTER.match(label), _LETTER.match(before or "")
    follows = letter and last and ord(letter[1]) - ord(last[1]) == 1
    if _ROMAN.match(label) and not follows:
        return re.sub(r"[ivx]+", "i", label)
    if letter:
        return label.replace(letter[1], "a")
    return re.sub(r"\d+", "1", label)


_NESTS = re.compile(r"o|[–◦○]|\(?[ai][.)]")


def _nest(draft: _Draft, stack: list[tuple[int, str]], before: str | None) -> int:
    """The level of an item, by its indent, its number of bullets, and styles of label that are used for sub-items."""
    line = draft.lines[0]
    indent, style = line.indent + 100 * max(line.level - 1, 0), _style(draft.label or "", before)
    while stack and stack[-1][0] > indent:
        stack.pop()
    styles = [s for i, s in stack if i == indent]
    if style in styles:
        while stack[-1][1] != style:
            stack.pop()
    elif styles and _NESTS.fullmatch(style):
        stack.append((indent, style))
    else:
        del stack[len(stack) - len(styles) :]
        stack.append((indent, style))
    return len(stack)


def _mark_headings(drafts: list[_Draft]) -> list[_Draft]:
    """Tells headings, numbered paragraphs and the levels of items, each from its neighbours."""
    content = [d for d in drafts if d.kind is not BlockKind.FURNITURE]
    spaced = sum(d.apart for d in content) > 0.1 * len(content)
    stack: list[tuple[int, str]] = []
    before: _Draft | None = None
    for i, draft in enumerate(content):
        following = content[i + 1] if i + 1 < len(content) else None
        after_lead = before is not None and (before.kind is BlockKind.LIST_ITEM or before.text.endswith(":"))
        if draft.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
            if following and _is_heading(draft, before, following, spaced):
                draft.kind, draft.level = BlockKind.HEADING, _guess_level(draft)
            elif draft.kind is BlockKind.LIST_ITEM and is_numbered_paragraph(draft.label, draft.text, after_lead):
                draft.kind, draft.level = BlockKind.PARAGRAPH, 0
        if draft.kind is BlockKind.LIST_ITEM:
            draft.level = _nest(draft, stack, before.label if before else None)
        else:
            stack.clear()
        before = draft
    return drafts


def _is_heading(draft: _Draft, before: _Draft | None, following: _Draft, spaced: bool) -> bool:
    text = draft.text
    words = text.split()
    if len(draft.lines) > 1 or len(words) > 14 or len(text) > 95:
        return False
    if draft.kind is BlockKind.LIST_ITEM and not _heads_section(draft, before, following):
        return False
    if spaced and not draft.apart and not (before and before.kind is BlockKind.HEADING):
        return False
    long_after = len(following.text.split()) >= 12 or following.kind in (BlockKind.LIST_ITEM, BlockKind.TABLE)
    if spaced and not draft.apart_after and not long_after:
        return False
    return reads_as_heading(text, bold=draft.bold)


def _heads_section(draft: _Draft, before: _Draft | None, following: _Draft) -> bool:
    """Whether a numbered line heads a section rather than being one of a list."""
    label = draft.label or ""
    if not (NUMBERED.match(label) or re.match(r"\(?[A-Z][.)]$", label)):
        return False
    style = _style(label, None)
    return not any(d is not None and d.label and _style(d.label, None) == style for d in (following, before))


def _guess_level(draft: _Draft) -> int:
    """Capitals stand above numbers, numbers above the rest; each further number is one level down."""
    if draft.text.isupper() and len(draft.text) > 3:
        return 1
    if draft.label and NUMBERED.match(draft.label):
        return 1 + len(re.findall(r"\d+", draft.label))
    return 3


def _find_words(lines: Sequence[Line]) -> frozenset[str]:
    return frozenset(word for line in lines for word in re.findall(r"[a-z]{4,}", line.text.lower()))


_HALF = re.compile(r"([A-Za-z]+)-$")
_OTHER_HALF = re.compile(r"[a-z]+")
_LONGEST_WORD = 60


def _join(lines: Sequence[Line], words: frozenset[str]) -> tuple[str, tuple[Piece, ...]]:
    """The lines as one text. A hyphen at a line's end is dropped where the file has the whole word elsewhere."""
    text = ""
    pieces: list[Piece] = []
    for line in lines:
        glue = " " if text else ""
        half, other = _HALF.search(text[-_LONGEST_WORD:]), _OTHER_HALF.match(line.text)
        if half and other:
            glue = ""
            if (half[1] + other[0]).lower() in words:
                text = text[:-1]
                pieces[-1] = replace(pieces[-1], end=len(text))
        text += glue
        pieces.append(Piece(len(text), len(text) + len(line.text), line=line.number))
        text += line.text
    return text, tuple(pieces)


def _build_blocks(drafts: Sequence[_Draft], words: frozenset[str]) -> tuple[Block, ...]:
    blocks = []
    for draft in drafts:
        if draft.kind is BlockKind.TABLE:
            blocks.append(build_table([row.cells for row in draft.rows], lines=[row.number for row in draft.rows]))
            continue
        text, pieces = _join(draft.lines, words)
        blocks.append(Block(draft.kind, text, pieces, draft.label, draft.level, bold=draft.bold))
    return tuple(block for block in blocks if block.text.strip())

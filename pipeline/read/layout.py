"""Pages of lines → blocks: headings, paragraphs, items, footnotes, tables and furniture, joined over pages."""

from __future__ import annotations

import re

from pipeline.read.aligned_tables import take_aligned_tables
from pipeline.read.blocks import Block, BlockKind
from pipeline.read.columns import order_lines, order_rows
from pipeline.read.drafts import Draft, Style, Vocabulary, finish_draft
from pipeline.read.furniture import mark_furniture
from pipeline.read.lines import Line, rejoin_label
from pipeline.read.page_breaks import join_over_break
from pipeline.read.page_text import PageText
from pipeline.read.paragraphs import carries_number, continues
from pipeline.read.reading_rules import reading_rules
from pipeline.read.rows import gather_rows
from pipeline.read.tables import find_grids, within

_SECTION = re.compile(r"\d{1,2}\.?")
_NOTE_MARK = re.compile(r"(\d{1,2}|[*†‡])\s?(?=[A-Z‘“(h])")
_LETTER = re.compile(r"\(?[a-z]{1,5}[.)]{1,2}")


def build_blocks(pages: list[PageText]) -> tuple[Block, ...]:
    """The blocks of a PDF in reading order."""
    page_lines: list[list[Line]] = []
    page_tables: list[list[Draft]] = []
    for page in pages:
        lines, tables = _take_tables(page)
        page_lines.append(lines)
        page_tables.append(tables)
    furniture = mark_furniture(pages, page_lines)
    style = Style.of([n for lines in page_lines for n in lines if id(n) not in furniture])
    drafts: list[Draft] = []
    for page, lines, tables in zip(pages, page_lines, page_tables, strict=True):
        drafts = _add_page(drafts, page, lines, tables, furniture, style)
    _rank_headings(drafts)
    _rank_items(drafts)
    words = Vocabulary(page_lines)
    return tuple(finish_draft(d, words) for d in drafts)


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
        drafts.append(
            Draft(
                BlockKind.TABLE, lines, table=cells, edges=grid.edges, page=page.number, last_page=page.number,
                order=grid.bbox[1],
            )
        )  # fmt: skip
    whole = page.rows if page.rows is not None and runs is page.runs else gather_rows(runs)
    lines, aligned = take_aligned_tables(order_rows(whole, page.number))
    drafts = sorted([*drafts, *aligned], key=lambda d: d.order)
    if frames:
        for n in lines:
            middle = (n.x0 + n.x1) / 2, (n.top + n.bottom) / 2
            n.box = next(
                (i for i, f in enumerate(frames, 1) if f[0] <= middle[0] <= f[2] and f[1] <= middle[1] <= f[3]), 0
            )
    return lines, drafts


def _add_page(
    drafts: list[Draft], page: PageText, lines: list[Line], tables: list[Draft], furniture: set[int], style: Style
) -> list[Draft]:
    head = [n for n in lines if id(n) in furniture and n.base < page.height / 2]
    foot = [n for n in lines if id(n) in furniture and n.base >= page.height / 2]
    content = [n for n in lines if id(n) not in furniture]
    notes = _footnote_lines(page, content, style)
    _drop_marks([n for n in content if id(n) not in notes], {n.label for n in content if id(n) in notes and n.label})
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
    join_over_break(before, own, style)
    return [*drafts, *tops, *own, *feet, *bottoms]


def _footnote_lines(page: PageText, lines: list[Line], style: Style) -> set[int]:
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


def _drop_marks(lines: list[Line], marks: set[str]) -> None:
    """Take the numbers of the page's footnotes off the words that they are printed against at full size."""
    figures = sorted(mark for mark in marks if mark.isdigit())
    if not figures:
        return
    glued = re.compile(rf"(?<=[a-z]{{3}})({'|'.join(figures)})(?=[\s.,;:)]|$)")
    for n in lines:
        n.raised += "".join(glued.findall(n.text))
        n.text = glued.sub("", n.text)


def _place(drafts: list[Draft], n: Line, style: Style) -> None:
    """Add a line to the block above it, or start a block with it."""
    last = drafts[-1] if drafts else None
    if last is not None and n.glued and last.table is None and carries_number(last, n, style):
        rejoin_label(n)
    if last is not None and last.bullet and not last.last.text and _fills(last, n):
        last.lines = [n]
        return
    if last is not None and last.table is None and n.label is None and continues(last, n, style):
        last.lines.append(n)
        return
    kind = BlockKind.LIST_ITEM if n.bullet or (n.label and _LETTER.fullmatch(n.label)) else BlockKind.PARAGRAPH
    drafts.append(Draft(kind, [n], label=n.label, bullet=n.bullet, page=n.page))


def _fills(item: Draft, n: Line) -> bool:
    """Whether a line is the text of the bullet that stands alone above it."""
    mark = item.last
    if n.label is not None or n.page != mark.page or n.base - mark.base > 1.5 * n.size or n.x0 < mark.left:
        return False
    n.left = mark.left
    return True


def _settle(drafts: list[Draft], style: Style) -> list[Draft]:
    """Call headings headings, and a list of contents furniture, its own heading with it."""
    limits = reading_rules().thresholds
    contents = any(_heads_contents(d) for d in drafts)
    out: list[Draft] = []
    for d in drafts:
        if d.bullet and not any(n.text for n in d.lines):
            continue  # a bullet that nothing follows
        entry = d.table is None and len(d.lines) < 4 and re.search(r"\s\d{1,3}$", d.lines[-1].text)
        if contents and (entry or _heads_contents(d)):
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


def _heads_contents(d: Draft) -> bool:
    """Whether the block heads a list of contents: nothing of the document stands under it."""
    return d.table is None and len(d.lines) == 1 and d.lines[0].text.lower() in ("contents", "table of contents")


def _is_heading(d: Draft, style: Style, step: float, most: int) -> bool:
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

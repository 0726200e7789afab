"""Action plans, action logs and trackers: tables in which one row is one recommendation."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pipeline.extract.recommendations.drafts import (
    Draft,
    KindRule,
    PhraseRule,
    begins,
    compiled,
    cut_remark,
    plain_heading,
)
from pipeline.extract.recommendations.list_rules import load_list_rules
from pipeline.read.blocks import Block, BlockKind, Cell
from pipeline.records import DocType, RecommendationKind
from pipeline.rules import RuleModel, read_yaml
from pipeline.split import Part

Role = Literal["text", "owner", "addressee", "due", "status", "number", "area", "measure", "none"]
_MIN_WORDS = 3
_TELLING = frozenset({"owner", "due"})
_MIN_TOLD = 0.6
"""Share of the cells of a column without a known name that must tell what to do, for the column to hold actions."""
_UNREAD = frozenset({DocType.AGENDA})
_FINISHED = re.compile(r"[.;!?][)\"”’']?$")
_GOES_ON = re.compile(r"[a-z]|(?:They|This|These|It|In addition|Furthermore)\b")
_DONE = re.compile(
    r"(?:(?:action )?(?:now )?(?:fully )?(?:completed?|done|closed|delivered|discharged|finished|implemented|achieved)"
    r"|blue)\b(?! (?:by|in part|except|but|draft)\b)(?:\W+(?:[\w/]+\W*){0,4})?",
    re.IGNORECASE,
)
"""The status of a row with nothing left to do: "Done", "Complete - March 2031". Minutes drop such rows, since their log
carries over what is open; a plan keeps them as what the council set out to do.
"""
_EMPTY = re.compile(r"(?:n/?a|none|nil|tbc|tba|-|–|—|\.)?", re.IGNORECASE)


class ColumnRule(PhraseRule):
    """What a column holds, by its heading. A `text` column has a kind."""

    role: Role
    kind: RecommendationKind | None = None
    confidence: float = 0.9


class TableRules(RuleModel):
    """`models/action_tables.yml`."""

    columns: list[ColumnRule]
    fields: list[KindRule]
    needs: list[Role]


@functools.cache
def load_table_rules() -> TableRules:
    """What the columns of action tables are called."""
    return read_yaml("action_tables.yml", TableRules)


def find_table_items(part: Part, doc_type: DocType) -> list[Draft]:
    """The rows of the part's action tables. A table without a head goes on with the columns of the one before it."""
    drafts: list[Draft] = []
    if doc_type in _UNREAD:
        return drafts
    columns: dict[int, ColumnRule] = {}
    heads: frozenset[int] = frozenset()
    seen: set[str] = set()
    width = 0
    for index, block in enumerate(part.blocks):
        if block.kind is BlockKind.HEADING:
            columns = columns if _repeats(block, part, index) else {}
        if block.kind is not BlockKind.TABLE or not block.cells:
            continue
        rows = _rows(block)
        own_width = max(c.column for c in block.cells) + 1
        head, named = read_head(rows)
        if named:
            heads = frozenset(c.column for c in rows[head] if c.text.strip()) | named.keys()
            columns, width, rows = named, own_width, rows[head + 1 :]
        elif own_width != width:
            columns = {}
        if columns:
            rows = join_broken(rows) if is_box(_rows(block)) else rows
            aligned = [(row, _align(row, columns, heads)) for row in rows]
            drafts += _read_rows(part, index, aligned, seen, is_log=doc_type is DocType.MINUTES)
    return drafts


def _repeats(block: Block, part: Part, index: int) -> bool:
    """Whether a heading between two tables stood above the first one too, as slides and long plans print it."""
    text = plain_heading(block.text)
    return any(b.kind is BlockKind.HEADING and plain_heading(b.text) == text for b in part.blocks[:index])


def _rows(block: Block) -> list[list[Cell]]:
    rows: dict[int, list[Cell]] = defaultdict(list)
    for cell in block.cells:
        rows[cell.row].append(cell)
    return [rows[r] for r in sorted(rows)]


def read_head(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[int, ColumnRule]]:
    """The row (of the first three) that names the columns and what each holds; an empty dict where none does.

    In a box (a table with one cell a row) the name holds for whatever column a reader puts the cells in.
    """
    rules = load_table_rules()
    for at, row in enumerate(rows[:3]):
        named: dict[int, ColumnRule] = {}
        for cell in row:
            heading = plain_heading(cell.text)
            if not heading:
                continue
            found = next(
                (r for h in _spellings(heading) for r in rules.columns if compiled(r.pattern).fullmatch(h)), None
            )
            if found:
                named[cell.column] = found
        roles = {r.role for r in named.values()}
        if roles & _TELLING and not any(r.kind is RecommendationKind.ACTION for r in named.values()):
            named |= _told_column(row, rows[at + 1 :], named)
            roles = {r.role for r in named.values()}
        kinds = {r.kind for r in named.values() if r.kind}
        if "text" in roles and (roles & set(rules.needs) or len(kinds) > 1):
            return at, named
        if "text" in roles and is_box(rows):
            rule = next(iter(named.values()))
            return at, dict.fromkeys(range(max(c.column for r in rows for c in r) + 1), rule)
    return 0, {}


def _told_column(
    head: Sequence[Cell], rows: Sequence[Sequence[Cell]], named: Mapping[int, ColumnRule]
) -> dict[int, ColumnRule]:
    """The column of actions of a table that names who does it or by when but gives the actions a name of its own:
    the one whose cells most often tell what to do. Empty where there is none.
    """
    lists = load_list_rules()
    telling = (*lists.headless, *lists.assigned, *lists.ahead)
    action = next(r for r in load_table_rules().columns if r.kind is RecommendationKind.ACTION)
    best: tuple[float, int] = (_MIN_TOLD, -1)
    for column in (c.column for c in head if c.text.strip() and c.column not in named):
        texts = [c.text for row in rows for c in row if c.column == column and len(c.text.split()) >= _MIN_WORDS]
        told = sum(begins(telling, t) for t in texts)
        if len(texts) > 1 and told / len(texts) > best[0]:
            best = told / len(texts), column
    return {best[1]: action} if best[1] >= 0 else {}


def _spellings(heading: str) -> Iterator[str]:
    """The heading with short forms written out, also without what stands in brackets behind it, and with two words
    joined: narrow columns break words without a hyphen.
    """
    heading = heading.replace("'ll", " will").replace("we're", "we are")
    yield heading
    if (bare := cut_remark(heading)) != heading:
        yield bare
    for gap in re.finditer(r"(?<=[a-z]{3}) (?=[a-z]{2})", heading):
        yield heading[: gap.start()] + heading[gap.end() :]


def is_box(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether the table has a single column, as the boxes of area SEND reports do."""
    return all(sum(bool(c.text.strip()) for c in row) <= 1 for row in rows) and len(rows) > 1


def join_broken(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """The rows of a box with the cells put together again that a ruling cut in the middle of an item."""
    joined: list[list[Cell]] = []
    for row in rows:
        for cell in (c for c in row if c.text.strip()):
            before = joined[-1][0] if joined else None
            if before and (not _FINISHED.search(before.text) or _GOES_ON.match(cell.text)):
                text = f"{before.text} {cell.text}"
                joined[-1] = [replace(before, text=text, end=cell.end)]
            else:
                joined.append([cell])
    return joined


def _align(row: Sequence[Cell], columns: dict[int, ColumnRule], heads: frozenset[int]) -> dict[int, ColumnRule]:
    """The columns as this row has them: by order where merged cells shift all of them, else as they stand.

    A row that fills only columns with a heading is not shifted.
    """
    filled = [c.column for c in row if c.text.strip()]
    if len(filled) == len(columns) and not set(filled) <= heads:
        return dict(zip(filled, columns.values(), strict=True))
    return columns


def _read_rows(
    part: Part,
    index: int,
    rows: Sequence[tuple[Sequence[Cell], dict[int, ColumnRule]]],
    seen: set[str],
    *,
    is_log: bool,
) -> list[Draft]:
    drafts = []
    rank = {rule.id: n for n, rule in enumerate(load_table_rules().columns)}
    area: str | None = None
    for row, holds in rows:
        said: dict[str, str] = {}
        for cell in sorted(row, key=lambda c: rank.get(holds[c.column].id, 0) if c.column in holds else 0):
            rule = holds.get(cell.column)
            if rule and rule.role != "text" and not _EMPTY.fullmatch(cell.text.strip()):
                said.setdefault(rule.role, " ".join(cell.text.split()))
        area = said.get("area", area)
        if is_log and _DONE.fullmatch(said.get("status", "")):
            continue
        texts = [(holds[c.column], c) for c in row if _is_item(holds.get(c.column), c)]
        has_action = any(rule.kind is RecommendationKind.ACTION for rule, _ in texts)
        for rule, cell in texts:
            quoted = has_action and rule.kind is not RecommendationKind.ACTION
            if quoted and cell.text in seen:
                continue
            seen.add(cell.text)
            drafts.append(_draft(part.starts[index], rule, cell, {} if quoted else said, area))
    return drafts


def _is_item(rule: ColumnRule | None, cell: Cell) -> bool:
    """Whether a cell holds an item rather than nothing, a word or the column's name again."""
    if rule is None or rule.kind is None or len(cell.text.split()) < _MIN_WORDS:
        return False
    return not compiled(rule.pattern).fullmatch(plain_heading(cell.text))


def _draft(offset: int, rule: ColumnRule, cell: Cell, said: Mapping[str, str], area: str | None) -> Draft:
    assert rule.kind is not None
    return Draft(
        offset + cell.start,
        offset + cell.end,
        rule.kind,
        rule.id,
        rule.confidence,
        number=said.get("number"),
        addressee=said.get("addressee"),
        owner=said.get("owner"),
        due=said.get("due"),
        status=said.get("status"),
        section=area,
    )

"""Graded judgements: rows of the judgement table, sentences that give a grade, outcomes of area SEND inspections."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field, field_validator

from pipeline.paper import Paper
from pipeline.read.blocks import Block, BlockKind, Box, Cell
from pipeline.records import Area, DocType, Grade, Judgement
from pipeline.rules import Regex, RuleModel, read_yaml

_GRADED = (DocType.ILACS_INSPECTION, DocType.SIF_INSPECTION)
_TABLE, _LINES, _SENTENCE, _HEADING = 0.99, 0.95, 0.98, 0.9  # confidence by where a grade stands
_LONGEST_LABEL = 110


class AreaRule(RuleModel):
    """Labels of an area."""

    id: str
    area: Area
    pattern: Regex
    hit: list[str] = Field(min_length=1)
    miss: list[str] = Field(min_length=1)


class GradeRule(RuleModel):
    """Wordings of a grade."""

    grade: Grade
    pattern: Regex


class SentenceRule(RuleModel):
    """A sentence that gives a grade, in documents of these kinds."""

    id: str
    area: Area
    kinds: list[DocType]
    first: int
    pattern: Regex
    hit: list[str] = Field(min_length=1)
    miss: list[str] = Field(min_length=1)

    @field_validator("pattern")
    @classmethod
    def _names_grade(cls, value: str) -> str:
        if "GRADE" not in value:
            raise ValueError("no GRADE in the pattern")
        return value


class OutcomeRule(RuleModel):
    """Words of an outcome."""

    id: str
    grade: Grade
    pattern: Regex
    hit: list[str] = Field(min_length=1)
    miss: list[str] = Field(min_length=1)


class JudgementRules(RuleModel):
    """`models/judgements.yml`."""

    areas: list[AreaRule]
    ignored_areas: list[str]
    grades: list[GradeRule]
    unknown_grades: list[str]
    sentences: list[SentenceRule]
    outcomes: list[OutcomeRule]
    front: int


@functools.cache
def load_rules() -> JudgementRules:
    """Areas and grades, validated."""
    return read_yaml("judgements.yml", JudgementRules)


@functools.cache
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern, with GRADE replaced by any of the grades; letters match in either case."""
    grades = "|".join(re.sub(r"\((?!\?)", "(?:", g.pattern) for g in load_rules().grades)
    return re.compile(pattern.replace("GRADE", rf"(?P<grade>{grades})"), re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class _Row:
    """A label and a grade as printed, with their run of the part's text."""

    label: str
    grade: str
    start: int
    end: int
    block: int


def read_area(label: str) -> AreaRule | None:
    """The area that a printed label names; its number ("2.1") and footnote marks are ignored."""
    text = _plain(label)
    return next((a for a in load_rules().areas if compile_pattern(a.pattern).search(text)), None)


def read_grade(text: str) -> Grade | None:
    """The grade that a cell or line consists of."""
    plain = _plain(text)
    return next((g.grade for g in load_rules().grades if compile_pattern(g.pattern).fullmatch(plain)), None)


def _plain(text: str) -> str:
    text = re.sub(r"^\W*\d+(?:\.\d+)*\.?\s+", "", " ".join(text.split()).replace("*", ""))
    return text.strip(" .:–-").lower()


def extract_judgements(paper: Paper) -> list[Judgement]:
    """The judgements that an inspection report gives, one for each area, in the order printed.

    A table outranks a sentence, and a sentence a section's heading. Where a report of its kind gives none, the list
    is empty; `list_unknown_judgements` tells what stands in a judgement table and was not understood.
    """
    kind = paper.document.doc_type
    found: dict[Area, Judgement] = {}
    if kind is DocType.AREA_SEND_INSPECTION:
        return _extract_outcomes(paper)
    if kind not in _GRADED:
        return []
    for row, confidence in _graded_rows(paper):
        area, grade = read_area(row.label), read_grade(row.grade)
        if area is not None and grade is not None and area.area not in found:
            found[area.area] = _make(paper, area.area, grade, row.start, row.end, area.id, confidence)
    for rule in load_rules().sentences:
        if kind not in rule.kinds or rule.area in found or (sentence := _find_sentence(paper, rule)) is None:
            continue
        if grade := read_grade(sentence.grade):
            found[rule.area] = _make(paper, rule.area, grade, sentence.start, sentence.end, rule.id, _SENTENCE)
    return sorted(found.values(), key=lambda j: j.char_start)


def list_unknown_judgements(paper: Paper) -> list[str]:
    """What stands in the judgement tables of an inspection report and is neither known nor ignored by name."""
    if paper.document.doc_type not in _GRADED:
        return []
    rules, unknown = load_rules(), []
    for row in _table_rows(paper):
        ignored = any(compile_pattern(p).fullmatch(_plain(row.label)) for p in rules.ignored_areas)
        area, grade = read_area(row.label), read_grade(row.grade)
        if area is None and grade is not None and not ignored:
            unknown.append(f"area {' '.join(row.label.split())!r} (graded {row.grade!r})")
        elif area is not None and grade is None and row.grade.strip():
            unknown.append(f"grade {' '.join(row.grade.split())!r} of {area.area.value}")
    return unknown


def list_contradictions(paper: Paper, judgements: Sequence[Judgement]) -> list[str]:
    """Where the heading of a section gives another grade than the judgement that was taken."""
    taken = {j.area: j.grade for j in judgements}
    differ = []
    for row in _heading_rows(paper) if taken else ():
        area, grade = read_area(row.label), read_grade(row.grade)
        if area is not None and grade is not None and taken.get(area.area, grade) is not grade:
            differ.append(
                f"{area.area.value} is {taken[area.area].value} in the table, {grade.value} in the section's heading."
            )
    return differ


def _graded_rows(paper: Paper) -> Iterator[tuple[_Row, float]]:
    for row in _table_rows(paper):
        yield row, _TABLE
    for row in _line_rows(paper):
        if row.start < load_rules().front:
            yield row, _LINES
    for row in _heading_rows(paper):
        yield row, _HEADING


def _table_rows(paper: Paper) -> Iterator[_Row]:
    """Rows of tables in which at least two rows hold a known area beside a grade."""
    for index, block in enumerate(paper.part.blocks):
        if block.kind is not BlockKind.TABLE:
            continue
        rows = [_pair_cells(paper, index, cells) for cells in _rows_of(block)]
        pairs = [r for r in rows if r is not None]
        graded = [r for r in pairs if read_area(r.label) and (read_grade(r.grade) or _is_unknown_grade(r.grade))]
        if len(graded) >= 2:
            yield from pairs


def _is_unknown_grade(text: str) -> bool:
    return any(compile_pattern(p).fullmatch(_plain(text)) for p in load_rules().unknown_grades)


def _rows_of(block: Block) -> list[list[Cell]]:
    rows: dict[int, list[Cell]] = {}
    for cell in block.cells:
        if cell.text.strip():
            rows.setdefault(cell.row, []).append(cell)
    return list(rows.values())


def _pair_cells(paper: Paper, index: int, cells: list[Cell]) -> _Row | None:
    """A row's label and the last cell beside it, where there are two."""
    if len(cells) < 2:
        return None
    label, grade = cells[-2], cells[-1]
    if len(label.text) > _LONGEST_LABEL:
        return None
    base = paper.part.starts[index]
    return _Row(label.text, grade.text, base + label.start, base + grade.end, index)


def _line_rows(paper: Paper) -> Iterator[_Row]:
    """Lines such as "Overall effectiveness: Good" in files whose tables came out as text."""
    grade = r"(?P<sep>\s*[:|\t–-]\s*|\s+)GRADE\s*[.*|]*$"
    pattern = compile_pattern(rf"^(?P<label>[^\n|\t:]{{5,{_LONGEST_LABEL}}}?){grade}")
    for index, block in enumerate(paper.part.blocks):
        if block.kind in (BlockKind.TABLE, BlockKind.HEADING, BlockKind.FURNITURE):
            continue
        for m in pattern.finditer(block.text) if len(block.text) < 2 * _LONGEST_LABEL else ():
            base = paper.part.starts[index]
            yield _Row(m["label"], m["grade"], base + m.start("label"), base + m.end("grade"), index)


def _heading_rows(paper: Paper) -> Iterator[_Row]:
    """Section headings that end in the section's grade."""
    pattern = compile_pattern(rf"^(?P<label>[^:]{{5,{_LONGEST_LABEL}}}):\s*GRADE\W*$")
    for index, block in enumerate(paper.part.blocks):
        if block.kind is BlockKind.HEADING and (m := pattern.match(block.text)):
            base = paper.part.starts[index]
            yield _Row(m["label"], m["grade"], base, base + m.end("grade"), index)


def _find_sentence(paper: Paper, rule: SentenceRule) -> _Row | None:
    m = compile_pattern(rule.pattern).search(paper.part.text[: rule.first])
    if m is None:
        return None
    start = m.start() + len(m[0]) - len(m[0].lstrip())
    return _Row(m[0], m["grade"], start, m.end("grade"), _block_at(paper, start))


def _extract_outcomes(paper: Paper) -> list[Judgement]:
    rules = load_rules()
    text = paper.part.text[: rules.front]
    for rule in rules.outcomes:
        if m := compile_pattern(rule.pattern).search(text):
            around = next((s for s in paper.sentences if s.char_start <= m.start() and m.end() <= s.char_end), None)
            start, end = (around.char_start, around.char_end) if around else (m.start(), m.end())
            return [_make(paper, Area.AREA_SEND, rule.grade, start, end, rule.id, _SENTENCE)]
    return []


def _block_at(paper: Paper, offset: int) -> int:
    """Index of the block that holds the offset."""
    return max((i for i, start in enumerate(paper.part.starts) if start <= offset), default=0)


def _make(paper: Paper, area: Area, grade: Grade, start: int, end: int, rule_id: str, confidence: float) -> Judgement:
    part = paper.part
    index = _block_at(paper, start)
    block, base = part.blocks[index], part.starts[index]
    pieces = [p for p in block.pieces if p.start < end - base and p.end > start - base] or list(block.pieces[:1])
    first = pieces[0] if pieces else None
    boxes = [p.bbox for p in pieces if first and p.page == first.page and p.bbox]
    return Judgement(
        document_id=paper.document.document_id,
        visit_id=paper.visit.visit_id if paper.visit else None,
        area=area,
        grade=grade,
        page=first.page if first else None,
        line=first.line if first else None,
        paragraph=None,
        section=_section_above(part.blocks, index),
        char_start=start,
        char_end=end,
        bbox=_union(boxes),
        rule_id=rule_id,
        confidence=confidence,
    )


def _section_above(blocks: tuple[Block, ...], index: int) -> str | None:
    return next((b.text for b in reversed(blocks[:index]) if b.kind is BlockKind.HEADING), None)


def _union(boxes: list[Box]) -> Box | None:
    if not boxes:
        return None
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )

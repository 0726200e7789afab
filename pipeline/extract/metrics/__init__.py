"""Numbers that measure the service, its workforce, children or money."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from spacy.tokens import Doc

from pipeline.extract.metrics.context import set_directions, set_periods
from pipeline.extract.metrics.drafts import SHARES, Draft, Trail
from pipeline.extract.metrics.measures import count_words, tidy
from pipeline.extract.metrics.name_measures import name_measures
from pipeline.extract.metrics.numbers import load_words
from pipeline.extract.metrics.periods import find_periods
from pipeline.extract.metrics.pick_numbers import find_candidates, pick_numbers
from pipeline.extract.metrics.table_metrics import find_table_numbers, is_bare, read_caption, rows_of
from pipeline.language import load_language
from pipeline.paper import Paper
from pipeline.read.blocks import Block, BlockKind, Box
from pipeline.records import DocType, Metric
from pipeline.split import Sentence

BATCH = 64
"""Sentences that are parsed at once: twice as fast as one by one."""


def is_out_of_bounds(sentence: Sentence) -> bool:
    """Whether a sentence stands where no metric can: furniture, headings, sections on method and contacts."""
    if sentence.kind in (BlockKind.FURNITURE, BlockKind.HEADING, BlockKind.FOOTNOTE):
        return True
    words = load_words()
    above = {h.lower().strip(" .:") for h in (*sentence.headings, sentence.section or "")}
    if not above.isdisjoint(words.sections_out):
        return True
    is_prose = sentence.text.rstrip().endswith(".") and len(sentence.text.split()) > 7
    return not is_prose and not above.isdisjoint(words.sections_of_names)


def read_sentence(doc: Doc, today: dt.date | None, trail: Trail) -> list[Draft]:
    """The metrics of one sentence, which may refer back along the trail."""
    drafts = pick_numbers(doc, trail)
    if not drafts:
        return []
    periods = find_periods(doc.text, today)
    name_measures(doc, drafts, periods, trail)
    for draft in drafts:
        draft.measure = draft.measure or trail.caption
    set_periods(drafts, periods, doc.text, trail)
    set_directions(drafts, doc.text, trail)
    return [d for d in drafts if count_words(d.measure)]


def _leaves_list(sentence: Sentence, level: int, trail: Trail) -> bool:
    """Whether a sentence no longer hangs on the trail's line: a capital opens a paragraph or an item of its level."""
    if sentence.block == trail.lead_block or not sentence.text[:1].isupper():
        return False
    return sentence.kind is not BlockKind.LIST_ITEM or level <= trail.lead_level


def follow(trail: Trail, sentence: Sentence, drafts: list[Draft], level: int, today: dt.date | None) -> None:
    """Moves the trail past a sentence."""
    text = sentence.text.rstrip()
    if not drafts:
        trail.caption = tidy(text) if is_caption(text) else ""
    if text.endswith(":"):
        periods = find_periods(text, today)
        trail.lead, trail.lead_level, trail.lead_block = text, level, sentence.block
        trail.lead_drafts = drafts or (trail.block_drafts if trail.block == sentence.block else trail.drafts)
        trail.lead_period = periods[-1] if periods else None
    if drafts:
        trail.block_drafts = [*trail.block_drafts, *drafts] if trail.block == sentence.block else list(drafts)
        trail.block = sentence.block
    trail.drafts = drafts or trail.drafts


def is_caption(text: str) -> bool:
    """Whether a line may name the bare figures below it: "Plans judged good" above "Now: 36%"."""
    return text[:1].isupper() and text[-1:].isalpha() and 1 < len(text.split()) <= 14


def extract_metrics(paper: Paper) -> list[Metric]:
    """The metrics of a document in reading order: one for each value, with the sentence or table row as its quote."""
    if paper.document.doc_type is DocType.AGENDA:
        return []
    parsed, ids, trail, rows = parse_candidates(paper), paper.item_ids(), Trail(), []
    pending: list[tuple[Sentence, Draft]] = []
    last_block, last_table = -2, -1
    for sentence in paper.sentences:
        if is_out_of_bounds(sentence):
            continue
        if sentence.kind is BlockKind.TABLE:
            if sentence.block != last_table:
                pending.extend(read_table(paper, sentence, parsed))
                trail.caption = ""
            last_table = sentence.block
            continue
        level = paper.part.blocks[sentence.block].level if sentence.kind is BlockKind.LIST_ITEM else 0
        if sentence.block - last_block > 3:
            trail.drafts = []
        if trail.lead and _leaves_list(sentence, level, trail):
            trail.lead, trail.lead_drafts, trail.lead_period = "", [], None
        drafts = read_sentence(parsed[sentence.text], paper.date, trail) if sentence.text in parsed else []
        pending.extend((sentence, d) for d in drafts)
        if drafts:
            last_block = sentence.block
        elif not sentence.text.rstrip().endswith((":", "?")):
            trail.drafts = []
        follow(trail, sentence, drafts, level, paper.date)
    for sentence, d in pending:
        rows.append(_make_row(paper, sentence, d, ids.make("metric", sentence.text, d.unit.value, repr(d.value))))
    return rows


def parse_candidates(paper: Paper) -> dict[str, Doc]:
    """The sentences, and the cells of tables in prose, that may hold a metric, by their text: the only ones that are
    parsed, since that costs more than all the rest."""
    texts: dict[str, None] = {}
    for sentence in paper.sentences:
        if is_out_of_bounds(sentence):
            continue
        if sentence.kind is not BlockKind.TABLE:
            texts[sentence.text] = None
        else:
            texts.update(
                (cell.text, None) for cell in paper.part.blocks[sentence.block].cells if not is_bare(cell.text)
            )
    wanted = [text for text in texts if find_candidates(text)]
    return dict(zip(wanted, load_language().pipe(wanted, batch_size=BATCH), strict=True))


def read_table(paper: Paper, first: Sentence, parsed: Mapping[str, Doc]) -> list[tuple[Sentence, Draft]]:
    """The metrics of a table with the row that each stands in: cells that are numbers, and shares, rates and sums of
    money in the prose of other cells. `first` is any sentence of the table."""
    block, start = paper.part.blocks[first.block], paper.part.starts[first.block]
    numbers: dict[int, list[Draft]] = {}
    for found in find_table_numbers(block, _find_caption(paper.part.blocks, first.block)):
        draft = Draft(
            found.number, found.number.value, found.unit, found.measure, "metric.table.cell", 0.8, found.period
        )
        draft.subject, draft.is_target = found.subject, found.is_target
        draft.denominator = found.number.of
        numbers.setdefault(found.cell.row, []).append(draft)
    out: list[tuple[Sentence, Draft]] = []
    for row, cells in sorted(rows_of(block).items()):
        drafts = numbers.get(row, [])
        for cell in cells:
            if not is_bare(cell.text) and cell.text in parsed:
                drafts = [
                    *drafts,
                    *(
                        d
                        for d in read_sentence(parsed[cell.text], paper.date, Trail())
                        if d.value and (d.unit in SHARES or len(cell.text.split()) > 5)
                    ),
                ]
        if drafts:
            low, high = min(c.start for c in cells), max(c.end for c in cells)
            page, line, bbox = _find_place(block, low, first)
            place = replace(
                first,
                text=block.text[low:high],
                char_start=start + low,
                char_end=start + high,
                page=page,
                line=line,
                bbox=bbox,
            )
            out.extend((place, d) for d in drafts)
    return out


def _find_caption(blocks: Sequence[Block], table: int) -> str:
    """What the block right above a table says that the table shows; "" where it says nothing of the kind."""
    above = next((b for b in reversed(blocks[:table]) if b.kind is not BlockKind.FURNITURE), None)
    if above is None or above.kind not in (BlockKind.PARAGRAPH, BlockKind.HEADING):
        return ""
    return read_caption(re.split(r"(?<=[.?!])\s+(?=[A-Z])", above.text)[-1])


def _find_place(block: Block, offset: int, first: Sentence) -> tuple[int | None, int | None, Box | None]:
    piece = next((p for p in block.pieces if p.start <= offset < p.end), None)
    return (piece.page, piece.line, piece.bbox) if piece else (first.page, first.line, first.bbox)


def _make_row(paper: Paper, sentence: Sentence, d: Draft, metric_id: str) -> Metric:
    return Metric(
        metric_id=metric_id,
        document_id=paper.document.document_id,
        visit_id=paper.visit.visit_id if paper.visit else None,
        council_code=paper.document.council_code,
        date=paper.date,
        page=sentence.page,
        line=sentence.line,
        paragraph=sentence.paragraph,
        section=sentence.section,
        char_start=sentence.char_start,
        char_end=sentence.char_end,
        bbox=sentence.bbox,
        rule_id=d.rule_id,
        confidence=d.confidence,
        quote=sentence.text,
        value=d.value,
        unit=d.unit,
        measure=d.measure,
        period=d.period.text if d.period else None,
        period_start=d.period.first if d.period else None,
        period_end=d.period.last if d.period else None,
        is_target=d.is_target,
        direction=d.direction,
        numerator=d.numerator,
        denominator=d.denominator,
        subject=d.subject,
    )

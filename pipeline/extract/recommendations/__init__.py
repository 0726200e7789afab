"""Recommendations: what a document tells a body to do, asks to be improved, resolves, or commits itself to.

Five ways of finding them, each with its vocabulary in `models/`: rows of action tables and of front sheets, resolutions
of meetings, lists under headings, and sentences that ask. Of two that find the same words the one named first counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.extract.recommendations.action_tables import find_table_items
from pipeline.extract.recommendations.drafts import Draft, keep_first
from pipeline.extract.recommendations.due_dates import due_date, find_due
from pipeline.extract.recommendations.framework_refs import find_framework_refs
from pipeline.extract.recommendations.front_sheets import find_front_sheet_items
from pipeline.extract.recommendations.headless_lists import find_headless_lists
from pipeline.extract.recommendations.labelled_actions import find_labelled_actions
from pipeline.extract.recommendations.lists import find_lists
from pipeline.extract.recommendations.requests import find_body, find_owner, find_requests
from pipeline.extract.recommendations.resolutions import find_resolutions, find_resolving_sentences
from pipeline.paper import Paper
from pipeline.read.blocks import Box, Piece
from pipeline.records import DocType, Recommendation, RecommendationKind
from pipeline.split import Sentence

_ADDRESSED = frozenset(
    {
        RecommendationKind.AREA_FOR_IMPROVEMENT,
        RecommendationKind.PRIORITY_ACTION,
        RecommendationKind.RECOMMENDATION,
    }
)
"""Kinds whose items name the body at their head; a resolution names what is resolved, an action its owner."""


def extract_recommendations(paper: Paper) -> list[Recommendation]:
    """The recommendations of a document, in the order of its text; none for an agenda's front sheet."""
    doc_type = paper.document.doc_type
    if doc_type is DocType.AGENDA:
        return []
    drafts = keep_first(
        [
            *find_table_items(paper.part, doc_type),
            *find_front_sheet_items(paper.part, doc_type),
            *find_resolutions(paper.part, doc_type),
            *find_lists(paper.part, doc_type),
            *find_headless_lists(paper.part, doc_type),
            *find_labelled_actions(paper.part, doc_type),
            *find_requests(paper),
            *find_resolving_sentences(paper),
        ]
    )
    ids = paper.item_ids()
    rows = []
    for draft in drafts:
        text = paper.part.text[draft.start : draft.end]
        due = draft.due or find_due(text)
        place = _place(paper, draft)
        rows.append(
            Recommendation(
                recommendation_id=ids.make("reco", text),
                document_id=paper.document.document_id,
                visit_id=paper.document.visit_id,
                council_code=paper.document.council_code,
                date=paper.date,
                page=place.page,
                line=place.line,
                paragraph=_paragraph(paper.sentences, draft),
                section=draft.section or _section(paper.sentences, draft),
                char_start=draft.start,
                char_end=draft.end,
                bbox=_box(paper, draft, place.page),
                rule_id=draft.rule_id,
                confidence=draft.confidence,
                number=draft.number,
                text=text,
                kind=draft.kind,
                framework_refs=find_framework_refs(text),
                addressee=draft.addressee or (find_body(text) if draft.kind in _ADDRESSED else None),
                owner=draft.owner or find_owner(text),
                due=due,
                due_date=due_date(due),
                status=draft.status,
            )
        )
    return rows


def _pieces(paper: Paper, draft: Draft) -> list[Piece]:
    """The printed lines on which the draft stands, in order."""
    found = []
    for start, block in zip(paper.part.starts, paper.part.blocks, strict=True):
        if start >= draft.end:
            break
        if start + len(block.text) > draft.start:
            found += [p for p in block.pieces if start + p.start < draft.end and start + p.end > draft.start]
    return found


def _place(paper: Paper, draft: Draft) -> Piece:
    """The printed line on which the draft starts."""
    return next(iter(_pieces(paper, draft)), Piece(0, 0))


def _box(paper: Paper, draft: Draft, page: int | None) -> Box | None:
    """The box around the draft's lines on its first page."""
    boxes = [p.bbox for p in _pieces(paper, draft) if p.bbox and p.page == page]
    if not boxes:
        return None
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _sentence(sentences: Sequence[Sentence], draft: Draft) -> Sentence | None:
    return next((s for s in sentences if s.char_end > draft.start and s.char_start < draft.end), None)


def _paragraph(sentences: Sequence[Sentence], draft: Draft) -> str | None:
    sentence = _sentence(sentences, draft)
    return sentence.paragraph if sentence else None


def _section(sentences: Sequence[Sentence], draft: Draft) -> str | None:
    sentence = _sentence(sentences, draft)
    return sentence.section if sentence else None

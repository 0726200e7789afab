"""Recommendations from blocks: lists, tables, resolutions and requests of fictional councils."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.extract.recommendations import extract_recommendations
from pipeline.extract.recommendations.due_dates import due_date, find_due
from pipeline.extract.recommendations.framework_refs import find_framework_refs
from pipeline.identify import identify
from pipeline.paper import Paper
from pipeline.parts import split_parts
from pipeline.read import read_file
from pipeline.read.blocks import Block, BlockKind, Cell, Piece
from pipeline.records import DocType, Document, Recommendation
from pipeline.split import Part, Sentence, sentences

H, P, L, F = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.FURNITURE


def _block(kind: BlockKind, text: str, label: str | None = None, level: int = 1, page: int = 1) -> Block:
    return Block(kind, text, (Piece(0, len(text), page=page, bbox=(70, 100, 500, 112)),), label=label, level=level)


def _table(*rows: tuple[str, ...], page: int = 1) -> Block:
    text, cells = "", []
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            cells.append(Cell(r, c, value, len(text), len(text) + len(value), header=r == 0))
            text += value + ("\t" if c < len(row) - 1 else "\n")
    text = text.rstrip("\n")
    return Block(BlockKind.TABLE, text, (Piece(0, len(text), page=page),), cells=tuple(cells))


def _extract(doc_type: DocType, *blocks: Block) -> list[Recommendation]:
    part = Part(1, blocks)
    sentences, section = [], None
    for i, block in enumerate(blocks):
        start = part.starts[i]
        section = block.text if block.kind is H else section
        sentences.append(
            Sentence(block.text, start, start + len(block.text), i, block.kind, block.page, section=section)
        )
    document = Document(
        document_id="doc_1",
        file_name="paper.pdf",
        file_sha256="0" * 64,
        media_type="application/pdf",
        part=1,
        title="Paper",
        doc_type=doc_type,
        doc_type_confidence=1,
        words=100,
        text_source="native",
    )
    paper = Paper(document, None, part, tuple(sentences))
    rows = extract_recommendations(paper)
    for row in rows:
        assert part.text[row.char_start : row.char_end] == row.text
    return rows


def _texts(rows: list[Recommendation]) -> list[str]:
    return [row.text for row in rows]


def test_bullets_under_what_needs_to_improve_end_at_the_next_heading() -> None:
    rows = _extract(
        DocType.FOCUSED_VISIT,
        _block(H, "What needs to improve in this area of social work practice?1"),
        _block(L, "The quality of plans. (enabler 2, national framework)", "◼"),
        _block(F, "Eastmoor focused visit 2"),
        _block(L, "Visits to children. This includes those at a distance.", "◼", page=2),
        _block(H, "Main findings"),
        _block(L, "Social workers know children well.", "◼"),
    )
    assert _texts(rows) == [
        "The quality of plans. (enabler 2, national framework)",
        "Visits to children. This includes those at a distance.",
    ]
    assert {r.kind for r in rows} == {"area_for_improvement"}
    assert rows[0].framework_refs == ("enabler 2",)
    assert [r.page for r in rows] == [1, 2]
    assert {r.rule_id for r in rows} == {"list.what_needs_to_improve"}


def test_a_contents_page_and_a_running_mention_open_no_list() -> None:
    rows = _extract(
        DocType.SIF_INSPECTION,
        _block(P, "Recommendations 7"),
        _block(P, "Recommendations made at the last inspection have been met."),
        _block(L, "Managers check plans.", "•"),
    )
    assert rows == []


def test_single_inspection_report_with_sub_bullets_subheadings_and_board() -> None:
    rows = _extract(
        DocType.SIF_INSPECTION,
        _block(H, "What does the local authority need to improve?", level=1),
        _block(H, "Priority and immediate action", level=2),
        _block(P, "The inspection did not find any areas for priority and immediate action."),
        _block(H, "Areas for improvement", level=2),
        _block(H, "Care leavers", level=3),
        _block(P, "Strengthen support for care leavers by ensuring that:", "1."),
        _block(L, "plans are clear", "•"),
        _block(L, "homes are safe.", "•"),
        _block(H, "Adoption", level=3),
        _block(P, "Reduce delay.", "2."),
        _block(H, "The local authority’s strengths", level=2),
        _block(P, "Leaders know the service well.", "3."),
        _block(H, "What does the LSCB need to improve?", level=1),
        _block(H, "Areas for improvement", level=2),
        _block(P, "Monitor the action plans.", "4."),
    )
    assert [r.number for r in rows] == ["1", "2", "4"]
    assert rows[0].text.endswith("homes are safe.")
    assert [r.section for r in rows] == ["Care leavers", "Adoption", "Areas for improvement"]
    assert [r.addressee for r in rows] == ["local authority", "local authority", "LSCB"]


def test_deadlines_that_stand_as_headings() -> None:
    rows = _extract(
        DocType.OTHER,
        _block(H, "Areas for improvement"),
        _block(P, "To improve services the council should take the following action.", "15."),
        _block(P, "Immediately:"),
        _block(L, "make sure that plans are written", "•"),
        _block(P, "Within three months:"),
        _block(L, "write the strategy.", "•"),
    )
    assert [(r.text, r.due, r.due_date) for r in rows] == [
        ("make sure that plans are written", "Immediately", None),
        ("write the strategy.", "Within three months", None),
    ]


def test_send_box_keeps_the_bullets_of_a_paragraph_and_names_the_addressee() -> None:
    rows = _extract(
        DocType.AREA_SEND_INSPECTION,
        _block(H, "Areas for improvement"),
        _block(P, "Leaders across the partnership should improve plans. This is to ensure that:"),
        _block(L, "plans are clear;", "•"),
        _block(L, "targets are sharp.", "•"),
        _block(P, "Health leaders need to reduce waiting times."),
        _block(H, "Local area partnership details"),
    )
    assert len(rows) == 2
    assert rows[0].text.endswith("targets are sharp.")
    assert [r.addressee for r in rows] == ["Leaders across the partnership", "Health leaders"]


def test_send_priority_actions_in_a_table_with_the_responsible_body() -> None:
    rows = _extract(
        DocType.AREA_SEND_INSPECTION,
        _table(
            ("Responsible body", "Areas for priority action"),
            ("Eastmoor Council", "Leaders should share data with urgency."),
        ),
        _table(("Areas for improvement",), ("Leaders should listen to parents more.",)),
    )
    assert [(r.kind, r.addressee) for r in rows] == [
        ("priority_action", "Eastmoor Council"),
        ("area_for_improvement", "Leaders"),
    ]


def test_action_plan_rows_with_a_table_that_goes_on_without_its_head() -> None:
    rows = _extract(
        DocType.IMPROVEMENT_REPORT,
        _table(
            ("Area of focus", "Actions", "Lead", "By when", "RAG"),
            ("Workforce", "Launch the supervision framework. Train all managers.", "A Moss", "Dec 21", "Amber"),
        ),
        _block(F, "Page 4"),
        _table(("", "Strengthen the induction programme.", "B Reed", "by end of July 2022", "Green"), page=2),
    )
    assert _texts(rows) == [
        "Launch the supervision framework. Train all managers.",
        "Strengthen the induction programme.",
    ]
    assert [(r.owner, r.due, r.due_date, r.status) for r in rows] == [
        ("A Moss", "Dec 21", dt.date(2021, 12, 31), "Amber"),
        ("B Reed", "by end of July 2022", dt.date(2022, 7, 31), "Green"),
    ]
    assert {r.kind for r in rows} == {"action"}


def test_resolutions_in_their_shapes() -> None:
    rows = _extract(
        DocType.MINUTES,
        _block(H, "23. MINUTES"),
        _block(P, "RESOLVED: That the minutes be agreed."),
        _block(H, "24. REPORT"),
        _block(P, "RESOLVED:"),
        _block(L, "That the report be noted.", "1)"),
        _block(L, "That a further report be brought.", "2)"),
        _block(H, "25. PLAN"),
        _block(P, "RESOLVED that Council:", "3)"),
        _block(L, "Notes the plan; and", "(i)"),
        _block(L, "Adopts it.", "(ii)"),
        _block(P, "The Chair thanked officers.", "4)"),
        _block(P, "It was AGREED: (1) that the update be noted; and (2) that the figures be shared."),
        _block(P, "Agreed unanimously."),
    )
    assert _texts(rows) == [
        "That the minutes be agreed.",
        "That the report be noted.",
        "That a further report be brought.",
        "Notes the plan; and",
        "Adopts it.",
        "that the update be noted",
        "that the figures be shared.",
    ]
    assert [r.number for r in rows] == [None, "1", "2", "i", "ii", "1", "2"]
    assert {r.kind for r in rows} == {"resolution"}


def test_motions_in_minutes_are_not_recommendations() -> None:
    rows = _extract(
        DocType.MINUTES,
        _block(P, "Ms Ash proposed the motion that"),
        _block(P, "“Council is asked to endorse the report.”"),
        _block(P, "RESOLVED that Council endorses the report.", "3)"),
    )
    assert _texts(rows) == ["that Council endorses the report."]


def test_recommendations_of_a_report() -> None:
    rows = _extract(
        DocType.SCRUTINY_REPORT,
        _block(P, "Recommendation(s):"),
        _block(L, "For the contents of the report to be noted", "(1)"),
        _block(L, "Further updates will be provided.", "(2)"),
        _block(P, "Reasons for the Recommendation(s):"),
        _block(P, "N/A"),
        _block(H, "Recommendations"),
        _block(P, "The Cabinet is asked to confirm the decision."),
        _block(P, "Contact person: Ada Moss"),
    )
    assert _texts(rows) == [
        "For the contents of the report to be noted",
        "Further updates will be provided.",
        "The Cabinet is asked to confirm the decision.",
    ]
    assert rows[2].addressee == "The Cabinet"


def test_next_steps_are_actions_in_council_papers_only_and_not_what_was_done() -> None:
    done = (_block(H, "Next steps"), _block(L, "Launched the academy.", "•"), _block(L, "Recruited carers.", "•"))
    ahead = (_block(H, "Next steps"), _block(L, "Continue to recruit carers.", "•"), _block(L, "Embed the model.", "•"))
    assert _extract(DocType.SELF_ASSESSMENT, *done) == []
    assert [r.kind for r in _extract(DocType.SELF_ASSESSMENT, *ahead)] == ["action", "action"]
    assert _extract(DocType.FOCUSED_VISIT, *ahead) == []


def test_jtai_next_steps_are_requests() -> None:
    rows = _extract(
        DocType.JTAI_LETTER,
        _block(H, "Next steps"),
        _block(P, "Eastmoor Council should prepare a written statement of proposed action."),
        _block(P, "This should be a multi-agency response."),
        _block(P, "Eastmoor should send the statement to the inspectorates by 23 October 2023."),
    )
    assert len(rows) == 2
    assert (rows[1].due, rows[1].due_date) == ("by 23 October 2023", dt.date(2023, 10, 23))
    assert {r.kind for r in rows} == {"recommendation"}


def test_a_list_that_lost_its_heading_counts_only_where_it_looks_ahead() -> None:
    def line(text: str, number: int) -> Block:
        return Block(L, text, (Piece(0, len(text), line=number),), label="-", level=1)

    head = Block(H, "What have been our challenges?", (Piece(0, 30, line=1),), level=2)
    hard = [line("Low numbers of carers.", 3), line("Delays in court.", 4)]
    ahead = [line("Continue to recruit.", 6), line("Embed the tracker.", 7), line("Formally review the hub.", 8)]
    rows = _extract(DocType.SELF_ASSESSMENT, head, *hard, *ahead)
    assert _texts(rows) == ["Continue to recruit.", "Embed the tracker.", "Formally review the hub."]
    assert [r.line for r in rows] == [6, 7, 8]
    assert _extract(DocType.SELF_ASSESSMENT, head, *hard, line("Rising demand.", 6), line("Few homes.", 7)) == []


def test_areas_quoted_in_a_council_report_end_where_its_numbered_text_goes_on() -> None:
    rows = _extract(
        DocType.SCRUTINY_REPORT,
        _block(H, "What needs to improve in this area of social work practice"),
        _block(P, "The quality assurance of practice.", "1.4"),
        _block(P, "The capacity in social work teams.", "1.5"),
        _block(P, "The Department issued an improvement notice in May, which will last for a year.", "1.6"),
        _block(P, "It is clear that staff are committed.", "1.7"),
    )
    assert [r.number for r in rows] == ["1.4", "1.5"]


def test_areas_behind_a_sentence_but_not_the_scope_of_a_visit() -> None:
    items = (_block(L, "The quality of supervision.", "•"), _block(L, "Timely visits.", "•"))
    named = _block(P, "Ofsted identified the following areas for improvement:")
    scope = _block(P, "Inspectors reviewed the progress made in the following areas for improvement:")
    assert [r.kind for r in _extract(DocType.SCRUTINY_REPORT, named, *items)] == ["area_for_improvement"] * 2
    assert _extract(DocType.SCRUTINY_REPORT, scope, *items) == []
    assert _extract(DocType.MONITORING_VISIT, scope, *items) == []


def test_recommendations_in_the_table_at_the_head_of_a_report() -> None:
    rows = _extract(
        DocType.SCRUTINY_REPORT,
        _table(
            ("Report to", "Children’s Scrutiny Board"),
            ("Recommendations", "The Board is asked to: (a) note the plan; and (b) comment on it."),
        ),
    )
    assert [(r.number, r.text) for r in rows] == [("a", "note the plan"), ("b", "comment on it.")]


def test_a_quoted_recommendation_in_a_plan_counts_once_and_owns_nothing() -> None:
    rows = _extract(
        DocType.IMPROVEMENT_REPORT,
        _table(
            ("Area for improvement", "Action", "Owner", "Progress", "RAG"),
            ("The quality of plans.", "Train all managers.", "A Moss", "Begun", "Amber"),
            ("The quality of plans.", "Audit plans each month.", "B Reed", "Not begun", "Red"),
        ),
    )
    assert [(r.kind, r.owner, r.status) for r in rows] == [
        ("area_for_improvement", None, None),
        ("action", "A Moss", "Amber"),
        ("action", "B Reed", "Red"),
    ]


def test_a_box_that_a_ruling_cut_into_lines_is_put_together() -> None:
    rows = _extract(
        DocType.AREA_SEND_INSPECTION,
        _table(
            ("Areas for improvement",),
            ("Leaders should listen to children and",),
            ("young people at every level.",),
            ("They should widen social opportunities.",),
            ("Leaders should reduce waiting times.",),
        ),
    )
    assert [r.text.split()[-1] for r in rows] == ["opportunities.", "times."]


def test_an_agenda_has_none() -> None:
    assert _extract(DocType.AGENDA, _block(H, "Recommendations"), _block(L, "To note the report.", "1.")) == []


def test_framework_references_by_number_and_by_name() -> None:
    text = (
        "Plans (outcome 1 and enabler 2, national framework) (Enabler: leaders drive conditions for effective practice)"
    )
    assert find_framework_refs(text) == ("outcome 1", "enabler 2")
    assert find_framework_refs("The outcome 2 years later was poor (paragraph 3).") == ()


def test_due_dates() -> None:
    assert due_date("Q4 2023/24") == dt.date(2024, 3, 31)
    assert due_date("31/03/2022") == dt.date(2022, 3, 31)
    assert due_date("Nov 21 launch, Dec 21 audit") is None
    assert due_date("within three months") is None
    assert find_due("Send it by Tuesday 25 October 2022, please.") == "by Tuesday 25 October 2022"


@pytest.mark.shared
def test_every_annotated_document(shared: Path) -> None:
    """Token F1 of 0.75 makes a match, as in the scorer beside the gold."""
    spec = importlib.util.spec_from_file_location("gold_score", shared / "gold" / "score.py")
    assert spec
    assert spec.loader
    score = importlib.util.module_from_spec(spec)
    sys.modules["gold_score"] = score
    spec.loader.exec_module(score)
    right = extra = missed = 0
    for path in sorted((shared / "gold" / "dev").glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        file = shared / "corpus" / gold["file"]
        rows = list(_read(file))
        if scope := gold.get("recommendations_scope"):
            source = score.Source(file)
            rows = [r for r in rows if score.in_scope(scope, source.places(r.text))]
        wanted = [(g["kind"], score.tokens(g["text"])) for g in gold["recommendations"]]
        found = [(r.kind.value, score.tokens(r.text)) for r in rows]
        pairs = score.match(wanted, found, lambda a, b: score.token_f1(a[1], b[1]) >= 0.75 and a[0] == b[0])
        right += len(pairs)
        missed += len(wanted) - len(pairs)
        extra += len(found) - len(pairs)
    assert 2 * right / (2 * right + missed + extra) >= 0.97


def _read(file: Path) -> Iterator[Recommendation]:
    reading = read_file(file)
    for part in split_parts(reading):
        identity = identify(part, reading, file.name, "0" * 64)
        yield from extract_recommendations(Paper(identity.document, identity.visit, part, tuple(sentences(part))))


def test_a_front_sheet_asks_in_one_of_its_rows() -> None:
    rows = _extract(
        DocType.OTHER,
        _table(
            ("Report of", "Director of Children's Services"),
            ("Recommendation(s)", "That Cabinet: 1. approves the plan; 2. thanks the foster carers of Alder Bay."),
            ("Reasons for recommendations", "To make sure that more homes are found."),
        ),
    )
    assert _texts(rows) == ["approves the plan", "thanks the foster carers of Alder Bay."]
    assert {r.kind for r in rows} == {"recommendation"}


def test_a_table_that_names_owners_is_read_by_what_its_cells_tell() -> None:
    rows = _extract(
        DocType.IMPROVEMENT_REPORT,
        _table(
            ("Strand", "Big push", "Mitigation", "Owner"),
            ("Front door", "Recruit two screeners for the hub", "Review the rota every week", "A Moss"),
            ("Courts", "Managers will check each letter", "Monitor the delays with care", "B Reed"),
        ),
    )
    assert _texts(rows) == ["Recruit two screeners for the hub", "Managers will check each letter"]
    assert [r.owner for r in rows] == ["A Moss", "B Reed"]


def test_a_table_of_figures_with_an_owner_holds_no_actions() -> None:
    rows = _extract(
        DocType.IMPROVEMENT_REPORT,
        _table(
            ("What we count", "Owner"),
            ("Visits in time to children", "A Moss"),
            ("Plans that are up to date", "B Reed"),
        ),
    )
    assert rows == []


def test_lines_below_an_item_that_say_who_does_it_do_not_end_the_list() -> None:
    rows = _extract(
        DocType.SCRUTINY_REPORT,
        _block(H, "Our recommendations"),
        _block(P, "R1 Every school should name a lead."),
        _block(P, "Who: Director of Schools    Cost: nil"),
        _block(P, "R2 Buses should be free for carers."),
        _block(P, "Who: Cabinet Member"),
        _block(P, "The panel will meet again in May."),
    )
    assert _texts(rows) == ["Every school should name a lead.", "Buses should be free for carers."]
    assert [r.number for r in rows] == ["1", "2"]


@pytest.mark.parametrize(
    "text",
    [
        "It was moved by Councillor Fry, seconded by Councillor Low and agreed that the fee be waived for carers.",
        "IT WAS RESOLVED that the fee be waived for carers.",
    ],
)
def test_a_motion_that_was_carried_is_a_resolution(text: str) -> None:
    rows = _extract(DocType.MINUTES, _block(P, text))
    assert [r.kind for r in rows] == ["resolution"]
    assert rows[0].text.removeprefix("that ") == "the fee be waived for carers."

"""Findings: cues, sections, extents, cohorts and the classifier, on sentences of fictional councils."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from spacy.matcher import Matcher

from pipeline.adapted import Adapter
from pipeline.cohorts import find_cohorts
from pipeline.embed import DIMENSIONS, Vectors, load_embedder
from pipeline.errors import RuleFault
from pipeline.extract.findings import extract_findings
from pipeline.extract.findings.cues import find_cues as cues_of
from pipeline.extract.findings.cues import load_labels, load_matchers, load_rules, tokenize
from pipeline.extract.findings.extents import find_extent
from pipeline.extract.findings.model import CLASSES, column_names, find_candidates, load_weights, sift
from pipeline.extract.findings.polarity import describe_sentences, feature_names, weigh_sides
from pipeline.extract.findings.sections import Tone, may_evaluate
from pipeline.paper import Paper
from pipeline.read.blocks import Block, BlockKind, Piece
from pipeline.records import Cohort, DocType, Document, Extent, Polarity
from pipeline.split import Part, sentences
from pipeline.train.labelled import load_written


class NoVectors:
    """Vectors of noughts, which leave the decision to cues and places."""

    name = "none"

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen.extend(texts)
        return np.zeros((len(texts), DIMENSIONS), dtype=np.float32)

    def encode_both(self, texts: Sequence[str], adapter: Adapter) -> tuple[Vectors, Vectors]:
        return self.encode(texts), self.encode(texts)


def block(text: str, kind: BlockKind = BlockKind.PARAGRAPH, level: int = 0) -> Block:
    return Block(kind, text, (Piece(0, len(text), page=1, bbox=(0.0, 0.0, 10.0, 10.0)),), level=level)


def paper(*blocks: Block, doc_type: DocType = DocType.ILACS_INSPECTION) -> Paper:
    part = Part(1, blocks)
    document = Document(
        document_id="doc_1",
        file_name="ambleford.pdf",
        file_sha256="0" * 64,
        media_type="application/pdf",
        part=1,
        title="Ambleford",
        doc_type=doc_type,
        doc_type_confidence=1.0,
        words=1,
        text_source="native",
    )
    return Paper(document, None, part, tuple(sentences(part)))


def sides(text: str) -> dict[str, float]:
    doc = tokenize([text])[0]
    return weigh_sides(doc, cues_of(doc))


def test_negation_turns_praise_and_criticism():
    assert sides("Planning is not robust.")["turned_praise"] > 0
    assert sides("Planning is robust.")["turned_praise"] == 0
    assert sides("There is no delay.")["turned_criticism"] > 0


def test_a_comma_ends_the_reach_of_a_negation():
    assert sides("When plans are not late, robust checks follow.")["turned_praise"] == 0


def test_praise_that_is_wished_for_is_no_praise():
    value = sides("Leaders have more to do to ensure that plans are robust and timely.")
    assert value["wished_praise"] > 0
    assert value["praise"] == 0
    assert value["criticism"] > 0


def test_sides_of_a_contrast_are_told_apart():
    inside = sides("Visits are timely, but records are vague.")
    assert inside["both_sides"]
    assert inside["praise_before"]
    assert inside["criticism_after"]
    head = sides("Although records are vague, visits are timely.")
    assert head["both_sides"]
    assert head["contrast_head"]
    assert not sides("Visits are timely and records are clear.")["both_sides"]


def test_features_have_one_column_a_name():
    rows = describe_sentences(["Visits are timely.", ""])
    assert rows.shape == (2, len(feature_names()))
    assert rows[0].any()
    assert len(load_labels()) > 10


def test_extent_takes_the_first_quantifier():
    assert find_extent("Not all plans are signed by most parents.") is Extent.SOME
    assert find_extent("For a very small number of children, help was late.") is Extent.FEW
    assert find_extent("Plans are signed.") is None


def test_cohorts_fall_back_on_headings():
    heading = ("The experiences and progress of care leavers",)
    assert find_cohorts("They are happy.", heading) == (Cohort.CARE_LEAVERS,)
    assert find_cohorts("Foster carers are happy.", heading) == (Cohort.IN_CARE, Cohort.CARERS)
    assert find_cohorts("They are happy.") == ()


CLEAR = {
    "Social workers visit children regularly and know them well.": Polarity.STRENGTH,
    "Plans are not always specific and are rarely updated.": Polarity.WEAKNESS,
    "Visits to children are timely and purposeful, but written plans are poor and not always updated.": Polarity.MIXED,
}


@pytest.fixture(scope="module")
def found():
    blocks = [block("Main findings", BlockKind.HEADING, 1), block(" ".join(CLEAR))]
    return extract_findings(paper(*blocks), load_embedder())


def test_clear_cases_get_their_polarity(found):
    assert {f.text: f.polarity for f in found} == CLEAR


def test_findings_carry_their_evidence(found):
    text = paper(block("Main findings", BlockKind.HEADING, 1), block(" ".join(CLEAR))).part.text
    for finding in found:
        assert text[finding.char_start : finding.char_end] == finding.text
        assert finding.page == 1
        assert finding.bbox is not None
        assert finding.section == "Main findings"
        assert 0.3 < finding.confidence <= 1
    assert len({f.finding_id for f in found}) == len(found)


def test_no_findings_where_none_can_stand():
    praise = "Planning in Ambleford is strong and effective for all children."
    made = paper(
        block(praise, BlockKind.FURNITURE),
        block(praise, BlockKind.HEADING, 1),
        block(praise, BlockKind.TABLE),
        block("What needs to improve?", BlockKind.HEADING, 1),
        block(praise, BlockKind.LIST_ITEM),
        block("Main findings", BlockKind.HEADING, 1),
        block("Is planning in Ambleford strong and effective for all children?"),
    )
    assert find_candidates(made).sentences == ()
    assert extract_findings(made, NoVectors()) == []


def test_a_closed_heading_ends_with_the_next():
    made = paper(
        block("Recommendations", BlockKind.HEADING, 1),
        block("Planning in Ambleford must be strong and effective."),
        block("Main findings", BlockKind.HEADING, 1),
        block("Planning in Ambleford is strong and effective."),
    )
    assert [s.text for s in find_candidates(made).sentences] == ["Planning in Ambleford is strong and effective."]


def test_items_after_a_sentence_of_scope_are_no_findings():
    item = "Management oversight of plans is strong and effective for all children."
    for lead, expected in (("Inspectors looked at these areas:", 0), ("Strengths include:", 1)):
        made = paper(block(lead), block(item, BlockKind.LIST_ITEM))
        assert len(find_candidates(made).sentences) == expected


def test_bullets_of_priorities_are_closed_and_prose_is_not():
    heading = block("Priority 1: a steady workforce", BlockKind.HEADING, 1)
    text = "Managers have time for regular and reflective supervision."
    for kind, expected in ((BlockKind.LIST_ITEM, False), (BlockKind.PARAGRAPH, True)):
        made = paper(heading, block(text, kind), doc_type=DocType.SCRUTINY_REPORT)
        assert may_evaluate(made.sentences[-1], DocType.SCRUTINY_REPORT) is expected


def test_agendas_hold_no_findings():
    assert extract_findings(paper(block("Planning is strong."), doc_type=DocType.AGENDA), NoVectors()) == []


def test_what_is_surely_no_finding_gets_no_vector():
    embedder = NoVectors()
    dull = "The meeting opened at noon on 3 May 2021 at the town hall of Ambleford."
    extract_findings(paper(block(dull), doc_type=DocType.MINUTES), embedder)
    assert dull not in embedder.seen


def test_weights_of_other_cues_are_refused():
    weights = load_weights()
    assert weights.columns == column_names()
    assert weights.head.shape == (len(column_names()) + 3 * DIMENSIONS + 1, len(CLASSES))
    with pytest.raises(RuleFault):
        dataclasses.replace(weights, columns=("other",))


def test_sift_keeps_every_clear_case():
    made = paper(block(" ".join(CLEAR)))
    assert len(sift(find_candidates(made), load_weights()).sentences) == len(CLEAR)


def test_tones_reach_the_features():
    made = paper(block("Strengths", BlockKind.HEADING, 1), block("Schools know their pupils.", BlockKind.LIST_ITEM))
    row = dict(zip(column_names(), find_candidates(made).features[0], strict=True))
    assert row["place:tone_strength"] == 1
    assert row["place:tone_weakness"] == 0
    assert Tone.STRENGTH == "strength"


def test_written_sentences_are_varied_and_stand_once():
    rows = load_written()
    assert len(rows) > 700
    assert len({row.text for row in rows}) == len(rows)
    kinds = {row.doc_type for row in rows}
    assert {DocType.MINUTES, DocType.SCRUTINY_REPORT, DocType.IMPROVEMENT_REPORT, DocType.SELF_ASSESSMENT} <= kinds
    for kind in (DocType.MINUTES, DocType.SCRUTINY_REPORT):
        labels = {row.label for row in rows if row.doc_type is kind}
        assert labels == set(CLASSES)


MINUTES = {
    "Councillor Thorne asked whether officers had looked at the cost of the scheme in Ambleford.": None,
    "The Chair thanked the officers and the report was noted.": None,
    "The Head of Service explained that the panel was made up of six members and met each month.": None,
    "Officers replied that supervision was now much better and that staff felt well supported.": Polarity.STRENGTH,
    "The Director acknowledged that too many children still waited too long for help.": Polarity.WEAKNESS,
}


@pytest.mark.parametrize("text", MINUTES)
def test_minutes_tell_evaluation_from_business(text):
    made = paper(
        block("Update on social care", BlockKind.HEADING, 1),
        block(text),
        doc_type=DocType.MINUTES,
    )
    found = extract_findings(made, load_embedder())
    assert [f.polarity for f in found] == ([MINUTES[text]] if MINUTES[text] else [])


def test_labels_hold_no_text(project: Path) -> None:
    lines = (project / "models/findings/labels.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert sum(len(row["labels"]) for row in rows) > 1500
    for row in rows:
        assert set(row) == {"file_sha256", "labels"}
        assert all(re.fullmatch("[0-9a-f]{16}", key) for key in row["labels"])
        assert set(row["labels"].values()) <= set(CLASSES)


def test_rules_that_are_left_out_by_their_words_would_not_match() -> None:
    """One matcher that asks every word about every rule finds the same."""
    everything = Matcher(tokenize([""])[0].vocab)
    for rule, matcher, _ in load_matchers():
        everything.add(rule.id, matcher.get(rule.id)[1], greedy="LONGEST")
    patterned = {rule.id for rule, _, _ in load_matchers()}
    at_start = {rule.id for rule, _, _ in load_matchers() if rule.start}
    texts = [row.text for row in load_written()] + [t for rule in load_rules() for t in (*rule.hit, *rule.miss)]
    for doc in tokenize(texts):
        matches = {(doc.vocab.strings[key], start, end) for key, start, end in everything(doc)}
        expected = {m for m in matches if m[0] not in at_start or m[1] == 0}
        found = {(c.rule_id, c.start, c.end) for c in cues_of(doc)}
        assert {m for m in found if m[0] in patterned} == expected

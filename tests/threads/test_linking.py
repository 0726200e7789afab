"""Threads of two fictional councils, with vectors made by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from pipeline.records import (
    DocType,
    Document,
    Finding,
    Outcome,
    Polarity,
    Recommendation,
    RecommendationKind,
    Relation,
    Visit,
    VisitType,
)
from pipeline.threads import link_threads
from pipeline.threads.comparing import FEATURES, compare
from pipeline.threads.judging import OUTCOME_FEATURES, WEIGHED, settle_outcomes, weigh_findings
from pipeline.threads.logistic import Choice, Logistic, load_models
from pipeline.threads.views import find_stems, view_item

CODE = "E99000001"


def vector(*numbers: float) -> np.ndarray:
    made = np.zeros(384, dtype=np.float32)
    made[: len(numbers)] = numbers
    return made / np.linalg.norm(made)


def document(name: str, doc_type: DocType, visit_id: str | None = None) -> Document:
    return Document(
        document_id=name, file_name=f"{name}.pdf", file_sha256=name, media_type="application/pdf", part=1, title=name,
        doc_type=doc_type, doc_type_confidence=1, council="Wolds", council_code=CODE, visit_id=visit_id, words=1,
        text_source="native",
    )  # fmt: skip


def visit(name: str, kind: VisitType, end: dt.date) -> Visit:
    return Visit(visit_id=name, council="Wolds", council_code=CODE, visit_type=kind, visit_end=end, framework="ILACS")


def recommend(name: str, doc: str, when: dt.date | None, text: str, kind: str, visit_id: str | None = None):
    return Recommendation(
        recommendation_id=name, document_id=doc, visit_id=visit_id, council_code=CODE, date=when, char_start=0,
        char_end=1, rule_id="test.rule", confidence=1, text=text, kind=RecommendationKind(kind),
    )  # fmt: skip


def find(name: str, doc: str, when: dt.date | None, text: str, polarity: str, visit_id: str | None = None):
    return Finding(
        finding_id=name, document_id=doc, visit_id=visit_id, council_code=CODE, date=when, char_start=0, char_end=1,
        rule_id="test.rule", confidence=1, text=text, polarity=Polarity(polarity),
    )  # fmt: skip


FIRST, PAPER, NEXT = dt.date(2019, 3, 1), dt.date(2020, 1, 15), dt.date(2022, 3, 1)
ASKED = "The quality of return home interviews for children who go missing."


@pytest.fixture
def wolds():
    documents = [
        document("old", DocType.ILACS_INSPECTION, "v1"),
        document("new", DocType.ILACS_INSPECTION, "v2"),
        document("plan", DocType.IMPROVEMENT_REPORT),
    ]
    visits = [
        visit("v1", VisitType.ILACS_INSPECTION, FIRST),
        visit("v2", VisitType.ILACS_INSPECTION, NEXT),
        visit("v3", VisitType.FOCUSED_VISIT, dt.date(2023, 1, 1)),
    ]
    recommendations = [
        recommend("r1", "old", FIRST, ASKED, "area_for_improvement", "v1"),
        recommend("r2", "old", FIRST, "The sufficiency of local placements.", "area_for_improvement", "v1"),
        recommend("r3", "new", NEXT, "Return home interviews after children go missing.", "area_for_improvement", "v2"),
        recommend("a1", "plan", PAPER, "Recruit two workers for interviews with missing children.", "action"),
        recommend("q1", "plan", PAPER, ASKED, "area_for_improvement"),
    ]
    findings = [
        find("f1", "new", NEXT, "Return home interviews of missing children are often late.", "weakness", "v2"),
        find("f2", "new", NEXT, "There are enough local placements for children in care.", "strength", "v2"),
        find("f3", "new", NEXT, "The virtual school is highly effective.", "strength", "v2"),
    ]
    vectors = {
        "r1": vector(1, 0), "r3": vector(1, 0.1), "f1": vector(1, 0.2), "a1": vector(1, 0.3), "q1": vector(1, 0),
        "r2": vector(0, 1), "f2": vector(0.1, 1), "f3": vector(0, 0, 1),
    }  # fmt: skip
    return documents, visits, recommendations, findings, vectors


def test_a_recommendation_listed_again_is_linked_and_one_of_another_topic_is_not(wolds):
    made = link_threads(*wolds)
    repeats = {(t.from_id, t.to_id) for t in made.threads if t.relation == Relation.REPEATS}
    assert ("r1", "r3") in repeats
    assert ("r2", "r3") not in repeats


def test_days_are_the_difference_of_the_dates(wolds):
    made = link_threads(*wolds)
    thread = next(t for t in made.threads if (t.from_id, t.to_id) == ("r1", "r3"))
    assert thread.days == (NEXT - FIRST).days


def test_only_recommendations_with_a_later_full_inspection_have_an_outcome(wolds):
    outcomes = link_threads(*wolds).outcomes
    assert set(outcomes) == {"r1", "r2"}
    assert {o.visit_id for o in outcomes.values()} == {"v2"}
    assert outcomes["r1"].outcome in (Outcome.REPEATED, Outcome.PARTLY_IMPROVED)


def test_a_paper_quotes_the_demand_word_for_word(wolds):
    made = link_threads(*wolds)
    assert {(t.from_id, t.to_id) for t in made.threads if t.relation == Relation.QUOTES} == {("r1", "q1")}


def test_a_sentence_that_only_restates_the_demand_is_a_quote_and_no_report(wolds):
    documents, visits, recommendations, findings, vectors = wolds
    restated = find("f9", "plan", PAPER, ASKED, "weakness")
    made = link_threads(documents, visits, recommendations, [*findings, restated], {**vectors, "f9": vectors["r1"]})
    assert {t.relation for t in made.threads if (t.from_id, t.to_id) == ("r1", "f9")} == {Relation.QUOTES}


def test_nothing_is_linked_to_a_paper_from_before(wolds):
    documents, visits, recommendations, findings, vectors = wolds
    early = [r.replace(date=dt.date(2018, 1, 1)) if r.document_id == "plan" else r for r in recommendations]
    made = link_threads(documents, visits, early, findings, vectors)
    assert not [t for t in made.threads if t.to_id in ("a1", "q1") and t.from_id == "r1"]


def test_an_action_answers_the_demand_it_is_about(wolds):
    made = link_threads(*wolds)
    answers = {(t.from_id, t.to_id) for t in made.threads if t.relation == Relation.ANSWERS}
    assert ("r1", "a1") in answers
    assert ("r2", "a1") not in answers


def test_a_paper_without_a_date_takes_that_of_its_pack(wolds):
    documents, visits, recommendations, findings, vectors = wolds
    undated = [r.replace(date=None) if r.document_id == "plan" else r for r in recommendations]
    agenda = document("agenda", DocType.AGENDA).replace(file_sha256="plan", meeting_date=PAPER)
    without = link_threads(documents, visits, undated, findings, vectors)
    assert not [t for t in without.threads if t.to_id == "a1"]
    made = link_threads([*documents, agenda], visits, undated, findings, vectors)
    assert {t.days for t in made.threads if t.to_id == "a1" and t.from_id == "r1"} == {(PAPER - FIRST).days}


def test_a_heading_lends_its_topic():
    bare = view_item("a", "Launch the new framework.", vector(1))
    under = view_item("a", "Launch the new framework.", vector(1), "Priority 2: supervision")
    assert bare.topics != under.topics
    assert "management_oversight_supervision" in dict(under.topics)


def test_order_does_not_matter(wolds):
    documents, visits, recommendations, findings, vectors = wolds
    there = link_threads(*wolds)
    back = link_threads(documents[::-1], visits[::-1], recommendations[::-1], findings[::-1], vectors)
    assert there.threads == back.threads
    assert there.outcomes == back.outcomes


def test_nothing_makes_nothing():
    made = link_threads([], [], [], [], {})
    assert made.threads == ()
    assert made.outcomes == {}


def test_weights_fit_the_features():
    models = load_models()
    assert models.repeats.features == FEATURES
    assert models.about.features == FEATURES
    assert models.outcome.features == OUTCOME_FEATURES
    assert set(models.outcome.classes) == {o.value for o in Outcome}


def test_what_is_listed_again_cannot_have_gone_away():
    classes = ("improved", "not_mentioned", "partly_improved", "repeated")
    chances = np.array([[0.7, 0.1, 0.05, 0.15], [0.7, 0.1, 0.05, 0.15]])
    settled = settle_outcomes(chances, classes, np.array([[True], [False]]))
    assert settled[0].round(3).tolist() == [0.0, 0.0, 0.25, 0.75]
    assert settled[1].tolist() == chances[1].tolist()
    assert settle_outcomes(chances, classes, np.zeros((2, 0), dtype=bool)).tolist() == chances.tolist()


def test_findings_compete_to_be_chosen_and_none_may_win():
    model = Choice(features=("x",), mean=(0.0,), scale=(1.0,), weights=(1.0,), none=2.0)
    chances = model.predict(np.array([[[5.0], [5.0], [0.0]], [[0.0], [0.0], [0.0]]]))
    assert chances.sum(axis=1).round(9).tolist() == [1.0, 1.0]
    assert chances[0, 0] == chances[0, 1] > chances[0, 3]
    assert chances[1].argmax() == 3
    assert model.predict(np.zeros((1, 0, 1))).tolist() == [[1.0]]


def test_what_is_weighed_follows_what_is_chosen():
    sides = [Polarity.STRENGTH, Polarity.WEAKNESS, Polarity.MIXED]
    about = np.array([[0.6, 0.1, 0.1, 0.2], [0.0, 0.2, 0.0, 0.8]])
    rows = weigh_findings(sides, about, np.array([[0.1], [0.9]]))
    of = {name: rows[:, i] for i, name in enumerate(WEIGHED)}
    assert of["strong"].round(3).tolist() == [0.75, 0.0]
    assert of["weak"].round(3).tolist() == [0.125, 1.0]
    assert of["none"][0] < of["none"][1]
    assert of["repeat_sure"].tolist() == [0.1, 0.9]
    assert np.isfinite(weigh_findings([], np.ones((2, 1)), np.zeros((2, 0)))).all()


def test_a_letter_between_reports_on_the_recommendation_and_one_after_the_next_inspection_does_not(wolds):
    documents, visits, recommendations, findings, vectors = wolds
    sentence, between, later = "Return home interviews of missing children are timely.", "v0", "v3"
    visits = [*visits, visit(between, VisitType.MONITORING_VISIT, dt.date(2020, 6, 1))]
    findings = [
        *findings,
        find("l1", "letter", dt.date(2020, 6, 1), sentence, "strength", between),
        find("l2", "after", dt.date(2023, 1, 1), sentence, "strength", later),
    ]
    documents = [
        *documents,
        document("letter", DocType.MONITORING_VISIT, between),
        document("after", DocType.FOCUSED_VISIT, later),
    ]
    made = link_threads(documents, visits, recommendations, findings, vectors | {"l1": vector(1, 0.1), "l2": vector(1)})
    reports = {(t.from_id, t.to_id) for t in made.threads if t.relation == Relation.REPORTS_ON}
    assert ("r1", "l1") in reports
    assert ("r1", "l2") not in reports
    assert ("r3", "l2") in reports


def test_logistic_is_a_probability():
    model = Logistic(features=("x",), mean=(0.0,), scale=(1.0,), weights=((2.0,),), bias=(0.0,), classes=("no", "yes"))
    chances = model.predict(np.array([[0.0], [10.0]]))
    assert chances[0].tolist() == [0.5, 0.5]
    assert chances[1, 1] > 0.99


def test_common_words_weigh_less_than_rare_ones():
    a = view_item("a", "Children have dental checks.", vector(1))
    rare = view_item("b", "Dental appointments are kept.", vector(1))
    common = view_item("c", "Children are kept safe.", vector(1))
    shared = compare([a], [rare, common])[0, :, FEATURES.index("words_of_earlier")]
    assert shared[0] > shared[1]


def test_words_that_stand_together_and_cohorts_are_shared():
    a = view_item("a", "Return home interviews for care leavers.", vector(1))
    same = view_item("b", "Care leavers had return home interviews.", vector(1))
    apart = view_item("c", "Disabled children return to short breaks at home after interviews.", vector(1))
    shared = dict(zip(FEATURES, np.moveaxis(compare([a], [same, apart])[0], 1, 0), strict=True))
    assert shared["word_pairs"][0] > shared["word_pairs"][1]
    assert shared["same_cohort"].tolist() == [1.0, 0.0]
    assert shared["other_cohort"].tolist() == [0.0, 1.0]
    assert shared["rarest_word"][0] > 0


def test_stems_drop_endings():
    assert find_stems("Recorded records") == find_stems("recording record") | find_stems("record")

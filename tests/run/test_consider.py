"""What `goldenthread explain` says of the maker of a row and of what else it could have been."""

import numpy as np
import pytest

from pipeline.consider import consider_item, describe_maker, weigh_sentence
from pipeline.embed import DIMENSIONS
from pipeline.explain import Description
from pipeline.rules import rules_digest


class NoVectors:
    name = "none"

    def encode(self, texts):
        return np.zeros((len(texts), DIMENSIONS), dtype=np.float32)

    def encode_both(self, texts, adapter):
        return self.encode(texts), self.encode(texts)


def item(table, quote, *, before="", values=(), rules=None, **columns):
    row = {
        "table": table,
        "doc_type": "ilacs_inspection",
        "section": "Main findings",
        "rule_id": "findings@1",
        **columns,
    }
    return Description(tuple(row.items()), before, quote, "", frozenset(values), rules)


def test_the_maker_is_a_rule_with_its_examples_a_model_with_its_card_or_the_program():
    rule = describe_maker("list.next_steps")
    assert rule[0] == "rule list.next_steps in models/recommendation_headings.yml"
    assert "hits    Next steps" in rule
    assert any(line.startswith("misses  ") for line in rule)
    assert describe_maker("findings@7") == ["model findings, version 7; its card is models/findings/README.md"]
    assert "part of the program" in describe_maker("metric.percent")[0]


def test_a_finding_shows_probabilities_and_cues():
    lines = consider_item(item("findings", "Plans are not effective."), NoVectors)
    assert [word.split()[0] for word in lines[0].removeprefix("probabilities: ").split(", ")] == [
        "none", "strength", "weakness", "mixed",
    ]  # fmt: skip
    assert "cue cue.negator.not (negator): not" in lines


def test_what_stands_before_a_sentence_is_weighed_with_it():
    follows = "This is effective in every team."
    good, bad = (
        weigh_sentence(item("findings", follows, before=f"1\n{text} "), NoVectors())
        for text in ("Supervision is strong and good.", "Supervision is weak and poor.")
    )
    assert good["strength"] != bad["strength"]


def test_where_no_finding_may_stand_that_is_said():
    closed = item("findings", "Supervision is strong and effective.", section="Recommendations")
    assert "no finding in a sentence at this place" in consider_item(closed, NoVectors)[0]


def test_a_recommendation_shows_the_other_rules_that_fit():
    quote = "The Board is asked to endorse the plan."
    columns = {"doc_type": "scrutiny_report", "section": "Recommendations", "rule_id": "list.recommendations"}
    (line,) = consider_item(item("recommendations", quote, **columns), NoVectors)
    assert line.startswith("recommendation by request.body_is_asked, which fits the words: ")
    alone = item("recommendations", "Better plans.", **columns)
    assert consider_item(alone, NoVectors) == ["No other rule for such a document fits its words or its heading."]


def test_a_metric_shows_what_became_of_the_other_numbers():
    quote = "In March 2019, 81% of 40 visits to children aged 12 were on time, compared with 46%."
    lines = consider_item(item("metrics", quote, value=81.0, values={81.0, 46.0}), NoVectors)
    told = dict(line.split(": ", 1) for line in lines)
    assert told["81%"] == "this row"
    assert told["46%"] == "a row of its own"
    assert told["40"] == "not taken, it measures nothing that is known"
    assert told["12"].startswith("not taken, metric.")


@pytest.mark.parametrize(("digest", "said"), [("0" * 64, True), (rules_digest(), False), (None, False)])
def test_other_rules_than_todays_are_said(digest, said):
    lines = consider_item(item("metrics", "46% of plans", value=46.0, rules=digest), NoVectors)
    assert lines[0].startswith("The dataset was made with other rules") is said

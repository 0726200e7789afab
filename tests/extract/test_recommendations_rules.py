"""Every rule of the recommendation vocabularies runs its own examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.extract.recommendations.action_tables import load_table_rules
from pipeline.extract.recommendations.drafts import PhraseRule, compiled, plain_heading
from pipeline.extract.recommendations.lists import load_list_rules
from pipeline.extract.recommendations.requests import RequestRule, load_request_rules
from pipeline.extract.recommendations.resolutions import load_resolution_rules

Fires = Callable[[PhraseRule, str], object]


def _as_heading(rule: PhraseRule, text: str) -> object:
    return compiled(rule.pattern).fullmatch(plain_heading(text))


def _at_start(rule: PhraseRule, text: str) -> object:
    return compiled(rule.pattern).match(text)


def _as_marker(rule: PhraseRule, text: str) -> object:
    return compiled(rule.pattern, ignore_case=False).match(text)


def _anywhere(rule: PhraseRule, text: str) -> object:
    unless = rule.unless if isinstance(rule, RequestRule) else None
    return compiled(rule.pattern).search(text) and not (unless and compiled(unless).search(text))


def _cases() -> list[tuple[PhraseRule, Fires]]:
    lists, resolutions, requests = load_list_rules(), load_resolution_rules(), load_request_rules()
    groups: list[tuple[list[PhraseRule], Fires]] = [
        ([*lists.lists, *lists.ends, *lists.timings, *lists.charters, *load_table_rules().columns], _as_heading),
        (
            [
                *lists.nothing,
                *lists.demands,
                *lists.delivered,
                *lists.openers,
                *lists.headless,
                *lists.assigned,
                *lists.looks_back,
                *lists.ahead,
                *resolutions.ends,
                *requests.bodies,
            ],
            _at_start,
        ),
        ([*resolutions.markers], _as_marker),
        (
            [
                *lists.chapters,
                *lists.leads,
                *resolutions.leads,
                *resolutions.sentences,
                *resolutions.seconds,
                *requests.requests,
                *requests.owners,
                *load_table_rules().fields,
            ],
            _anywhere,
        ),
    ]
    return [(rule, fires) for rules, fires in groups for rule in rules]


@pytest.mark.parametrize(("rule", "fires"), _cases(), ids=lambda value: getattr(value, "id", ""))
def test_rule_fires_in_its_hits_and_not_in_its_misses(rule: PhraseRule, fires: Fires) -> None:
    assert [text for text in rule.hit if not fires(rule, text)] == []
    assert [text for text in rule.miss if fires(rule, text)] == []


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule, _ in _cases()]
    assert len(ids) == len(set(ids))

"""Sentences that tell a named body to act, and the body that an item names."""

from __future__ import annotations

import functools
import re

from pipeline.extract.recommendations.drafts import Draft, KindRule, PhraseRule, compiled
from pipeline.paper import Paper
from pipeline.read.blocks import BlockKind
from pipeline.rules import Regex, RuleModel, read_yaml

_LEADS = re.compile(r":[\s\-–—]*$")
_READ = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE})


class RequestRule(KindRule):
    """A sentence that asks: `pattern` is found in it, `unless` is not, and a heading above fits `section`.

    Sentences in tables count where `in_tables`: a report's head or a box may be one.
    """

    unless: Regex | None = None
    section: Regex | None = None
    in_tables: bool = False


class RequestRules(RuleModel):
    """`models/requests.yml`."""

    requests: list[RequestRule]
    bodies: list[PhraseRule]
    owners: list[PhraseRule]


@functools.cache
def load_request_rules() -> RequestRules:
    """The ways of asking."""
    return read_yaml("requests.yml", RequestRules)


def find_requests(paper: Paper) -> list[Draft]:
    """The sentences outside lists that ask a body to act, in the order of the text."""
    drafts = []
    for sentence in paper.sentences:
        if sentence.kind not in _READ or _LEADS.search(sentence.text):
            continue
        for rule in load_request_rules().requests:
            if not rule.works_in(paper.document.doc_type):
                continue
            if sentence.kind is BlockKind.TABLE and not rule.in_tables:
                continue
            found = compiled(rule.pattern).search(sentence.text)
            if not found or (rule.unless and compiled(rule.unless).search(sentence.text)):
                continue
            headings = (*sentence.headings, sentence.section or "")
            if rule.section and not any(compiled(rule.section).search(h) for h in headings):
                continue
            addressee = found.groupdict().get("addressee")
            start, end = sentence.char_start, sentence.char_end
            drafts.append(Draft(start, end, rule.kind, rule.id, rule.confidence, addressee=addressee))
            break
    return drafts


def find_body(text: str) -> str | None:
    """The body at the head of an item that is told to act ("Leaders across the partnership should ..."), or None."""
    for rule in load_request_rules().bodies:
        if found := compiled(rule.pattern).match(text):
            return found.group("addressee").strip()
    return None


def find_owner(text: str) -> str | None:
    """The person or team that an item names as responsible ("(Lead: Head of Commissioning)"), or None."""
    for rule in load_request_rules().owners:
        if found := compiled(rule.pattern).search(text):
            return found.group("owner").strip()
    return None

"""Decisions of meetings: the items of `RESOLVED` and its kin, and the sentences that tell what was agreed."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.extract.recommendations.drafts import (
    RANK,
    Draft,
    Item,
    KindRule,
    PhraseRule,
    begins,
    compiled,
    is_title,
    read_items,
    split_body,
    split_enumerated,
)
from pipeline.extract.recommendations.list_rules import load_list_rules
from pipeline.paper import Paper
from pipeline.read.blocks import BlockKind
from pipeline.records import DocType, RecommendationKind
from pipeline.rules import Regex, RuleModel, read_yaml
from pipeline.split import Part, Sentence

_CAPITALS = re.compile(
    r"(?:(?<=[.!?)”|] )|(?<=\band )|(?<=\b[Ii]t was ))(?:RESOLVED|AGREED|ACTION|DECISION|RECOMMENDED"
    r"|(?:Resolved|Agreed|Action(?: \d+)?|Decision|What we will do)(?=:))(?!\w)"
)
_NEXT_LABEL = re.compile(
    r"(?:(?<=[.!?]) [A-Z][a-z’']+(?: [a-z’']+){0,4}"
    r"| (?:Action owner|Lead(?: officer)?|Owner|Responsible(?: officer)?|By (?:when|whom)|Who|When|Due(?: date)?"
    r"|Deadline|Timescale|(?:Target|Original|Proposed|Revised|Completion) date"
    r"|Status|B?RAG|Progress|Impact|Update|Where we are)):\s"
)
"""The label of another field that a reader joined to an action: "Lead: ", or any at the start of a sentence."""
_LEAD_IN = re.compile(r":[\s\-–—]*$")
_OPEN_LEAD = re.compile(r"(?:that|to)\b(?!.*\b(?:be|is|are|was|were)\b)[^.;:]{0,60}", re.IGNORECASE)
_BODY = re.compile(
    r"(?:that )?(?:the )?(?:[a-z&’',-]+ ){0,7}"
    r"(?:cabinet|committee|sub-committee|commission|panel|board|executive|council|forum|members|group)"
    r"(?: (?:hereby|also|therefore|unanimously))?",
    re.IGNORECASE,
)
"""A body without its verb, which the items that follow bring."""
_THAT = re.compile(r"(?:and )?that\b", re.IGNORECASE)
_STUB = re.compile(r"(?:and|or|;|also)[;:,.]*$", re.IGNORECASE)


class LeadRule(KindRule):
    """A lead-in to a list. Where `items` is given, every item of the list must begin with it."""

    items: Regex | None = None


class ResolutionRules(RuleModel):
    """`models/resolutions.yml`."""

    markers: list[KindRule]
    leads: list[LeadRule]
    sentences: list[KindRule]
    seconds: list[KindRule]
    ends: list[PhraseRule]


@functools.cache
def load_resolution_rules() -> ResolutionRules:
    """The ways in which decisions are recorded."""
    return read_yaml("resolutions.yml", ResolutionRules)


def find_resolutions(part: Part, doc_type: DocType) -> list[Draft]:
    """The items of every resolution that a marker or a lead-in sentence opens, in the order of the text."""
    rules = load_resolution_rules()
    items = read_items(part)
    drafts: list[Draft] = []
    for at, item in enumerate(items):
        text = part.text[item.start : item.end]
        if item.block.kind is BlockKind.TABLE:
            drafts += _read_cells(part, item, doc_type)
        elif (marked := find_marker(text, rules.markers, doc_type)) is not None:
            rule, offset = marked
            drafts += _read_marked(part, items, at, rule, offset, doc_type)
        elif lead := _match_lead(text, rules.leads, doc_type):
            followers = _following(part, items, at, paragraphs=False, lead=lead)
            begun = [not lead.items or compiled(lead.items).match(part.text[i.start : i.end]) for i in followers]
            drafts += [draft for i in followers for draft in _drafts(part, i, lead)] if all(begun) else []
    return drafts


def _read_cells(part: Part, item: Item, doc_type: DocType) -> list[Draft]:
    """What the cells of minutes that are set as a table resolve; a cell holds its own list, if any."""
    rules = load_resolution_rules()
    if doc_type is not DocType.MINUTES:
        return []
    drafts = []
    for cell in item.block.cells:
        marked = find_marker(cell.text, rules.markers, doc_type)
        if marked is None:
            continue
        rule, offset = marked
        start = part.starts[item.index] + cell.start + offset
        body = cell.text[offset:]
        runs = split_body(body) or ([(0, len(body), None)] if body.strip() else [])
        drafts += [Draft(start + a, start + b, rule.kind, rule.id, rule.confidence, number=n) for a, b, n in runs]
    return drafts


def match_marker(text: str, markers: Sequence[KindRule], doc_type: DocType) -> tuple[KindRule, int] | None:
    """The marker at the start of a paragraph and where the resolution behind it starts; None where there is none."""
    for rule in markers:
        if rule.works_in(doc_type) and (found := compiled(rule.pattern, ignore_case=False).match(text)):
            return rule, found.end()
    return None


def find_marker(text: str, markers: Sequence[KindRule], doc_type: DocType) -> tuple[KindRule, int] | None:
    """As `match_marker`, also where a capital marker begins a later sentence of the paragraph."""
    if found := match_marker(text, markers, doc_type):
        return found
    for capitals in _CAPITALS.finditer(text):
        if found := match_marker(text[capitals.start() :], markers, doc_type):
            return found[0], capitals.start() + found[1]
    return None


def _match_lead(text: str, leads: Sequence[LeadRule], doc_type: DocType) -> LeadRule | None:
    tail = text[-300:]
    return next((r for r in leads if r.works_in(doc_type) and compiled(r.pattern).search(tail)), None)


def _read_marked(
    part: Part, items: Sequence[Item], at: int, rule: KindRule, offset: int, doc_type: DocType
) -> list[Draft]:
    item = items[at]
    start = item.start + offset
    if rule.kind is RecommendationKind.ACTION and (label := _NEXT_LABEL.search(part.text, start, item.end)):
        item = replace(item, end=label.start())
    body = part.text[start : item.end]
    demands = load_list_rules().demands
    if body and not _announces(body, items, at):
        told = rule.kind is RecommendationKind.RESOLUTION and doc_type is not DocType.MINUTES
        if told and not begins(demands, body):
            return []
        runs = split_body(body)
        if not runs:
            return [_draft(part, item, start, rule, None), *_more_thats(part, items, at, rule)]
        drafts = [
            Draft(start + a, start + b, rule.kind, rule.id, rule.confidence, number=number) for a, b, number in runs
        ]
        if len(runs) > 1:
            return drafts
        followers = _following(part, items, at, paragraphs=False)
        return drafts + [draft for i in followers for draft in _drafts(part, i, rule)]
    followers = _following(part, items, at, paragraphs=True, any_words=bool(body) or doc_type is DocType.MINUTES)
    return [draft for i in followers for draft in _drafts(part, i, rule)]


def _announces(body: str, items: Sequence[Item], at: int) -> bool:
    """Whether the words behind a marker only lead to a list: "That Cabinet:", or "that" before "(a) ...; (b) ..."."""
    if _LEAD_IN.search(body):
        return True
    follows = items[at + 1] if at + 1 < len(items) else None
    leads = _OPEN_LEAD.fullmatch(body) or _BODY.fullmatch(body)
    return bool(leads and follows and follows.marked and _restarts(follows))


def _more_thats(part: Part, items: Sequence[Item], at: int, rule: KindRule) -> list[Draft]:
    """Further paragraphs of the same resolution, which begin with "That" or go on with its numbers."""
    drafts = []
    for item in items[at + 1 :]:
        text = part.text[item.start : item.end]
        if not _THAT.match(text) or item.block.kind is BlockKind.HEADING:
            break
        drafts.append(_draft(part, item, item.start, rule, item.number))
    return drafts


def _following(
    part: Part,
    items: Sequence[Item],
    at: int,
    *,
    paragraphs: bool,
    any_words: bool = False,
    lead: LeadRule | None = None,
) -> list[Item]:
    """The items that a lead-in announces: the marked ones that follow, or plain paragraphs where `paragraphs`.

    Plain paragraphs must demand something unless `any_words` (in minutes, or behind a colon). A marker opens another
    decision, but not where the `lead` says that its items begin so ("The Panel: 1. NOTED ...; 2. RECOMMENDED ...").

    An item keeps the sub-items and the broken-off rest below it: its `end` covers them.
    """
    rules = load_resolution_rules()
    demands = load_list_rules().demands
    parent = items[at]
    found: list[Item] = []
    top: Item | None = None
    for position, item in enumerate(items[at + 1 :], at + 1):
        text = part.text[item.start : item.end]
        follows = items[position + 1] if position + 1 < len(items) else None
        announces = _LEAD_IN.search(text) and follows is not None and follows.marked
        if item.block.kind is BlockKind.TABLE or (item.block.kind is BlockKind.HEADING and (found or not announces)):
            break
        counted = item.number and (_is_next_of(found[-1], item) if found else _restarts(item))
        own = lead is not None and lead.items is not None and compiled(lead.items).match(text)
        if not own and match_marker(text, rules.markers, DocType.MINUTES):
            break
        if not counted and begins(rules.ends, text):
            break
        if item.marked:
            if top is None and (_is_next_of(parent, item) or (found and item.number and not _restarts(item))):
                break
            if top is not None and _is_below(part, top, item):
                found[-1] = _extended(found[-1], item.end)
                continue
            if top is not None and item.style != top.style and not (_restarts(item) or _THAT.match(text)):
                break
            if top is not None and _jumps(top, item):
                break
            numbered = top is not None and item.style == top.style == "number"
            if numbered and _is_next_of(parent, item) and not _is_next_of(found[-1], item):
                break
            top = item
            found.append(item)
            continue
        if found and announces and _match_lead(text, rules.leads, DocType.MINUTES):
            break
        if _STUB.fullmatch(text) or announces:
            top = None if top is None or follows is None else top
            continue
        if found and text[:1].islower():
            found[-1] = _extended(found[-1], item.end)
            continue
        if is_title(item.block) and (found or not re.match(r"that\b|to\b", text, re.IGNORECASE)):
            break
        if _THAT.match(text) or (paragraphs and top is None and (any_words or begins(demands, text))):
            found.append(item)
            continue
        break
    return found


def _is_below(part: Part, top: Item, item: Item) -> bool:
    """Whether an item is a sub-item: its marks rank lower and it is announced, or it is set deeper."""
    if _THAT.match(part.text[item.start : item.end]):
        return False
    if top.style not in ("", "bullet") and RANK[item.style] > RANK[top.style]:
        return part.text[top.start : top.end].endswith((":", ";", ","))
    deeper = item.block.kind is top.block.kind is BlockKind.LIST_ITEM and item.block.level > top.block.level
    return deeper and item.style != "number"


def _is_next_of(before: Item, item: Item) -> bool:
    if before.style != item.style or not before.number or not item.number:
        return False
    if before.number.isdigit() and item.number.isdigit():
        return int(item.number) == int(before.number) + 1
    return len(before.number) == len(item.number) == 1 and ord(item.number) == ord(before.number) + 1


def _jumps(before: Item, item: Item) -> bool:
    """Whether a number leaves the count of the list, as the number of the next item of business does."""
    if not ((before.number or "").isdigit() and (item.number or "").isdigit()):
        return False
    return int(item.number or 0) not in (1, int(before.number or 0) + 1)


def _restarts(item: Item) -> bool:
    return item.number in ("1", "a", "A", "i", None)


def _extended(item: Item, end: int) -> Item:
    return replace(item, end=end)


def _drafts(part: Part, item: Item, rule: KindRule) -> list[Draft]:
    """The drafts of an item: several where the text runs on behind its label, "(a) ...; (b) ...; and (c) ..."."""
    label = f"({item.number}) "
    body = part.text[item.start : item.end]
    runs = list(split_enumerated(label + body)) if item.number and len(item.number) == 1 else []
    if len(runs) < 2:
        return [_draft(part, item, item.start, rule, item.number)]
    offset = item.start - len(label)
    return [Draft(offset + a, offset + b, rule.kind, rule.id, rule.confidence, number=n) for a, b, n in runs]


def _draft(part: Part, item: Item, start: int, rule: KindRule, number: str | None) -> Draft:
    body = part.text[start : item.end]
    return Draft(start, start + len(body.rstrip()), rule.kind, rule.id, rule.confidence, number=number)


def find_resolving_sentences(paper: Paper) -> list[Draft]:
    """Sentences that tell what a body resolved or agreed, or what someone undertook; two where the second says so."""
    rules = load_resolution_rules()
    doc_type = paper.document.doc_type
    drafts: list[Draft] = []
    before: Sentence | None = None
    for sentence in paper.sentences:
        if sentence.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and not sentence.text.endswith(":"):
            for rule in rules.seconds:
                if before and rule.works_in(doc_type) and compiled(rule.pattern).search(sentence.text):
                    start = before.char_start
                    drafts.append(Draft(start, sentence.char_end, rule.kind, rule.id, rule.confidence))
            for rule in rules.sentences:
                if rule.works_in(doc_type) and compiled(rule.pattern).search(sentence.text):
                    start = sentence.char_start
                    drafts.append(Draft(start, sentence.char_end, rule.kind, rule.id, rule.confidence))
                    break
        before = sentence
    return drafts

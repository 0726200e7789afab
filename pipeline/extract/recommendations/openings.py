"""The headings and lead-in sentences that open a list of recommendations."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.extract.recommendations.drafts import Item, compiled, cut_remark, plain_heading
from pipeline.extract.recommendations.list_rules import ListRule, load_list_rules
from pipeline.read.blocks import BlockKind
from pipeline.records import DocType

COLON = re.compile(r":[\s\-–—]*$")
_HEADING_MAX_WORDS = 16
_INLINE_HEADING = re.compile(r"(.{4,60}?)(?::| [-–—]|(?<=\d)[.])\s+(?=\S)")
_TOPIC_BREAK = re.compile(r":\s+|\s+[-–—|]\s+")


@dataclass(frozen=True, slots=True)
class Opening:
    """A heading that opened a list: its rule and what it says; `inline` is where text follows it in its own block."""

    rule: ListRule
    level: int
    title: str
    number: str | None = None
    addressee: str | None = None
    inline: int | None = None


def open_list(item: Item, doc_type: DocType) -> Opening | None:
    """The list that this block opens, or None."""
    block = item.block
    if block.kind is BlockKind.TABLE or (block.kind is BlockKind.LIST_ITEM and item.style != "number"):
        return None
    if opening := read_heading(block.text, block.level if block.kind is BlockKind.HEADING else 0, doc_type):
        return opening
    if block.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING) and COLON.search(block.text):
        lead = COLON.sub(":", _last_sentence(block.text))
        for rule in load_list_rules().leads:
            if rule.works_in(doc_type) and compiled(rule.pattern).search(lead):
                return Opening(rule, 0, block.text.strip())
    if block.kind is not BlockKind.HEADING and (found := _INLINE_HEADING.match(block.text)):
        opening = read_heading(found.group(1), 0, doc_type)
        if opening and opening.rule.prose == "demands" and block.text[found.end() :].strip():
            return replace(opening, inline=found.end())
    return None


def _last_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", text.strip())[-1]


def read_heading(text: str, level: int, doc_type: DocType) -> Opening | None:
    """The list that these words open as a heading, whatever stands in brackets behind them; None where they do not."""
    for heading in dict.fromkeys((plain_heading(text), plain_heading(cut_remark(text)))):
        if not heading or len(heading) > 160:
            continue
        for rule in load_list_rules().lists:
            if rule.works_in(doc_type) and compiled(rule.pattern).fullmatch(heading):
                printed = compiled(rule.pattern).search(text)
                said = printed.groupdict() if printed else {}
                return Opening(rule, level, text.strip(), said.get("number"), said.get("addressee"))
    return _opening_with_topic(text, level, doc_type)


def _opening_with_topic(text: str, level: int, doc_type: DocType) -> Opening | None:
    """The list of a heading such as "Care leavers: what do we still need to do?", which names its topic too."""
    if len(text.split()) > _HEADING_MAX_WORDS:
        return None
    for gap in _TOPIC_BREAK.finditer(text):
        for words in (text[gap.end() :], text[: gap.start()]):
            for rule in load_list_rules().lists:
                if rule.topics and rule.works_in(doc_type) and compiled(rule.pattern).fullmatch(plain_heading(words)):
                    return Opening(rule, level, text.strip())
    return None

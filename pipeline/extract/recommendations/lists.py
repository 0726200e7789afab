"""Lists of recommendations under the headings of `models/recommendation_headings.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.extract.recommendations.drafts import (
    RANK,
    Draft,
    Item,
    Runs,
    begins,
    compiled,
    is_title,
    matches,
    plain_heading,
    read_items,
    split_body,
)
from pipeline.extract.recommendations.list_rules import load_list_rules
from pipeline.extract.recommendations.openings import COLON, Opening, open_list, read_heading
from pipeline.extract.recommendations.statements import makes_statement
from pipeline.read.blocks import BlockKind
from pipeline.records import DocType, RecommendationKind
from pipeline.split import Part

_FORWARD_SHARE = 0.6
_ORDER_MIN_WORDS = 5
INSPECTION_TYPES = frozenset(
    {
        DocType.ILACS_INSPECTION,
        DocType.SIF_INSPECTION,
        DocType.FOCUSED_VISIT,
        DocType.MONITORING_VISIT,
        DocType.JTAI_LETTER,
        DocType.AREA_SEND_INSPECTION,
    }
)
AREA_KINDS = frozenset({RecommendationKind.AREA_FOR_IMPROVEMENT, RecommendationKind.PRIORITY_ACTION})
_UNFINISHED = re.compile(r"[^.;:!?)\"”’']$")


def find_lists(part: Part, doc_type: DocType) -> list[Draft]:
    """The items of every list that a heading of the vocabulary opens, in the order of the text."""
    items = read_items(part)
    drafts: list[Draft] = []
    addressee: str | None = None
    charter = False
    at = 0
    while at < len(items):
        if items[at].block.kind is BlockKind.TABLE:
            drafts += _read_cells(part, items[at], doc_type)
        opening = open_list(items[at], doc_type)
        if opening is None or (opening.rule in load_list_rules().leads and charter):
            addressee = _chapter(items[at], addressee, doc_type)
            if is_title(items[at].block):
                charter = matches(load_list_rules().charters, plain_heading(items[at].block.text))
            at += 1
            continue
        if opening.rule.id == "list.needs_to_improve_by_body":
            addressee = opening.addressee
        reader = _ListReader(part, items, at, replace(opening, addressee=opening.addressee or addressee), doc_type)
        drafts += reader.read()
        at = max(at + 1, reader.at)
    return drafts


def _read_cells(part: Part, item: Item, doc_type: DocType) -> Iterator[Draft]:
    """The recommendations of a report whose head is a table: the list's name in one cell, its items in the next."""
    for heading, body in pairwise(item.block.cells):
        opening = read_heading(heading.text, 0, doc_type)
        if heading.row != body.row or opening is None or opening.rule.prose != "demands":
            continue
        start = part.starts[item.index] + body.start
        text = part.text[start : part.starts[item.index] + body.end]
        rule = opening.rule
        runs: Runs = split_body(text)
        if not runs and begins(load_list_rules().demands, text):
            runs = [(0, len(text), opening.number)]
        for a, b, number in runs:
            yield Draft(start + a, start + b, rule.kind, rule.id, rule.confidence, number=number, section=opening.title)


def _chapter(item: Item, addressee: str | None, doc_type: DocType) -> str | None:
    if doc_type is not DocType.SIF_INSPECTION or not is_title(item.block):
        return addressee
    for chapter in load_list_rules().chapters:
        if compiled(chapter.pattern).search(item.block.text):
            return chapter.addressee
    return addressee


class _ListReader:
    """Reads the items under one heading. `at` is the first block after the list."""

    def __init__(self, part: Part, items: Sequence[Item], at: int, opening: Opening, doc_type: DocType) -> None:
        self.part = part
        self.items = items
        self.opening = opening
        self.rule = opening.rule
        self.doc_type = doc_type
        self.rules = load_list_rules()
        self.heading = items[at]
        self.at = at + 1
        self.drafts: list[Draft] = []
        self.top: Item | None = None
        self.last: Item | None = None
        self.due: str | None = None
        self.section = opening.title
        self.addressee = opening.addressee

    def read(self) -> list[Draft]:
        """The drafts of the list, in order."""
        if self.opening.inline is not None:
            head = self.heading
            start = self.part.starts[head.index] + self.opening.inline
            if COLON.search(head.block.text) and self.at < len(self.items) and self.items[self.at].marked:
                self._note_addressee(self.part.text[start : head.end])
            else:
                self._add(head, start, self.opening.number)
        while self.at < len(self.items) and self._take(self.items[self.at]):
            self.at += 1
        if self.rule.forward and not self._looks_ahead():
            return []
        if self.rule.imperative and not self._tells_what_to_do():
            return []
        return self.drafts

    def _take(self, item: Item) -> bool:
        """Whether the block belongs to the list; if it does it is added."""
        text = self._text(item)
        if item.block.kind is BlockKind.TABLE or open_list(item, self.doc_type):
            return False
        if matches(self.rules.timings, plain_heading(item.block.text)):
            self.due = text.rstrip(" :")
            self.top = None
            return True
        if begins(self.rules.nothing, text):
            return not self.drafts
        if text.isdigit() or (self.top is not None and self.top.marked and self._is_field(item, text)):
            return True
        if item.block.kind is BlockKind.HEADING or (is_title(item.block) and not item.marked):
            taken = self._take_title(item, text)
            if taken is not None:
                return taken
        if self.opening.number and self.drafts and not self._is_nested(item) and not self._goes_on(item, text):
            return False
        if item.marked and item.block.kind is not BlockKind.HEADING:
            return self._take_marked(item, text)
        return self._take_paragraph(item, text)

    def _take_title(self, item: Item, text: str) -> bool | None:
        """Whether a heading inside the list divides it; None where it is a short paragraph rather than a heading."""
        follows = self._next()
        goes_on = self.doc_type in INSPECTION_TYPES and follows is not None and self._counts_on(follows)
        if matches(self.rules.ends, plain_heading(text)) and not (self.drafts and goes_on):
            return False
        is_heading = item.block.kind is BlockKind.HEADING
        if self._orders(item, text):
            return None
        if not is_heading and self.rule.prose != "never" and (self.rule.prose == "always" or self._demands(text)):
            return None
        unmarked = self.top is None or not self.top.marked
        if not is_heading and self.rule.prose == "fallback" and unmarked and not self._next_is_marked():
            return None
        divides = COLON.search(text) and (not self.drafts or self.doc_type in INSPECTION_TYPES)
        if self._goes_on(item, text) or (divides and self._next_is_marked()):
            return None
        deeper = item.block.level > self.opening.level if self.opening.level else not is_heading
        if not (self.rule.subheadings and follows and follows.marked and self._continues(follows)):
            return not is_heading and self._is_running_head()
        if deeper or not is_heading or self._counts_on(follows):
            self.section, self.top = text.rstrip(" :"), None
            return True
        return not is_heading and self._is_running_head()

    def _is_running_head(self) -> bool:
        """Whether a short paragraph stands between two items of one list only because a page ends there."""
        follows = self._next()
        if self.last is None or self.top is None or follows is None or not follows.marked:
            return False
        return self.last.block.last_page != follows.block.page and follows.style == self.top.style and self.top.marked

    def _take_marked(self, item: Item, text: str) -> bool:
        if self._is_nested(item):
            self.drafts[-1] = replace(self.drafts[-1], end=item.end)
            self.last = item
            return True
        follows = self._next()
        if COLON.search(text) and begins(self.rules.openers, text) and follows and follows.marked:
            self._note_addressee(text)
            return True
        if not self.drafts and self._announces(text) and follows:
            return True
        if self.top is not None and not self._is_sibling(item):
            return False
        if self._narrates(item, text):
            return self.doc_type is DocType.SELF_ASSESSMENT
        if self._tells(item, text):
            return True
        self.top = item
        return self._add(item, item.start, item.number)

    def _take_paragraph(self, item: Item, text: str) -> bool:
        if self._goes_on(item, text):
            self.drafts[-1] = replace(self.drafts[-1], end=item.end)
            self.last = item
            return True
        if not self.drafts and self._announces(text):
            return True
        if self.rule.prose == "always" and (self.rule.nested or not self._leads(text)):
            return (self.top is None or not self.top.marked) and self._add(item, item.start, None)
        if self._leads(text) or (not self.drafts and not self._demands(text) and self._next_is_marked()):
            self._note_addressee(text)
            divides = self.rule.prose == "demands" or self.doc_type in INSPECTION_TYPES
            return not self.drafts or divides
        if self.rule.prose == "fallback" and not (self.top and self.top.marked):
            return not self._narrates(item, text) and self._add(item, item.start, None)
        if self._orders(item, text):
            return self._add(item, item.start, None)
        if self.rule.prose == "demands" and self._demands(text):
            if self.drafts and (self.opening.number or (self.top and self.top.marked)):
                return False
            return self._add(item, item.start, self.opening.number)
        return False

    def _add(self, item: Item, start: int, number: str | None) -> bool:
        body = self.part.text[start : item.end]
        whole = item.marked and self.opening.inline is None and not begins(self.rules.openers, body)
        runs: Runs = ([] if whole else split_body(body)) or [(0, len(body), number)]
        for first, last, own in runs:
            self.drafts.append(
                Draft(
                    start + first,
                    start + last,
                    self.rule.kind,
                    self.rule.id,
                    self.rule.confidence,
                    number=own,
                    addressee=self.addressee,
                    due=self.due,
                    section=self.section,
                )
            )
        self.last = item
        return True

    def _is_nested(self, item: Item) -> bool:
        if not self.drafts or self.last is None:
            return False
        if self.rule.nested:
            return True
        top = self.top
        if top is None or not top.marked:
            return False
        announced = COLON.search(self._text(top)) and self._text(top)[:1].isupper()
        if item.style == "bullet" and announced and self._text(item)[:1].islower():
            return True
        if RANK[item.style] > RANK[top.style] and top.style != "":
            return True
        if item.style == top.style == "number":
            return bool(top.number and item.number and item.number.startswith(top.number + "."))
        same_page = item.block.page == top.block.page
        if item.block.kind is top.block.kind is BlockKind.LIST_ITEM and item.block.level > top.block.level:
            return same_page or bool(COLON.search(self._text(self.last)))
        return False

    def _is_sibling(self, item: Item) -> bool:
        top = self.top
        assert top is not None
        if item.style == "number" and top.style in ("bullet", "letter"):
            return False
        if item.style == top.style == "number" and ("." in (top.number or "")) != ("." in (item.number or "")):
            return False
        if item.style == top.style == "number" and (item.number or "").isdigit():
            before = self.drafts[-1].number if self.drafts else None
            return not (before or "").isdigit() or int(item.number or 0) > int(before or 0)
        return True

    def _counts_on(self, item: Item) -> bool:
        """Whether an item under a heading as large as the list's own has the list's next number and demands something.

        Texts without styles have headings of one level only.
        """
        text = self._text(item)
        if not (item.number or "").isdigit() or not (begins(self.rules.headless, text) or self._demands(text)):
            return False
        before = self.drafts[-1].number if self.drafts else None
        return not self.drafts or ((before or "").isdigit() and int(item.number or 0) == int(before or 0) + 1)

    def _continues(self, item: Item) -> bool:
        before = self.drafts[-1].number if self.drafts else None
        if item.style == "number" and (item.number or "").isdigit() and (before or "").isdigit():
            return int(item.number or 0) in (1, int(before or 0) + 1)
        return self.top is None or item.style == self.top.style

    def _is_field(self, item: Item, text: str) -> bool:
        """Whether an unmarked line below an item only says who does it, by when or at what cost ("Who: ...")."""
        return not item.marked and begins(self.rules.fields, text)

    def _goes_on(self, item: Item, text: str) -> bool:
        """Whether a paragraph is the rest of an item that a reader broke off."""
        if not self.drafts or self.last is None or item.marked or item.block.kind is BlockKind.HEADING:
            return False
        return text[:1].islower() and bool(_UNFINISHED.search(self._text(self.last)))

    def _tells(self, item: Item, text: str) -> bool:
        """Whether a numbered paragraph under a heading such as "Next steps" commits to nothing."""
        first = self.drafts[0].number if self.drafts else item.number
        if not self.rule.forward or item.style != "number" or first == "1":
            return False
        return not (begins(self.rules.ahead, text) or begins(self.rules.headless, text))

    def _narrates(self, item: Item, text: str) -> bool:
        """Whether an item under a heading that names areas is a statement instead, by the subject of its main verb.

        Council reports number all their paragraphs, so that a list of quoted areas runs on into the text without a
        seam; and self-assessments mix areas with findings.
        """
        own = self.doc_type is DocType.SELF_ASSESSMENT
        if self.doc_type in INSPECTION_TYPES or self.rule.kind not in AREA_KINDS:
            return False
        if not own and item.style in ("bullet", "letter"):
            return False
        return makes_statement(text)

    def _leads(self, text: str) -> bool:
        return bool(COLON.search(text)) and self._next_is_marked()

    def _announces(self, text: str) -> bool:
        """Whether a numbered paragraph only announces lists ("should take the following action.")."""
        follows = self._next()
        timed = follows is not None and matches(self.rules.timings, plain_heading(follows.block.text))
        return timed and bool(re.search(r"\bfollowing\b[^.]*[.:]$", text))

    def _note_addressee(self, text: str) -> None:
        for rule in self.rules.openers:
            found = compiled(rule.pattern).match(text)
            if found and found.groupdict().get("addressee"):
                self.addressee = found.group("addressee").strip()

    def _demands(self, text: str) -> bool:
        return begins(self.rules.demands, text) or begins(self.rules.headless, text)

    def _orders(self, item: Item, text: str) -> bool:
        """Whether an item without a bullet tells what to do; a long line is none of the headings a reader may see."""
        if self.rule.prose != "orders" or item.marked or (self.top and self.top.marked):
            return False
        long = item.block.kind is not BlockKind.HEADING or len(text.split()) >= _ORDER_MIN_WORDS
        return long and (begins(self.rules.headless, text) or begins(self.rules.assigned, text))

    def _looks_ahead(self) -> bool:
        """Whether most items tell what is to be done rather than what was done."""
        done = sum(begins(self.rules.delivered, self.part.text[d.start : d.end]) for d in self.drafts)
        return bool(self.drafts) and 1 - done / len(self.drafts) >= _FORWARD_SHARE

    def _tells_what_to_do(self) -> bool:
        """Whether most items begin with what to do, as the topics of a slide and the text of a proposal do not."""
        texts = [self.part.text[d.start : d.end] for d in self.drafts]
        told = sum(begins(self.rules.headless, t) or (self.rule.prose == "demands" and self._demands(t)) for t in texts)
        return bool(self.drafts) and told / len(self.drafts) >= _FORWARD_SHARE

    def _next(self) -> Item | None:
        return self.items[self.at + 1] if self.at + 1 < len(self.items) else None

    def _next_is_marked(self) -> bool:
        follows = self._next()
        return follows is not None and follows.marked and follows.block.kind is not BlockKind.HEADING

    def _text(self, item: Item) -> str:
        return self.part.text[item.start : item.end]

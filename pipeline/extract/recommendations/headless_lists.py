"""Lists that look ahead but have lost their heading, as slides do when they are turned into text.

Under a heading that looks back ("What have been our challenges?") a second list begins after a gap, and its items tell
what to do: then the heading of that list was a picture or was dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.extract.recommendations.drafts import Draft, Item, begins, is_title, plain_heading, read_items
from pipeline.extract.recommendations.list_rules import load_list_rules
from pipeline.read.blocks import BlockKind
from pipeline.records import DocType
from pipeline.split import Part

_MIN_ITEMS = 3
_MIN_SHARE = 0.8


def find_headless_lists(part: Part, doc_type: DocType) -> list[Draft]:
    """The items of such lists, in the order of the text."""
    rules = load_list_rules()
    drafts = []
    for rule in rules.headless:
        if not rule.works_in(doc_type):
            continue
        for above, run in _later_runs(read_items(part)):
            texts = [part.text[i.start : i.end] for i in run]
            share = sum(begins([rule], t) for t in texts) / len(texts)
            if len(run) >= _MIN_ITEMS and share >= _MIN_SHARE and begins(rules.looks_back, plain_heading(above)):
                drafts += [Draft(i.start, i.end, rule.kind, rule.id, rule.confidence, number=i.number) for i in run]
    return drafts


def _later_runs(items: Sequence[Item]) -> Iterator[tuple[str, list[Item]]]:
    """Each run of items that follows another run after a gap, with the heading above both."""
    title, runs = "", [list[Item]()]
    for item in items:
        if item.block.kind is BlockKind.LIST_ITEM:
            if runs[-1] and _is_gap(runs[-1][-1], item):
                runs.append([])
            runs[-1].append(item)
            continue
        if is_title(item.block):
            yield from ((title, run) for run in runs[1:] if run)
            title, runs = item.block.text, [[]]
        elif runs[-1]:
            runs.append([])
    yield from ((title, run) for run in runs[1:] if run)


def _is_gap(before: Item, item: Item) -> bool:
    if before.block.last_line is not None and item.block.line is not None:
        return item.block.line - before.block.last_line > 1
    return before.block.last_page != item.block.page

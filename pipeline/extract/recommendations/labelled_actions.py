"""Plans without a table: an action with its owner or day behind a label, in its own line or in those below.

"Appoint a chair. Lead: Director", "Publish the guide (Owner: A Moss)", or the action and "Lead: Director" below it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.extract.recommendations.action_tables import load_table_rules
from pipeline.extract.recommendations.drafts import Draft, Item, begins, compiled, read_items
from pipeline.extract.recommendations.list_rules import load_list_rules
from pipeline.read.blocks import BlockKind
from pipeline.records import DocType
from pipeline.split import Part

_MIN_WORDS = 3
_TRAILING = " \t-–—([|;,"


def find_labelled_actions(part: Part, doc_type: DocType) -> list[Draft]:
    """The actions that tell what to do and are followed by such a label, in the order of the text."""
    return [] if doc_type is DocType.AGENDA else list(_read(part, read_items(part)))


def _read(part: Part, items: list[Item]) -> Iterator[Draft]:
    above: Item | None = None
    for item in items:
        if item.block.kind is BlockKind.TABLE:
            above = None
            continue
        text = part.text[item.start : item.end]
        labels = ((rule, compiled(rule.pattern).search(text)) for rule in load_table_rules().fields)
        rule, found = next(((r, f) for r, f in labels if f), (None, None))
        holder = item if found is None or found.start() else above
        if rule and found and holder:
            end = item.start + found.start() if holder is item else holder.end
            head = part.text[holder.start : end].rstrip(_TRAILING)
            if len(head.split()) >= _MIN_WORDS and begins(load_list_rules().headless, head):
                end = holder.start + len(head)
                yield Draft(holder.start, end, rule.kind, rule.id, rule.confidence, number=holder.number)
        above = holder  # below an action there may be several lines with labels

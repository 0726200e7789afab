"""What made a row, and what else was considered: worked out again from its quote, with the rules of today."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.embed import Embedder
from pipeline.explain import Description
from pipeline.extract.findings.cues import read_cues, tokenize
from pipeline.extract.findings.model import CLASSES, classify, describe_candidates, load_weights, sift
from pipeline.extract.metrics.numbers import find_numbers
from pipeline.extract.metrics.pick_numbers import find_number_mask
from pipeline.extract.recommendations.drafts import KindRule
from pipeline.extract.recommendations.list_rules import load_list_rules
from pipeline.extract.recommendations.requests import load_request_rules
from pipeline.extract.recommendations.resolutions import load_resolution_rules
from pipeline.read.blocks import BlockKind
from pipeline.records import DocType
from pipeline.rule_examples import Rule, find_rule
from pipeline.rules import models_folder, rules_digest
from pipeline.split import Sentence, find_sentences

_QUOTED = 120
"""Characters of an example that are shown."""


def describe_maker(rule_id: str) -> list[str]:
    """Lines on the rule or model that made a row: its file, note and examples; a model's card; or that it is code.

    Raises RuleFault where a file of rules is malformed.
    """
    if rule := find_rule(rule_id):
        return [f"rule {rule.id} in models/{rule.file}", *([rule.note] if rule.note else []), *_show_examples(rule)]
    name, _, version = rule_id.partition("@")
    if version and (models_folder() / name / "README.md").is_file():
        return [f"model {name}, version {version}; its card is models/{name}/README.md"]
    return [f"rule {rule_id}, which is part of the program and has no line in models/"]


def _show_examples(rule: Rule) -> list[str]:
    return [
        *(f"hits    {_shorten(text)}" for text in rule.hit),
        *(f"misses  {_shorten(text)}" for text in rule.miss),
    ]


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"


def consider_item(item: Description, load: Callable[[], Embedder]) -> list[str]:
    """Lines on what else the row could have been; the first says so where the dataset was made with other rules.

    For a finding the probabilities of the classes and the cues in its words, for a recommendation the other rules that
    fit its words or its heading, for a metric the other numbers of its quote and what became of them. `load` gives the
    sentence model, which takes seconds and is needed for findings only.
    """
    changed = item.rules is not None and item.rules != rules_digest()
    lines = ["The dataset was made with other rules than today's, which may decide otherwise."] if changed else []
    if item["table"] == "findings":
        return lines + _consider_finding(item, load)
    if item["table"] == "recommendations":
        return lines + _consider_recommendation(item)
    return lines + _consider_metric(item)


def _consider_finding(item: Description, load: Callable[[], Embedder]) -> list[str]:
    chances = weigh_sentence(item, load())
    if chances is None:
        said = "Today's rules see no finding in a sentence at this place."
    else:
        said = "probabilities: " + ", ".join(f"{name} {chance:.3f}" for name, chance in chances.items())
    doc = tokenize([item.quote])[0]
    cues = [f"cue {cue.rule_id} ({cue.label}): {doc[cue.start : cue.end].text}" for cue in read_cues(item.quote)]
    return [said, *(cues or ["No cue stands in the sentence."])]


def weigh_sentence(item: Description, embedder: Embedder) -> dict[str, float] | None:
    """The probability of each class for a finding's sentence, given its heading and what stands before it in the text.

    None where no finding may stand at its place, or the sift drops it. What the published text does not hold (larger
    headings, list items whose mark was no bullet) is not known here, so that the figures may differ from the
    dataset's a little.
    """
    weights = load_weights()
    candidates = sift(describe_candidates(_rebuild_sentences(item), DocType(item["doc_type"])), weights)
    if not candidates.sentences or candidates.sentences[-1].text != item.quote:
        return None
    row = classify(candidates, embedder, weights)[-1]
    return {name: float(chance) for name, chance in zip(CLASSES, row, strict=True)}


def _rebuild_sentences(item: Description) -> list[Sentence]:
    """The sentences of the line before the quote's, of its own line before it, and the quote itself."""
    *above, own = item.before.split("\n")
    section: str | None = item["section"]
    texts = [(0, above[-1])] if len(above) > 1 and above[-1] != section else []
    texts.append((1, own))
    sentences = [
        _make_sentence(text[a:b], block, _kind_of(text), section)
        for block, text in texts
        for a, b in find_sentences(text)
        if any(c.isalpha() for c in text[a:b])
    ]
    return [*sentences, _make_sentence(item.quote, 1, _kind_of(own), section)]


def _kind_of(line: str) -> BlockKind:
    """A line that begins with a bullet is an item."""
    mark = line[:1]
    return BlockKind.LIST_ITEM if mark and not mark.isalnum() and mark not in "\"'“‘([" else BlockKind.PARAGRAPH


def _make_sentence(text: str, block: int, kind: BlockKind, section: str | None) -> Sentence:
    headings = (section,) if section else ()
    return Sentence(text, 0, len(text), block, kind, section=section, headings=headings)


def _consider_recommendation(item: Description) -> list[str]:
    doc_type = DocType(item["doc_type"])
    heading: str = item["section"] or ""
    fitting = [
        *_list_fitting(load_list_rules().lists, heading, doc_type, "heading"),
        *_list_fitting(load_request_rules().requests, item.quote, doc_type, "words"),
        *_list_fitting(load_resolution_rules().sentences, item.quote, doc_type, "words"),
    ]
    others = [line for rule_id, line in fitting if rule_id != item["rule_id"]]
    return others or ["No other rule for such a document fits its words or its heading."]


def _list_fitting(rules: Sequence[KindRule], text: str, doc_type: DocType, what: str) -> list[tuple[str, str]]:
    """The id of each rule that fits, with a line on it."""
    return [
        (rule.id, f"{rule.kind.value} by {rule.id}, which fits the {what}: {rule.note}")
        for rule in rules
        if rule.works_in(doc_type) and (known := find_rule(rule.id)) and known.fires(text)
    ]


def _consider_metric(item: Description) -> list[str]:
    lines = []
    for number in find_numbers(item.quote):
        printed = item.quote[number.start : number.end]
        if mask := find_number_mask(item.quote, number):
            lines.append(f"{printed}: not taken, {mask} ({_note_of(mask)})")
        elif number.value == item["value"]:
            lines.append(f"{printed}: this row")
        elif number.value in item.values:
            lines.append(f"{printed}: a row of its own")
        else:
            lines.append(f"{printed}: not taken, it measures nothing that is known")
    return lines


def _note_of(rule_id: str) -> str:
    rule = find_rule(rule_id)
    return rule.note if rule else ""

"""What each metric of a sentence measures.

A number either stands before what it counts ("24 children are unaccompanied") and is named by what follows, or after it
("re-referrals are at 22%") and is named by what precedes, or takes its name from the number before it ("from 159 at
31 March") or from the line that its list hangs on ("Of this number:").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from spacy.tokens import Doc

from pipeline.extract.metrics.context import find_subject, read_bracket
from pipeline.extract.metrics.drafts import Draft, Trail, strip_brackets
from pipeline.extract.metrics.measures import (
    add_bound,
    count_words,
    first_word,
    read_backward,
    read_forward,
    tidy,
    unit_suffix,
    words_before,
)
from pipeline.extract.metrics.name_steps import STEPS, Place, inherit_measure
from pipeline.extract.metrics.numbers import Number, load_words
from pipeline.extract.metrics.patterns import find_rule
from pipeline.extract.metrics.periods import Period
from pipeline.records import Direction, Subject, Unit

_REFERS = re.compile(
    r"\s*(?:(?:a year|two years|a month) (?:ago|earlier|before),? |(?:last|the previous) year,? |by contrast,? )?"
    r"(?:this|it|these|that|they|the figures?|there)\s+(?:is|was|are|were|represents|compares|has|had|have|figure"
    r"|increased|rose|fell|decreased|reduced|dropped|improved|rises)\b",
    re.IGNORECASE,
)
"""A sentence that speaks of the number before it."""


def name_measures(doc: Doc, drafts: list[Draft], periods: Sequence[Period], trail: Trail) -> None:
    """Sets each draft's measure, subject and target."""
    text = doc.text
    numbers = [d.number for d in drafts]
    for i, draft in enumerate(drafts):
        n = draft.number
        previous = drafts[i - 1] if i else None
        before = words_before(text, n)
        between = before[previous.number.end :] if previous else before
        after = text[n.end : numbers[i + 1].start if i + 1 < len(drafts) else len(text)]
        draft.is_target = bool(find_rule("target", before) or find_rule("target_after", text[n.end :]))
        measure = _name(doc, draft, drafts, i, between, after, periods, trail)
        draft.measure = (
            add_bound(
                measure,
                n,
                compared=bool(
                    re.search(r"\b(?:above|below|over|under|than) (?:the|its|their)\s*$", text[: n.start], re.I)
                ),
            )
            if count_words(measure)
            else ""
        )
    for draft, following in pairwise(drafts):
        # "from 63% to 66% of care leavers": the older value is named by what follows the newer
        joint = text[draft.number.end : following.number.start]
        if (
            draft.unit is following.unit
            and count_words(draft.measure) <= 1 < count_words(following.measure)
            and re.search(r"\bto\s+$", joint)
            and len(joint) < 40
        ):
            draft.measure = strip_brackets(following.measure)


def _name(
    doc: Doc,
    draft: Draft,
    drafts: list[Draft],
    i: int,
    between: str,
    after: str,
    periods: Sequence[Period],
    trail: Trail,
) -> str:
    text, n = doc.text, draft.number
    numbers = [d.number for d in drafts]
    previous = drafts[i - 1] if i else None
    if n.end_of_range == "upper" and previous and previous.number.end_of_range == "lower":
        return strip_brackets(previous.measure)
    if n.verb:
        return _name_verb(doc, draft, numbers, periods)
    if previous and (whose := read_bracket(before_number := text[: n.start])) is not None:
        base = strip_brackets(previous.measure)
        if isinstance(whose, Subject):
            draft.subject = whose
            named = before_number[max(before_number.rfind("("), before_number.rfind(";")) + 1 :]
            return f"{base.split(', ')[0] if previous.subject is not Subject.COUNCIL else base}, {tidy(named)}"
        draft.is_target = True
        return base
    # another's number beside the council's own: "(the national average is 15%)", "86% for statistical neighbours"
    shown = re.split(r"[;.]", after)[0]
    other = find_subject(between) if previous else None
    if (
        other is None
        and previous
        and (found := find_subject(re.split(r"[,;.]", after)[0][:60]))
        and not re.search(r"\b(?:above|below|than|lower|higher)\b", shown[:60])
    ):
        other = found
    if other is not None and previous and draft.unit is not Unit.COUNT:
        draft.subject = other[0]
        base = inherit_measure(draft, drafts, i, trail) or strip_brackets(previous.measure)
        return f"{base.split(', national average')[0]}, {other[1]}" if base else tidy(between + " " + after)
    opening = between.lstrip()[:40]
    if (
        not previous
        and (other := find_subject(opening))
        and opening.lower().startswith(
            (
                "in england",
                "nationally",
                "the national",
                "national",
                "the england",
                "england",
                "against a national",
                "across england",
                "statistical",
                "the statistical",
            )
        )
    ):
        draft.subject = other[0]
    opens = between.rstrip().endswith("(")
    # "176 children were on a plan (a rate of 46 per 10,000 children)"
    if draft.unit is Unit.PER_10000 and previous and ("(" in between or re.search(r"\ba rate of\s+$", between)):
        return unit_suffix(strip_brackets(previous.measure), draft.unit)
    refers = bool(_REFERS.match(text))
    start = n.end
    if closing := re.match(r"\s*\)", after):
        start += closing.end()
    elif bracket := re.match(r"\s*\(\d+\s?/\s?\d+\)", text[n.end :]):
        start += bracket.end()
    elif draft.unit is Unit.GBP and (yearly := re.match(r"\s+(?:a|per|each|every) (?:year|month|week|annum)\b", after)):
        start += yearly.end()
    elif n.end_of_range == "lower" and i + 1 < len(drafts):
        start = numbers[i + 1].end  # "14 to 18 cases"
    # a number beside its own share: "117 (or 45%) live outside"
    if (
        i + 1 < len(drafts)
        and re.fullmatch(r"\s*\((?:or |a rate of |rate of )?", after)
        and (close := re.search(r"\)", text[numbers[i + 1].end :]))
    ):
        bracket_end = numbers[i + 1].end + close.start() + 1
        forward = read_forward(doc, bracket_end, [m for m in numbers if m.start >= bracket_end], periods)
        start = bracket_end
    elif draft.unit is Unit.PER_10000:
        forward = ""
    else:
        forward = read_forward(doc, start, [m for m in numbers if m.start >= start], periods)
    place = Place(
        doc, text, n, draft, drafts, i, previous, numbers, periods, trail, between, opens, closing is not None, refers,
        first_word(doc, start), forward, read_backward(doc, len(words_before(text, n).rstrip()), numbers, periods),
    )  # fmt: skip
    return next((words for step in STEPS if (words := step(place)) is not None), "")


def _name_verb(doc: Doc, draft: Draft, numbers: Sequence[Number], periods: Sequence[Period]) -> str:
    verb = load_words().verbs[draft.number.verb or ""]
    forward = read_forward(doc, draft.number.end, [m for m in numbers if m.start > draft.number.end], periods)
    backward = read_backward(doc, draft.number.start, numbers, periods)
    draft.direction = Direction(verb.direction)
    transitive = (
        draft.number.end < len(doc.text)
        and count_words(forward) >= 1
        and not re.match(r"\s+(?:in|since|over|from|between|to|during|at)\b", doc.text[draft.number.end :])
    )
    words = forward if transitive else backward
    if draft.unit is Unit.PERCENT:
        return f"{verb.measure} {words} ({draft.number.verb})"
    return f"{words} ({draft.number.verb})"

"""Ways to name a number: beside another, as a change, by what it refers to, by the words around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from pipeline.extract.metrics.drafts import LENGTHS, Draft, Trail, find_base, strip_brackets
from pipeline.extract.metrics.measures import (
    CHANGE_NOUN,
    count_words,
    cut_auxiliary,
    cut_people,
    find_token,
    is_label,
    last_words,
    name_change,
    name_length,
    names_something,
    read_backward,
    read_forward,
    tidy,
    unit_suffix,
    words_before,
)
from pipeline.extract.metrics.numbers import Number
from pipeline.extract.metrics.periods import Period
from pipeline.records import Subject, Unit


@dataclass(frozen=True, slots=True)
class Place:
    """A number with what stands around it in its sentence."""

    doc: Doc
    text: str
    number: Number
    draft: Draft
    drafts: Sequence[Draft]
    i: int
    previous: Draft | None
    numbers: Sequence[Number]
    periods: Sequence[Period]
    trail: Trail
    between: str
    opens: bool
    closing: bool
    refers: bool
    first: str
    forward: str
    backward: str


def inherit_measure(draft: Draft, drafts: Sequence[Draft], i: int, trail: Trail) -> str:
    """The measure of the nearest number before, of the same unit if there is one."""
    earlier = [*trail.lead_drafts, *trail.drafts, *drafts[:i]] if not trail.drafts else [*trail.drafts, *drafts[:i]]
    same = [d for d in reversed(earlier) if d.unit is draft.unit and d.subject is Subject.COUNCIL]
    found = same[0] if same else next((d for d in reversed(earlier)), None)
    if found is None:
        return ""
    measure = strip_brackets(found.measure)
    # "rose by 9%, from 2,140": the counts are of what rose
    return re.sub(r"^(?:increase|reduction) in ", "", measure) if found.unit is not draft.unit else measure


def hang(draft: Draft, forward: str, backward: str, first: str, between: str, trail: Trail) -> str | None:
    """The measure of a list item joined to the line it hangs on: "Of this number:" or "The proportion of …:"."""
    lead = trail.lead
    base = find_base(trail.lead_drafts)
    if (
        re.search(r"\bof (?:this|these|those|them|the)\b[^:]*:?$", lead, re.I)
        and base is not None
        and len(lead.split()) < 12
    ) or re.search(r"of this number\s*:?$", lead, re.I):
        who = cut_people(strip_brackets(base.measure)) if base else ""
        words = forward if names_something(first, forward) or count_words(forward) else backward
        noun = re.match(r"(?:children|young people|children and young people)\b", words, re.I)
        if draft.unit is Unit.COUNT and noun and base and base.measure.lower().startswith("children"):
            words = cut_auxiliary(words[noun.end() :].strip())
        return tidy(f"{who} who {cut_auxiliary(words)}" if words else who)
    lead_words = tidy(
        re.sub(
            r"\b(?:is|are|was|were|includes?|following)?\s*:?\s*$",
            "",
            re.sub(r"^\s*(?:the\s+)?(?:proportion|percentage|number|rate) of\s+", "", lead, flags=re.I),
        )
    )
    if trail.lead_period is not None and count_words(lead_words.replace(trail.lead_period.text, "")) < 2:
        return None
    if count_words(lead_words) and re.match(
        r"\s*(?:the\s+)?(?:proportion|percentage|number|rate|timeliness|average)\b", lead, re.I
    ):
        return tidy(f"{lead_words} {backward if not names_something(first, forward) else forward}")
    return None


def _name_beside(p: Place) -> str | None:
    """A share in brackets after its count, or a count after its share."""
    if (
        p.previous
        and p.opens
        and re.match(r"^(?:or )?\s*\((?:or )?\s*$", p.between)
        and p.draft.unit is not Unit.COUNT
        and p.previous.unit is Unit.COUNT
    ):
        p.draft.numerator = p.previous.value
        return strip_brackets(p.previous.measure)
    bare = p.between
    for period in p.periods:
        bare = bare.replace(period.text, "")
    if p.previous and re.match(r"^\s*\(\s*[:,]?\s*$", bare):
        return strip_brackets(p.previous.measure)
    return None


def _name_label(p: Place) -> str | None:
    """A line that names its figure before a colon or dash: "Complaints: 7", "Agency – 31 FTE"; "" where the label is a
    period and the line above must name it."""
    label = re.search(
        r"(?:^|[;|]\s)([^.:;|]{2,60}?)\s*(?::|\s[–—-])\s+((?:average|mean|median|total)\s+)?$",
        words_before(p.text, p.number),
    )
    if label is None or (p.draft.unit in LENGTHS and p.draft.rule_id != "metric.length.label"):
        return None
    words = label.group(1)
    for period in p.periods:
        words = words.replace(period.text, "")
    if re.match(r"\s*(?:[.;,(↑↓→▲▼]|$)", p.text[p.number.end :]) and (
        p.draft.unit is not Unit.COUNT or p.draft.rule_id in ("metric.count.label", "metric.count.total")
    ):
        return tidy(f"{label.group(2) or ''}{words}")
    noun = p.forward.split(",")[0]
    if p.draft.unit is Unit.COUNT and 0 < len(noun.split()) <= 2 and count_words(words):
        return f"{tidy(words)}, {noun}"
    return None


def _read_phrase(doc: Doc, start: int) -> str:
    """The noun phrase from `start` up to the first verb; "" where no verb follows."""
    verb = next((t for t in doc if t.idx >= start and t.pos_ in ("VERB", "AUX")), None)
    return tidy(doc.text[start : verb.idx]) if verb is not None else ""


def _is_noun_at(doc: Doc, offset: int) -> bool:
    i = find_token(doc, offset)
    return i < len(doc) and doc[i].pos_ in ("NOUN", "PROPN", "ADJ", "NUM")


def _name_part(p: Place) -> str | None:
    """A part of what was told before: "52 of them live alone", "34 of the 80 plans had drifted"."""
    after = p.text[p.number.end :]
    them = re.match(r"\s+of (?:them|those|these|whom|which)\b", after)
    if them and not _is_noun_at(p.doc, p.number.end + them.end()):
        base = find_base(p.drafts[: p.i] or p.trail.drafts)
        rest = read_forward(p.doc, p.number.end + them.end(), [], p.periods)
        who = cut_people(strip_brackets(base.measure)) if base else ""
        following = p.doc[min(find_token(p.doc, p.number.end + them.end()), len(p.doc) - 1)]
        joint = "who" if following.pos_ in ("VERB", "AUX") else following.text
        return tidy(f"{who} {joint} {cut_auxiliary(rest)}" if rest else who) or None
    if (
        p.previous
        and p.draft.rule_id == "metric.count.subject"
        and p.first in ("in", "out", "with", "from", "at", "on")
    ):
        return tidy(f"{cut_people(strip_brackets(p.drafts[0].measure))} {p.first} {p.forward}")
    counted = next((d for d in p.drafts[: p.i] if d.unit is Unit.COUNT and d.noun), None)
    if counted and p.draft.rule_id == "metric.count.subject" and count_words(p.forward):
        return tidy(f"{_read_phrase(p.doc, counted.number.end)} {cut_auxiliary(p.forward)}")
    other = p.drafts[p.i + 1].number if p.i + 1 < len(p.drafts) else None
    if other and re.fullmatch(r"\s+(?:out )?of (?:the |a total of |all |those )?", p.text[p.number.end : other.start]):
        return read_forward(p.doc, other.end, [n for n in p.numbers if n.start > other.end], p.periods) or None
    if re.search(r"\d (?:out )?of (?:the |a total of |all |those )?$", p.text[: p.number.start]) and p.draft.noun:
        whole = _read_phrase(p.doc, p.number.end)
        return whole if whole and p.forward.startswith(whole) else None
    return None


def _name_change(p: Place) -> str | None:
    """How much something rose or fell."""
    changed = re.search(rf"\b{CHANGE_NOUN}\s+(?:of|by)\s+$", words_before(p.text, p.number), re.I)
    if changed:
        noun = changed.group(1).lower()
        if p.first in ("of", "in", "on"):
            return f"{noun} in {p.forward}"
        subject = tidy(re.sub(rf"{CHANGE_NOUN}.*$", "", p.backward, flags=re.I))
        return f"{noun} in {subject or inherit_measure(p.draft, p.drafts, p.i, p.trail)}"
    if (change := name_change(p.backward + " ", p.text, p.number)) is not None:
        return (
            change
            if count_words(change.split(" in ", 1)[1])
            else change + inherit_measure(p.draft, p.drafts, p.i, p.trail)
        )
    if (
        p.previous
        and "point" in p.text[p.number.start : p.number.end]
        and (went := re.search(r"\b(up|down) (?:by )?$", p.text[: p.number.start]))
    ):
        noun = "increase" if went.group(1) == "up" else "reduction"
        return f"{noun} in {strip_brackets(p.previous.measure)}"
    if p.previous and (
        moved := re.match(r"\s*(up|down|higher|lower|more|fewer) (?:on|than)\b", p.text[p.number.end :])
    ):
        noun = "increase" if moved.group(1) in ("up", "higher", "more") else "reduction"
        return f"{noun} in {strip_brackets(p.previous.measure)}"
    return None


def _name_time(p: Place) -> str | None:
    """A length of time."""
    if p.draft.unit not in LENGTHS:
        return None
    return name_length(p.backward, p.forward, p.first, words_before(p.text, p.number))


def _name_reference(p: Place) -> str | None:
    """A number that refers to one before it: "of whom 5%", "compared with 22%", "This is an increase from 159"."""
    whose = re.search(r"\bof (?:whom|which|these|them|those)\b[\w\s,]*$", p.between, re.I)
    if whose and p.previous:
        return (
            tidy(f"{cut_people(strip_brackets(p.previous.measure))} who {cut_auxiliary(p.forward)}")
            if p.forward
            else strip_brackets(p.previous.measure)
        )
    if (
        re.search(
            r"\b(?:from|compared (?:with|to)|up on|down on|against|rather than|above|below|than"
            r"|previous(?:ly)?)\s+(?:the\s+|its\s+|(?:last|the previous) year['’]s\s+)?"
            r"(?:a (?:target|high|low|figure|rate) of\s+)?$",
            words_before(p.text, p.number),
            re.I,
        )
        and (p.previous or p.refers)
        and not names_something(p.first, p.forward)
    ):
        inherited = inherit_measure(p.draft, p.drafts, p.i, p.trail)
        if inherited:
            return unit_suffix(inherited, p.draft.unit)
    if p.refers and (
        re.search(
            rf"\b(?:{CHANGE_NOUN[1:-1]}|from|high|increased|rose|fell|risen|fallen|decreased|reduced|dropped)\b"
            r"|\b(?:it|this|that|they) (?:has|have|had) been\W|\bfigures? (?:was|were|is|are)\W",
            p.between,
            re.I,
        )
    ):
        return unit_suffix(inherit_measure(p.draft, p.drafts, p.i, p.trail) or p.backward or p.forward, p.draft.unit)
    if (
        p.refers
        and p.trail.drafts
        and p.draft.unit is Unit.PERCENT
        and re.match(r"\s*(?:this|it|that) (?:is|was|represents|equates to)\b\W*(?:\w+\W+){0,2}$", p.between, re.I)
    ):
        basis = find_base(p.trail.drafts)
        return f"{strip_brackets(basis.measure) if basis else ''} as a share of {p.forward}".strip()
    return None


def _name_item(p: Place) -> str | None:
    """A number of a list item that hangs on a line above, or the newer of "from 159 to 176"."""
    if p.trail.lead and (hung := hang(p.draft, p.forward, p.backward, p.first, p.between, p.trail)):
        return hung
    if (
        p.previous
        and re.search(r"\bto\s+$", words_before(p.text, p.number))
        and re.search(r"\bfrom\b", p.text[: p.previous.number.start][-40:])
        and not names_something(p.first, p.forward)
    ):
        return strip_brackets(p.previous.measure)
    return None


def _name_bracket(p: Place) -> str | None:
    """A number in brackets."""
    if p.opens and p.closing and p.first == "of" and count_words(p.forward):
        return tidy(f"{p.backward} of {p.forward}") if len(p.backward.split()) <= 14 else p.forward
    if p.opens and p.first in ("are", "were", "have", "is", "had") and count_words(p.forward):
        inside = read_backward(p.doc, len(words_before(p.text, p.number).rstrip()) - 1, p.numbers, p.periods)
        return tidy(f"{last_words(inside)} {p.forward}")
    if p.opens and not (p.draft.unit is not Unit.COUNT and p.first == "of" and count_words(p.forward)):
        head = p.between.rstrip()[:-1]
        named = read_backward(p.doc, len(words_before(p.text, p.number).rstrip()) - 1, p.numbers, p.periods) or tidy(
            head
        )
        return f"{named} ({p.forward})" if p.draft.noun and count_words(p.forward) and count_words(named) else named
    return None


def _name_share(p: Place) -> str | None:
    """A share of a whole: "account for 29% of children"; a line that names its figure first."""
    if p.first == "of" and (
        shared := re.search(
            r"\b(?:account(?:s|ed|ing)? for|represent(?:s|ed|ing)?|ma(?:ke"
            r"|kes|de|king) up|constitut\w+|equat\w+ to|compris\w+)\s+$",
            words_before(p.text, p.number),
            re.I,
        )
    ):
        owner = read_backward(p.doc, shared.start(), p.numbers, p.periods)
        return f"{owner} as a share of {p.forward}" if count_words(owner) else p.forward
    if p.draft.unit is Unit.PERCENT and not p.i and p.first != "of" and is_label(p.doc, words_before(p.text, p.number)):
        return tidy(words_before(p.text, p.number))
    return None


def _has_noun(p: Place) -> bool:
    """Whether a noun stands between the number before and this one."""
    low = p.previous.number.end if p.previous else 0
    return any(low <= t.idx < p.number.start and t.pos_ in ("NOUN", "PROPN") for t in p.doc)


def _find_antecedent(p: Place) -> str:
    """What a pronoun beside the number stands for: the first subject of the sentence ("Supervision is the worry: it is
    at 66%"); "" without a pronoun."""
    if not re.search(r"\b(?:it|this|they|these)\b(?: \w+){1,4}\s+$", p.between, re.I):
        return ""
    subjects = (c for c in p.doc.noun_chunks if c.end_char < p.number.start and c.root.dep_ in ("nsubj", "nsubjpass"))
    return next((tidy(c.text) for c in subjects if c.root.pos_ != "PRON"), "")


_VERBAL = frozenset({"would", "will", "is", "was", "were", "are", "has", "had", "have", "could", "should", "may"})


def _name_words(p: Place) -> str | None:
    """A number named by the words after it, else by those before it."""
    if p.draft.unit is Unit.GBP and p.first in _VERBAL and count_words(p.backward):
        return p.backward
    if names_something(p.first, p.forward):
        if (
            p.previous
            and p.previous.unit is p.draft.unit
            and count_words(p.forward) < 2
            and p.first in ("were", "was", "are", "is", "have", "had")
        ):
            return tidy(f"{cut_people(strip_brackets(p.drafts[0].measure))} {p.forward}")
        if p.draft.unit is Unit.COUNT and not p.draft.noun and (p.previous or p.trail.drafts):
            base_draft = find_base(p.drafts[: p.i] or p.trail.drafts)
            return tidy(
                f"{cut_people(strip_brackets(base_draft.measure)) if base_draft else ''} {cut_auxiliary(p.forward)}"
            )
        if count_words(p.forward) <= 1 and count_words(p.backward):
            if p.forward.lower() in p.backward.lower():
                return p.backward
            if (
                p.previous
                and p.previous.unit is p.draft.unit
                and p.forward.lower() in p.previous.measure.lower()
                and re.search(r"\b(?:to|from|with)\s+$", words_before(p.text, p.number))
            ):
                return strip_brackets(p.previous.measure)
            return tidy(f"{p.forward} {last_words(p.backward)}")
        return p.forward
    if p.previous and p.previous.unit is p.draft.unit is Unit.GBP and not _has_noun(p):
        return f"{strip_brackets(p.previous.measure)}, {p.backward}".rstrip(" ,")
    joins = p.first in ("and", "but", "against", "compared", "which") or p.first == ""
    if p.draft.unit is Unit.GBP and not joins and count_words(p.forward) > 1 and count_words(p.backward) > 0:
        return tidy(f"{p.backward} {p.forward}")
    if not count_words(p.backward) and (subject := _find_antecedent(p)):
        return subject
    if count_words(p.backward) >= 1:
        return (
            tidy(f"{p.backward} {p.forward}")
            if count_words(p.backward) < 3 and p.first in ("in", "for", "of", "at", "to")
            else p.backward
        )
    return p.forward or unit_suffix(inherit_measure(p.draft, p.drafts, p.i, p.trail), p.draft.unit)


STEPS: tuple[Callable[[Place], str | None], ...] = (
    _name_label, _name_beside, _name_part, _name_change, _name_time, _name_reference, _name_item, _name_bracket,
    _name_share, _name_words,
)  # fmt: skip
"""Ways to name a number; the first that applies wins."""

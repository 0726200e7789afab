"""Whose number a metric is, when it was counted and which way it went."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.extract.metrics.drafts import Draft, Trail
from pipeline.extract.metrics.measures import words_before
from pipeline.extract.metrics.numbers import any_of, load_words
from pipeline.extract.metrics.periods import Period
from pipeline.records import Direction, Subject, Unit


@functools.cache
def _subject_patterns() -> tuple[tuple[Subject, re.Pattern[str]], ...]:
    return tuple(
        (Subject(name), re.compile(rf"\b{any_of(phrases)}\b", re.IGNORECASE))
        for name, phrases in load_words().subjects.items()
    )


@functools.cache
def _direction_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((k, re.compile(rf"\b{any_of(v)}\b", re.IGNORECASE)) for k, v in load_words().change_words.items())


def find_subject(text: str) -> tuple[Subject, str] | None:
    """Whose number the words speak of, with the words, where it is not the council's own."""
    for subject, pattern in _subject_patterns():
        if m := pattern.search(text):
            return subject, m.group(0)
    return None


@functools.cache
def _bare_subjects() -> tuple[tuple[Subject, re.Pattern[str]], ...]:
    return tuple(
        (Subject(name), re.compile(rf"(?:the )?(?:{'|'.join(patterns)})\W*", re.IGNORECASE))
        for name, patterns in load_words().table_subjects.items()
    )


def match_subject(words: str) -> Subject | None:
    """Whose number it is where the words, a column's heading or those in a bracket, name nothing else."""
    return next((subject for subject, pattern in _bare_subjects() if pattern.fullmatch(words.strip())), None)


def read_bracket(before: str) -> Subject | str | None:
    """Whose number stands in a bracket that has just opened ("(England 50%"), "target" for a target, else None."""
    m = re.search(r"[(;,]\s*([A-Za-z][A-Za-z. ]{0,40}?)(?: is| was|:| at| of)?\s*$", before)
    if m is None or "(" not in before:
        return None
    return "target" if re.fullmatch(r"(?:our |the )?target", m.group(1), re.IGNORECASE) else match_subject(m.group(1))


def set_periods(drafts: Sequence[Draft], periods: Sequence[Period], text: str, trail: Trail) -> None:
    """Gives each draft the period of its clause, else of its sentence, else of the line on which it hangs."""
    for i, draft in enumerate(drafts):
        floor = drafts[i - 1].number.end if i else 0
        ceiling = drafts[i + 1].number.start if i + 1 < len(drafts) else len(text)
        after = [p for p in periods if draft.number.end <= p.start < ceiling]
        after = [p for p in after if not re.search(r"[.;]\s", text[draft.number.end : p.start])]
        # "14% (2022/23: 17%)": the bracket dates its own number
        after = [
            p for p in after if ceiling == len(text) or not re.search(r"\([^)]*$", text[draft.number.end : ceiling])
        ]
        before = [p for p in periods if floor <= p.start < draft.number.start]
        opening = [p for p in periods if p.end <= (drafts[0].number.start if drafts else 0) and p.start < 25]
        chosen = (
            (
                after[:1]
                if not (
                    before
                    and re.search(
                        r"[,(]\s*(?:from|compared|which|a rate)",
                        text[draft.number.end : after[0].start] if after else "",
                    )
                )
                else []
            )
            or before[-1:]
            or opening[-1:]
        )
        if (
            not chosen
            and i
            and drafts[i - 1].period is not None
            and re.match(r"[\s(]*(?:or |a rate of )?[\s(]*$", text[floor : draft.number.start])
        ):
            draft.period = drafts[i - 1].period
        else:
            draft.period = chosen[0] if chosen else None
        if draft.period is None and i and draft.unit in (Unit.PER_10000,):
            draft.period = drafts[i - 1].period
    last = None
    for draft in drafts:
        if draft.period is None:
            draft.period = last if last and draft.subject is Subject.COUNCIL and last.start < 25 else None
        last = draft.period or last
        if draft.period is None and trail.lead:
            draft.period = trail.lead_period or next((d.period for d in trail.lead_drafts if d.period), None)
    for a, b in pairwise(drafts):
        # "14 (6%) at 31 March": the bracket shares what follows
        if (
            a.period is None
            and b.period is not None
            and re.match(r"[\s(]*(?:or |a rate of )?[\s(]*$", text[a.number.end : b.number.start])
        ):
            a.period = b.period


def set_directions(drafts: Sequence[Draft], text: str, trail: Trail) -> None:
    """Sets the direction of the newer of two values, and of values whose clause says that they rose, fell or held."""
    patterns = dict(_direction_patterns())
    for i, draft in enumerate(drafts):
        n = draft.number
        if draft.direction or draft.subject is not Subject.COUNCIL:
            continue
        left = text[drafts[i - 1].number.end if i else 0 : n.start]
        right = text[n.end : drafts[i + 1].number.start if i + 1 < len(drafts) else len(text)]
        if re.match(r"\s*(?:this|it|that)\s+(?:is|was|represents)\b", text, re.I) and re.search(
            r"\bfrom\s+$", words_before(text, n)
        ):
            older = [d for d in trail.drafts if d.unit is draft.unit and d.subject is Subject.COUNCIL]
            for d in older[-1:]:
                d.direction = _compare(draft.value, d.value)
            continue
        if re.search(r"\bfrom\s+$", words_before(text, n)):
            newer = next((d for d in drafts[i + 1 :] if d.unit is draft.unit), None) or next(
                (d for d in reversed(drafts[:i]) if d.unit is draft.unit), None
            )
            if newer is not None and not newer.number.end_of_range:
                newer.direction = _compare(draft.value, newer.value)
            continue
        near = f"{left[-70:]} {right[:40]}"
        if draft.measure.startswith(("reduction in", "decrease in", "fall in", "drop in")):
            draft.direction = Direction.DOWN
        elif draft.measure.startswith(("increase in", "rise in", "growth in")) or re.match(
            r"\s*(?:increase|rise)\b", right
        ):
            draft.direction = Direction.UP
        elif re.match(r"\s*(?:reduction|decrease|fall|drop) (?:in|of)\b", right):
            draft.direction = Direction.DOWN
        elif re.search(
            r"\b(?:increased|risen|rose|grown|grew|rising|rises)\s+(?:slightly\s+|significantly\s+)?to\s+(?:\w+\s+){0,2}$",
            left,
        ):
            draft.direction = Direction.UP
        elif re.search(
            r"\b(?:reduced|fallen|fell|decreased|dropped|declined|down)\s+(?:slightly\s+|significantly\s+)?to\s+(?:\w+\s+){0,2}$",
            left,
        ):
            draft.direction = Direction.DOWN
        elif patterns["stable"].search(left[-60:]) and re.search(r"stabilised|stable|steady|unchanged", near):
            draft.direction = Direction.STABLE


def _compare(old: float, new: float) -> Direction:
    return Direction.UP if new > old else Direction.DOWN if new < old else Direction.STABLE

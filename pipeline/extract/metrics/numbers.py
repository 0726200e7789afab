"""The numbers of a text: digits and words, shares, money, rates, lengths of time, ranges and bounds."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass, replace

from pydantic import Field

from pipeline.records import Unit
from pipeline.rules import RuleModel, read_yaml

RULES = "metrics.yml"


class VerbNumber(RuleModel):
    """A verb that is a number: "halved"."""

    value: float
    unit: Unit
    direction: str
    measure: str


class MetricWords(RuleModel):
    """Schema of models/metrics.yml."""

    number_words: dict[str, int]
    multipliers: dict[str, int]
    fractions: dict[str, float]
    verbs: dict[str, VerbNumber]
    durations: dict[str, Unit]
    bounds: tuple[str, ...] = Field(min_length=1)
    fillers: tuple[str, ...]
    counted_phrases: tuple[str, ...] = Field(min_length=1)
    none_nouns: tuple[str, ...] = Field(min_length=1)
    list_nouns: tuple[str, ...] = Field(min_length=1)
    service_nouns: tuple[str, ...] = Field(min_length=1)
    change_words: dict[str, tuple[str, ...]]
    subjects: dict[str, tuple[str, ...]]
    table_subjects: dict[str, tuple[str, ...]]
    table_groups: frozenset[str]
    table_plain_heads: frozenset[str]
    sections_out: tuple[str, ...]
    sections_of_names: tuple[str, ...]
    table_columns_out: tuple[str, ...]
    leading_words: frozenset[str]
    trailing_words: frozenset[str]
    linking_words: frozenset[str]
    clause_subjects: frozenset[str]


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands at `text[start:end]`, unit included.

    `unit` is None for a bare number, which counts whatever stands beside it. `bound` are the words that bound it
    ("fewer than"), `end_of_range` is `lower` or `upper` for the two numbers of a range, `spelled` is true of words,
    `verb` holds the verb of "halved" and its like, `of` the denominator of "137/178".
    """

    start: int
    end: int
    value: float
    unit: Unit | None = None
    spelled: bool = False
    bound: str | None = None
    end_of_range: str | None = None
    verb: str | None = None
    of: float | None = None


@functools.cache
def load_words() -> MetricWords:
    """The word lists of models/metrics.yml."""
    return read_yaml(RULES, MetricWords)


def any_of(words: tuple[str, ...] | list[str]) -> str:
    """A regular expression for any of the words, the longest first, with single spaces as white space."""
    ordered = sorted(set(words), key=lambda w: (-len(w), w))
    return "(?:" + "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in ordered) + ")"


@functools.cache
def _grammar() -> dict[str, re.Pattern[str]]:
    words = load_words()
    ones = any_of([w for w, v in words.number_words.items() if v < 20])
    tens = any_of([w for w, v in words.number_words.items() if v >= 20])
    spelled = rf"(?:{tens}(?:[-\s]\s?{ones})?|{ones})(?:\s+hundred(?:\s+and\s+(?:{tens}(?:[-\s]{ones})?|{ones}))?)?"
    digits = r"(?:\d{1,3}(?:,\s?\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    scale = any_of(list(words.multipliers))
    # "c500" is circa 500; a hyphen before a digit belongs to a name ("A-12") unless it makes a range.
    left, right = r"(?<![\w£.,/])(?<!\w[-–])", r"(?![\w])(?!\.\d)(?!,\d{3})"
    number = rf"(?:{digits}(?:\s?(?:million|thousand|billion|hundred))?|{spelled}(?:\s(?:million|thousand|billion))?)"
    dash = r"\s*(?:-|–|—|−|to|and)\s*"
    length = any_of([f"{u}s" for u in words.durations] + list(words.durations))
    fraction = any_of(list(words.fractions))
    flags = re.IGNORECASE
    return {
        "money_range": re.compile(
            rf"£\s?({digits})\s?({scale})?\b{dash}£?\s?({digits})(?:\s?({scale})\b)?{right}", flags
        ),
        "money": re.compile(
            rf"£\s?({digits})(?:\s?({scale})\b)?{right}|{left}({digits})\s(million|billion)?\s?pounds\b", flags
        ),
        "percent_range": re.compile(
            rf"{left}({number})\s?(?:%|per\s?cent)?{dash}({number})\s?(?:%|per\s?cent|percent)(?!\w)", flags
        ),
        "percent": re.compile(rf"{left}({number})\s?(?:%%?|per\s?cent\b|percentage\s+points?\b)", flags),
        "rate": re.compile(
            rf"{left}({number})(?:\s+\w+)?\s+(?:per|in every|for every)\s+10[, ]?000(?:\s+(?:children"
            rf"|population|of the (?:child )?population|young people))?",
            flags,
        ),
        "parts": re.compile(r"\((\d[\d,]*)\s+(?:out\s+)?of\s+(?:the\s+|a\s+total\s+of\s+)?(\d[\d,]*)\)"),
        "out_of": re.compile(r"(?<![\w/.])(\d+)\s?/\s?(\d+)(?![\w/])", flags),
        "one_in": re.compile(rf"{left}(?:one|1)\s+in\s+(?:every\s+)?({spelled}|\d{{1,3}})\b(?=\s+(?:of\b|\w+))", flags),
        "duration_range": re.compile(
            rf"{left}({number})(?:\s(?:{length}))?{dash}({number})[-\s](?:working |school |calendar )?({length})\b",
            flags,
        ),
        "duration": re.compile(rf"{left}({number})[-\s]?(?:working |school |calendar )?({length})\b", flags),
        "fraction": re.compile(
            rf"\b(?:(two|three|four)[-\s]({fraction}s)\b|(?:(a|an|one)[-\s])?({fraction})\b(?=\s+(?:of|were|are|have|had|the"
            r"|who|all|take|live|receive|did|do|said|felt)\b|\s+\())",
            flags,
        ),
        "none": re.compile(
            r"^(none)\s+(?=of whom|of these|of them|lives?\b|lived\b|are\b|were\b|is\b|was\b|has\b|have\b|had\b)", flags
        ),
        "no": re.compile(
            r"(?:^|(?<!\bif )\bthere\s(?:were|was|are|is|(?:have|has|had)\sbeen)\s)(no)\s"
            rf"(?=(?:[\w-]+\s){{0,2}}?{any_of(words.none_nouns)}\b)",
            flags,
        ),
        "parts_spelled": re.compile(
            rf"{left}({spelled})\s(?:times\s)?(?:in|out\sof)\s(?:every\s)?({spelled})\b"
            rf"|{left}(one)\s[a-z]+\sin\s(?:every\s)?({spelled})\b(?=\s(?:lives?|is|are|was|were|has|have|had|who|with)\b|[.,;)]|$)",
            flags,
        ),
        "points": re.compile(
            rf"\b(?:(?:fall|rise|drop|increase|decrease|fell|fallen|rose|risen|dropped|up|down)\s(?:of\s|by\s)?)({number})\s+points?\b",
            flags,
        ),
        "by_fraction": re.compile(
            rf"\bby\s(?:over\s|nearly\s|almost\s|about\s|around\s|just\sover\s|more\sthan\s)?(?:(two|three|four)[-\s]({fraction}s)|(a|an|one)\s({fraction}))\b",
            flags,
        ),
        "verb": re.compile(rf"\b({any_of(list(words.verbs))})\b", flags),
        "range": re.compile(
            rf"(?:\bbetween\s+({number})\s+and\s+({number})"
            rf"|{left}(?<!from )({digits})(?:\s?[-–]\s?|\sto\s)({digits}))(?=\s+[a-z])",
            flags,
        ),
        "count": re.compile(rf"(?:{left}|(?<=\bc)|(?<=\bc\.))({number}){right}", flags),
        "bound": re.compile(rf"\b({any_of(words.bounds)})\s*(?:an?\s+|the\s+)?$", flags),
    }


def read_value(text: str, multiplier: str | None = None) -> float:
    """The value of a number as written: "1,339", "twenty-three", "two hundred and six", "7" with "million".

    Raises ValueError where the text is no number.
    """
    words = load_words()
    total, current = 0.0, 0.0
    plain = re.sub(r"(?<=\d),\s?(?=\d{3})", "", text.lower())
    for token in re.findall(r"\d+(?:\.\d+)?|[a-z]+", plain):
        if token[0].isdigit():
            current += float(token)
        elif token in words.number_words:
            current += words.number_words[token]
        elif token in words.multipliers:
            current = max(current, 1.0) * words.multipliers[token]
            if words.multipliers[token] >= 1000:
                total, current = total + current, 0.0
        elif token != "and":
            raise ValueError(f"no number: {text!r}")
    value = total + current
    return round(value * words.multipliers[multiplier.lower()], 6) if multiplier else value


def _is_spelled(text: str) -> bool:
    return not any(c.isdigit() for c in text)


class _Claims:
    """Numbers found so far; a later pattern takes nothing that an earlier one has."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Number] = []

    def add(self, *numbers: Number) -> None:
        start, end = min(n.start for n in numbers), max(n.end for n in numbers)
        if all(end <= n.start or start >= n.end for n in self.found):
            self.found.extend(numbers)

    def add_range(
        self, match: re.Match[str], low: int, high: int, unit: Unit | None, scales: tuple[str | None, str | None]
    ) -> None:
        a, b = match.group(low), match.group(high)
        first, second = read_value(a, scales[0] or scales[1]), read_value(b, scales[1])
        if first < second:
            self.add(
                Number(
                    match.start() if unit is Unit.GBP else match.start(low),
                    match.end(low),
                    first,
                    unit,
                    _is_spelled(a),
                    end_of_range="lower",
                ),
                Number(match.start(high), match.end(), second, unit, _is_spelled(b), end_of_range="upper"),
            )


def find_numbers(text: str) -> tuple[Number, ...]:
    """Every number of the text, in order, without overlap: what each measures is not asked here. A run of digits that
    no float can hold is none."""
    words, g, claims = load_words(), _grammar(), _Claims(text)
    for m in g["money_range"].finditer(text):
        claims.add_range(m, 1, 3, Unit.GBP, (m.group(2), m.group(4)))
    for m in g["money"].finditer(text):
        amount, scale = (m.group(1), m.group(2)) if m.group(1) else (m.group(3), m.group(4))
        claims.add(Number(m.start(), m.end(), read_value(amount, scale), Unit.GBP))
    for m in g["percent_range"].finditer(text):
        claims.add_range(m, 1, 2, Unit.PERCENT, (None, None)) if _joins_range(text, m) else None
    for m in g["percent"].finditer(text):
        claims.add(Number(m.start(), m.end(), read_value(m.group(1)), Unit.PERCENT, _is_spelled(m.group(1))))
    for m in g["rate"].finditer(text):
        claims.add(Number(m.start(), m.end(), read_value(m.group(1)), Unit.PER_10000, _is_spelled(m.group(1))))
    for m in g["one_in"].finditer(text):
        if (base := read_value(m.group(1))) > 1:
            claims.add(Number(m.start(), m.end(), round(100 / base, 2), Unit.PERCENT, True))
    for m in g["parts_spelled"].finditer(text):
        first = 1 if m.group(1) else 3
        part, whole = read_value(m.group(first)), read_value(m.group(first + 1))
        if part < whole and whole > 2:
            claims.add(Number(m.start(first), m.end(), round(100 * part / whole, 2), Unit.PERCENT, True))
    for m in g["points"].finditer(text):
        claims.add(Number(m.start(1), m.end(), read_value(m.group(1)), Unit.PERCENT, _is_spelled(m.group(1))))
    for m in g["duration_range"].finditer(text):
        claims.add_range(m, 1, 2, _duration(m.group(3)), (None, None))
    for m in g["duration"].finditer(text):
        claims.add(Number(m.start(), m.end(), read_value(m.group(1)), _duration(m.group(2)), _is_spelled(m.group(1))))
    for m in (*g["by_fraction"].finditer(text), *g["fraction"].finditer(text)):
        times = {"two": 2, "three": 3, "four": 4}.get((m.group(1) or "").lower(), 1)
        name = (m.group(2) or m.group(4)).lower()
        share = words.fractions[name if name in words.fractions else name.removesuffix("s")]
        if m.group(1) or m.group(3) or name == "half":
            start = m.start(1) if m.group(1) else m.start(3) if m.group(3) else m.start()
            claims.add(Number(start, m.end(), _share(share, times), Unit.PERCENT, True))
    for m in g["no"].finditer(text):
        claims.add(Number(m.start(1), m.end(1), 0, None, True, bound="none"))
    for m in g["none"].finditer(text):
        claims.add(Number(m.start(1), m.end(1), 0, None, True, bound="none"))
    for m in g["verb"].finditer(text):
        verb = words.verbs[m.group(1).lower()]
        claims.add(Number(m.start(), m.end(), verb.value, verb.unit, True, verb=m.group(1).lower()))
    for m in g["range"].finditer(text):
        a, b = (1, 2) if m.group(1) else (3, 4)
        claims.add_range(m, a, b, None, (None, None))
    for m in g["out_of"].finditer(text):
        if float(m.group(1)) <= float(m.group(2)):
            claims.add(Number(m.start(), m.end(), float(m.group(1)), None, of=float(m.group(2))))
    for m in g["parts"].finditer(text):
        claims.add(Number(m.start(1), m.end(2), read_value(m.group(1)), None, of=read_value(m.group(2))))
    for m in g["count"].finditer(text):
        claims.add(Number(m.start(1), m.end(1), read_value(m.group(1)), None, _is_spelled(m.group(1))))
    held = [n for n in claims.found if math.isfinite(n.value) and math.isfinite(n.of or 0)]
    return tuple(_with_bound(text, n) for n in sorted(held, key=lambda n: n.start))


def _share(percent: float, times: int) -> float:
    return {(33.33, 2): 66.67}.get((percent, times), round(percent * times, 2))


def _duration(word: str) -> Unit:
    return load_words().durations[re.sub(r"s$", "", word.lower())]


def _joins_range(text: str, match: re.Match[str]) -> bool:
    """Whether "A and B %" is a range: "and" joins one only after "between", "to" only where A has no unit."""
    joint = text[match.end(1) : match.start(2)].lower()
    before = text[: match.start()].lower().rstrip()
    if "and" in joint:
        return before.endswith("between")
    if "to" in joint:
        return not before.endswith("from") and "%" not in joint
    return True


def _with_bound(text: str, number: Number) -> Number:
    if number.bound:
        return number
    m = _grammar()["bound"].search(text[: number.start])
    return replace(number, bound=re.sub(r"\s+", " ", m.group(1).lower())) if m else number

"""The words that name what a number measures: a clause cut out of its sentence and tidied.

Periods, bounds, auxiliaries and dangling prepositions are dropped; the document's own words and their order stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from spacy.tokens import Doc, Token

from pipeline.extract.metrics.numbers import Number, load_words
from pipeline.extract.metrics.periods import Period
from pipeline.records import Unit

LONGEST = 26

_STOPS = {".", ";", ":", "(", ")", "–", "—", "−", "?", "!", "•", "[", "]", "|", "\t", "\n"}

_AUXILIARY = re.compile(
    r"\b(?:(?:have|has|had) been|have|has|had|are|were|was|is|being|been) (?=(?:been |being "
    r"|currently |now |also |not )?\w+(?:ed|ing|held|seen|made|taken|given|found|met|put|left|born|known|lost)\b)",
    re.I,
)

_OPENING = re.compile(
    r"^(?:in addition|however|positively|for example|overall|currently|similarly"
    r"|furthermore|additionally|in total|as a result|despite|encouragingly|regarding)\b,?\s*",
    re.I,
)

_REPORTS = {"say", "report", "explain", "advise", "confirm", "note", "reply", "state", "add", "hear", "tell", "inform"}

_CHANGES = {
    "reduction": ("reduc", "decreas", "fall", "fell", "drop", "declin", "cut", "lower"),
    "increase": ("increas", "rise", "risen", "rose", "grow", "grew", "up", "improv"),
}

CHANGE_NOUN = r"(increase|decrease|reduction|rise|fall|drop|decline|growth|improvement)"


def count_words(text: str) -> int:
    """How many words of a measure carry meaning."""
    return sum(
        w not in load_words().leading_words and w not in load_words().trailing_words
        for w in re.findall(r"[a-z][a-z'’-]*", text.lower())
    )


def find_token(doc: Doc, offset: int) -> int:
    """The index of the first token at or after a character offset; the number of tokens where there is none."""
    return next((t.i for t in doc if t.idx >= offset), len(doc))


def _cut(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """`text[start:end]` without the spans."""
    out, at = [], start
    for a, b in sorted(spans):
        if b <= at or a >= end:
            continue
        out.append(text[at : max(at, a)])
        at = max(at, b)
    out.append(text[at:end] if at < end else "")
    return " ".join(out)


def tidy(words: str) -> str:
    """A measure without auxiliaries, dangling prepositions and stray punctuation."""
    text = re.sub(r"\s+", " ", words).strip(" ,.;:-–—−(|")
    text = re.sub(r"^(?:at|on|in|by|as at|from|since|for|during|to) ?,\s*", "", text, flags=re.I)
    text = _OPENING.sub("", text)
    parts = text.split(" ")
    while parts and parts[0].lower().strip(",.") in load_words().leading_words:
        parts.pop(0)
    while parts and parts[-1].lower().strip(",.") in load_words().trailing_words:
        parts.pop()
    text = _AUXILIARY.sub("", _AUXILIARY.sub("", " ".join(parts))).strip(" ,.;:-–—−|")
    return re.sub(r" (?:at|on|in|by|since|to|from|as at),? ?$", "", re.sub(r"\s+([,.;])", r"\1", text))


def read_forward(doc: Doc, start: int, numbers: Sequence[Number], periods: Sequence[Period]) -> str:
    """The words from `start` to the end of their clause."""
    text, taken, content = doc.text, 0, 0
    end, resume = len(text), 0
    dropped: list[tuple[int, int]] = []
    for token in doc[find_token(doc, start) :]:
        at = token.idx
        low = token.lower_
        if at < resume:
            continue
        if (
            token.text == "("
            and content
            and (closed := text.find(")", at, at + 60)) > 0
            and re.search(r"\d|\b[A-Z]{2,}", text[at:closed])
            and text[closed + 1 : closed + 2] == " "
        ):
            resume = closed + 1
            if re.search(r"\d", text[at:closed]):
                dropped.append((at, resume))
            continue
        if any(n.start <= at < n.end for n in numbers):
            end = at
            break
        if not taken and token.text in ("–", "—", "−", "-", ","):
            continue
        if token.text in _STOPS or (token.text in ("-", "~") and token.whitespace_ and text[at - 1 : at] == " "):
            end = at
            break
        if low == "," and content >= (1 if _opens_aside(doc, token) else 2) and not _goes_on(doc, token):
            end = at
            break
        if low in load_words().linking_words and content >= 1 and _starts_clause(doc, token, numbers):
            end = at
            break
        if token.tag_ == "VBG" and token.dep_ == "advcl" and content >= 2:
            end = at
            break
        taken += 1
        content += token.pos_ in ("NOUN", "PROPN", "VERB", "ADJ")
        if taken >= LONGEST:
            end = at
            break
    return tidy(_cut(text, [*((p.start, p.end) for p in periods), *dropped], start, end))


def _opens_aside(doc: Doc, comma: Token) -> bool:
    """Whether a comma opens a clause about what it follows: ", most of whom", ", which"."""
    following = [t.lower_ for t in doc[comma.i + 1 : comma.i + 4]]
    return bool(following) and (following[0] in ("and", "but", "which", "who", "where") or following[1:2] == ["of"])


def _goes_on(doc: Doc, comma: Token) -> bool:
    """Whether a comma stands in a list of short terms ("education, employment or training"), within its clause."""
    following = [t.lower_ for t in doc[comma.i + 1 : comma.i + 5]]
    return (
        bool(following)
        and any(w in ("or", "and", "&") for w in following[1:4])
        and doc[comma.i + 1].pos_ in ("NOUN", "ADJ", "PROPN")
        and doc[comma.i - 1].pos_ in ("NOUN", "ADJ", "PROPN")
    )


def _starts_clause(doc: Doc, token: Token, numbers: Sequence[Number]) -> bool:
    if token.lower_ not in ("and", "with"):
        return True
    if _joins_clauses(token):
        return True
    following = doc[token.i + 1 : token.i + (3 if token.lower_ == "and" else 4)]
    if token.lower_ == "with":
        following = following[: next((i for i, t in enumerate(following) if t.text == ","), len(following))]
    if any(n.start <= t.idx < n.end for t in following for n in numbers):
        return True
    return (
        token.lower_ == "and"
        and bool(len(following))
        and (following[0].lower_ in load_words().clause_subjects or following[0].tag_ in ("VBD", "VBZ", "MD"))
    )


def _joins_clauses(token: Token) -> bool:
    """Whether an "and" joins a clause with a subject of its own."""
    return token.lower_ == "and" and any(
        c.dep_ == "conj"
        and c.i > token.i
        and any(g.dep_ in ("nsubj", "nsubjpass") and token.i < g.i < c.i for g in c.children)
        for c in token.head.children
    )


def read_backward(
    doc: Doc, stop: int, numbers: Sequence[Number], periods: Sequence[Period], *, past: Number | None = None
) -> str:
    """The words of the clause that ends at `stop`; numbers other than `past` end it."""
    text = doc.text
    start, taken, nouns = 0, 0, 0
    opened = -1
    for token in reversed([t for t in doc if t.idx < stop]):
        at = token.idx
        if at >= opened >= 0:
            continue
        if (
            token.text == ")"
            and (opened := text.rfind("(", max(0, at - 40), at)) >= 0
            and not any(opened < n.start < at for n in numbers)
        ):
            continue
        opened = -1
        hit = next((n for n in numbers if n.start <= at < n.end and n is not past), None)
        if hit is not None:
            start = hit.end
            break
        if token.text in _STOPS or (token.text == "-" and token.whitespace_ and text[at - 1 : at] == " "):
            start = at + len(token.text)
            break
        if token.lower_ in ("but", "although", "while", "whilst", "whereas", "because", "which", "e.g.") and nouns:
            start = at + len(token.text)
            break
        if nouns and _joins_clauses(token):
            start = at + 3
            break
        if token.lower_ == "with" and nouns and text[:at].rstrip().endswith(","):
            start = at + 4
            break
        if token.lower_ == "that" and token.i and doc[token.i - 1].lemma_.lower() in _REPORTS:
            start = at + 4
            break
        if token.lower_ == "that" and nouns and token.i and doc[token.i - 1].pos_ in ("VERB", "NOUN"):
            start = at + 4
            break
        if token.text == "," and nouns and taken >= 5 and not _goes_on(doc, token) and _clause_before(doc, token):
            start = at + 1
            break
        taken += 1
        nouns += token.pos_ in ("NOUN", "PROPN")
        if taken >= LONGEST + 4:
            start = at
            break
    return tidy(_cut(text, [(p.start, p.end) for p in periods], start, stop))


def _clause_before(doc: Doc, comma: Token) -> bool:
    return (
        any(t.pos_ in ("VERB", "AUX") for t in doc[comma.i + 1 : comma.i + 12])
        and comma.i + 1 < len(doc)
        and doc[comma.i + 1].pos_ in ("PRON", "DET", "SCONJ", "CCONJ", "NOUN", "ADJ", "PROPN")
    )


def name_change(before: str, text: str, number: Number) -> str | None:
    """The measure of a number after "by": "reduced absence by 12%" gives "reduction in absence"; else None."""
    if not re.search(r"\bby\s*$", _before(text, number), re.I):
        return None
    words = before.split(" ")
    # the verb itself is cut off the end of what precedes: "Contacts rose by 9%"
    if verb := re.search(
        r"([a-z]+)(?:\s+(?:slightly|significantly|further|only|just|again))?\s+by\s*$", _before(text, number), re.I
    ):
        for noun, stems in _CHANGES.items():
            if verb.group(1).lower().startswith(stems) and count_words(before) and verb.group(1) not in words:
                return f"{noun} in {before.strip()}"
    for i in range(len(words) - 1, -1, -1):
        for noun, stems in _CHANGES.items():
            if words[i].lower().startswith(stems) and words[i].lower() not in ("improvement", "up-to-date", "fallout"):
                tail = tidy(" ".join(words[i + 1 :]))
                named = tail if count_words(tail) else tidy(" ".join(words[:i]))
                return f"{noun} in {named}"
    return None


def _before(text: str, number: Number) -> str:
    """The text before a number, without the words that bound it."""
    before = text[: number.start].rstrip()
    if number.bound and before.lower().endswith(number.bound):
        before = before[: -len(number.bound)].rstrip()
    return before + " "


def words_before(text: str, number: Number) -> str:
    """The text before a number without its bound, ending in a space."""
    return _before(text, number)


def add_bound(measure: str, number: Number, *, compared: bool = False) -> str:
    """The measure with the bound that the text sets, or the end of the range, in brackets.

    `compared` is true where "above" or "below" compares the number with another rather than bounds it.
    """
    bound = None if compared else number.bound
    if number.end_of_range:
        return f"{measure} ({number.end_of_range} end of range)"
    if bound in load_words().bounds and bound not in (
        "some",
        "c.",
        "around",
        "about",
        "approximately",
        "roughly",
        "circa",
        "on average",
        "an average of",
    ):
        return f"{measure} ({bound})"
    if bound in ("on average", "an average of"):
        return measure if "average" in measure.lower() else f"{measure} (average)"
    return f"{measure} (none)" if bound == "none" else measure


def unit_suffix(measure: str, unit: Unit) -> str:
    """The measure of a rate named after the count it stands beside."""
    if unit is Unit.PER_10000 and "10,000" not in measure and not re.search(r"\brates?\b", measure):
        return f"{measure}, rate per 10,000 children"
    return measure


def name_length(backward: str, forward: str, first: str, before: str) -> str:
    """The measure of a length of time: who waits, or what is done within it."""
    tail = forward if first in ("before", "for", "to", "of", "from", "until", "after") else ""
    if re.search(r"\bwithin\s*$", before, re.I):
        return tidy(f"time within which {backward} {f'from {tail}' if tail and first == 'of' else ''}")
    words = tidy(f"{backward} {first} {tail}") if tail else backward
    return words if count_words(words) else forward


def first_word(doc: Doc, start: int) -> str:
    """The word after a number in lower case; "" where it is a preposition, conjunction or adverb that names nothing."""
    token = next((t for t in doc if t.idx >= start and not t.is_space), None)
    if token is None or token.is_punct or (token.pos_ in ("SCONJ", "CCONJ") and token.lower_ != "that"):
        return ""
    if token.pos_ == "ADV" and token.lower_ not in (
        "more",
        "fewer",
        "so",
        "currently",
        "now",
        "not",
        "also",
        "never",
        "only",
    ):
        return ""
    return token.lower_


def is_label(doc: Doc, before: str) -> bool:
    """Whether a line names its figure first: "Attendance 78% pupils …"."""
    tokens = [t for t in doc if t.idx < len(before.rstrip())]
    return (
        0 < len(tokens) <= 4
        and before[:1].isupper()
        and all(t.pos_ in ("NOUN", "PROPN", "ADJ", "ADP") for t in tokens)
        and tokens[-1].pos_ in ("NOUN", "PROPN")
    )


def last_words(backward: str) -> str:
    """The end of what precedes a number, without the report that it stands in."""
    words = re.split(r"\b(?:that|which|and|to)\s", backward)[-1].split()
    return " ".join(words[-8:])


def names_something(first: str, forward: str) -> bool:
    """Whether the words after a number name what it counts."""
    return (
        bool(first)
        and count_words(forward) >= 1
        and first
        not in (
            "in",
            "at",
            "on",
            "by",
            "to",
            "from",
            "during",
            "since",
            "and",
            "or",
            "for",
            "against",
            "compared",
            "but",
            "which",
            "with",
            "between",
            "as",
            "than",
            "over",
            "per",
            "within",
            "when",
            "while",
            "although",
            "so",
            "is",
            "this",
            "last",
            "if",
        )
    )


def cut_people(measure: str) -> str:
    """The noun phrase of a measure, cut before its first verb phrase: who the number is about."""
    return re.sub(r"\s+by the (?:local authority|council|borough|city|county)$", "", measure, flags=re.I).replace(
        " being looked after", " looked after"
    )


def cut_auxiliary(words: str) -> str:
    """A predicate without the auxiliary that opens it."""
    return re.sub(r"^(?:were|are|was|is|have been|has been|had been)\s+", "", words, flags=re.I)

"""Which numbers of a sentence are metrics: counts of the service, shares, rates, money, waits.

Dates, ages, references, frequencies and the like are masked by models/metric_patterns.jsonl; a bare number then needs
something that it counts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from spacy.tokens import Doc, Token

from pipeline.extract.metrics.context import read_bracket
from pipeline.extract.metrics.drafts import LENGTHS, Draft, Trail
from pipeline.extract.metrics.measures import CHANGE_NOUN, find_token, words_before
from pipeline.extract.metrics.numbers import Number, any_of, find_numbers, load_words
from pipeline.extract.metrics.patterns import find_mask, find_rule
from pipeline.records import Unit


@functools.cache
def _lemmas() -> tuple[frozenset[str], frozenset[str]]:
    words = load_words()
    return frozenset(words.list_nouns), frozenset(words.service_nouns)


@functools.cache
def _counted_phrases() -> re.Pattern[str]:
    """A phrase that counts the service, up to two words after the number."""
    return re.compile(rf"\s+(?:(?!of\b)[\w’'-]+\s+){{0,2}}?{any_of(load_words().counted_phrases)}\b", re.IGNORECASE)


def _is_heading(text: str) -> bool:
    """Whether a line is a number and a title: "12 Date of Next Meeting"."""
    return bool(
        re.fullmatch(r"\d{1,3} [A-Z][\w’'-]*(?: (?:[A-Z&][\w’'-]*|of|the|and|to|for|in|on|with|from|by))+", text)
    )


def find_noun(doc: Doc, number: Number) -> Token | None:
    """The head of the noun phrase that directly follows the number, or None: "two new heads of service" gives heads."""
    head: Token | None = None
    depth = 0
    for token in doc[find_token(doc, number.end) :]:
        if token.text == "(" and head is None:
            depth += 1
        elif token.text == ")" and depth:
            depth -= 1
            continue
        if depth:
            continue
        if token.text == "|" or (head is None and token.lower_ in ("last", "this", "previous", "next", "compared")):
            break
        if token.pos_ == "NUM" and doc[token.i + 1 : token.i + 2].text == "-":
            continue  # "15 one-bedroomed homes"
        if token.lower_ == "equivalent" and head is not None:
            continue  # "12 full-time equivalent posts"
        if token.pos_ in ("NOUN", "PROPN", "X") or (token.pos_ == "NUM" and head is None):
            head = token if token.pos_ != "NUM" else head
            if token.pos_ == "NUM":
                return None
        elif (token.text in ("'s", "’s", "’", "'", "-", "‘", '"', "“", "”", "&", "/") and not token.is_sent_end) or (
            token.text.lower() == "and" and head is not None and _is_noun_coming(doc, token)
        ):
            continue
        elif (
            head is None
            and (
                token.pos_ in ("ADJ", "ADV")
                or token.tag_ in ("VBN", "VBG", "JJ", "JJR")
                or token.lower_ in ("of", "and", ",")
            )
            and token.i - find_token(doc, number.end) < 6
        ):
            if token.lower_ in ("of", "and", ","):
                return None
            continue
        elif token.lower_ == "after" and token.i and doc[token.i - 1].lower_ == "looked":
            continue
        else:
            break
    return head


def _is_noun_coming(doc: Doc, token: Token) -> bool:
    return (
        token.i + 1 < len(doc) and doc[token.i + 1].pos_ in ("NOUN", "ADJ", "PROPN") and not doc[token.i + 1].like_num
    )


def accept_count(doc: Doc, number: Number, numbers: Sequence[Number], trail: Trail) -> tuple[str, float, str] | None:
    """Rule, confidence and counted noun of a bare number; None where it counts nothing of interest."""
    text, (list_nouns, service_nouns) = doc.text, _lemmas()
    before, after = words_before(text, number), text[number.end :]
    head = find_noun(doc, number)
    lemma = _singular(head) if head is not None else ""
    phrase = _counted_phrases().match(after)
    served = lemma in service_nouns or phrase is not None
    if head is not None and not served and _is_heading(text):
        return None
    if lemma in list_nouns and not phrase and not (lemma == "locality" and len(numbers) > 1):
        return None
    definite = bool(
        re.search(r"(?<!one of )\b(?:the|these|those|both|its|their|all|her|his|our|other)\s+(?:\w+ )?$", before, re.I)
    )
    hanging = bool(trail.lead) and not before.strip(" −-–•")
    company = any(n is not number and not (n.value == 1 and n.spelled) for n in numbers)
    if number.value == 1 and not (served and (company or not number.spelled or hanging)):
        return None
    if head is not None:
        if number.spelled:
            if definite and not hanging:
                return None
            return ("metric.count.word", 0.8, lemma) if served else ("metric.count.word_noun", 0.4, lemma)
        return ("metric.count.noun", 0.9, lemma) if served else ("metric.count.other_noun", 0.6, lemma)
    if number.of:
        return "metric.count.out_of", 0.8, ""
    earlier = any(n.end <= number.start and n.unit is None for n in numbers)
    if (
        rule := _accept_bare(
            number,
            before,
            after,
            earlier=earlier,
            told=earlier or bool(trail.drafts),
            shares=bool(re.match(r"(?:out )?of (?:the|these|those)\b", text, re.I)),
        )
    ) is not None:
        return rule
    if not number.spelled and re.search(
        r"\b(?:stand(?:s|ing)?|stood|totall?(?:ed|ing|s)|reached)\s+(?:at\s+)?$", before, re.I
    ):
        return "metric.count.total", 0.7, ""
    if re.search(r"\bof (?:whom|which|these|them|those)\b,?\s*$", before, re.I):
        return "metric.count.of_whom", 0.8, ""
    if re.match(
        r"\s*(?:out )?of (?:the |these |those |all )?[\d,]+ [^,;.]{3,80},? (?:only |just |all but )?$", before, re.I
    ):
        return "metric.count.of_whom", 0.75, ""
    if re.match(r"\s+of (?:its|the|these|those|our|their)\b", after) and (
        not number.spelled or re.match(r"\s+of (?:the|these|those) \d", after)
    ):
        return "metric.count.of", 0.75, ""
    if (
        not number.spelled
        and re.search(
            r"\b(?:caseloads?|numbers?|total|average|target|figures?)\b[^.;,]{0,40}\b(?:of|is|was|are|were"
            r"|at|to)\s+(?:just |only |around |about |over |under |an average of |approximately )?$",
            text[: number.start],
            re.I,
        )
        and re.match(
            r"\s*(?:[.;,()]|(?:and|but|in|at|for|per|with|compared|against|from|down|up|which|than)\b|$)", after
        )
    ):
        return "metric.count.total", 0.7, ""
    if hanging or number.bound == "none":
        return "metric.count.item", 0.9, ""
    if re.match(r"\s*\((?:or )?\d[\d.]*\s?%", after) or re.search(r"(?:%|per cent)\s?\($", before):
        return "metric.count.beside_share", 0.85, ""
    if re.search(r"(?:%|per cent) \((?:or )?$", text[: number.start]):
        return "metric.count.beside_share", 0.85, ""
    if re.search(
        rf"\b(?:{CHANGE_NOUN[1:-1]}|up|down|rose|risen|increased|reduced|fell|fallen"
        rf"|decreased|compared with|compared to|dropped|grew)\b.{{0,60}}\b(?:from|to|with)\s+$",
        before,
        re.I,
    ):
        return "metric.count.compared", 0.85, ""
    if (
        re.match(r"\s+(?:were|are|was|had|have|has|live|lived|remain|remained)\b", after)
        and not number.spelled
        and number.value > 1
    ):
        return "metric.count.subject", 0.75, ""
    if (
        len([n for n in numbers if n.unit is None]) > 1
        and not number.spelled
        and re.match(r"\s*(?:so far|in\b|at\b|during\b|more\b|on\b|by\b|last\b|this\b|[,.;)]|$)", after)
        and re.search(r"\b(?:recruit(?:ed)?|to|from|was|were|is|with|only|at|and|of)\s+$|,\s*$", before)
    ):
        return "metric.count.series", 0.6, ""
    if re.match(r"\s+at (?:its|their|the) (?:highest|lowest|peak)\b", after):
        return "metric.count.peak", 0.7, ""
    if not number.spelled and re.match(r"\)", after) and _follows_plural(doc, before.rstrip(), service_nouns):
        return "metric.count.bracket", 0.7, ""
    if (
        re.search(r"\($", before.rstrip())
        and not number.spelled
        and re.match(r"\s*(?:at|in|as|by|\))", after)
        and (re.search(r"\b(?:low|high|numbers?|assessments|children|cases|total)\b", before) and "at" in after[:4])
    ):
        return "metric.count.bracket", 0.7, ""
    return None


_DATED = re.compile(
    r"\((?:(?:[A-Z][a-z]{2,8}|Q[1-4])?\s?(?:\d{4}(?:[/-]\d\d)?|\d\d/\d\d)|[A-Z][a-z]{2,8}|Q[1-4]|last year)"
    r"[:,]?\s+(?:was )?$"
)
"""A bracket that has opened with a date: "388 (March 2024: 402)"."""

_LABEL = re.compile(r"(?:^|[;|]\s)([A-Z0-9][^.:;]{2,60})\s*(?::|\s[–—-])\s+$")


def _accept_bare(
    number: Number, before: str, after: str, *, earlier: bool, told: bool, shares: bool
) -> tuple[str, float, str] | None:
    """Rule and confidence of a number without a noun of its own, by the words right beside it. `earlier` is true after
    another count of the sentence, `told` where a count can be referred to at all, `shares` in a sentence that opens
    with "Of the"."""
    if not number.spelled and re.match(r"\s+(?:out )?of (?:the |a total of |all )?\d", after):
        return "metric.count.part", 0.8, ""
    if re.search(r"\d (?:out )?of (?:the |a total of |all |those )?$", before):
        return "metric.count.whole", 0.8, ""
    if (not number.spelled or told) and re.match(r"\s+of (?:them|those|these|whom|which)\b", after):
        return "metric.count.of", 0.75, ""
    if number.bound == "all but" and re.match(r"\s+of\b", after):
        return "metric.count.all_but", 0.6, ""
    if re.search(r"\b(?:averag(?:e|ed|es|ing)|total|mean)(?: \w+){0,2} $", before, re.I) and re.match(
        r"\s*(?:[.;,(]|$)", after
    ):
        return "metric.count.total", 0.7, ""
    if number.spelled:
        # "Seven failed last year.", "eight have since been closed"
        if (
            told
            and number.value > 1
            and re.search(r"(?:^|[,;:]\s|\band\s|\bbut\s)(?:only |just |the other )?$", before)
            and (
                re.match(r"\s+(?:(?:were|are|was|had|have|has|remain|remained)\b|[a-z]+ed\b)", after)
                or (shares and re.match(r"\s+(?:in|out|with|from|at|on|elsewhere)\b", after))
            )
        ):
            return "metric.count.subject", 0.65, ""
        return None
    if re.search(rf"\b{CHANGE_NOUN} (?:of|by) $", before) or re.match(r"\s+(?:more|fewer) (?:than|in)\b", after):
        return "metric.count.change", 0.75, ""
    if earlier and re.search(r"\b(?:against|compared (?:with|to)|up from|down from)\s+(?:the\s+)?$", before):
        return "metric.count.compared", 0.75, ""
    if (re.match(r"\s+who\b", after) and re.search(r"\b(?:the|those|all)\s+$", before)) or re.search(
        r"\bnumber(?:s|ed|ing)\s+$", before
    ):
        return "metric.count.subject", 0.75, ""
    if earlier and _DATED.search(before) and re.match(r"\s*\)", after):
        return "metric.count.dated", 0.7, ""
    label = _LABEL.search(before)
    if label and re.match(r"\s*(?:[.;,|(]|$)", after):
        last = label.group(1).split()[-1].lower()
        if not {last, last.removesuffix("s")} & (_lemmas()[0] | _label_words()):
            return "metric.count.label", 0.7, ""
    return None


def _follows_plural(doc: Doc, before: str, nouns: frozenset[str]) -> bool:
    """Whether a bracket has just opened after people or things of the service: "too many children (19)"."""
    if not before.endswith("("):
        return False
    i = find_token(doc, len(before) - 1) - 1
    return i >= 0 and doc[i].tag_ in ("NNS", "NNPS") and _singular(doc[i]) in nouns


def _label_words() -> frozenset[str]:
    return frozenset(load_words().table_columns_out)


def _singular(token: Token) -> str:
    """The lemma of a noun; the tagger leaves capitalised plurals as they are."""
    lemma = token.lemma_.lower()
    if lemma == token.lower_ and lemma.endswith("s") and not lemma.endswith("ss"):
        return f"{lemma[:-3]}y" if lemma.endswith("ies") else lemma[:-1]
    return lemma


def accept_length(text: str, number: Number, others: Iterable[Number]) -> tuple[str, float] | None:
    """Rule and confidence of a length of time that measures something; None for periods, thresholds and time limits."""
    before, after = text[: number.start], text[number.end :]
    if (
        number.bound in ("an average of", "on average")
        or re.match(r"\s+on average\b", after)
        or re.search(r"\bon average \($", before)
    ):
        return "metric.length.average", 0.75
    if number.bound and before.rstrip().lower().endswith(number.bound):
        before = before.rstrip()[: -len(number.bound)]
    if (
        re.search(
            r"\b(?:must|should|shall|will|would|could|may|might|ensure|require[sd]?|due)\b",
            text[max(0, number.start - 120) : number.start],
            re.I,
        )
        and "wait" not in before[-40:]
    ):
        return None
    if find_rule("target_after", after):
        return "metric.length.target", 0.7
    if re.search(
        r"\b(?:average|time|waits?|waiting|duration|length|sickness)\b[^.;]{0,50}(?::|\s[–—-])\s+$", before, re.I
    ):
        return "metric.length.label", 0.7
    if read_bracket(before) is not None:
        return "metric.length.bracket", 0.7
    if re.search(r"\bwithin\s*$", words_before(text, number), re.I):
        if any(n.unit in (Unit.PERCENT, None) for n in others):
            return None
        rule = find_rule("duration_within", before.rstrip() + " ")
        return (rule, 0.6) if rule else None
    rule = find_rule("duration", before.rstrip() + " ")
    return (rule, 0.65) if rule else None


def find_number_mask(text: str, number: Number) -> str | None:
    """The id of the pattern by which a number of the text is a date, an age, a reference or the like, or None."""
    if number.bound == "none":
        return None
    length = number.unit in LENGTHS
    waited = length and _is_waited(text, number)
    return find_mask(text, number.start, number.end, plain=number.unit is None or length, waited=waited)


def find_candidates(text: str) -> list[Number]:
    """The numbers of a sentence that may be metrics: no dates, ages, references and the like."""
    return [number for number in find_numbers(text) if find_number_mask(text, number) is None]


def pick_numbers(doc: Doc, trail: Trail) -> list[Draft]:
    """The numbers of a sentence that are metrics, unnamed as yet."""
    text = doc.text
    kept: list[Draft] = []
    candidates = find_candidates(text)
    for i, n in enumerate(candidates):
        if n.end_of_range == "lower" and n.unit is None:
            continue
        if n.unit in LENGTHS:
            if accepted := accept_length(text, n, [c for c in candidates if c is not n]):
                kept.append(Draft(n, n.value, n.unit, "", accepted[0], accepted[1]))
        elif n.unit is Unit.PERCENT and n.spelled and _is_restated(text, n, candidates[i + 1 :]):
            continue
        elif n.unit is not None:
            kept.append(Draft(n, n.value, n.unit, "", f"metric.{n.unit.value}", 0.85 if not n.spelled else 0.7))
        elif rank := find_rule("rank", text[: n.start]):
            kept.append(Draft(n, n.value, Unit.RANK, "", rank, 0.7))
        elif score := find_rule("score", text[: n.start]):
            kept.append(Draft(n, n.value, Unit.SCORE, "", score, 0.7))
        elif n.of and i and candidates[i - 1].unit is Unit.PERCENT and kept and kept[-1].number is candidates[i - 1]:
            kept[-1].numerator, kept[-1].denominator = n.value, n.of
        elif kept and kept[-1].unit in (Unit.PERCENT, Unit.PER_10000) and read_bracket(text[: n.start]) is not None:
            # "45.3 per 10,000 (England 41.0)"
            kept.append(Draft(n, n.value, kept[-1].unit, "", "metric.bracket", 0.75))
        elif count := accept_count(doc, n, candidates, trail):
            if n.end_of_range == "upper" and i and candidates[i - 1].end_of_range == "lower":
                lower = candidates[i - 1]
                kept.append(Draft(lower, lower.value, Unit.COUNT, "", count[0], count[1], noun=count[2]))
            elif (
                count[2]
                and (older := _find_older(text, candidates[:i], n))
                and all(d.number is not older for d in kept)
            ):
                kept.append(Draft(older, older.value, Unit.COUNT, "", count[0], count[1], noun=count[2]))
            kept.append(Draft(n, n.value, Unit.COUNT, "", count[0], count[1], noun=count[2]))
            if n.of:
                kept[-1].numerator, kept[-1].denominator = n.value, n.of
    return _drop_lone_ends(kept)


def _find_older(text: str, earlier: Sequence[Number], number: Number) -> Number | None:
    """The first number of "from five to nine workers", which has no noun of its own."""
    older = next((n for n in reversed(earlier) if n.unit is None and n.end_of_range is None), None)
    if older is None or not re.search(r"\bfrom\s+$", text[: older.start]):
        return None
    return older if re.fullmatch(r"\s+to\s+", text[older.end : number.start]) else None


def _drop_lone_ends(drafts: list[Draft]) -> list[Draft]:
    """Both numbers of a range or neither: a lower end takes the unit that its upper end was accepted with."""
    uppers = [d for d in drafts if d.number.end_of_range == "upper"]
    return [d for d in drafts if d.number.end_of_range != "lower" or uppers]


def _is_waited(text: str, number: Number) -> bool:
    return bool(
        re.search(
            r"\b(?:waits?|waiting|waited|stay(?:ing|ed)?|averag\w+|take|takes|took|taken)\b[^.;]{0,40}$",
            text[: number.start],
            re.I,
        )
    )


def _is_restated(text: str, number: Number, later: Sequence[Number]) -> bool:
    """Whether digits in brackets say a spelled share again: "over two thirds (67%) of children"."""
    return any(
        n.unit is Unit.PERCENT
        and n.start - number.end < 30
        and re.match(r"\s*(?:\w+\s){0,3}\((?:\d+; )?$", text[number.end : n.start])
        and abs(n.value - number.value) < 9
        for n in later
    )

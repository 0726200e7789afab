"""Which local authority a document is about: weighed mentions of the names in `models/local_authorities.csv`."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.identify.views import View
from pipeline.rules import RuleModel, read_bytes, read_yaml

_FIRST_LINES = 5
_MOST_MENTIONS = 40


class Weights(RuleModel):
    """How much a mention weighs by where it stands."""

    title: float
    salutation: float
    letterhead: float
    address: float
    domain: float
    furniture: float
    source: float
    meta: float
    name: float
    pack: float
    own: float
    mention: float


class CouncilNames(RuleModel):
    """`models/councils.yml`."""

    aliases: dict[str, list[str]]
    trusts: dict[str, list[str]]
    domains: dict[str, list[str]]
    ambiguous: list[str]
    council_words: list[str]
    not_before: list[str]
    not_after: list[str]
    weights: Weights
    least: float
    rival: float


@dataclass(frozen=True, slots=True)
class Council:
    """A local authority: its name, its GSS code, Ofsted's number for it, and its region."""

    name: str
    code: str
    urn: str
    region: str


@dataclass(frozen=True)
class CouncilGuess:
    """The council, if any, and a rival that the document names nearly as strongly."""

    council: Council | None
    rival: Council | None


@functools.cache
def load_names() -> CouncilNames:
    """The spellings and weights, validated."""
    return read_yaml("councils.yml", CouncilNames)


def _read_lists() -> Iterator[dict[str, str]]:
    """The rows of the list of authorities, then of the sample's, which do not exist."""
    for name in ("local_authorities.csv", "sample_authorities.csv"):
        yield from csv.DictReader(io.StringIO(read_bytes(name).decode()))


@functools.cache
def load_councils() -> dict[str, Council]:
    """Every local authority with children's services, today's and abolished ones, by name."""
    return {r["name"]: Council(r["name"], r["gss_code"], r["ofsted_urn"], r["region"]) for r in _read_lists()}


@functools.cache
def _spellings() -> dict[str, str]:
    """Every spelling → name in the list; longest first, so that "North Somerset" is not "Somerset"."""
    names = load_names()
    known: dict[str, str] = {}
    for row in _read_lists():
        listed = [s.strip() for s in row["also_known_as"].split(";") if s.strip()]
        for spelling in (row["name"], *listed, *names.aliases.get(row["name"], ()), *names.trusts.get(row["name"], ())):
            known.setdefault(spelling, row["name"])
    return dict(sorted(known.items(), key=lambda s: (-len(s[0]), s[0])))


def _loose(spelling: str) -> str:
    """A pattern for the spelling in its own case or in capitals, with any white space and apostrophe."""
    forms = dict.fromkeys((spelling, spelling.upper()))
    return "|".join(re.escape(f).replace(r"\ ", r"\s+").replace("'", "['’]") for f in forms)


@functools.cache
def _names_pattern() -> re.Pattern[str]:
    names = load_names()
    before = "".join(rf"(?<!\b{re.escape(word)}\s)" for word in names.not_before)
    after = "|".join(_loose(word) for word in names.not_after)
    spelling = "|".join(_loose(s) for s in _spellings())
    postcode = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b"
    return re.compile(
        rf"\b{before}(?P<name>{spelling})\b(?![-–]\w)(?!,?\s+{postcode})(?!\s+(?:(?:and|&)\s+\w+\s+)?(?:{after})\b)"
    )


@functools.cache
def _by_folded_spelling() -> dict[str, str]:
    return {_fold(s): name for s, name in _spellings().items()}


def _fold(text: str) -> str:
    return " ".join(text.replace("’", "'").split()).casefold()


def find_councils(text: str) -> Iterator[tuple[Council, re.Match[str]]]:
    """Every mention of a local authority in the text; police forces, health boards and post towns are none."""
    councils = load_councils()
    for m in _names_pattern().finditer(text):
        yield councils[_by_folded_spelling()[_fold(m["name"])]], m


@functools.cache
def _own_words() -> re.Pattern[str]:
    words = "|".join(re.escape(w).replace("'", "['’]") for w in load_names().council_words)
    return re.compile(rf"\s*(?:['’]s\s+)?(?:{words})\b", re.IGNORECASE)


def _is_own(text: str, m: re.Match[str]) -> bool:
    """Whether the mention reads as the council itself: followed by its own words, or "council of" before it."""
    return bool(_own_words().match(text, m.end())) or bool(
        re.search(r"(?:borough|council|city|county) of\s*$", text[max(0, m.start() - 20) : m.start()], re.IGNORECASE)
    )


_TITLED = re.compile(r"\b(?:councillors?|cllrs?|mr|mrs|ms|miss|dr|sir|dame|lord|lady|baroness)\b\.?", re.IGNORECASE)
_NAME_WORD = re.compile(r"\(?[A-Z][\w.'’-]*\)?[,;]?|and|&")
_NAMES_REACH = 250


def _is_person(text: str, m: re.Match[str]) -> bool:
    """Whether the mention is a surname: behind an initial, or behind "Councillor" and nothing but other names."""
    before = text[max(0, m.start() - _NAMES_REACH) : m.start()]
    if re.search(r"(?:^|[\s,;(])(?:[A-Z]\.?\s?){1,3}\s$", before):
        return True
    titles = list(_TITLED.finditer(before))
    if not titles or before.endswith("("):
        return False
    return all(_NAME_WORD.fullmatch(word) for word in before[titles[-1].end() :].split())


def _is_alone(text: str, m: re.Match[str]) -> bool:
    """Whether the line holds nothing but the council's name and its own words."""
    start = text.rfind("\n", 0, m.start()) + 1
    end = text.find("\n", m.end())
    rest = text[start : m.start()] + " " + text[m.end() : len(text) if end < 0 else end]
    own = {w for words in load_names().council_words for w in words.split()} | {"of", "the", "and"}
    return all(w in own for w in re.findall(r"[\w']+", rest.lower()))


@functools.cache
def _domains() -> dict[str, str]:
    known = {re.sub(r"[^a-z]", "", name.lower()): name for name in load_councils()}
    known |= {label: name for name, labels in load_names().domains.items() for label in labels}
    return known


_HOSTS = r"gov\.uk|moderngov\.co\.uk|cmis\.uk\.com"
"""Where councils publish under a label of their own."""


def _domain_mentions(text: str) -> Iterator[Council]:
    for m in re.finditer(rf"(?<![a-z-])([a-z-]{{2,40}})\s?\.(?:{_HOSTS})(?![a-z])", text.lower()):
        if name := _domains().get(m[1]):
            yield load_councils()[name]


def _source_mentions(file_name: str, source_url: str | None) -> Iterator[Council]:
    source = source_url or ""
    yield from _domain_mentions(source)
    by_urn = {c.urn: c for c in load_councils().values()}
    provider = re.search(r"/provider/\d+/\d+", source)  # other numbers of an address count documents and meetings
    for m in re.finditer(r"(?<!\d)\d{5,7}(?!\d)", f"{provider[0] if provider else ''} {file_name}"):
        if m[0] in by_urn:
            yield by_urn[m[0]]


def _word_file_name(file_name: str) -> str:
    """The file's name as words, each with a capital, as councils are spelled: "kent-focused_visit" names Kent."""
    words = re.sub(r"[-_+.]+|%20", " ", file_name).split()
    small = {"and", "of", "upon", "with", "the"}
    return " ".join(w if w.lower() in small else w[:1].upper() + w[1:] for w in words)


def guess_council(
    view: View,
    titles: Iterable[str],
    file_name: str,
    source_url: str | None = None,
    pack: View | None = None,
    meta: str | None = None,
) -> CouncilGuess:
    """The council that the document is about.

    `meta` is the title that the file itself carries (a web page's, a PDF's properties).

    `titles` are the phrases that name the visit or the paper. They outweigh everything: a report that mentions
    another council, even often, stays with the council of its title. `pack` is the whole file where the document
    is one of several in it.
    """
    names = load_names()
    weights = names.weights
    scores: dict[Council, float] = defaultdict(float)

    def add(council: Council, weight: float) -> None:
        scores[council] += weight

    for title in titles:
        first = next((c for c, m in find_councils(title) if _is_own(title, m) or not _is_person(title, m)), None)
        if first is not None:
            add(first, weights.title)
    is_letter = bool(re.search(r"^[^\w\n]*dear\b", view.opening, re.IGNORECASE | re.MULTILINE))
    head = "\n".join(b.text for b in view.content[:_FIRST_LINES])
    for council, m in find_councils(head):
        if _is_alone(head, m) and not is_letter:
            add(council, weights.title)
            break
    for m in re.finditer(r"^[^\w\n]*dear ([^\n]{3,90})", view.opening, re.IGNORECASE | re.MULTILINE):
        for council, _ in find_councils(m[1]):
            add(council, weights.salutation)
    for council, m in find_councils(view.opening):
        own = _is_own(view.opening, m)
        if own or not _is_person(view.opening, m):
            add(council, weights.letterhead if own else weights.address)
    for council, _ in find_councils(view.foot):
        add(council, weights.furniture)
    for council in dict.fromkeys(_domain_mentions("\n".join(b.text for b in view.blocks))):
        add(council, weights.domain)
    counted: dict[Council, int] = defaultdict(int)
    for council, m in find_councils(view.body):
        own = _is_own(view.body, m)
        bare = council.name not in names.ambiguous and not _is_person(view.body, m)
        if counted[council] < _MOST_MENTIONS and (own or bare):
            counted[council] += 1
            add(council, weights.own if own else weights.mention)
    for council in dict.fromkeys(_source_mentions(file_name, source_url)):
        add(council, weights.source)
    for text, weight in ((meta or "", weights.meta), (_word_file_name(file_name), weights.name)):
        for council in dict.fromkeys(c for c, _ in find_councils(text)):
            add(council, weight)
    if pack is not None and (whole := guess_council(pack, (), file_name, source_url).council):
        add(whole, weights.pack)
    return _decide(scores)


def _decide(scores: dict[Council, float]) -> CouncilGuess:
    names = load_names()
    ranked = sorted(scores.items(), key=lambda s: (-s[1], s[0].name))
    if not ranked or ranked[0][1] < names.least:
        return CouncilGuess(None, None)
    best, score = ranked[0]
    rival = next((c for c, s in ranked[1:2] if s >= names.rival * score), None)
    return CouncilGuess(best, rival)

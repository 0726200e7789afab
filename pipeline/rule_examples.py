"""Every rule of `models/` that has examples, with what tells whether it fires in a text.

One list of suites, so that the tests, `goldenthread rules` and `goldenthread explain` speak of the same rules. A new
file of rules with examples is one more suite here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from pipeline import cohorts
from pipeline.collect.knowledge import load_knowledge
from pipeline.errors import InputFault, RuleFault
from pipeline.extract import judgements
from pipeline.extract.findings import cues, extents, sections
from pipeline.extract.metrics.patterns import RULES, MetricPattern
from pipeline.extract.recommendations.action_tables import load_table_rules
from pipeline.extract.recommendations.drafts import PhraseRule, compiled, plain_heading
from pipeline.extract.recommendations.list_rules import load_list_rules
from pipeline.extract.recommendations.requests import RequestRule, load_request_rules
from pipeline.extract.recommendations.resolutions import load_resolution_rules
from pipeline.identify.kinds import load_kinds
from pipeline.identify.visits import load_places
from pipeline.parts import Evidence, load_seams, mark_dates
from pipeline.read.text_lines import compile_rules, layout_rules
from pipeline.records import Area, Cohort, Extent
from pipeline.rules import read_jsonl
from pipeline.split import find_sentences, sentence_rules
from pipeline.themes.codebook import load_codebook
from pipeline.themes.coding import name_codes

Fires = Callable[[str], object]


@dataclass(frozen=True)
class Failure:
    """An example that did not do as its rule says: `expected` is whether the rule should have fired in it."""

    text: str
    expected: bool


@dataclass(frozen=True)
class Rule:
    """A rule of `models/<file>`: what it is for, its examples, and whether it fires in a text.

    `strays` tells the same of the examples that must miss, where that asks for more than that the rule keeps silent.
    """

    file: str
    id: str
    note: str
    hit: tuple[str, ...]
    miss: tuple[str, ...]
    fires: Fires
    strays: Fires | None = None

    def run_examples(self) -> list[Failure]:
        """The examples that fail; none where the rule is sound."""
        strays = self.strays or self.fires
        return [
            *(Failure(text, True) for text in self.hit if not self.fires(text)),
            *(Failure(text, False) for text in self.miss if strays(text)),
        ]


class _Exemplified(Protocol):
    """What every schema of a rule with examples has."""

    @property
    def hit(self) -> Iterable[str]: ...

    @property
    def miss(self) -> Iterable[str]: ...


def _make(
    file: str, rule_id: str, row: _Exemplified, fires: Fires, *, note: str = "", strays: Fires | None = None
) -> Rule:
    return Rule(file, rule_id, note or getattr(row, "note", ""), tuple(row.hit), tuple(row.miss), fires, strays)


def _as_heading(rule: PhraseRule) -> Fires:
    return lambda text: compiled(rule.pattern).fullmatch(plain_heading(text))


def _at_start(rule: PhraseRule) -> Fires:
    return lambda text: compiled(rule.pattern).match(text)


def _as_marker(rule: PhraseRule) -> Fires:
    return lambda text: compiled(rule.pattern, ignore_case=False).match(text)


def _anywhere(rule: PhraseRule) -> Fires:
    unless = rule.unless if isinstance(rule, RequestRule) else None
    return lambda text: compiled(rule.pattern).search(text) and not (unless and compiled(unless).search(text))


def _phrases(file: str, fires: Callable[[PhraseRule], Fires], *groups: Iterable[PhraseRule]) -> Iterator[Rule]:
    return (_make(file, rule.id, rule, fires(rule)) for group in groups for rule in group)


def _list_headings(file: str) -> Iterator[Rule]:
    rules = load_list_rules()
    yield from _phrases(file, _as_heading, rules.lists, rules.ends, rules.timings, rules.charters)
    starts = (
        rules.nothing,
        rules.demands,
        rules.delivered,
        rules.openers,
        rules.fields,
        rules.headless,
        rules.assigned,
        rules.looks_back,
        rules.ahead,
    )
    yield from _phrases(file, _at_start, *starts)
    yield from _phrases(file, _anywhere, rules.chapters, rules.leads)


def _resolutions(file: str) -> Iterator[Rule]:
    rules = load_resolution_rules()
    yield from _phrases(file, _as_marker, rules.markers)
    yield from _phrases(file, _anywhere, rules.leads, rules.sentences, rules.seconds)
    yield from _phrases(file, _at_start, rules.ends)


def _requests(file: str) -> Iterator[Rule]:
    rules = load_request_rules()
    yield from _phrases(file, _anywhere, rules.requests, rules.owners)
    yield from _phrases(file, _at_start, rules.bodies)


def _action_tables(file: str) -> Iterator[Rule]:
    rules = load_table_rules()
    yield from _phrases(file, _as_heading, rules.columns)
    yield from _phrases(file, _anywhere, rules.fields)


def _finding_cues(file: str) -> Iterator[Rule]:
    def fires(rule_id: str) -> Fires:
        return lambda text: any(cue.rule_id == rule_id for cue in cues.read_cues(text))

    return (_make(file, rule.id, rule, fires(rule.id)) for rule in cues.load_rules())


def _finding_sections(file: str) -> Iterator[Rule]:
    yield from (_make(file, rule.id, rule, rule.matches) for rule in sections.load_sections())
    yield from (_make(file, rule.id, rule, rule.matches) for rule in sections.load_leads())


def _extents(file: str) -> Iterator[Rule]:
    def states(extent: Extent) -> Fires:
        return lambda text: extents.find_extent(text) is extent

    return (_make(file, f"extent.{r.extent.value}", r, states(r.extent)) for r in extents.load_extents())


def _cohorts(file: str) -> Iterator[Rule]:
    def names(cohort: Cohort) -> Fires:
        return lambda text: cohort in cohorts.find_cohorts(text)

    return (_make(file, f"cohort.{r.cohort.value}", r, names(r.cohort)) for r in cohorts.load_cohorts())


def _metric_patterns(file: str) -> Iterator[Rule]:
    return (
        _make(file, rule.id, rule, re.compile(rule.regex, 0 if rule.case else re.IGNORECASE).search)
        for rule in read_jsonl(file, MetricPattern)
    )


def _kinds(file: str) -> Iterator[Rule]:
    return (_make(file, cue.id, cue, cue.search) for cue in load_kinds().cues)


def _visits(file: str) -> Iterator[Rule]:
    """The places of dates have no ids: they are counted within their list."""
    for name in ("visit", "published", "meeting"):
        for number, place in enumerate(getattr(load_places(), name), 1):
            yield _make(file, f"{name}.{number}", place, place.find)


def _judgements(file: str) -> Iterator[Rule]:
    rules = judgements.load_rules()

    def names(area: Area) -> Fires:
        return lambda text: (found := judgements.read_area(text)) is not None and found.area is area

    yield from (_make(file, r.id, r, names(r.area), note=f"Labels of {r.area.value}.") for r in rules.areas)
    for by in (rules.sentences, rules.outcomes):
        yield from (_make(file, r.id, r, judgements.compile_pattern(r.pattern).search) for r in by)


def _seams(file: str) -> Iterator[Rule]:
    def fires(evidence: Evidence) -> Fires:
        return lambda text: evidence.search(mark_dates(text))

    return (_make(file, e.id, e, fires(e)) for e in (*load_seams().starts, *load_seams().ends))


def _text_layout(file: str) -> Iterator[Rule]:
    """A line that must miss must be left alone by all patterns of its list, which are matched as one."""
    for name in ("page_stamps", "image_marks", "not_headings"):
        for rule in getattr(layout_rules(), name):
            own = re.compile(rule.pattern, re.IGNORECASE)
            yield _make(file, rule.id, rule, own.fullmatch, strays=compile_rules(name).fullmatch)


def _sentences(file: str) -> Iterator[Rule]:
    def splits(expected: tuple[str, ...]) -> Fires:
        return lambda text: tuple(text[a:b] for a, b in find_sentences(text)) == expected

    for number, example in enumerate(sentence_rules().examples, 1):
        note = "Is split into: " + " | ".join(example.sentences)
        yield Rule(file, f"sentences.{number}", note, (example.text,), (), splits(example.sentences))


def _themes(file: str) -> Iterator[Rule]:
    """The cues must name the theme of a seed first or second, and that of a neighbour's sentence not first."""

    def coded(theme: str) -> Fires:
        return lambda text: theme in name_codes(text)[:2]

    def first(theme: str) -> Fires:
        return lambda text: theme in name_codes(text)[:1]

    for row in load_codebook().themes:
        name = row.code
        yield Rule(file, f"theme.{name}", row.definition, row.seeds, row.not_here, coded(name), first(name))


def _collecting(file: str) -> Iterator[Rule]:
    knowledge = load_knowledge()
    for part in (knowledge.ofsted, knowledge.committees):
        for name, wordings in part:
            if isinstance(wordings, tuple):
                for number, row in enumerate(wordings, 1):
                    yield _make(file, f"collecting.{name}.{number}", row, row.found_in, note=row.pattern)


SUITES: dict[str, Callable[[str], Iterator[Rule]]] = {
    "recommendation_headings.yml": _list_headings,
    "resolutions.yml": _resolutions,
    "requests.yml": _requests,
    "action_tables.yml": _action_tables,
    cues.FILE: _finding_cues,
    sections.FILE: _finding_sections,
    "extents.yml": _extents,
    "cohorts.yml": _cohorts,
    RULES: _metric_patterns,
    "kinds.yml": _kinds,
    "visits.yml": _visits,
    "judgements.yml": _judgements,
    "seams.yml": _seams,
    "text_layout.yml": _text_layout,
    "sentences.yml": _sentences,
    "themes.yml": _themes,
    "collecting.yml": _collecting,
}
"""Files of rules with examples, each with what reads it."""


@functools.cache
def list_rules(file: str) -> tuple[Rule, ...]:
    """The rules of `models/<file>`, those that are matched alike together.

    Raises InputFault where no rule of that file has examples, RuleFault where it is malformed or two rules have one id.
    """
    file = file.removeprefix("models/")
    if file not in SUITES:
        raise InputFault(f"There is no file of rules {file}; choose one of {', '.join(SUITES)}.")
    rules = tuple(SUITES[file](file))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RuleFault(f"models/{file}: two rules have the id {rule.id}")
        seen.add(rule.id)
    return rules


def find_rule(rule_id: str) -> Rule | None:
    """The rule with this id, or None where no file of rules holds it.

    Raises RuleFault where a file is malformed.
    """
    return next((rule for file in SUITES for rule in list_rules(file) if rule.id == rule_id), None)


@dataclass(frozen=True)
class FileCheck:
    """What became of a file of rules: the numbers of rules and examples, the examples that fail by rule, and its fault
    where it cannot be read at all."""

    file: str
    rules: int
    examples: int
    failures: tuple[tuple[Rule, Failure], ...]
    fault: str | None = None

    @property
    def sound(self) -> bool:
        """Whether the file can be read and every example does as its rule says."""
        return self.fault is None and not self.failures


def check_file(file: str) -> FileCheck:
    """Run every example of `models/<file>`; a malformed file is told in `fault`.

    Raises InputFault where no rule of that file has examples.
    """
    try:
        rules = list_rules(file)
        failures = tuple((rule, failure) for rule in rules for failure in rule.run_examples())
    except RuleFault as fault:
        return FileCheck(file, 0, 0, (), str(fault))
    return FileCheck(file, len(rules), sum(len(r.hit) + len(r.miss) for r in rules), failures)

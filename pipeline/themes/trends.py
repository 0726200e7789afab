"""Themes over councils, regions, frameworks and years: counts, what rises or falls, and what stands at a council."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.records import (
    Document,
    Finding,
    Polarity,
    Recommendation,
    Side,
    Slice,
    ThemeCount,
    ThemeRecurrence,
    ThemeTrend,
    TrendDirection,
    Visit,
)
from pipeline.themes.statistics import correct_for_many, find_trend, measure_share

Item = Finding | Recommendation
Part = tuple[Slice, str]
EVERYTHING: Part = (Slice.ALL, "all")
SURE = 0.05
"""Corrected p below which a theme is said to rise or to fall."""


@dataclass(frozen=True, order=True, slots=True)
class Topic:
    """What is counted: a code of the codebook or a theme that was found (the other is empty), on one side."""

    code: str
    theme_id: str
    side: Side


@dataclass(frozen=True)
class Trends:
    """Three tables."""

    counts: tuple[ThemeCount, ...]
    trends: tuple[ThemeTrend, ...]
    recurrence: tuple[ThemeRecurrence, ...]


def side_of(item: Item) -> Side:
    """Strength, or weakness for all that asks for improvement: mixed findings and recommendations too."""
    return Side.STRENGTH if isinstance(item, Finding) and item.polarity is Polarity.STRENGTH else Side.WEAKNESS


def follow_themes(
    documents: Sequence[Document], visits: Sequence[Visit], items: Sequence[Item], theme_of: Mapping[str, str]
) -> Trends:
    """The trends of the codebook's themes and of those that were found; `theme_of` gives each item's narrowest theme.

    Only reports of visits with a date count: other papers have no common denominator.
    """
    visit_of = {v.visit_id: v for v in visits}
    region_of = {d.council_code: d.region for d in documents if d.council_code and d.region}
    reported = [i for i in items if i.visit_id in visit_of and i.date]
    named: dict[Topic, list[Item]] = defaultdict(list)
    for item in reported:
        for topic in _list_topics(item, theme_of):
            named[topic].append(item)

    parts_of = {v.visit_id: _list_parts(v, region_of) for v in visits}
    kind_of = {i.document_id: visit_of[i.visit_id or ""].visit_type.value for i in reported}
    read: dict[Part, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for item in reported:
        for part in parts_of[item.visit_id or ""]:
            read[part][_year(item)].add(item.document_id)
    reports = {part: _Reports.of(by_year, kind_of) for part, by_year in read.items()}
    counts: list[ThemeCount] = []
    trends: list[ThemeTrend] = []
    for topic, members in sorted(named.items()):
        inside: dict[Part, list[Item]] = defaultdict(list)
        for item in members:
            for part in parts_of[item.visit_id or ""]:
                if topic.code or part[0] is not Slice.COUNCIL:  # a narrow theme is too rare at one council to count
                    inside[part].append(item)
        for part, its in sorted(inside.items()):
            counts += _count(topic, part, its, reports[part])
            if part[0] is not Slice.COUNCIL:
                trends.append(_follow(topic, part, its, reports[part], kind_of))
    return Trends(tuple(counts), _correct(trends), tuple(_find_recurrence(named, reported, visit_of)))


def _list_parts(visit: Visit, region_of: Mapping[str, str | None]) -> tuple[Part, ...]:
    """The parts of the whole in which the reports of a visit count."""
    parts = [EVERYTHING, (Slice.COUNCIL, visit.council_code), (Slice.FRAMEWORK, visit.framework)]
    if region := region_of.get(visit.council_code):
        parts.append((Slice.REGION, region))
    return tuple(parts)


@dataclass(frozen=True)
class _Reports:
    """The reports of a part, counted once for all topics: the years in order, the number of reports of each, and of
    each by kind of visit."""

    years: tuple[int, ...]
    many: tuple[int, ...]
    kinds: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, by_year: Mapping[int, set[str]], kind_of: Mapping[str, str]) -> _Reports:
        years = tuple(sorted(by_year))
        counts = [Counter(kind_of[d] for d in by_year[y]) for y in years]
        kinds = sorted({kind for count in counts for kind in count})
        return cls(years, tuple(len(by_year[y]) for y in years), {k: tuple(c[k] for c in counts) for k in kinds})


def _list_topics(item: Item, theme_of: Mapping[str, str]) -> Iterator[Topic]:
    side = side_of(item)
    item_id = item.finding_id if isinstance(item, Finding) else item.recommendation_id
    for code in dict.fromkeys((item.theme_code, item.theme_code_2)):
        if code:
            yield Topic(code, "", side)
    if item_id in theme_of:
        yield Topic("", theme_of[item_id], side)


def _year(item: Item) -> int:
    return item.date.year if item.date else 0


def _by_year(items: Iterable[Item]) -> dict[int, list[Item]]:
    years: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        years[_year(item)].append(item)
    return years


def _count(topic: Topic, part: Part, items: Sequence[Item], reports: _Reports) -> Iterator[ThemeCount]:
    years = _by_year(items)
    everything = (None, sum(reports.many))
    for year, of in (everything, *zip(reports.years, reports.many, strict=True)):
        its = items if year is None else years.get(year, [])
        share = measure_share(len({i.document_id for i in its}), of)
        yield ThemeCount(
            theme_code=topic.code or None,
            theme_id=topic.theme_id or None,
            side=topic.side,
            part=part[0],
            part_name=part[1],
            year=year,
            items=len(its),
            reports=share.hits,
            of_reports=share.of,
            share=share.share,
            share_low=share.low,
            share_high=share.high,
        )


def _follow(
    topic: Topic, part: Part, items: Sequence[Item], reports: _Reports, kind_of: Mapping[str, str]
) -> ThemeTrend:
    named = {year: {i.document_id for i in its} for year, its in _by_year(items).items()}
    hits = {year: Counter(kind_of[d] for d in documents) for year, documents in named.items()}
    none: Counter[str] = Counter()
    strata = [
        (reports.years, [hits.get(y, none)[kind] for y in reports.years], of) for kind, of in reports.kinds.items()
    ]
    slope = find_trend(*strata)
    return ThemeTrend(
        theme_code=topic.code or None,
        theme_id=topic.theme_id or None,
        side=topic.side,
        part=part[0],
        part_name=part[1],
        first_year=reports.years[0],
        last_year=reports.years[-1],
        reports=sum(map(len, named.values())),
        of_reports=sum(reports.many),
        points_a_year=slope.points_a_year if slope else None,
        p_value=slope.p_value if slope else None,
        direction=TrendDirection.LEVEL if slope else TrendDirection.TOO_FEW,
    )


def _correct(trends: Sequence[ThemeTrend]) -> tuple[ThemeTrend, ...]:
    """The trends with q values; the themes of one kind, side and part are one family of tests."""
    families: dict[tuple[bool, Side, Slice, str], list[int]] = defaultdict(list)
    for n, trend in enumerate(trends):
        if trend.p_value is not None:
            families[trend.theme_id is None, trend.side, trend.part, trend.part_name].append(n)
    corrected = list(trends)
    for rows in families.values():
        for n, q in zip(rows, correct_for_many([trends[n].p_value or 0.0 for n in rows]), strict=True):
            rises = (trends[n].points_a_year or 0) > 0
            moves = TrendDirection.RISING if rises else TrendDirection.FALLING
            update = {"q_value": q, "direction": moves if q < SURE else TrendDirection.LEVEL}
            corrected[n] = trends[n].replace(**update)
    return tuple(corrected)


def _find_recurrence(
    named: Mapping[Topic, Sequence[Item]], reported: Sequence[Item], visit_of: Mapping[str, Visit]
) -> Iterator[ThemeRecurrence]:
    dates: dict[str, dt.date] = {}
    for item in reported:
        if item.visit_id and item.date:
            dates[item.visit_id] = max(item.date, dates.get(item.visit_id, item.date))
    line: dict[str, list[str]] = defaultdict(list)
    for visit_id in sorted(dates, key=lambda v: (dates[v], v)):
        line[visit_of[visit_id].council_code].append(visit_id)
    for topic, members in sorted(named.items()):
        visits = {i.visit_id or "" for i in members}
        for council in sorted({visit_of[v].council_code for v in visits}) if topic.code else ():
            yield _describe_recurrence(topic, council, [(v, v in visits) for v in line[council]], dates)


def _describe_recurrence(
    topic: Topic, council: str, line: Sequence[tuple[str, bool]], dates: Mapping[str, dt.date]
) -> ThemeRecurrence:
    """`line` holds the council's visits in order of time, each with whether it names the theme."""
    places = [n for n, (_, names) in enumerate(line) if names]
    first, last = line[places[0]][0], line[places[-1]][0]
    run = 1
    while places[-1] - run in places:
        run += 1
    return ThemeRecurrence(
        council_code=council,
        theme_code=topic.code,
        side=topic.side,
        visits=len(places),
        of_visits=len(line),
        first_visit_id=first,
        last_visit_id=last,
        first_seen=dates[first],
        last_seen=dates[last],
        days=(dates[last] - dates[first]).days,
        run=run,
        is_current=places[-1] == len(line) - 1,
    )

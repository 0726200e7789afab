"""Themes for reading: in how many of a year's reports each stands, in which councils, and its clearest examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.publish.index import Index, Item, get_id, is_concern, list_codes
from pipeline.publish.labels import label_theme, read_theme_names
from pipeline.records import Finding, Polarity, Recommendation, Theme

_EXAMPLES = 6
_FEW = 5  # reports: fewer make steps of a quarter and more
_READABLE = range(8, 61)  # words: shorter examples say little, longer ones bury it


@dataclass(frozen=True)
class Cell:
    """A year of a theme: of `documents` reports of visits, `with_theme` name it as something to be put right."""

    year: int
    with_theme: int
    documents: int

    @property
    def percent(self) -> int:
        """The share in whole per cent; 0 where there are no reports."""
        return round(100 * self.with_theme / self.documents) if self.documents else 0

    @property
    def heat(self) -> str:
        """Depth of the cell's colour, 0 to 5; "few" where so few reports give a share that means little."""
        return "few" if self.documents < _FEW else str(-(-self.percent // 20))


@dataclass(frozen=True)
class CouncilRow:
    """A council within a theme, by counts."""

    council: str
    strengths: int
    weaknesses: int
    mixed: int
    recommendations: int


@dataclass(frozen=True)
class ThemePage:
    """Everything that the page of a theme shows. `found` is the theme of the clustering, None for the codebook's."""

    slug: str
    label: str
    definition: str
    found: Theme | None
    related: tuple[Theme, ...]
    trend: tuple[Cell, ...]
    councils: tuple[CouncilRow, ...]
    weaknesses: tuple[Finding, ...]
    strengths: tuple[Finding, ...]
    recommendations: tuple[Recommendation, ...]
    outcomes: tuple[tuple[str, int], ...]
    size: int

    @property
    def concerns(self) -> int:
        """How many items name something to be put right."""
        return sum(row.weaknesses + row.mixed + row.recommendations for row in self.councils)


def list_reports(index: Index) -> dict[int, set[str]]:
    """By year, the reports of visits that have any finding or recommendation: what shares are shares of."""
    years: dict[int, set[str]] = defaultdict(set)
    for item in index.items.values():
        if item.visit_id and item.date:
            years[item.date.year].add(item.document_id)
    return dict(sorted(years.items()))


def _trace(items: Iterable[Item], reports: dict[int, set[str]]) -> tuple[Cell, ...]:
    named: dict[int, set[str]] = defaultdict(set)
    for item in items:
        if item.visit_id and item.date and is_concern(item):
            named[item.date.year].add(item.document_id)
    return tuple(Cell(year, len(named[year]), len(documents)) for year, documents in reports.items())


def _count_councils(index: Index, items: Iterable[Item]) -> tuple[CouncilRow, ...]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        kind = item.polarity.value if isinstance(item, Finding) else "recommendation"
        counts[index.name_council(item.document_id)][kind] += 1
    rows = [
        CouncilRow(council, c["strength"], c["weakness"], c["mixed"], c["recommendation"])
        for council, c in counts.items()
    ]
    return tuple(sorted(rows, key=lambda r: (-(r.weaknesses + r.mixed + r.recommendations), r.council)))


def _choose(index: Index, items: Sequence[Item], nearness: dict[str, float]) -> list[Item]:
    """The clearest examples: one of each council first; near the theme's centre, sure, and of readable length."""

    def rank(item: Item) -> tuple[bool, float, float, str]:
        readable = len(item.text.split()) in _READABLE
        return (not readable, -nearness.get(get_id(item), 0.0), -item.confidence, get_id(item))

    ranked = sorted(items, key=rank)
    seen: set[str] = set()
    first: list[Item] = []
    rest: list[Item] = []
    for item in ranked:
        council = index.name_council(item.document_id)
        (rest if council in seen else first).append(item)
        seen.add(council)
    return [*first, *rest][:_EXAMPLES]


def _make_page(
    index: Index, reports: dict[int, set[str]], slug: str, items: Sequence[Item], nearness: dict[str, float],
    found: Theme | None, related: Iterable[Theme],
) -> ThemePage:  # fmt: skip
    findings = [i for i in items if isinstance(i, Finding)]
    recommendations = [i for i in items if isinstance(i, Recommendation)]
    known = read_theme_names().get(slug)
    return ThemePage(
        slug=slug,
        label=found.label if found else label_theme(slug),
        definition=known.definition if known else "",
        found=found,
        related=tuple(sorted(related, key=lambda t: (-t.size, t.label, t.theme_id))),
        trend=_trace(items, reports),
        councils=_count_councils(index, items),
        weaknesses=tuple(
            i
            for i in _choose(index, [f for f in findings if f.polarity is Polarity.WEAKNESS], nearness)
            if isinstance(i, Finding)
        ),
        strengths=tuple(
            i
            for i in _choose(index, [f for f in findings if f.polarity is Polarity.STRENGTH], nearness)
            if isinstance(i, Finding)
        ),
        recommendations=tuple(i for i in _choose(index, recommendations, nearness) if isinstance(i, Recommendation)),
        outcomes=tuple(sorted(Counter(r.outcome.value for r in recommendations if r.outcome).items())),
        size=len(items),
    )


def make_code_pages(index: Index) -> list[ThemePage]:
    """A page for each theme of the codebook that any item has, those with the most concerns first."""
    reports = list_reports(index)
    items: dict[str, list[Item]] = defaultdict(list)
    for item in index.items.values():
        for code in dict.fromkeys(list_codes(item)):
            items[code].append(item)
    pages = [
        # an item whose first theme it is shows the theme better than one where it is the second
        _make_page(
            index, reports, code, members, {get_id(i): 1.0 for i in members if i.theme_code == code}, None,
            [t for t in index.themes.values() if t.theme_code == code],
        )
        for code, members in items.items()
    ]  # fmt: skip
    return sorted(pages, key=lambda p: (-p.concerns, p.label))


def make_found_pages(index: Index) -> list[ThemePage]:
    """A page for each theme that the clustering found, the largest first."""
    reports = list_reports(index)
    items: dict[str, list[Item]] = defaultdict(list)
    nearness: dict[str, dict[str, float]] = defaultdict(dict)
    for member in index.theme_items:
        items[member.theme_id].append(index.items[member.item_id])
        nearness[member.theme_id][member.item_id] = member.similarity
    children: dict[str, list[Theme]] = defaultdict(list)
    for theme in index.themes.values():
        if theme.parent_id:
            children[theme.parent_id].append(theme)
    return [
        _make_page(index, reports, t.theme_id, items[t.theme_id], nearness[t.theme_id], t, children[t.theme_id])
        for t in index.themes.values()
    ]

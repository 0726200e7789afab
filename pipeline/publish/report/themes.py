"""Themes for reading: in how many of a year's reports each stands, in which councils, and its clearest examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.publish.index import Index, Item, get_id
from pipeline.publish.labels import label_theme, read_theme_names
from pipeline.publish.report.heat import Cell, Columns, HeatMap
from pipeline.records import Finding, Polarity, Recommendation, Theme

_EXAMPLES = 6
_READABLE = range(8, 61)  # words: shorter examples say little, longer ones bury it


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


def _count_councils(index: Index, items: Iterable[Item]) -> tuple[CouncilRow, ...]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    kinds = ((i.document_id, i.polarity.value if isinstance(i, Finding) else "recommendation") for i in items)
    for (document_id, kind), count in Counter(kinds).items():
        counts[index.name_council(document_id)][kind] += count
    rows = [
        CouncilRow(council, c["strength"], c["weakness"], c["mixed"], c["recommendation"])
        for council, c in counts.items()
    ]
    return tuple(sorted(rows, key=lambda r: (-(r.weaknesses + r.mixed + r.recommendations), r.council)))


def _choose(index: Index, items: Sequence[Item], nearness: dict[str, float]) -> list[Item]:
    """The clearest examples: one of each council first; near the theme's centre, sure, and of readable length."""

    def rank(item: Item) -> tuple[bool, float, float, str]:
        readable = item.text.count(" ") + 1 in _READABLE
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
    index: Index, trend: tuple[Cell, ...], slug: str, items: Sequence[Item], nearness: dict[str, float],
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
        trend=trend,
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


def make_code_pages(index: Index, years: HeatMap, members: Mapping[str, Sequence[Item]]) -> list[ThemePage]:
    """A page for each theme of the codebook that any item has (`members`), those with the most concerns first."""
    pages = [
        # an item whose first theme it is shows the theme better than one where it is the second
        _make_page(
            index, years.rows[code], code, items, {get_id(i): 1.0 for i in items if i.theme_code == code}, None,
            [t for t in index.themes.values() if t.theme_code == code],
        )
        for code, items in members.items()
    ]  # fmt: skip
    return sorted(pages, key=lambda p: (-p.concerns, p.label))


def make_found_pages(index: Index, years: Columns) -> list[ThemePage]:
    """A page for each theme that the clustering found, the largest first."""
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
        _make_page(
            index, years.make_cells(items[t.theme_id]), t.theme_id, items[t.theme_id], nearness[t.theme_id], t,
            children[t.theme_id],
        )
        for t in index.themes.values()
    ]  # fmt: skip

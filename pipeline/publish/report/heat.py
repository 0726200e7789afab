"""In how many of a year's, or a region's, visit reports a theme stands as something to be put right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.publish.index import Index, Item, is_concern, list_codes
from pipeline.publish.report.stories import make_slug

_FEW = 5  # reports: fewer make steps of a quarter and more
_NO_REGION = "Region not known"


@dataclass(frozen=True)
class Cell:
    """A theme in a year or region: of `documents` reports of visits, `with_theme` name it, in the sentences `items`."""

    column: str
    with_theme: int
    documents: int
    items: tuple[Item, ...] = ()

    @property
    def percent(self) -> int:
        """The share in whole per cent; 0 where there are no reports."""
        return round(100 * self.with_theme / self.documents) if self.documents else 0

    @property
    def heat(self) -> str:
        """Depth of the cell's colour, 0 to 10; "few" where so few reports give a share that means little.

        Ten steps over the whole range from light to dark: of five in light colours most cells of a real map had two.
        """
        return "few" if self.documents < _FEW else str(-(-self.percent // 10))

    @property
    def slug(self) -> str:
        """The column's name in the address of the cell's page."""
        return make_slug(self.column)


@dataclass(frozen=True)
class Columns:
    """What reports of visits are counted by. `column_of` gives the column of each report, `reports` how many it has."""

    by: str
    column_of: Mapping[str, str]
    reports: Mapping[str, int]

    def make_cells(self, items: Iterable[Item]) -> tuple[Cell, ...]:
        """A cell for each column: the reports in which one of the items names something to be put right."""
        found: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            if item.document_id in self.column_of and is_concern(item):
                found[self.column_of[item.document_id]].append(item)
        return tuple(
            Cell(c, len({i.document_id for i in found[c]}), count, tuple(found[c])) for c, count in self.reports.items()
        )


@dataclass(frozen=True)
class HeatMap:
    """`rows` has for each theme of the codebook one cell a column."""

    columns: Columns
    rows: Mapping[str, tuple[Cell, ...]]


def _make_columns(by: str, column_of: Mapping[str, str]) -> Columns:
    counts = Counter(column_of.values())
    ordered = sorted(counts, key=lambda c: (c == _NO_REGION, c))
    return Columns(by, column_of, {c: counts[c] for c in ordered})


def make_columns(index: Index) -> tuple[Columns, Columns]:
    """The years and the regions of the reports of visits that have any dated finding or recommendation."""
    years: dict[str, str] = {}
    regions: dict[str, str] = {}
    for item in index.items.values():
        if item.visit_id and item.date and item.document_id not in years:
            years[item.document_id] = str(item.date.year)
            regions[item.document_id] = index.documents[item.document_id].region or _NO_REGION
    return _make_columns("year", years), _make_columns("region", regions)


def group_codes(index: Index) -> dict[str, list[Item]]:
    """The items of each theme of the codebook, as their first or second code."""
    members: dict[str, list[Item]] = defaultdict(list)
    for item in index.items.values():
        for code in dict.fromkeys(list_codes(item)):
            members[code].append(item)
    return dict(sorted(members.items()))


def make_heat_map(columns: Columns, members: Mapping[str, Sequence[Item]]) -> HeatMap:
    """The themes of the codebook, with their items, by year or by region."""
    return HeatMap(columns, {code: columns.make_cells(items) for code, items in members.items()})

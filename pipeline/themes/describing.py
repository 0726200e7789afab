"""Themes as they are published: their members, size, spread over reports and councils, keywords and exemplar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.embed import VectorRows, Vectors
from pipeline.records import Side, Theme, ThemeCoverage, ThemeItem
from pipeline.themes.clustering import Clustering, ThemeInput
from pipeline.themes.naming import find_keywords
from pipeline.themes.standing import Standing
from pipeline.themes.state import LastingTheme
from pipeline.themes.statistics import measure_share

_TELLING = 200
"""Texts nearest to a theme's centre from which its keywords are taken."""
_TOGETHER = 10_000
"""Vectors that are in memory at a time."""
_READABLE = range(6, 46)
"""Words of an exemplar: a shorter one says little, a longer one buries it."""


@dataclass(frozen=True)
class ThemeTables:
    """Three tables, and the widest theme of each item."""

    themes: tuple[Theme, ...]
    theme_items: tuple[ThemeItem, ...]
    coverage: tuple[ThemeCoverage, ...]
    theme_of: dict[str, str]


@dataclass(frozen=True)
class _Members:
    """The items of a theme as rows of the clustering, and the cosine of each to the theme's centre."""

    rows: Sequence[int]
    near: Sequence[float]


def describe_themes(clustering: Clustering, standing: Standing) -> ThemeTables:
    """The tables of the themes. An item stands in its narrowest theme and in the wider one."""
    items, vectors = clustering.items, clustering.vectors
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, item in sorted(enumerate(items), key=lambda pair: pair[1].item_id):
        theme_id = standing.members.get(item.item_id)
        if theme_id is not None:
            rows_of[theme_id].append(row)
            if parent := standing.themes[theme_id].parent_id:
                rows_of[parent].append(row)
    members = {t: _measure(rows, vectors, standing.centres[t]) for t, rows in rows_of.items()}
    words = find_keywords({t: [items[r].text for r in _tell(m)] for t, m in members.items()})
    reports = {i.document_id for i in items if i.visit_id}
    councils = {i.council_code for i in items if i.council_code}
    table = [
        _describe(standing.themes[t], m, items, words[t], t in clustering.born, len(reports), len(councils))
        for t, m in members.items()
    ]
    theme_items = [
        ThemeItem(theme_id=t, item_type=items[r].item_type, item_id=items[r].item_id, similarity=near)
        for t, m in members.items()
        for r, near in zip(m.rows, m.near, strict=True)
    ]
    return ThemeTables(
        themes=tuple(sorted(table, key=lambda t: (-t.size, t.theme_id))),
        theme_items=tuple(sorted(theme_items, key=lambda r: (r.theme_id, r.item_id))),
        coverage=_count_outliers(items, standing.members),
        theme_of={i: standing.themes[t].parent_id or t for i, t in standing.members.items()},
    )


def _measure(rows: Sequence[int], vectors: VectorRows, centre: Vectors) -> _Members:
    parts = [vectors[rows[start : start + _TOGETHER]] @ centre for start in range(0, len(rows), _TOGETHER)]
    near = np.clip(np.concatenate(parts), -1.0, 1.0)
    return _Members(rows, [float(n) for n in np.round(near, 5)])


def _tell(members: _Members) -> list[int]:
    order = sorted(range(len(members.rows)), key=lambda n: (-members.near[n], n))
    return [members.rows[n] for n in order[:_TELLING]]


def _describe(
    lasting: LastingTheme,
    members: _Members,
    items: Sequence[ThemeInput],
    keywords: tuple[str, ...],
    is_new: bool,
    of_reports: int,
    of_councils: int,
) -> Theme:
    held = [items[r] for r in members.rows]
    dates = sorted(i.date for i in held if i.date)
    reports = measure_share(len({i.document_id for i in held if i.visit_id}), of_reports)
    councils = measure_share(len({i.council_code for i in held if i.council_code}), of_councils)
    exemplar = items[
        max(zip(members.rows, members.near, strict=True), key=lambda m: _rank_exemplar(items[m[0]], m[1]))[0]
    ]
    return Theme(
        theme_id=lasting.theme_id,
        parent_id=lasting.parent_id,
        label=lasting.label,
        keywords=keywords,
        size=len(held),
        councils=councils.hits,
        visits=len({i.visit_id for i in held if i.visit_id}),
        first_seen=dates[0] if dates else None,
        last_seen=dates[-1] if dates else None,
        exemplar_id=exemplar.item_id,
        theme_code=lasting.code,
        side=Side(lasting.side),
        exemplar=exemplar.text,
        is_new=is_new,
        reports=reports.hits,
        of_reports=reports.of,
        share_reports=reports.share,
        share_reports_low=reports.low,
        share_reports_high=reports.high,
        of_councils=councils.of,
        share_councils=councils.share,
        share_councils_low=councils.low,
        share_councils_high=councils.high,
    )


def _rank_exemplar(item: ThemeInput, near: float) -> tuple[bool, float, str]:
    return (len(item.text.split()) in _READABLE, near, item.item_id)


def _count_outliers(items: Sequence[ThemeInput], members: Mapping[str, str]) -> tuple[ThemeCoverage, ...]:
    counts: dict[tuple[Side, str], list[int]] = defaultdict(lambda: [0, 0])
    for item in items:
        count = counts[item.side, item.theme_code or ""]
        count[0] += 1
        count[1] += item.item_id in members
    return tuple(
        ThemeCoverage(side=side, theme_code=code or None, items=n, in_themes=inside, outliers=n - inside)
        for (side, code), (n, inside) in sorted(counts.items())
    )

"""Items → themes that last from run to run: guided by the codebook, placed by nearness, grown where it is dense."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from pydantic import Field

from pipeline.embed import DIMENSIONS, Vectors
from pipeline.ids import make_id, normalise
from pipeline.records import ItemType, Polarity, Theme, ThemeItem
from pipeline.rules import RuleModel, read_yaml
from pipeline.themes.grouping import centre_of, find_dense_groups, split_group
from pipeline.themes.naming import find_keywords, name_theme
from pipeline.themes.state import LastingTheme, ThemeState, load_state, save_state

__all__ = ["Clustering", "ThemeInput", "ThemeState", "cluster_themes", "load_state", "save_state"]


@dataclass(frozen=True, slots=True)
class ThemeInput:
    """An item to be placed in a theme. `polarity` is None for a recommendation."""

    item_id: str
    item_type: ItemType
    text: str
    polarity: Polarity | None
    theme_code: str | None
    council_code: str | None
    visit_id: str | None
    date: dt.date | None

    @property
    def side(self) -> str:
        """`strength`, or `weakness` for everything that asks for improvement; the two never share a theme."""
        return "strength" if self.polarity == Polarity.STRENGTH else "weakness"


@dataclass(frozen=True)
class Clustering:
    """What clustering makes: two tables, and what the next run needs to keep the themes."""

    themes: tuple[Theme, ...]
    theme_items: tuple[ThemeItem, ...]
    state: ThemeState


class ClusteringThresholds(RuleModel):
    """`models/themes/clustering.yml`."""

    note: str
    least: int = Field(ge=1)
    split_least: int = Field(ge=2)
    split_gain: float = Field(ge=0, le=1)
    dense_least: int = Field(ge=2)
    dense_near: float = Field(ge=0, le=1)
    place: float = Field(ge=0, le=1)


@cache
def load_limits() -> ClusteringThresholds:
    """The thresholds of the clustering."""
    return read_yaml("themes/clustering.yml", ClusteringThresholds)


@dataclass(frozen=True, slots=True)
class _Text:
    """All items of one side with the same words: one point among the vectors."""

    items: tuple[ThemeInput, ...]
    row: int


def cluster_themes(items: Sequence[ThemeInput], vectors: Vectors, previous: ThemeState | None = None) -> Clustering:
    """Themes of the items; `vectors` are the items' unit vectors, shape (len(items), dimensions).

    Items of `previous` keep their themes, new ones join the nearest theme of their side and code, and what is left
    over opens new themes where it is dense. The order of `items` does not matter; the same words count once.
    """
    texts = _unite(items)
    state = previous or ThemeState()
    placed = _place(texts, vectors, state)
    born = _grow([t for t in texts if t.items[0].item_id not in placed], vectors, state)
    themes = {t.theme_id: t for t in state.themes}
    centres = {t.theme_id: c for t, c in zip(state.themes, state.centres, strict=True)}
    parents = {t.theme_id: t for t in state.parents}
    for lasting, members in born:
        themes[lasting.theme_id] = lasting
        centres[lasting.theme_id] = centre_of(vectors[[t.row for t in members]])
        placed |= {i.item_id: lasting.theme_id for t in members for i in t.items}
        if lasting.parent_id and lasting.parent_id not in parents:
            label = name_theme(lasting.code, (), lasting.side, narrow=False)
            parents[lasting.parent_id] = LastingTheme(lasting.parent_id, None, lasting.side, lasting.code, label)
    members_of: dict[str, list[tuple[ThemeInput, int]]] = defaultdict(list)
    for text in texts:
        for item in text.items:
            if item.item_id in placed:
                members_of[placed[item.item_id]].append((item, text.row))
    return _publish(themes, parents, centres, members_of, vectors)


def _unite(items: Sequence[ThemeInput]) -> list[_Text]:
    together: dict[tuple[str, str, str], list[tuple[str, int]]] = defaultdict(list)
    for row, item in enumerate(items):
        together[item.side, item.theme_code or "", normalise(item.text)].append((item.item_id, row))
    texts = [_Text(tuple(items[row] for _, row in sorted(same)), min(same)[1]) for same in together.values()]
    return sorted(texts, key=lambda t: t.items[0].item_id)


def _place(texts: Iterable[_Text], vectors: Vectors, state: ThemeState) -> dict[str, str]:
    """Theme ids of the items that the themes of the last run take in."""
    rows_of: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for i, theme in enumerate(state.themes):
        rows_of[theme.side, theme.code].append(i)
    kept = {t.theme_id for t in state.themes}
    placed: dict[str, str] = {}
    for text in texts:
        known = [state.members[i.item_id] for i in text.items if state.members.get(i.item_id) in kept]
        rivals = rows_of.get((text.items[0].side, text.items[0].theme_code), [])
        target = known[0] if known else None
        if target is None and rivals:
            likeness = state.centres[rivals] @ vectors[text.row]
            best = int(np.argmax(likeness))
            if likeness[best] >= load_limits().place:
                target = state.themes[rivals[best]].theme_id
        if target is not None:
            placed |= {i.item_id: state.members.get(i.item_id, target) for i in text.items}
    return placed


def _grow(texts: Sequence[_Text], vectors: Vectors, state: ThemeState) -> list[tuple[LastingTheme, list[_Text]]]:
    """New themes out of the texts that no theme took in."""
    limits = load_limits()
    groups: dict[tuple[str, str], list[_Text]] = defaultdict(list)
    for text in texts:
        groups[text.items[0].side, text.items[0].theme_code or ""].append(text)
    existing = {(t.side, t.code or "") for t in state.themes}
    born: list[tuple[LastingTheme, list[_Text]]] = []
    for (side, code), members in sorted(groups.items()):
        points = vectors[[t.row for t in members]]
        if not code or (side, code) in existing:
            runs = find_dense_groups(points, limits.dense_least, limits.dense_near)
        elif len(members) >= limits.least:
            runs = split_group(points, limits.split_least, limits.split_gain)
        else:
            runs = []
        narrow = bool(code) and (len(runs) > 1 or (side, code) in existing)
        parent = make_id("theme", side, code) if narrow else None
        words = find_keywords({str(n): [members[r].items[0].text for r in rows] for n, rows in enumerate(runs)})
        for n, rows in enumerate(runs):
            chosen = [members[r] for r in rows]
            theme_id = (
                make_id("theme", side, code, normalise(_nearest(chosen, vectors).items[0].text))
                if narrow or not code
                else make_id("theme", side, code)
            )
            label = name_theme(code or None, words[str(n)], side, narrow)
            born.append((LastingTheme(theme_id, parent, side, code or None, label), chosen))
    return born


def _nearest(members: Sequence[_Text], vectors: Vectors) -> _Text:
    centre = centre_of(vectors[[t.row for t in members]])
    return min(members, key=lambda t: (-round(float(vectors[t.row] @ centre), 5), t.items[0].item_id))


def _publish(
    themes: Mapping[str, LastingTheme],
    parents: Mapping[str, LastingTheme],
    centres: Mapping[str, Vectors],
    members_of: Mapping[str, list[tuple[ThemeInput, int]]],
    vectors: Vectors,
) -> Clustering:
    rows: list[ThemeItem] = []
    near: dict[str, float] = {}
    for theme_id, members in sorted(members_of.items()):
        for item, row in members:
            likeness = max(-1.0, min(1.0, float(vectors[row] @ centres[theme_id])))
            near[item.item_id] = likeness
            rows.append(
                ThemeItem(theme_id=theme_id, item_type=item.item_type, item_id=item.item_id, similarity=likeness)
            )
    wider: dict[str, list[tuple[ThemeInput, int]]] = defaultdict(list)
    for theme_id, members in members_of.items():
        parent = themes[theme_id].parent_id
        if parent:
            wider[parent] += members
    keywords = find_keywords({k: [i.text for i, _ in m] for k, m in members_of.items()}) if members_of else {}
    keywords |= find_keywords({k: [i.text for i, _ in m] for k, m in wider.items()}) if wider else {}
    table = [
        _describe(lasting, [i for i, _ in members], keywords[theme_id], near)
        for source, lookup in ((members_of, themes), (wider, parents))
        for theme_id, members in source.items()
        if (lasting := lookup[theme_id])
    ]
    ordered = sorted(themes.values(), key=lambda t: t.theme_id)
    kept = [centres[t.theme_id] for t in ordered]
    state = ThemeState(
        themes=tuple(ordered),
        parents=tuple(sorted(parents.values(), key=lambda t: t.theme_id)),
        centres=np.stack(kept) if kept else np.zeros((0, DIMENSIONS), dtype=np.float32),
        members={r.item_id: r.theme_id for r in rows},
    )
    return Clustering(
        themes=tuple(sorted(table, key=lambda t: (-t.size, t.theme_id))),
        theme_items=tuple(sorted(rows, key=lambda r: (r.theme_id, r.item_id))),
        state=state,
    )


def _describe(
    lasting: LastingTheme, members: Sequence[ThemeInput], keywords: tuple[str, ...], near: Mapping[str, float]
) -> Theme:
    dates = sorted(i.date for i in members if i.date)
    return Theme(
        theme_id=lasting.theme_id,
        parent_id=lasting.parent_id,
        label=lasting.label,
        keywords=keywords,
        size=len(members),
        councils=len({i.council_code for i in members if i.council_code}),
        visits=len({i.visit_id for i in members if i.visit_id}),
        first_seen=dates[0] if dates else None,
        last_seen=dates[-1] if dates else None,
        exemplar_id=min(members, key=lambda i: (-round(near[i.item_id], 5), i.item_id)).item_id,
        theme_code=lasting.code,
    )

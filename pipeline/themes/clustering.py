"""Items → themes that last from run to run: guided by the codebook, placed by nearness, grown where it is dense."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.embed import DIMENSIONS, VectorRows, Vectors
from pipeline.ids import make_id, normalise
from pipeline.records import Finding, ItemType, Polarity, Recommendation, Side
from pipeline.themes.grouping import Rows
from pipeline.themes.naming import count_phrases, name_theme, rank_phrases
from pipeline.themes.placing import NOWHERE, Placing, Seat, place_texts
from pipeline.themes.state import LastingTheme, ThemeState
from pipeline.themes.topics import find_topic

_TELLING = 200
"""Texts nearest to a theme's centre from which it is named: enough to tell, and the cost stays bounded."""
_OTHERS = 1000
"""Texts of the rest of its code that a name must set it apart from."""


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
    document_id: str
    date: dt.date | None

    @classmethod
    def of(cls, row: Recommendation | Finding) -> ThemeInput:
        """The input that a row of the dataset is."""
        finding = isinstance(row, Finding)
        return cls(
            item_id=row.finding_id if isinstance(row, Finding) else row.recommendation_id,
            item_type=ItemType.FINDING if finding else ItemType.RECOMMENDATION,
            text=row.text,
            polarity=row.polarity if isinstance(row, Finding) else None,
            theme_code=row.theme_code,
            council_code=row.council_code,
            visit_id=row.visit_id,
            document_id=row.document_id,
            date=row.date,
        )

    @property
    def side(self) -> Side:
        """Strength, or weakness for everything that asks for improvement; the two never share a theme."""
        return Side.STRENGTH if self.polarity == Polarity.STRENGTH else Side.WEAKNESS


@dataclass(frozen=True)
class Clustering:
    """Which item stands in which theme. `state` is what the next run needs to keep the themes, `vectors` the items'
    unit vectors in the order of `items`, `born` the ids of the themes that `previous` did not have."""

    items: Sequence[ThemeInput]
    vectors: VectorRows
    state: ThemeState
    born: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class _Text:
    """All items of one side and code with the same words: one point among the vectors."""

    items: tuple[ThemeInput, ...]
    row: int


def cluster_themes(items: Sequence[ThemeInput], vectors: VectorRows, previous: ThemeState | None = None) -> Clustering:
    """Themes of the items; `vectors` are the items' unit vectors, shape (len(items), dimensions).

    Items of `previous` keep their themes as long as they keep side and code, new ones join the theme that they name or
    the nearest of their side and code, and what is left over opens new themes where it is dense. The order of `items`
    does not matter, and the same words count once.
    """
    state = previous or ThemeState()
    themes = {t.theme_id: t for t in state.themes}
    centres = {t.theme_id: c for t, c in zip(state.themes, state.centres, strict=True)}
    members: dict[str, str] = {}
    known: dict[tuple[str, str], list[str]] = defaultdict(list)
    for theme in state.themes:
        known[theme.side, theme.code or ""].append(theme.theme_id)
    for (side, code), texts in _group(items):
        ids = known[side, code]
        number = {theme_id: n for n, theme_id in enumerate(ids)}
        wide = make_id("theme", side, code)
        placing = place_texts(
            vectors[[t.row for t in texts]],
            [find_topic(code, t.items[0].text) for t in texts],
            [Seat(centres[i], themes[i].topic, i == wide) for i in ids],
            [_find_kept(t, state, number) for t in texts],
            has_code=bool(code),
        )
        new = _name_new(side, code, texts, vectors, placing, {themes[i].label for i in ids})
        for lasting, seat in zip(new, placing.seats[len(ids) :], strict=True):
            themes[lasting.theme_id], centres[lasting.theme_id] = lasting, seat.centre
        ids = [*ids, *(t.theme_id for t in new)]
        for text, place in zip(texts, placing.places, strict=True):
            if place != NOWHERE:
                members |= {i.item_id: ids[place] for i in text.items}
    order = sorted(themes)
    stacked = np.stack([centres[i] for i in order]) if order else np.zeros((0, DIMENSIONS), dtype=np.float32)
    made = ThemeState(tuple(themes[i] for i in order), stacked, members)
    return Clustering(items, vectors, made, made.ids - state.ids if previous else frozenset())


def _group(items: Sequence[ThemeInput]) -> Iterator[tuple[tuple[str, str], list[_Text]]]:
    """The texts of each side and code, in an order that does not depend on that of the items."""
    together: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, item in enumerate(items):
        together[item.side.value, item.theme_code or ""][normalise(item.text)].append(row)
    for key in sorted(together):
        texts = []
        for rows in together.pop(key).values():
            rows.sort(key=lambda r: items[r].item_id)
            texts.append(_Text(tuple(items[r] for r in rows), rows[0]))
        yield key, sorted(texts, key=lambda t: t.items[0].item_id)


def _find_kept(text: _Text, state: ThemeState, number: dict[str, int]) -> int:
    """The number of the theme in which the text stood, NOWHERE where it is new or its theme is of another code."""
    stood = (number.get(state.members.get(i.item_id, ""), NOWHERE) for i in text.items)
    return next((n for n in stood if n != NOWHERE), NOWHERE)


def _name_new(
    side: str, code: str, texts: Sequence[_Text], vectors: VectorRows, placing: Placing, taken: set[str]
) -> list[LastingTheme]:
    """The themes that have opened, in the order of `placing`."""
    made = []
    parent = make_id("theme", side, code) if code else None
    for number, seat in enumerate(placing.seats):
        if seat.founders is None:
            continue
        if seat.is_wide:
            lasting = LastingTheme(make_id("theme", side, code), None, side, code, name_theme(side, code))
        elif seat.topic:
            label = name_theme(side, code, topic=seat.topic)
            lasting = LastingTheme(make_id("theme", side, code, seat.topic), parent, side, code, label, seat.topic)
        else:
            points = vectors[[texts[r].row for r in seat.founders]]
            nearest = [texts[r].items[0].text for r in seat.founders[_order(points, seat.centre)]]
            theme_id = make_id("theme", side, code, normalise(nearest[0]))
            others = _list_others(texts, placing, number)
            label = _find_label(side, code, nearest[:_TELLING], others, taken)
            lasting = LastingTheme(theme_id, parent, side, code or None, label)
        taken = taken | {lasting.label}
        made.append(lasting)
    return made


def _order(points: Vectors, centre: Vectors) -> Rows:
    """Rows of the points, the nearest to the centre first; what differs by rounding alone stays in order."""
    return np.argsort(-np.round(points @ centre, 5), kind="stable")


def _list_others(texts: Sequence[_Text], placing: Placing, number: int) -> list[str]:
    rows = range(0, len(texts), max(1, len(texts) // _OTHERS))
    return [texts[r].items[0].text for r in rows if placing.places[r] != number]


def _find_label(side: str, code: str, own: Sequence[str], others: Sequence[str], taken: set[str]) -> str:
    """A name that no sister has, by the phrases that set the texts apart."""
    ranked = rank_phrases(count_phrases(own), len(own), count_phrases(others), len(others))
    phrases = [phrase for phrase, _ in ranked]
    for skip in range(len(phrases)):
        label = name_theme(side, code, phrases=phrases[skip:])
        if label not in taken:
            return label
    return name_theme(side, code, phrases=own[:1])

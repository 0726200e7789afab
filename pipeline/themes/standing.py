"""What stands where: themes and members as the clustering left them, then as people corrected them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.embed import Vectors
from pipeline.ids import make_id
from pipeline.records import CorrectionAction
from pipeline.themes.clustering import Clustering, ThemeInput
from pipeline.themes.codebook import plain_words
from pipeline.themes.corrections import CorrectionLine, CorrectionLog
from pipeline.themes.grouping import centre_of
from pipeline.themes.state import LastingTheme


@dataclass
class Standing:
    """`themes` by id; `members` gives each item's narrowest theme, `centres` the middle of each theme."""

    themes: dict[str, LastingTheme]
    members: dict[str, str]
    centres: dict[str, Vectors]

    def list_below(self, theme_id: str) -> set[str]:
        """The theme and those that it is the parent of."""
        return {theme_id} | {t.theme_id for t in self.themes.values() if t.parent_id == theme_id}

    def list_members(self, theme_id: str) -> list[str]:
        """The items that stand in the theme or below."""
        below = self.list_below(theme_id)
        return [item for item, theme in self.members.items() if theme in below]


def correct_themes(clustering: Clustering, log: CorrectionLog) -> Standing:
    """The themes with the corrections of `log` applied in order; what came of each is noted there.

    The state of the clustering is left alone, so that a correction taken out of the file is undone by the next run.
    """
    state = clustering.state
    standing = Standing(
        themes={t.theme_id: t for t in state.themes},
        members=dict(state.members),
        centres={t.theme_id: c for t, c in zip(state.themes, state.centres, strict=True)},
    )
    items = {i.item_id: n for n, i in enumerate(clustering.items)}
    editor = _Editor(standing, clustering.items, items)
    for number, line in log.take(*_EDITS):
        try:
            log.note(number, True, _EDITS[CorrectionAction(line.action)](editor, line))
        except _Refusal as reason:
            log.note(number, False, str(reason))
    for theme_id in editor.changed & set(standing.themes):
        rows = [items[i] for i, t in standing.members.items() if t == theme_id]
        if rows:
            standing.centres[theme_id] = centre_of(clustering.vectors[sorted(rows)])
    return standing


class _Refusal(Exception):
    """Why a correction cannot be applied."""


class _Editor:
    def __init__(self, standing: Standing, items: Sequence[ThemeInput], rows: Mapping[str, int]) -> None:
        self._standing, self._items, self._rows = standing, items, rows
        self._gone: dict[str, str] = {}
        self.changed: set[str] = set()

    def _find(self, theme_id: str) -> LastingTheme:
        while theme_id in self._gone:
            theme_id = self._gone[theme_id]
        if theme_id not in self._standing.themes:
            raise _Refusal(f"There is no theme {theme_id} in this dataset.")
        return self._standing.themes[theme_id]

    def _put(self, items: Sequence[str], theme_id: str) -> None:
        for item in items:
            if (left := self._standing.members.get(item)) is not None:
                self.changed.add(left)
            self._standing.members[item] = theme_id
        self.changed.add(theme_id)

    def rename(self, line: CorrectionLine) -> str:
        theme = self._find(line.target)
        self._standing.themes[theme.theme_id] = replace(theme, label=line.to)
        return f"Renamed from {theme.label}."

    def merge(self, line: CorrectionLine) -> str:
        source, target = self._find(line.target), self._find(line.to)
        if source.side != target.side:
            raise _Refusal("Strengths and weaknesses are never merged.")
        if source.theme_id == target.theme_id or target.parent_id == source.theme_id:
            raise _Refusal("A theme cannot be merged into itself or into a part of itself.")
        standing = self._standing
        moved = standing.list_members(source.theme_id)
        below = standing.list_below(source.theme_id) - {source.theme_id}
        if target.parent_id is None and below:
            for child in below:
                standing.themes[child] = replace(standing.themes[child], parent_id=target.theme_id)
            self._put([i for i in moved if standing.members[i] == source.theme_id], target.theme_id)
        else:
            self._put(moved, target.theme_id)
            for child in below:
                del standing.themes[child]
                self._gone[child] = target.theme_id
        del standing.themes[source.theme_id]
        self._gone[source.theme_id] = target.theme_id
        return f"{len(moved)} items merged into {target.label}."

    def split(self, line: CorrectionLine) -> str:
        theme = self._find(line.target)
        held = self._standing.list_members(theme.theme_id)
        phrases = [f" {plain_words(p)} " for p in line.listed]
        chosen = [i for i in held if i in line.listed or any(p in f" {self._words(i)} " for p in phrases)]
        if not chosen:
            raise _Refusal(f"No item of {theme.label} is named or holds these words.")
        parent = theme.parent_id or theme.theme_id
        theme_id = make_id("theme", "split", theme.theme_id, line.to)
        self._standing.themes[theme_id] = LastingTheme(theme_id, parent, theme.side, theme.code, line.to)
        self._put(chosen, theme_id)
        return f"{len(chosen)} of {len(held)} items split from {theme.label} into {theme_id}."

    def _words(self, item_id: str) -> str:
        return plain_words(self._items[self._rows[item_id]].text)

    def move(self, line: CorrectionLine) -> str:
        theme = self._find(line.to)
        unknown = [i for i in line.listed if i not in self._rows]
        if unknown:
            raise _Refusal(f"There is no item {', '.join(unknown)} in this dataset.")
        if any(self._items[self._rows[i]].side.value != theme.side for i in line.listed):
            raise _Refusal("Strengths and weaknesses never share a theme.")
        self._put(line.listed, theme.theme_id)
        return f"{len(line.listed)} items moved to {theme.label}."


_EDITS: dict[CorrectionAction, Callable[[_Editor, CorrectionLine], str]] = {
    CorrectionAction.RENAME: _Editor.rename,
    CorrectionAction.MERGE: _Editor.merge,
    CorrectionAction.SPLIT: _Editor.split,
    CorrectionAction.MOVE: _Editor.move,
}

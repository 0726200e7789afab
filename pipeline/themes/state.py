"""What a run hands to the next so that themes last: their centres, names and members."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.embed import DIMENSIONS, Vectors

CENTRES, FACTS = "centres.npz", "themes.json"
FORMAT = 2


@dataclass(frozen=True, slots=True)
class LastingTheme:
    """A theme as it is kept: its id and label never change, nor does its centre. `topic` is the topic of
    `models/themes/topics.yml` that it is about, None for a wider theme and for what was found by density."""

    theme_id: str
    parent_id: str | None
    side: str
    code: str | None
    label: str
    topic: str | None = None


@dataclass(frozen=True)
class ThemeState:
    """The themes of the last run. `centres` are unit vectors in the order of `themes`; `members` gives the narrowest
    theme of each item that was placed."""

    themes: tuple[LastingTheme, ...] = ()
    centres: Vectors = field(default_factory=lambda: np.zeros((0, DIMENSIONS), dtype=np.float32))
    members: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the themes."""
        return frozenset(t.theme_id for t in self.themes)


def save_state(state: ThemeState, folder: Path) -> None:
    """Write the state into `folder`, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "format": FORMAT,
        "themes": [_as_dict(t) for t in state.themes],
        "members": dict(sorted(state.members.items())),
    }
    (folder / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=0), encoding="utf-8")
    np.savez(folder / CENTRES, centres=state.centres)


def load_state(folder: Path) -> ThemeState | None:
    """The state in `folder`; None where none was saved, or by a version that grouped otherwise."""
    if not (folder / FACTS).exists() or not (folder / CENTRES).exists():
        return None
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    if facts.get("format") != FORMAT:
        return None
    with np.load(folder / CENTRES) as stored:
        centres = stored["centres"].astype(np.float32)
    return ThemeState(
        themes=tuple(LastingTheme(**t) for t in facts["themes"]),
        centres=centres,
        members=facts["members"],
    )


def _as_dict(theme: LastingTheme) -> dict[str, str | None]:
    return {name: getattr(theme, name) for name in LastingTheme.__slots__}

"""How codes are written for people: the words of closed vocabularies, and the names of the codebook's themes."""

from __future__ import annotations

import functools

from pydantic import ConfigDict

from pipeline.rules import RuleModel, read_yaml

_LABELS = {
    "ilacs_inspection": "ILACS inspection",
    "sif_inspection": "Single inspection (SIF)",
    "jtai": "Joint targeted area inspection",
    "jtai_letter": "Joint targeted area inspection",
    "area_send": "Area SEND inspection",
    "area_send_inspection": "Area SEND inspection",
    "lscb": "Local safeguarding children board",
    "leaders": "Impact of leaders",
    "in_care": "Children in care",
    "in_care_and_care_leavers": "Children in care and care leavers",
    "requires_improvement": "Requires improvement",
    "percent": "%",
    "per_10000": "per 10,000",
    "gbp": "£",
    "count": "",
    "ratio": "times",
    "quotes_by": "Quoted by",
    "answers_by": "Answered by",
    "reports_on_by": "Reported on by",
    "repeats_by": "Repeated by",
    "resolves_by": "Resolved by",
    "not_mentioned": "Not mentioned again",
    "overclaimed": "Claimed a strength where inspectors found weakness",
    "underclaimed": "Claimed a weakness where inspectors found strength",
    "divided": "One side names as much strength as weakness",
    "shared_strength": "Both find strength",
    "shared_weakness": "Both find weakness",
}

_COLOURS = {
    "green": ("strength", "good", "outstanding", "positive", "improved"),
    "red": ("weakness", "inadequate", "systemic_failings", "repeated", "error"),
    "yellow": ("mixed", "requires_improvement", "inconsistent", "partly_improved", "warning"),
    "grey": ("not_mentioned",),
}


class ThemeName(RuleModel):
    """What people read of a theme of the codebook; the rest of `models/themes.yml` belongs to the coding."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    code: str
    label: str
    definition: str


class _Codebook(RuleModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    themes: tuple[ThemeName, ...]


@functools.cache
def read_theme_names() -> dict[str, ThemeName]:
    """The codebook's themes by code, in its order."""
    return {theme.code: theme for theme in read_yaml("themes.yml", _Codebook).themes}


def colour_code(code: str) -> str:
    """The colour of a code's tag; blue where it says nothing good or bad."""
    return next((colour for colour, codes in _COLOURS.items() if code in codes), "blue")


def label_code(code: str | None) -> str:
    """A code in words: its label where it has one, else its own words; empty for null."""
    if code is None:
        return ""
    return _LABELS.get(code, code.replace("_", " ").capitalize())


def label_theme(code: str | None) -> str:
    """The name of a theme of the codebook; the code in words where the codebook does not hold it."""
    if code is None:
        return ""
    known = read_theme_names().get(code)
    return known.label if known else label_code(code)

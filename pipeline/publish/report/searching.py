"""What a search asks, as an address that can be kept, and what it can be narrowed to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from urllib.parse import urlencode

from pipeline.publish.labels import label_code, label_theme
from pipeline.publish.report.gathering import Gathered
from pipeline.records import Cohort, Polarity, RecommendationKind

MODES = {"words": "Words", "meaning": "Meaning", "both": "Words and meaning"}
TABLES = {"finding": "Findings", "recommendation": "Recommendations", "metric": "Metrics"}


@dataclass(frozen=True)
class Query:
    """A search: words, and what the rows must be; what is empty does not narrow. The names are those of the address.

    `kind` is a table or a kind of recommendation; `since` and `until` are dates, or nothing.
    """

    q: str = ""
    mode: str = "words"
    council: str = ""
    region: str = ""
    kind: str = ""
    polarity: str = ""
    theme: str = ""
    cohort: str = ""
    since: str = ""
    until: str = ""

    @property
    def asked(self) -> bool:
        """Whether it asks for anything."""
        return any(getattr(self, f.name) for f in fields(self) if f.name != "mode")

    def to_address(self, **more: object) -> str:
        """The query as the part of an address after the question mark."""
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        return urlencode({k: v for k, v in {**given, **more}.items() if v and (k, v) != ("mode", "words")})


def read_query(given: Mapping[str, str]) -> tuple[Query, dict[str, str]]:
    """The query of an address, and what is wrong with it by field: what is wrong does not narrow."""
    values = {f.name: given.get(f.name, "").strip() for f in fields(Query)}
    faults = {}
    for name in ("since", "until"):
        if values[name]:
            try:
                dt.date.fromisoformat(values[name])
            except ValueError:
                faults[name] = "Enter a date such as 2024-03-31"
                values[name] = ""
    if values["mode"] not in MODES:
        values["mode"] = "words"
    return Query(**values), faults


@dataclass(frozen=True)
class Choice:
    """A field that is chosen from a list: pairs of value and words."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]


def list_choices(gathered: Gathered) -> list[Choice]:
    """What a search can be narrowed to, by what the dataset holds."""
    facets = gathered.facets
    codes = sorted(facets.codes, key=label_theme)
    demands = [
        (k.value, f"Recommendations: {label_code(k.value)}") for k in RecommendationKind if k.value in facets.kinds
    ]
    return [
        Choice("council", "Council", [(c, c) for c in facets.councils]),
        Choice("region", "Region", [(r, r) for r in facets.regions]),
        Choice("kind", "Kind", [*TABLES.items(), *demands]),
        Choice("polarity", "Polarity", [(p.value, label_code(p.value)) for p in Polarity]),
        Choice("theme", "Theme", [(c, label_theme(c)) for c in codes]),
        Choice(
            "cohort", "Whom it is about", [(c.value, label_code(c.value)) for c in Cohort if c.value in facets.cohorts]
        ),
    ]

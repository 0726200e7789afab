"""A metric in the making, and what its sentence can refer back to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.extract.metrics.numbers import Number
from pipeline.extract.metrics.periods import Period
from pipeline.records import Direction, Subject, Unit

LENGTHS = frozenset({Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS, Unit.HOURS})

SHARES = frozenset({Unit.PERCENT, Unit.GBP, Unit.PER_10000})


@dataclass
class Draft:
    """A metric in the making."""

    number: Number
    value: float
    unit: Unit
    measure: str
    rule_id: str
    confidence: float
    period: Period | None = None
    direction: Direction | None = None
    subject: Subject = Subject.COUNCIL
    is_target: bool = False
    numerator: float | None = None
    denominator: float | None = None
    noun: str = ""


@dataclass
class Trail:
    """What a sentence can refer back to: the sentence before it, the line on which its list hangs, and a line without a
    full stop that names bare figures below it (`caption`)."""

    drafts: list[Draft] = field(default_factory=list)
    caption: str = ""
    lead: str = ""
    lead_drafts: list[Draft] = field(default_factory=list)
    lead_period: Period | None = None
    lead_level: int = 0
    lead_block: int = -1
    block: int = -1
    block_drafts: list[Draft] = field(default_factory=list)


def strip_brackets(measure: str) -> str:
    """A measure without the bound in brackets at its end."""
    return re.sub(
        r" \((?:[a-z ]+ end of range|fewer than|less than|more than|over"
        r"|under|none|average|at least|nearly|almost|up to|[a-z ]+)\)$",
        "",
        measure,
    )


def find_base(drafts: Sequence[Draft]) -> Draft | None:
    """The draft that others of its sentence hang on: the first count, else the first."""
    return next((d for d in drafts if d.unit is Unit.COUNT), drafts[0] if drafts else None)

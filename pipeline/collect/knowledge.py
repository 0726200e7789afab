"""How sources are asked and what is taken from them: `models/collecting.yml`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from pydantic import Field

from pipeline.rules import Regex, RuleModel, read_yaml


class Polite(RuleModel):
    """How a host is treated; times in seconds, sizes in bytes."""

    user_agent: str = Field(pattern="goldenthread")
    delay: float = Field(ge=0)
    timeout: float = Field(gt=0)
    longest: float = Field(gt=0)
    largest: int = Field(gt=0)
    tries: int = Field(ge=1)
    patience: float = Field(ge=0)
    give_up: int = Field(ge=1)


class Wording(RuleModel):
    """A pattern that is looked for in a title, with examples in which it must and must not be found."""

    pattern: Regex
    hit: tuple[str, ...] = Field(min_length=1)
    miss: tuple[str, ...] = Field(min_length=1)

    def found_in(self, text: str) -> bool:
        """Whether the pattern stands in the text, without regard to case."""
        return re.search(self.pattern, text.strip().replace("’", "'"), re.IGNORECASE) is not None


def any_found(wordings: Iterable[Wording], *texts: str) -> bool:
    """Whether one of the patterns stands in one of the texts."""
    return any(w.found_in(text) for text in texts for w in wordings)


class OfstedKnowledge(RuleModel):
    """Where Ofsted's reports site lists what, and which reports are wanted."""

    search: str
    provider: str = Field(pattern=r"\{urn\}")
    wanted: tuple[Wording, ...]
    passed_over: tuple[Wording, ...]


class CommitteeKnowledge(RuleModel):
    """Which committees and papers concern children's services."""

    childrens: tuple[Wording, ...]
    general: tuple[Wording, ...]
    subjects: tuple[Wording, ...]
    ignored: tuple[Wording, ...]
    minutes: tuple[Wording, ...]


class ModernGovKnowledge(RuleModel):
    """Which meetings are asked for, in days."""

    days_back: int = Field(ge=0)
    days_ahead: int = Field(ge=0)
    settled: int = Field(ge=0)


class Knowledge(RuleModel):
    """Schema of `models/collecting.yml`."""

    polite: Polite
    ofsted: OfstedKnowledge
    committees: CommitteeKnowledge
    moderngov: ModernGovKnowledge


@functools.cache
def load_knowledge() -> Knowledge:
    """`models/collecting.yml`."""
    return read_yaml("collecting.yml", Knowledge)

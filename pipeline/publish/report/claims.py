"""What a council says of itself against what inspectors found, theme by theme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.publish.index import list_codes
from pipeline.records import Finding, Polarity

_SHOWN = 3


@dataclass(frozen=True)
class Side:
    """The findings of one side on a theme, newest and surest first."""

    findings: tuple[Finding, ...]

    @property
    def strengths(self) -> int:
        """How many praise."""
        return sum(f.polarity is Polarity.STRENGTH for f in self.findings)

    @property
    def concerns(self) -> int:
        """How many name something to be put right."""
        return len(self.findings) - self.strengths

    @property
    def leans(self) -> int:
        """1 where it praises more than it criticises, -1 the other way, 0 where both weigh the same."""
        return (self.strengths > self.concerns) - (self.strengths < self.concerns)

    @property
    def examples(self) -> tuple[Finding, ...]:
        """A few findings that lean the way the side leans."""
        own = [f for f in self.findings if self.leans == 0 or (f.polarity is Polarity.STRENGTH) == (self.leans > 0)]
        return tuple(own[:_SHOWN])


@dataclass(frozen=True)
class Claim:
    """A theme on which both the council and inspectors have said something."""

    code: str
    council: Side
    inspectors: Side

    @property
    def verdict(self) -> str:
        """In words whether they agree, and if not, who is the more critical."""
        if self.council.leans == self.inspectors.leans:
            return "They agree"
        if self.council.leans > self.inspectors.leans:
            return "Inspectors are more critical"
        return "The council is more critical"

    @property
    def gap(self) -> int:
        """How far they are apart: 2 where one praises and the other criticises."""
        return abs(self.council.leans - self.inspectors.leans)


def _side(findings: Iterable[Finding]) -> Side:
    return Side(tuple(sorted(findings, key=lambda f: (f.date is None, f.date and -f.date.toordinal(), -f.confidence))))


def make_claims(findings: Iterable[Finding]) -> list[Claim]:
    """The themes that both sides speak of, those on which they differ most first.

    A finding in a document that reports a visit is the inspectors'; one in any other paper is the council's own.
    """
    own: dict[str, list[Finding]] = defaultdict(list)
    theirs: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        for code in list_codes(finding):
            (theirs if finding.visit_id else own)[code].append(finding)
    claims = [Claim(code, _side(own[code]), _side(theirs[code])) for code in sorted(own.keys() & theirs.keys())]
    return sorted(claims, key=lambda c: (-c.gap, -len(c.council.findings) - len(c.inspectors.findings)))

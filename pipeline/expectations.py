"""What a document of its kind should have yielded, and a warning where it did not: `models/expectations.yml`."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from pydantic import Field

from pipeline.extract.judgements import list_contradictions, list_unknown_judgements
from pipeline.paper import Paper
from pipeline.records import DocType, Finding, Judgement, Problem, Recommendation, Severity
from pipeline.rules import RuleModel, read_yaml

STAGE = "expectations"


class Bounds(RuleModel):
    """How many rows there should be."""

    least: int | None = None
    most: int | None = None

    def describe_breach(self, count: int) -> str | None:
        """What is wrong with the count, if anything."""
        if self.least is not None and count < self.least:
            return f"{count} found, at least {self.least} expected"
        if self.most is not None and count > self.most:
            return f"{count} found, at most {self.most} expected"
        return None


class Expectation(RuleModel):
    """What documents of some kinds yield."""

    kinds: list[DocType] = Field(min_length=1)
    frameworks: list[str] | None = None
    judgements: Bounds = Bounds()
    recommendations: Bounds = Bounds()
    findings: Bounds = Bounds()
    why: str


class Expectations(RuleModel):
    """`models/expectations.yml`."""

    expectations: list[Expectation]
    least_words: int


@functools.cache
def load_expectations() -> Expectations:
    """The bounds, validated."""
    return read_yaml("expectations.yml", Expectations)


def _find_expectation(paper: Paper) -> Expectation | None:
    framework = paper.visit.framework if paper.visit else None
    for row in load_expectations().expectations:
        if paper.document.doc_type in row.kinds and (row.frameworks is None or framework in row.frameworks):
            return row
    return None


def check_expectations(
    paper: Paper,
    judgements: Sequence[Judgement],
    recommendations: Sequence[Recommendation],
    findings: Sequence[Finding],
) -> tuple[Problem, ...]:
    """A warning for each table with fewer or more rows than documents of this kind yield, for each judgement that was
    not understood, and for grades that the document contradicts.
    """
    notes: list[tuple[str, str]] = []
    document = paper.document
    if document.words < load_expectations().least_words:
        notes.append(("few_words", f"Part {document.part} holds {document.words} words: look whether it was read."))
    if row := _find_expectation(paper):
        for table, bounds, count in (
            ("judgements", row.judgements, len(judgements)),
            ("recommendations", row.recommendations, len(recommendations)),
            ("findings", row.findings, len(findings)),
        ):
            if breach := bounds.describe_breach(count):
                notes.append((f"unexpected_{table}", f"{document.title}: {breach} ({table}). {row.why}"))
    notes += [("judgement_unknown", f"Not understood: {what}.") for what in list_unknown_judgements(paper)]
    notes += [("judgements_differ", what) for what in list_contradictions(paper, judgements)]
    return tuple(
        Problem(
            file_name=document.file_name,
            file_sha256=document.file_sha256,
            stage=STAGE,
            error=error,
            message=message,
            severity=Severity.WARNING,
        )
        for error, message in notes
    )

"""Which documents are followed to which, and how far."""

from __future__ import annotations

import functools

from pipeline.records import DocType
from pipeline.rules import RuleModel, read_yaml


class ThreadRules(RuleModel):
    """`models/threads.yml`."""

    note: str
    full: tuple[str, ...]
    between: tuple[str, ...]
    sources: tuple[DocType, ...]
    papers: tuple[DocType, ...]
    findings_followed: tuple[DocType, ...]
    evidence: int
    evidence_least: float
    quote: float
    answer_days: int
    answer_least: float
    answers_most: int
    report_least: float
    reports_most: int
    claims: tuple[DocType, ...]
    claim_days: int


@functools.cache
def load_thread_rules() -> ThreadRules:
    """The rules of `models/threads.yml`."""
    return read_yaml("threads.yml", ThreadRules)

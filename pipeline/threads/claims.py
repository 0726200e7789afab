"""A council's self-assessment beside its next full inspection, theme by theme."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from pipeline.ids import make_id
from pipeline.records import Claim, Document, Finding, Polarity, Verdict, Visit
from pipeline.threads.dating import date_files
from pipeline.threads.rules import load_thread_rules

Themes = Mapping[str, Sequence[Finding]]


def compare_claims(
    documents: Sequence[Document], visits: Sequence[Visit], findings: Sequence[Finding]
) -> tuple[Claim, ...]:
    """One row for each theme on which a self-assessment and the council's next full inspection both hold findings.

    The order of the arguments' rows does not matter.
    """
    rules, file_dates = load_thread_rules(), date_files(documents)
    of_document: dict[str, list[Finding]] = defaultdict(list)
    of_visit: dict[str, list[Finding]] = defaultdict(list)
    for finding in sorted(findings, key=lambda f: f.finding_id):
        of_document[finding.document_id].append(finding)
        of_visit[finding.visit_id or ""].append(finding)
    rows = []
    for document in sorted(documents, key=lambda d: d.document_id):
        own = of_document[document.document_id]
        when = (own[0].date if own else None) or file_dates.get(document.document_id)
        if document.doc_type not in rules.claims or not own or when is None:
            continue
        visit = _find_next(document, when, visits)
        if visit is None:
            continue
        claimed, found = _group(own), _group(of_visit[visit[1]])
        for code in sorted(claimed.keys() & found.keys()):
            rows.append(_compare(document, visit, code, claimed[code], found[code]))
    return tuple(sorted(rows, key=lambda r: (r.council_code, r.document_id, r.theme_code)))


def _find_next(document: Document, when: dt.date, visits: Sequence[Visit]) -> tuple[int, str, str] | None:
    """Days until, and council code and id of, the council's first full inspection after the self-assessment."""
    rules = load_thread_rules()
    later = [
        ((visit.visit_end - when).days, visit.visit_id, visit.council_code)
        for visit in visits
        if visit.council_code == document.council_code and visit.visit_type.value in rules.full and visit.visit_end
    ]
    return min((x for x in later if 0 <= x[0] <= rules.claim_days), default=None)


def _group(findings: Sequence[Finding]) -> Themes:
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.theme_code:
            groups[finding.theme_code].append(finding)
    return groups


def _compare(
    document: Document, visit: tuple[int, str, str], code: str, claimed: Sequence[Finding], found: Sequence[Finding]
) -> Claim:
    days, visit_id, council_code = visit
    return Claim(
        claim_id=make_id("claim", document.document_id, visit_id, code),
        council_code=council_code,
        theme_code=code,
        document_id=document.document_id,
        visit_id=visit_id,
        days=days,
        verdict=_judge(_lean(claimed), _lean(found)),
        claimed_strengths=_pick(claimed, Polarity.STRENGTH),
        claimed_weaknesses=_pick(claimed, Polarity.WEAKNESS),
        found_strengths=_pick(found, Polarity.STRENGTH),
        found_weaknesses=_pick(found, Polarity.WEAKNESS),
    )


def _pick(findings: Sequence[Finding], polarity: Polarity) -> tuple[str, ...]:
    return tuple(f.finding_id for f in findings if f.polarity == polarity)


def _lean(findings: Sequence[Finding]) -> int:
    """How many strengths there are more than weaknesses."""
    return len(_pick(findings, Polarity.STRENGTH)) - len(_pick(findings, Polarity.WEAKNESS))


def _judge(claimed: int, found: int) -> Verdict:
    if claimed * found == 0:
        return Verdict.DIVIDED
    if claimed * found > 0:
        return Verdict.SHARED_STRENGTH if claimed > 0 else Verdict.SHARED_WEAKNESS
    return Verdict.OVERCLAIMED if claimed > 0 else Verdict.UNDERCLAIMED

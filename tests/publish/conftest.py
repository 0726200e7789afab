"""A dataset about fictional councils that fills every table, with texts made to break careless writers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipeline.records import (
    Claim,
    Correction,
    Document,
    Finding,
    Judgement,
    Metric,
    Problem,
    Recommendation,
    Record,
    Run,
    Theme,
    ThemeCount,
    ThemeCoverage,
    ThemeItem,
    ThemeRecurrence,
    ThemeTrend,
    Thread,
    Visit,
)
from pipeline.themes.codebook import publish_codebook

NASTY = (
    '=HYPERLINK("http://example.test";"click") is what the clerk typed.',
    "+44 calls were answered <script>alert('x')</script> late.",
    "-5 percentage points, said “Zoë” of Łódź House, is “not good enough”.",
    "@leaders have a grip; supervision & visits are “timely”, at £1,200 a week.",
    "\tIndented by a tab, the plan drifts.",
    'Lines\nbreak here, and "quotes, with commas" stay.',
    "The register lists 20\ufffe25 children\u00a0and 👧🏽 is drawn beside it.",
)


@dataclass
class Builder:
    """Collects the text of one document and hands out the place of each sentence in it."""

    document_id: str
    text: str = "Cover page — Überblick\n"
    count: int = 0

    def place(self, sentence: str, **more: Any) -> dict[str, Any]:
        start = len(self.text)
        self.text += sentence + "\n"
        self.count += 1
        return {
            "document_id": self.document_id, "page": 1 + self.count // 4, "paragraph": str(self.count),
            "section": "The experiences of children", "char_start": start, "char_end": start + len(sentence),
            "bbox": (72.0, 100.5, 500.25, 114.0), "rule_id": "made.up", "confidence": 0.8,
        } | more  # fmt: skip


@dataclass
class Made:
    """Tables by name and texts by document id, as `publish` takes them."""

    tables: dict[str, Sequence[Record]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


COUNCILS = (("Northmoor", "E06009001", "North East"), ("Eastvale & Fenwick", "E08009002", "East of England"))
THEMES = (("theme_01", "Supervision of social workers", "management_oversight_supervision"),
          ("theme_02", "Homes for children", "placement_sufficiency_stability"))  # fmt: skip


def make_dataset() -> Made:
    documents: list[Record] = []
    visits: list[Record] = []
    judgements: list[Record] = []
    findings: list[Record] = []
    recommendations: list[Record] = []
    metrics: list[Record] = []
    threads: list[Record] = []
    texts: dict[str, str] = {}
    for c, (council, code, region) in enumerate(COUNCILS):
        previous = None
        firsts: list[str] = []
        for n, year in enumerate((2019, 2023)):
            end = dt.date(year, 5, 17 + c)
            visit_id, document_id = f"visit_{c}{n}", f"doc_{c}{n}"
            visits.append(
                Visit(
                    visit_id=visit_id, council=council, council_code=code, visit_type="ilacs_inspection",
                    visit_start=end - dt.timedelta(days=4), visit_end=end, published=end + dt.timedelta(days=40),
                    lead_inspector="Ada O’Neill", framework="ILACS", previous_visit_id=previous,
                )
            )  # fmt: skip
            built = Builder(document_id)
            for area in ("overall_effectiveness", "help_and_protection"):
                grade = "good" if n else "requires_improvement"
                judgements.append(
                    Judgement(**built.place(f"{area}: {grade}"), visit_id=visit_id, area=area, grade=grade)
                )
            for i, sentence in enumerate(NASTY):
                theme_id, _, theme_code = THEMES[i % 2]
                findings.append(
                    Finding(
                        **built.place(sentence), finding_id=f"find_{c}{n}{i}", visit_id=visit_id, council_code=code,
                        date=end, text=sentence, polarity=("weakness", "strength", "mixed")[i % 3],
                        extent="some" if i % 2 else None, cohorts=("in_care", "workforce") if i % 2 else (),
                        theme_code=theme_code, theme_id=theme_id,
                    )
                )  # fmt: skip
            for i, sentence in enumerate(("The regularity of supervision.", "=1+1 homes for children near Northmoor")):
                theme_id, _, theme_code = THEMES[i]
                item_id = f"rec_{c}{n}{i}"
                recommendations.append(
                    Recommendation(
                        **built.place(sentence), recommendation_id=item_id, visit_id=visit_id,
                        council_code=code, date=end, number=f"1.{i}", text=sentence, kind="area_for_improvement",
                        framework_refs=("outcome 2", "enabler 1") if n else (), due="by spring",
                        due_date=dt.date(year + 1, 3, 31), status="Amber", theme_code=theme_code, theme_id=theme_id,
                        outcome=None if n else ("repeated", "improved")[i],
                        outcome_visit_id=None if n else f"visit_{c}1",
                    )
                )  # fmt: skip
                if n:
                    threads.append(
                        Thread(
                            thread_id=f"thread_{c}{i}", council_code=code, from_id=firsts[i],
                            from_type="recommendation", to_id=item_id, to_type="recommendation",
                            relation="repeats", score=0.75, days=1461,
                        )
                    )  # fmt: skip
                else:
                    firsts.append(item_id)
            row = "Agency social workers fell from 31.5% to 22% in 2022 to 2023."
            place = built.place(row)
            for i, (value, direction) in enumerate(((31.5, None), (22.0, "down"))):
                metrics.append(
                    Metric(
                        **place, metric_id=f"metric_{c}{n}{i}", visit_id=visit_id, council_code=code, date=end,
                        quote=row, value=value, unit="percent", measure="agency social workers",
                        period="2022 to 2023", period_start=dt.date(2022, 4, 1), period_end=dt.date(2023, 3, 31),
                        direction=direction, numerator=None, denominator=None,
                    )
                )  # fmt: skip
            texts[document_id] = built.text
            documents.append(
                Document(
                    document_id=document_id, file_name=f"{council} {year}.pdf", file_sha256=f"{c}{n}" * 32,
                    media_type="application/pdf", source_url=f"https://example.test/{c}/{n}.pdf" if c else None,
                    part=1, title=f"Inspection of {council} <b>local authority</b>", doc_type="ilacs_inspection",
                    doc_type_confidence=0.98, council=council, council_code=code, region=region, visit_id=visit_id,
                    published=end + dt.timedelta(days=40), first_page=1, last_page=6, words=len(built.text.split()),
                    text_source="native",
                )
            )  # fmt: skip
            previous = visit_id
    minutes = Builder("doc_minutes")
    documents.append(
        Document(
            document_id="doc_minutes", file_name="minutes.html", file_sha256="ab" * 32, media_type="text/html", part=2,
            title="Minutes of the Children’s Overview Committee", doc_type="minutes", doc_type_confidence=0.7,
            meeting_date=dt.date(2024, 1, 9), committee="Children’s Overview Committee", first_line=10, last_line=99,
            words=12, text_source="native",
        )
    )  # fmt: skip
    asked = "@officers report back\ron homes."
    recommendations.append(
        Recommendation(
            **minutes.place(asked, page=None, line=14, bbox=None), recommendation_id="rec_minutes", text=asked,
            kind="resolution", date=dt.date(2024, 1, 9),
        )
    )  # fmt: skip
    texts["doc_minutes"] = minutes.text
    items = [("finding", f.finding_id, f.theme_id) for f in findings if isinstance(f, Finding)]
    items += [
        ("recommendation", r.recommendation_id, r.theme_id) for r in recommendations if isinstance(r, Recommendation)
    ]
    themes = [
        Theme(
            theme_id=theme_id, label=label, keywords=("supervision", "=cmd", "homes"), parent_id=None,
            size=sum(t == theme_id for _, _, t in items), councils=2, visits=4, first_seen=dt.date(2019, 5, 17),
            last_seen=dt.date(2023, 5, 18), exemplar_id=next(i for _, i, t in items if t == theme_id), theme_code=code,
            side="weakness", exemplar="=An example", is_new=False, reports=2, of_reports=4, share_reports=0.5,
            share_reports_low=0.15, share_reports_high=0.85, of_councils=2, share_councils=1.0,
            share_councils_low=0.34, share_councils_high=1.0,
        )
        for theme_id, label, code in THEMES
    ]  # fmt: skip
    theme_items = [
        ThemeItem(theme_id=t, item_type=kind, item_id=i, similarity=0.5 + n / 100)
        for n, (kind, i, t) in enumerate(items)
        if t
    ]
    code, council = THEMES[0][2], COUNCILS[0][1]
    theme_counts = [
        ThemeCount(
            theme_code=code, side="weakness", part="all", part_name="all", year=year, items=3, reports=2, of_reports=4,
            share=0.5, share_low=0.15, share_high=0.85,
        )
        for year in (None, 2019)
    ]  # fmt: skip
    theme_trends = [
        ThemeTrend(
            theme_id=THEMES[0][0], side="weakness", part="all", part_name="all", first_year=2019, last_year=2023, reports=2,
            of_reports=4, direction="too_few",
        )
    ]  # fmt: skip
    known = [v for v in visits if isinstance(v, Visit) and v.council_code == council]
    theme_recurrence = [
        ThemeRecurrence(
            council_code=council, theme_code=code, side="weakness", visits=2, of_visits=2, first_visit_id=known[0].visit_id,
            last_visit_id=known[-1].visit_id, days=0, run=2, is_current=True,
        )
    ]  # fmt: skip
    theme_coverage = [ThemeCoverage(side="strength", theme_code=None, items=3, in_themes=1, outliers=2)]
    codebook = list(publish_codebook())
    corrections = [
        Correction(
            number=1, action="rename", target=THEMES[0][0], to="+Supervision", items="", who="A. Officer",
            when=dt.date(2026, 1, 5), note="@clearer", applied=True, result="Renamed from Oversight.",
        )
    ]  # fmt: skip
    runs = [
        Run(
            run_id="run_1", started=dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC),
            finished=dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC), files_seen=6, files_new=6, files_failed=1,
            documents=5, version="0.1.0", models=("rules sha256:00", "en_core_web_sm 3.8.0"), parameters="{}",
        )
    ]  # fmt: skip
    problems = [
        Problem(file_name="broken.pdf", file_sha256="cd" * 32, stage="read", error="encrypted",
                message="=The file needs a password.", severity="error"),
        Problem(file_name="minutes.html", stage="identify", error="no_council", message="No council is named <here>.",
                severity="warning"),
    ]  # fmt: skip
    claims = [
        Claim(claim_id="claim_1", council_code=findings[0].council_code, theme_code=THEMES[1][2], days=200,
              document_id=findings[0].document_id, visit_id=visits[1].visit_id, verdict="overclaimed",
              claimed_strengths=(findings[0].finding_id,), found_weaknesses=(findings[1].finding_id,))
    ]  # fmt: skip
    tables: Mapping[str, Sequence[Record]] = {
        "documents": documents, "visits": visits, "judgements": judgements, "findings": findings,
        "recommendations": recommendations, "metrics": metrics, "themes": themes, "theme_items": theme_items,
        "theme_counts": theme_counts, "theme_trends": theme_trends, "theme_recurrence": theme_recurrence,
        "theme_coverage": theme_coverage, "codebook": codebook, "corrections": corrections, "threads": threads,
        "claims": claims, "problems": problems, "runs": runs,
    }  # fmt: skip
    return Made(dict(tables), texts)


@pytest.fixture(scope="session")
def made() -> Made:
    return make_dataset()

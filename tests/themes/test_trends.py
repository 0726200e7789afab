"""Shares, tests of trend, and themes over years and visits, against figures worked out by hand or elsewhere."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy.stats import false_discovery_control, norm

from pipeline.records import Document, Recommendation, Side, Slice, TrendDirection, Visit
from pipeline.themes.statistics import correct_for_many, find_trend, measure_share
from pipeline.themes.trends import follow_themes


def test_wilson_as_published():
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, and 0 of 20
    share = measure_share(81, 263)
    assert (round(share.low, 4), round(share.high, 4)) == (0.2553, 0.3662)
    none = measure_share(0, 20)
    assert (none.low, round(none.high, 4)) == (0.0, 0.1611)
    assert measure_share(0, 0).share is None


def test_trend_is_the_correlation_of_year_and_report():
    # the test's z squared is the number of reports times the squared correlation (Agresti, Categorical Data Analysis)
    years, hits, of = [2018, 2019, 2021, 2022], [6, 11, 12, 25], [40, 30, 35, 45]
    x = np.repeat(years, of)
    y = np.concatenate([np.arange(n) < k for k, n in zip(hits, of, strict=True)]).astype(float)
    r = np.corrcoef(x, y)[0, 1]
    slope = find_trend((years, hits, of))
    assert slope.p_value == pytest.approx(2 * norm.sf(abs(r) * np.sqrt(len(x))))
    assert slope.points_a_year == pytest.approx(100 * np.polyfit(x, y, 1)[0], abs=1e-3)


def test_trend_falls_and_needs_enough_reports():
    assert find_trend(([1, 2, 3], [20, 10, 5], [30, 30, 30])).points_a_year < 0
    assert find_trend(([1, 2], [20, 10], [30, 30])) is None
    assert find_trend(([1, 2, 3], [1, 1, 1], [30, 30, 30])) is None
    assert find_trend(([1, 2, 3], [30, 30, 29], [30, 30, 30])) is None


def test_a_change_of_the_kind_of_report_is_no_trend():
    long, short = ([2014, 2015, 2016], [18, 18, 18], [20, 20, 20]), ([2019, 2020, 2021], [4, 4, 4], [20, 20, 20])
    mixed = find_trend(([*long[0], *short[0]], [*long[1], *short[1]], [20] * 6))
    assert mixed.p_value < 0.001
    assert find_trend(long, short).p_value == pytest.approx(1.0)


def test_correction_for_many_tests():
    # Benjamini and Hochberg: p times tests over rank, made monotonous from the largest down
    assert correct_for_many([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert correct_for_many([]) == []
    chance = np.random.default_rng(4)
    for many in (1, 7, 300):
        p_values = np.round(chance.random(many) ** 3, 2)  # with ties
        assert correct_for_many(p_values) == pytest.approx(false_discovery_control(p_values).tolist(), abs=1e-15)


def visit(n: int, year: int, council: str = "E1") -> Visit:
    day = dt.date(year, 6, 1)
    return Visit(visit_id=f"v{n}", council=f"Council {council}", council_code=council, visit_type="ilacs_inspection",
                 visit_start=day, visit_end=day, framework="ILACS")  # fmt: skip


def document(n: int, council: str = "E1") -> Document:
    return Document(document_id=f"d{n}", file_name=f"{n}.pdf", file_sha256="00", media_type="application/pdf", part=1,
                    title="Letter", doc_type="ilacs_inspection", doc_type_confidence=1.0, council=f"Council {council}",
                    council_code=council, region="North East", visit_id=f"v{n}", words=10, text_source="native")  # fmt: skip


def asked(n: int, year: int, code: str, council: str = "E1") -> Recommendation:
    return Recommendation(
        recommendation_id=f"r{n}{code}", document_id=f"d{n}", visit_id=f"v{n}", council_code=council,
        date=dt.date(year, 6, 1), text="Do it.", kind="area_for_improvement", theme_code=code, char_start=0, char_end=6,
        rule_id="x", confidence=1.0,
    )  # fmt: skip


@pytest.fixture
def followed():
    years = {1: 2018, 2: 2020, 3: 2021, 4: 2023}
    visits = [visit(n, y) for n, y in years.items()]
    documents = [document(n) for n in years]
    items = [asked(n, years[n], "early_help") for n in (1, 3, 4)] + [asked(n, y, "adoption") for n, y in years.items()]
    return follow_themes(documents, visits, items, {"r1early_help": "theme_x"})


def test_counts_have_their_denominators(followed):
    rows = {(c.theme_code, c.part, c.year): c for c in followed.counts}
    everything = rows["early_help", Slice.ALL, None]
    assert (everything.items, everything.reports, everything.of_reports) == (3, 3, 4)
    missed = rows["early_help", Slice.COUNCIL, 2020]
    assert (missed.reports, missed.of_reports, missed.share) == (0, 1, 0.0)
    assert {c.part_name for c in followed.counts if c.theme_code} == {"all", "E1", "North East", "ILACS"}
    assert {c.part_name for c in followed.counts if c.theme_id} == {"all", "North East", "ILACS"}


def test_recurrence_counts_visits_in_a_row(followed):
    row = next(r for r in followed.recurrence if r.theme_code == "early_help")
    assert (row.visits, row.of_visits, row.run, row.is_current) == (3, 4, 2, True)
    assert (row.first_visit_id, row.last_visit_id) == ("v1", "v4")
    assert row.days == (dt.date(2023, 6, 1) - dt.date(2018, 6, 1)).days


def test_few_reports_have_no_direction(followed):
    assert {t.direction for t in followed.trends} == {TrendDirection.TOO_FEW}


def test_what_rises_is_said_to_rise_and_what_does_not_is_not():
    visits, documents, items, n = [], [], [], 0
    for year in range(2016, 2024):
        for report in range(12):
            n += 1
            visits.append(visit(n, year))
            documents.append(document(n))
            items.append(asked(n, year, "adoption") if report % 2 else asked(n, year, "early_help"))
            if report < (year - 2015):
                items.append(asked(n, year, "plan_quality"))
    trends = {t.theme_code: t for t in follow_themes(documents, visits, items, {}).trends if t.part is Slice.ALL}
    assert trends["plan_quality"].direction is TrendDirection.RISING
    assert trends["plan_quality"].q_value >= trends["plan_quality"].p_value
    assert trends["adoption"].direction is TrendDirection.LEVEL
    assert all(t.side is Side.WEAKNESS for t in trends.values())


def test_papers_without_a_visit_do_not_count():
    paper = asked(9, 2020, "adoption").replace(visit_id=None)
    assert not follow_themes([document(9)], [], [paper], {}).counts

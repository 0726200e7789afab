"""The charts: pictures in which words of documents stay words."""

from __future__ import annotations

import datetime as dt

from lxml import etree

from pipeline.publish.report.charts import draw, plan_series
from pipeline.publish.report.series import Point, make_series
from pipeline.records import Metric

NASTY = "<script>alert('x')</script> & ]]> homes"


def make_metric(year: int, value: float, unit: str) -> Metric:
    return Metric(
        document_id="doc", council_code="E06009001", date=dt.date(year, 3, 31), rule_id="made.up", confidence=0.9,
        char_start=0, char_end=1, metric_id=f"metric_{unit}_{year}", quote=NASTY, value=value, unit=unit, measure=NASTY,
    )  # fmt: skip


def test_a_chart_names_its_measures_and_ends_and_holds_nothing_that_runs() -> None:
    values = {2019: 41.5, 2020: 44, 2022: 39}
    series = make_series(make_metric(y, v, unit) for unit in ("percent", "per_10000") for y, v in values.items())
    assert [len(s.points) for s in series] == [3, 3]
    assert isinstance(series[0].points[0], Point)
    drawn = etree.fromstring(draw(plan_series(series)).encode())
    names = {etree.QName(e).localname for e in drawn.iter() if isinstance(e.tag, str)}
    assert not names & {"script", "a", "image", "foreignObject", "style"}
    told = [" ".join(e.itertext()) for e in drawn.iter("{*}text")]
    assert any("<script>alert('x')" in text for text in told), "the words of the measure stay words"
    assert {"41.5%", "39%", "41.5", "39"} <= set(told), "the first and the last value of each"
    assert "44%" not in told
    assert any("per 10,000" in text for text in told), "a long unit stands in the title"

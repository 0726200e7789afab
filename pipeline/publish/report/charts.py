"""Charts as SVG files, drawn by Vega-Lite (Satyanarayan et al., 2017) without a browser, a script or the network.

They are drawn when the dataset is published, which takes about a tenth of a second for the metrics of a council; the
server sends the same files. A chart says nothing that the table behind it does not say.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from pipeline.publish.labels import label_code
from pipeline.publish.report.heat import Cell
from pipeline.publish.report.series import Series
from pipeline.publish.report.showing import show_number, show_value
from pipeline.records import Unit

_INK, _BLUE, _GRID = "#0b0c0c", "#1d3a5f", "#d6dadf"
_VERSION = "5.21"
SHOWN = 4
"""Measures that are drawn; the table behind the charts has all."""
_SHORT_UNITS = (Unit.PERCENT, Unit.GBP, Unit.COUNT)
"""Units that stand with each number; others stand once, in the title."""
_CONFIG: dict[str, Any] = {
    "background": "white",
    "font": "Arial, sans-serif",
    "axis": {
        "labelColor": _INK, "titleColor": _INK, "gridColor": _GRID, "domainColor": _INK, "tickColor": _INK,
        "labelFontSize": 13, "titleFontSize": 13, "labelAngle": 0,
    },
    "title": {"color": _INK, "fontSize": 14, "anchor": "start", "fontWeight": "bold"},
    "view": {"stroke": None},
    "line": {"color": _BLUE, "strokeWidth": 2.5},
    "bar": {"color": _BLUE},
    "point": {"color": _BLUE, "filled": True, "size": 60},
    "text": {"color": _INK, "fontSize": 13},
}  # fmt: skip


Spec = dict[str, Any]
"""A chart as Vega-Lite takes it: all that its picture shows."""


def draw(spec: Spec) -> str:
    """The chart as SVG."""
    import vl_convert  # 85 MB: only when there is something to draw

    svg: str = vl_convert.vegalite_to_svg({**spec, "config": _CONFIG}, vl_version=_VERSION)
    return svg


def plan_trend(cells: Sequence[Cell]) -> Spec:
    """A bar for each year: the share of its reports, with the figures above the bar."""
    values = [{"year": c.column, "share": c.percent / 100, "said": f"{c.with_theme} of {c.documents}"} for c in cells]
    x = {"field": "year", "type": "ordinal", "title": None, "axis": {"grid": False}}
    y = {"field": "share", "type": "quantitative", "title": None, "scale": {"domain": [0, 1]},
         "axis": {"format": "%", "tickCount": 4}}  # fmt: skip
    said = {"mark": {"type": "text", "dy": -8, "fontSize": 11}, "encoding": {"text": {"field": "said"}}}
    return {
        "data": {"values": values}, "width": {"step": 62}, "height": 170,
        "encoding": {"x": x, "y": y}, "layer": [{"mark": "bar"}, said],
    }  # fmt: skip


def plan_series(series: Sequence[Series]) -> Spec:
    """A small line chart for each of the first measures, two side by side, each on its own scale from nought, with its
    first and last value written beside them."""
    return {"concat": [_plan_measure(s) for s in series[:SHOWN]], "columns": 2, "spacing": 28}


def _plan_measure(series: Series) -> Spec:
    short = series.unit in _SHORT_UNITS
    ends = (series.points[0], series.points[-1])
    values = [
        {"date": p.date.isoformat(), "value": p.metric.value,
         "said": (show_value(p.metric) if short else show_number(p.metric.value)) if p in ends else ""}
        for p in series.points
    ]  # fmt: skip
    title = series.measure if short else f"{series.measure} ({label_code(series.unit)})"
    percent = (
        {"domainMax": 100} if series.unit is Unit.PERCENT and max(p.metric.value for p in series.points) > 80 else {}
    )
    x = {"field": "date", "type": "temporal", "title": None,
         "axis": {"format": "%Y", "tickCount": "year", "grid": False}, "scale": {"padding": 22}}  # fmt: skip
    y = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": True, **percent},
         "axis": {"tickCount": 3}}  # fmt: skip
    said = {"mark": {"type": "text", "dy": -11, "fontSize": 12}, "encoding": {"text": {"field": "said"}}}
    return {
        "title": {"text": _wrap(title), "limit": 330},
        "data": {"values": values}, "width": 330, "height": 120,
        "encoding": {"x": x, "y": y},
        "layer": [{"mark": "line"}, {"mark": "point"}, said],
    }  # fmt: skip


def _wrap(title: str, width: int = 42, lines: int = 2) -> list[str]:
    """The title in at most so many lines; what does not fit stands in the table."""
    return textwrap.wrap(title, width, max_lines=lines, placeholder=" …") or [""]

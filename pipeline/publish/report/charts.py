"""Charts as SVG, drawn by Vega-Lite (Satyanarayan et al., 2017) without a browser, a script or the network.

A chart says nothing that the table behind it does not say: to assistive technology it is one picture with a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from pipeline.publish.report.heat import Cell
from pipeline.publish.report.series import Series
from pipeline.publish.report.showing import show_value
from pipeline.records import Unit

_INK, _BLUE, _GRID = "#0b0c0c", "#1d3a5f", "#d6dadf"
_VERSION = "5.21"
_SHOWN = 6
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
_SIZE = re.compile(r'<svg ([^>]*?) width="([\d.]+)" height="([\d.]+)"')


def _draw(spec: dict[str, Any], name: str) -> Markup:
    import vl_convert  # 85 MB: only when there is something to draw

    svg: str = vl_convert.vegalite_to_svg({**spec, "config": _CONFIG}, vl_version=_VERSION)
    # parts of the drawing must not speak for themselves, and its size follows the page
    svg = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
    label = Markup.escape(name)
    return Markup(_SIZE.sub(rf'<svg \1 role="img" aria-label="{label}" focusable="false" width="\2"', svg, count=1))


def draw_trend(cells: Sequence[Cell], name: str) -> Markup:
    """A bar for each year: the share of its reports, with the figures above the bar."""
    values = [{"year": c.column, "share": c.percent / 100, "said": f"{c.with_theme} of {c.documents}"} for c in cells]
    x = {"field": "year", "type": "ordinal", "title": None, "axis": {"grid": False}}
    y = {"field": "share", "type": "quantitative", "title": None, "scale": {"domain": [0, 1]},
         "axis": {"format": "%", "tickCount": 4}}  # fmt: skip
    said = {"mark": {"type": "text", "dy": -8, "fontSize": 11}, "encoding": {"text": {"field": "said"}}}
    return _draw(
        {
            "data": {"values": values}, "width": {"step": 62}, "height": 170,
            "encoding": {"x": x, "y": y}, "layer": [{"mark": "bar"}, said],
        },
        name,
    )  # fmt: skip


def draw_series(series: Sequence[Series], name: str) -> Markup:
    """A small line chart for each of the first measures, two side by side, each on its own scale from nought."""
    shown = series[:_SHOWN]
    return _draw({"concat": [_draw_measure(s) for s in shown], "columns": 2, "spacing": 28}, name)


def _draw_measure(series: Series) -> dict[str, Any]:
    values = [
        {"date": p.date.isoformat(), "value": p.metric.value, "said": show_value(p.metric)} for p in series.points
    ]
    percent = (
        {"domainMax": 100} if series.unit is Unit.PERCENT and max(p.metric.value for p in series.points) > 80 else {}
    )
    x = {"field": "date", "type": "temporal", "title": None,
         "axis": {"format": "%Y", "tickCount": "year", "grid": False}, "scale": {"padding": 22}}  # fmt: skip
    y = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": True, **percent},
         "axis": {"tickCount": 3}}  # fmt: skip
    said = {"mark": {"type": "text", "dy": -11, "fontSize": 12}, "encoding": {"text": {"field": "said"}}}
    return {
        "title": {"text": _wrap(series.measure), "limit": 330},
        "data": {"values": values}, "width": 330, "height": 120,
        "encoding": {"x": x, "y": y},
        "layer": [{"mark": "line"}, {"mark": "point"}, said],
    }  # fmt: skip


def _wrap(title: str, width: int = 42, lines: int = 2) -> list[str]:
    """The title in at most so many lines; what does not fit stands in the table."""
    import textwrap

    return textwrap.wrap(title, width, max_lines=lines, placeholder=" …") or [""]

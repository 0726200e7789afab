"""The ruled lines of a PDF's pages, from the path objects that pdfium has parsed.

pdfwords tells the same through `get_drawings`, with every colour, curve and dash; that costs a third more time.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from pipeline.read.page_text import THIN, Edge, make_edge, rectangle_edges

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]

_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_DEEPEST = 12
"""Form objects nested deeper than this are no drawing, but a file that means harm."""
_WHITE = 247
_STRAIGHT = 1.0
"""Points by which the ends of a stroke may differ and it still is level or upright."""


def read_edges(page: pypdfium2.PdfPage) -> list[Edge]:
    """Level and upright strokes of a page as displayed, in points from its top left corner.

    Sides of a white filled rectangle are left out, unless it is so thin that it parts the cells of a shaded table.
    """
    place = _place_on_page(page)
    edges: list[Edge] = []
    for path, matrix in _walk(page.raw, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, _IDENTITY, 0):
        filled, stroked = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(path, filled, stroked)
        if filled.value or stroked.value:
            white = not stroked.value and _is_white(path)
            for points, closed in _subpaths(path, _times(_matrix_of(path), matrix), place):
                edges.extend(_trace(points, closed, white))
    return edges


def _walk(
    holder: Any, count: Callable[[Any], int], get: Callable[[Any, int], Any], matrix: Matrix, depth: int
) -> Iterator[tuple[Any, Matrix]]:
    """The path objects of a page or form, each with the matrix from its own holder to the page."""
    kind_of, path, form = pdfium.FPDFPageObj_GetType, pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM
    for number in range(count(holder)):
        item = get(holder, number)
        kind = kind_of(item)
        if kind == path:
            yield item, matrix
        elif kind == form and depth < _DEEPEST:
            inner = _times(_matrix_of(item), matrix)
            yield from _walk(item, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, inner, depth + 1)


def _matrix_of(item: Any) -> Matrix:
    m = pdfium.FS_MATRIX()
    return (m.a, m.b, m.c, m.d, m.e, m.f) if pdfium.FPDFPageObj_GetMatrix(item, m) else _IDENTITY


def _times(first: Matrix, then: Matrix) -> Matrix:
    """Row vectors, as PDF has them: `first` is applied before `then`."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _place_on_page(page: pypdfium2.PdfPage) -> Callable[[float, float], Point]:
    """From user space to points from the top left corner of the page as displayed."""
    left, bottom, right, top = page.get_cropbox()
    match page.get_rotation() % 360:
        case 90:
            return lambda x, y: (y - bottom, x - left)
        case 180:
            return lambda x, y: (right - x, y - bottom)
        case 270:
            return lambda x, y: (top - y, right - x)
        case _:
            return lambda x, y: (x - left, top - y)


def _is_white(path: Any) -> bool:
    parts = [ctypes.c_uint() for _ in range(4)]
    return bool(pdfium.FPDFPageObj_GetFillColor(path, *parts)) and min(p.value for p in parts[:3]) > _WHITE


def _subpaths(path: Any, matrix: Matrix, place: Callable[[float, float], Point]) -> Iterator[tuple[list[Point], bool]]:
    """The subpaths without curves as points on the page, and whether each is closed."""
    a, b, c, d, e, f = matrix
    points: list[Point] = []
    curved = False
    x, y = ctypes.c_float(), ctypes.c_float()
    for number in range(pdfium.FPDFPath_CountSegments(path)):
        segment = pdfium.FPDFPath_GetPathSegment(path, number)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO and points:
            if not curved:
                yield points, False
            points, curved = [], False
        curved = curved or kind == pdfium.FPDF_SEGMENT_BEZIERTO
        points.append(place(a * x.value + c * y.value + e, b * x.value + d * y.value + f))
        if pdfium.FPDFPathSegment_GetClose(segment):
            if not curved:
                yield points, True
            points, curved = [], False
    if points and not curved:
        yield points, False


def _trace(points: list[Point], closed: bool, white: bool) -> list[Edge]:
    """The strokes that a subpath draws."""
    corners = points[:4] if len(points) == 5 and points[0] == points[4] else points
    if len(corners) == 4 and (closed or len(points) == 5) and _is_rectangle(corners):
        xs, ys = [p[0] for p in corners], [p[1] for p in corners]
        x0, top, x1, bottom = min(xs), min(ys), max(xs), max(ys)
        return [] if white and min(bottom - top, x1 - x0) > THIN else rectangle_edges(x0, top, x1, bottom)
    ends = [*points, points[0]] if closed else points
    return [
        make_edge(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
        for (ax, ay), (bx, by) in itertools.pairwise(ends)
        if abs(ax - bx) < _STRAIGHT or abs(ay - by) < _STRAIGHT
    ]


def _is_rectangle(corners: list[Point]) -> bool:
    return all(
        abs(ax - bx) < 1e-4 or abs(ay - by) < 1e-4 for (ax, ay), (bx, by) in itertools.pairwise([*corners, corners[0]])
    )

"""Corrections made on the served pages: checked, and added to the corrections file, which the next run applies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from pipeline.publish.labels import read_theme_names
from pipeline.publish.report.gathering import Gathered
from pipeline.themes.corrections import CorrectionLine

LONGEST = 10_000
"""Bytes of a form that are read."""


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a posted form, the last of each name."""
    found = parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=20)
    return {name: " ".join(values[-1].split()) for name, values in found.items()}


def is_own_request(headers: Mapping[str, str]) -> bool:
    """Whether the form was sent by one of the server's own pages, not by a page from elsewhere in the same browser."""
    if "sec-fetch-site" in headers:
        return headers["sec-fetch-site"] == "same-origin"
    origin = headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == headers.get("host")


def make_line(form: Mapping[str, str], gathered: Gathered, today: dt.date) -> tuple[CorrectionLine, str | None]:
    """The correction of a form, and what is wrong with it; None where it can be kept.

    A relabelling takes one or two codes (`to`, `to_2`); everything else takes what it says.
    """
    to = "; ".join(part for part in (form.get("to", ""), form.get("to_2", "")) if part)
    line = CorrectionLine(
        action=form.get("action", ""),
        target=form.get("target", ""),
        to=to,
        items=form.get("items", ""),
        who=form.get("who", ""),
        when=today.isoformat(),
        note=form.get("note", ""),
    )
    return line, line.find_fault() or _find_stranger(line, gathered)


def _find_stranger(line: CorrectionLine, gathered: Gathered) -> str | None:
    themes, items, codes = gathered.index.themes, gathered.index.items, read_theme_names()
    if line.target and line.target not in themes:
        return f"There is no theme {line.target}."
    if line.action in ("merge", "move") and line.to not in themes:
        return f"There is no theme {line.to}."
    if line.action == "relabel" and (strange := [c for c in line.to.split("; ") if c not in codes]):
        return f"There is no code {strange[0]}."
    if line.action in ("move", "relabel") and (lost := [i for i in line.listed if i not in items]):
        return f"There is no finding or recommendation {lost[0]}."
    return None

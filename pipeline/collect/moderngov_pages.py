"""ModernGov's pages, read by where their links lead."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import unquote

from pipeline.collect.papers import Meeting, Paper, PaperKind
from pipeline.collect.web import find_links, plain

_COMMITTEE = r"mgCommitteeDetails\.aspx\?ID=(\d+)|ieListMeetings\.aspx\?(?:CId|CommitteeId)=(\d+)"
_MEETING = r"ieListDocuments\.aspx\?(?=[^#]*\bMId=(\d+))"
_PAPER = r"/documents/[gs]\d+/|mgConvert2PDF\.aspx\?ID=\d+"
_DATE = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (\d{4})", re.I)
_PRINTED = {"0": PaperKind.FRONTSHEET, "1": PaperKind.MINUTES, "2": PaperKind.DECISIONS, "10": PaperKind.PACK}
"""What the number after `?T=` says that is printed of a whole meeting."""


def committees_address(site: str) -> str:
    """The page that lists the committees."""
    return f"{site}/mgListCommittees.aspx?bcr=1"


def meetings_address(site: str, committee: str) -> str:
    """The page that lists a committee's meetings of all years."""
    return f"{site}/ieListMeetings.aspx?CId={committee}&Year=0"


def meeting_page(site: str, committee: str, meeting: str) -> str:
    """The page of a meeting."""
    return f"{site}/ieListDocuments.aspx?CId={committee}&MId={meeting}&Ver=4"


def read_committees(tree: Any, address: str) -> list[tuple[str, str]]:
    """Id and title of the committees."""
    found: dict[str, str] = {}
    for where, text, _ in find_links(tree, address, _COMMITTEE):
        m = re.search(_COMMITTEE, where, re.IGNORECASE)
        if m and text:
            found.setdefault(m[1] or m[2], text)
    return list(found.items())


def read_meetings(tree: Any, address: str) -> list[Meeting]:
    """The meetings whose link says the day, without their papers; those that were called off are left out."""
    found: dict[str, Meeting] = {}
    for where, text, element in find_links(tree, address, _MEETING):
        m, day = re.search(_MEETING, where, re.IGNORECASE), read_day(text)
        around = plain(element.getparent()) if element.getparent() is not None else ""
        if m and day and not re.search(r"cancelled|postponed", around, re.IGNORECASE):
            found.setdefault(m[1], Meeting(m[1], day, where))
    return list(found.values())


def read_papers(tree: Any, address: str) -> tuple[Paper, ...]:
    """The papers of a meeting, each once; the agenda item is the row that a paper's link stands in."""
    found: dict[str, Paper] = {}
    for where, text, element in find_links(tree, address, _PAPER):
        row = next(element.iterancestors("tr", "li"), None)
        title = re.sub(r"\s*(?:PDF )?\d+ [KM]B$", "", text) or unquote(where.split("?")[0].rsplit("/", 1)[-1])
        found.setdefault(where, Paper(where, title, plain(row) if row is not None else "", sort_paper(where)))
    return tuple(found.values())


def sort_paper(address: str) -> PaperKind:
    """What a paper is by its address."""
    m = re.search(r"/documents/g\d+/.*[?&]T=(\d+)", address)
    return _PRINTED.get(m[1], PaperKind.REPORT) if m else PaperKind.REPORT


def read_day(text: str) -> dt.date | None:
    """The first day that the text names, as in 10 Feb 2026 or 3rd March 2025."""
    m = _DATE.search(text)
    try:
        return dt.datetime.strptime(f"{m[1]} {m[2].title()} {m[3]}", "%d %b %Y").date() if m else None
    except ValueError:
        return None

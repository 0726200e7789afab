"""The answers of ModernGov's web service: XML with counts after a space, `True` and `False`, and dates dd/mm/yyyy."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lxml import etree

from pipeline.collect.fetch import SourceFault
from pipeline.collect.moderngov_pages import meeting_page, sort_paper
from pipeline.collect.papers import Meeting, Paper
from pipeline.collect.web import join_address

_SERVICE = "/mgWebService.asmx"


def committees_address(site: str) -> str:
    """Where the committees are listed."""
    return f"{site}{_SERVICE}/GetCommittees"


def meetings_address(site: str, committee: str, first: dt.date, last: dt.date) -> str:
    """Where a committee's meetings between two days are listed."""
    days = f"sFromDate={first:%d/%m/%Y}&sToDate={last:%d/%m/%Y}"
    return f"{site}{_SERVICE}/GetMeetings?lCommitteeId={committee}&{days}"


def meeting_address(site: str, meeting: str) -> str:
    """Where a meeting is told with its agenda."""
    return f"{site}{_SERVICE}/GetMeeting?lMeetingId={meeting}"


def read_committees(data: bytes, address: str) -> list[tuple[str, str]]:
    """Id and title of the committees that were not deleted.

    Raises SourceFault, as all here, where the answer is no XML of the kind or is shorter than its own count.
    """
    root = _parse(data, address, "committees")
    found = root.findall("committee")
    _check_count(root, "committeescount", len(found), address)
    return [
        (_text(c, "committeeid"), _text(c, "committeetitle"))
        for c in found
        if not _flag(c, "committeedeleted") and _text(c, "committeeid")
    ]


def read_meetings(data: bytes, address: str, site: str, committee: str) -> list[Meeting]:
    """The meetings that were not called off, without their papers."""
    root = _parse(data, address, "getmeetings")
    found = root.findall(".//meeting")
    _check_count(root, "meetingscount", len(found), address)
    held = [m for m in found if "cancelled" not in _text(m, "meetingstatus").lower()]
    return [
        Meeting(_text(m, "meetingid"), date, meeting_page(site, committee, _text(m, "meetingid")))
        for m in held
        if (date := _date(m, "meetingdate")) and _text(m, "meetingid")
    ]


def read_papers(data: bytes, address: str, site: str) -> tuple[Paper, ...]:
    """The papers of a meeting's agenda that are open to the public and lie on the site itself."""
    root = _parse(data, address, "meeting")
    papers: list[Paper] = []
    for item in root.iter("agendaitem"):
        if _flag(item, "isrestricted"):
            continue
        for document in item.iter("linkeddoc"):
            href = _text(document, "url")
            if href and not _flag(document, "isrestricted") and not _flag(document, "isurl"):
                where = join_address(f"{site}/", href)
                title = _text(document, "title") or _text(item, "agendaitemtitle")
                papers.append(Paper(where, title, _text(item, "agendaitemtitle"), sort_paper(where)))
    return tuple(papers)


def _parse(data: bytes, address: str, name: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(data.strip(), parser)
    except etree.XMLSyntaxError as e:
        raise SourceFault("no_xml", f"The web service does not answer in XML ({e}).", address) from e
    if root.tag != name:
        raise SourceFault("no_xml", f"The web service answers <{root.tag}> where <{name}> was to be.", address)
    return root


def _check_count(root: Any, name: str, found: int, address: str) -> None:
    said = _text(root, name)
    if said.isdigit() and int(said) != found:
        raise SourceFault("half_answer", f"The web service says {said} and lists {found}.", address)


def _text(element: Any, name: str) -> str:
    return " ".join((element.findtext(name) or "").split())


def _flag(element: Any, name: str) -> bool:
    return _text(element, name).lower() == "true"


def _date(element: Any, name: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(_text(element, name), "%d/%m/%Y").date()
    except ValueError:
        return None

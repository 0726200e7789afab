"""ModernGov sites: committees, meetings and papers, through the web service and, where it refuses, the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from pipeline.collect import moderngov_api as api
from pipeline.collect import moderngov_pages as pages
from pipeline.collect.fetch import SourceFault
from pipeline.collect.knowledge import load_knowledge
from pipeline.collect.papers import Committee, Meeting, Paper, PaperKind, choose_papers, sort_committee
from pipeline.collect.sources import SiteSource
from pipeline.collect.web import Link, Web


def list_moderngov(source: SiteSource, web: Web) -> Iterator[Link]:
    """The papers that concern children's services, committee by committee, oldest meeting first."""
    rules = load_knowledge()
    site = source.address.rstrip("/")
    named = _list_committees(site, web)
    for committee in filter(None, (sort_committee(*c, rules.committees) for c in named)):
        had_minutes = False
        try:
            meetings = _list_meetings(site, committee, web)
        except SourceFault as fault:
            web.note_fault(fault)
            continue
        for meeting in meetings:
            if web.is_settled(meeting.address):
                had_minutes = _had_minutes(meeting, web)
                continue
            before = len(web.troubles)
            try:
                full = _read_meeting(site, meeting, web)
            except SourceFault as fault:
                web.note_fault(fault)
                continue
            yield from choose_papers(committee, full, had_minutes, rules.committees)
            if web.today > meeting.date + dt.timedelta(days=rules.moderngov.settled) and len(web.troubles) == before:
                web.settle(meeting.address)
            had_minutes = any(p.kind is PaperKind.MINUTES for p in full.papers)


def _list_committees(site: str, web: Web) -> list[tuple[str, str]]:
    address = api.committees_address(site)
    try:
        found = api.read_committees(web.read(address), address)
    except SourceFault as fault:
        address = pages.committees_address(site)
        found = pages.read_committees(_page_instead(address, fault, web), address)
    web.count(address, len(found), expected=True)
    return found


def _list_meetings(site: str, committee: Committee, web: Web) -> list[Meeting]:
    """The meetings within the time that is asked for, by date; some servers ignore the dates that they are asked for.

    The web service is asked for whole months, so that its answer keeps its address, and its ETag, for a month.
    """
    rules = load_knowledge().moderngov
    first = web.today - dt.timedelta(days=rules.days_back)
    last = web.today + dt.timedelta(days=rules.days_ahead)
    address = api.meetings_address(site, committee.id, first.replace(day=1), last.replace(day=28))
    try:
        found = api.read_meetings(web.read(address), address, site, committee.id)
    except SourceFault as fault:
        address = pages.meetings_address(site, committee.id)
        found = pages.read_meetings(_page_instead(address, fault, web), address)
    web.count(address, len(found))
    return sorted((m for m in found if first <= m.date <= last), key=lambda m: (m.date, m.id))


def _read_meeting(site: str, meeting: Meeting, web: Web) -> Meeting:
    """The meeting with its papers: reports from the web service, what is printed of the whole from the page.

    Raises SourceFault where neither can be had.
    """
    fault = None
    reports: tuple[Paper, ...] = ()
    address = api.meeting_address(site, meeting.id)
    try:
        reports = api.read_papers(web.read(address), address, site)
    except SourceFault as e:
        fault = e
    try:
        printed = pages.read_papers(web.read_page(meeting.address), meeting.address)
    except SourceFault as e:
        if fault is not None:
            raise
        web.note_fault(e)
        printed = ()
    if reports:
        printed = tuple(p for p in printed if p.kind is not PaperKind.REPORT)
    web.count(meeting.address, len(reports) + len(printed))
    return replace(meeting, papers=(*reports, *printed))


def _page_instead(address: str, fault: SourceFault, web: Web) -> object:
    """The page that says what the web service would not.

    Raises SourceFault where it cannot be had either.
    """
    if fault.error == "host_left_alone":
        raise fault
    return web.read_page(address)


def _had_minutes(meeting: Meeting, web: Web) -> bool:
    return any(
        d.found_on == meeting.address and pages.sort_paper(d.address) is PaperKind.MINUTES
        for d in web.manifest.documents.values()
    )

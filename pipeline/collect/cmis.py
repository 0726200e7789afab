"""CMIS sites: the list of meetings and the documents of each, read by where their links lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline.collect.fetch import SourceFault
from pipeline.collect.knowledge import load_knowledge
from pipeline.collect.moderngov_pages import read_day
from pipeline.collect.papers import Meeting, Paper, PaperKind, choose_papers, sort_committee
from pipeline.collect.sources import SiteSource
from pipeline.collect.web import Link, Web, find_links

_MEETING = r"/ViewMeetingPublic/.*/Meeting/(\d+)/Committee/(\d+)"
_PAPER = r"Document\.ashx\?"
_WHOLE = (
    (re.compile(r"minutes", re.IGNORECASE), PaperKind.MINUTES),
    (re.compile(r"agenda reports|reports pack|public pack", re.IGNORECASE), PaperKind.PACK),
    (re.compile(r"agenda|front ?sheet", re.IGNORECASE), PaperKind.FRONTSHEET),
)


def list_cmis(source: SiteSource, web: Web) -> Iterator[Link]:
    """The papers of the meetings that the site lists, where their committee concerns children's services."""
    rules = load_knowledge().committees
    tree = web.read_page(source.address)
    listed = list(find_links(tree, source.address, _MEETING))
    web.count(source.address, len(listed), expected=True)
    for address, text, _ in listed:
        m, day, title = re.search(_MEETING, address, re.IGNORECASE), read_day(text), text.partition(" - ")[2]
        committee = sort_committee(m[2], title, rules) if m else None
        if not (m and day and committee):
            continue
        try:
            papers = read_papers(web.read_page(address), address)
        except SourceFault as fault:
            web.note_fault(fault)
            continue
        web.count(address, len(papers))
        yield from choose_papers(committee, Meeting(m[1], day, address, papers), False, rules)


def read_papers(tree: Any, address: str) -> tuple[Paper, ...]:
    """The papers of a meeting's page."""
    return tuple(
        Paper(where, text, "", next((kind for words, kind in _WHOLE if words.search(text)), PaperKind.REPORT))
        for where, text, _ in find_links(tree, address, _PAPER)
    )

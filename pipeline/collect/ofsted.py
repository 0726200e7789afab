"""Ofsted's reports site: the reports on children's services of every council, by provider page.

The councils are those of `models/local_authorities.csv`, and whoever else the site's search finds. Pages are read by
where their links lead and what they say, since classes change first.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from pipeline.collect.fetch import SourceFault
from pipeline.collect.knowledge import OfstedKnowledge, any_found, load_knowledge
from pipeline.collect.sources import SiteSource
from pipeline.collect.web import Link, Web, find_links, join_address, plain
from pipeline.identify.councils import load_councils

_PROVIDER = r"/provider/44/(\d+)"
_REPORT = r"/v1/file/(\d+)"
_DATE = re.compile(r"(\d{1,2}) ([a-z]{3,9}) (\d{4})")
_MOST_PAGES = 50


def list_ofsted(source: SiteSource, web: Web) -> Iterator[Link]:
    """The reports of every council, or of `source.council` alone."""
    rules = load_knowledge().ofsted
    names = {c.urn: c.name for c in load_councils().values() if c.urn}
    if source.council:
        names = {urn: name for urn, name in names.items() if name == source.council}
    else:
        for urn, name in _search(source.address + rules.search, web).items():
            if urn not in names:
                web.note(
                    source.address + rules.provider.format(urn=urn),
                    "unknown_provider",
                    f"{name} is not in models/local_authorities.csv; its reports are collected all the same.",
                )
                names[urn] = name
    for urn, name in sorted(names.items()):
        page = source.address + rules.provider.format(urn=urn)
        try:
            tree = web.read_page(page)
        except SourceFault as fault:
            web.note_fault(fault)
        else:
            yield from _list_reports(tree, page, f"{urn} {name}", rules, web)


def _search(address: str, web: Web) -> dict[str, str]:
    """URN → name of the providers that the search finds, page by page."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    page: str | None = address
    while page and page not in seen and len(seen) < _MOST_PAGES:
        seen.add(page)
        try:
            tree = web.read_page(page)
        except SourceFault as fault:
            web.note_fault(fault)
            break
        links = {re.search(_PROVIDER, a)[1]: text for a, text, _ in find_links(tree, page, _PROVIDER)}  # type: ignore[index]
        web.count(page, len(links), expected=True)
        found |= links
        page = _next_page(tree, page)
    return found


def _next_page(tree: Any, base: str) -> str | None:
    hrefs = tree.xpath("//*[contains(@class, 'next')]//a/@href | //a[@rel='next']/@href")
    return join_address(base, hrefs[0]) if hrefs else None


def _list_reports(tree: Any, page: str, provider: str, rules: OfstedKnowledge, web: Web) -> Iterator[Link]:
    reports = [(a, text.lower(), element) for a, text, element in find_links(tree, page, _REPORT)]
    web.count(page, len(reports))
    for address, text, element in reports:
        kind, date = read_label(text, element)
        if any_found(rules.passed_over, kind):
            continue
        if not any_found(rules.wanted, kind):
            web.note(
                address,
                "unknown_report",
                f"{page} calls it {kind!r}: add that to wanted or passed_over in collecting.yml.",
            )
            continue
        yield Link(address, " ".join([provider, kind, *([date.isoformat()] if date else [])]), page)


def read_label(text: str, element: Any) -> tuple[str, dt.date | None]:
    """What a link says that it leads to, without "pdf", and the day: from its own words, else from the day it stands
    under in the timeline."""
    words = re.sub(r"\bpdf\b", " ", text.lower())
    day = _DATE.search(words)
    kind = " ".join(re.sub(r"[\s,–-]+", " ", _DATE.sub(" ", words)).split()).replace("’", "'")
    around = next((a for a in element.iterancestors("li", "tr", "section") if a.find(".//time") is not None), None)
    if day is None and around is not None:
        time = around.find(".//time")
        day = _DATE.search(f"{plain(time)} ".lower())
    return kind, _read_date(day) if day else None


def _read_date(day: re.Match[str]) -> dt.date | None:
    for form in ("%d %B %Y", "%d %b %Y"):
        try:
            return dt.datetime.strptime(day[0], form).date()
        except ValueError:
            continue
    return None

"""A source as its reader sees it: pages to read and a place to say what went wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import lxml.html
from lxml import etree

from pipeline.clock import Clock
from pipeline.collect.fetch import NOT_MODIFIED, Fetcher, SourceFault
from pipeline.collect.manifest import Manifest, Page
from pipeline.ids import digest

_MANY = 10
"""Links of a page from which on fewer than half of them is worth a warning."""


@dataclass(frozen=True)
class Link:
    """A document that a source offers: its address, what to call its file, and the page that named it."""

    address: str
    title: str
    found_on: str


@dataclass(frozen=True)
class Trouble:
    """Something that could not be had or understood."""

    address: str
    error: str
    message: str


@dataclass
class Web:
    """The pages of one source. What goes wrong with one page is noted in `troubles`, and the others go on."""

    fetcher: Fetcher
    manifest: Manifest
    clock: Clock
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def today(self) -> dt.date:
        """The day on which the source is asked."""
        return self.clock.now().date()

    def note(self, address: str, error: str, message: str) -> None:
        """Say that something went wrong."""
        self.troubles.append(Trouble(address, error, message))

    def note_fault(self, fault: SourceFault) -> None:
        """Say that an address could not be had. A host that is left alone is named once."""
        if fault.error == "host_left_alone" and any(t.error == fault.error for t in self.troubles):
            return
        self.note(fault.address, fault.error, fault.message)

    def read(self, address: str) -> bytes:
        """The bytes of a page; asked for with the ETag or date that its last answer had.

        Raises SourceFault.
        """
        kept = self._kept(address)
        known = self.manifest.pages.get(address) if kept.exists() else None
        answer = self.fetcher.get(address, known.etag if known else None, known.last_modified if known else None)
        if known and answer.status == NOT_MODIFIED:
            return kept.read_bytes()
        kept.unlink(missing_ok=True)
        if answer.etag or answer.last_modified:
            kept.parent.mkdir(exist_ok=True)
            kept.write_bytes(answer.content)
        links = self.manifest.pages[address].links if address in self.manifest.pages else 0
        dated = {"etag": answer.etag, "last_modified": answer.last_modified}
        self.manifest.add(Page(address=address, checked=self.clock.now(), links=links, **dated))
        return answer.content

    def _kept(self, address: str) -> Path:
        return self.manifest.folder / ".pages" / digest(address)[:32]

    def read_page(self, address: str) -> Any:
        """The page as an lxml tree of HTML.

        Raises SourceFault, also where there is nothing to read.
        """
        data = self.read(address)
        try:
            return lxml.html.document_fromstring(data, parser=lxml.html.HTMLParser(encoding=_find_encoding(data)))
        except etree.ParserError as e:
            raise SourceFault("empty_page", "The page is empty.", address) from e

    def count(self, address: str, links: int, *, expected: bool = False) -> None:
        """Say how many links a page had. None where there were some (or where some are `expected`) means that the
        page is laid out anew, and is noted as trouble; so are far fewer than before."""
        page = self.manifest.pages.get(address)
        before = page.links if page else 0
        if not links and (before or expected):
            self.note(address, "layout_changed", f"The page has no link where there were {before or 'to be some'}.")
            return
        if before >= _MANY and links * 2 < before:
            self.note(address, "fewer_links", f"The page has {links} links where there were {before}.")
        if page and page.links != links:
            self.manifest.add(page.model_copy(update={"links": links}))

    def settle(self, address: str) -> None:
        """Say that all documents of the page are had and none will be added."""
        self.manifest.add(self.manifest.pages[address].model_copy(update={"settled": True}))

    def is_settled(self, address: str) -> bool:
        """Whether `settle` was said of the page, now or in an earlier round."""
        return address in self.manifest.pages and self.manifest.pages[address].settled


def _find_encoding(data: bytes) -> str | None:
    """UTF-8 where the bytes are; else None, for what the page says of itself."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def find_links(tree: Any, base: str, pattern: str) -> Iterator[tuple[str, str, Any]]:
    """Address, text and element of every link whose address has the pattern, in the order of the page."""
    for element in tree.iter("a"):
        address = join_address(base, element.get("href") or "")
        if re.search(pattern, address, re.IGNORECASE):
            yield address, plain(element), element


def join_address(base: str, href: str) -> str:
    """The address that a link on the page `base` leads to; https where it names the page's own host by http."""
    try:
        page, parts = urlsplit(base), urlsplit(urljoin(base, href.strip()))
    except ValueError:
        return ""
    scheme = "https" if page.scheme == "https" and parts.hostname == page.hostname else parts.scheme
    path = parts.path.replace(" ", "%20")
    return urlunsplit((scheme, parts.netloc, path, parts.query.replace(" ", "%20"), ""))


def plain(element: Any) -> str:
    """The words of an element with single spaces between."""
    return " ".join(element.text_content().split())

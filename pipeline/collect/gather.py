"""Collect sources into a folder: each source into a folder of its own, with its manifest."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.clock import Clock, SystemClock
from pipeline.collect.cmis import list_cmis
from pipeline.collect.fetch import NOT_MODIFIED, Answer, Fetcher, SourceFault
from pipeline.collect.folder import find_files
from pipeline.collect.manifest import Collected, Manifest
from pipeline.collect.moderngov import list_moderngov
from pipeline.collect.ofsted import list_ofsted
from pipeline.collect.sources import AddressSource, FolderSource, SiteSource, Source
from pipeline.collect.web import Link, Trouble, Web
from pipeline.errors import FileFault, InputFault, OutputFault
from pipeline.ids import digest
from pipeline.locks import locked
from pipeline.read.sniff import Format, sniff_format

TROUBLES = ".troubles.json"
_LISTERS: dict[str, Callable[[SiteSource, Web], Iterator[Link]]] = {
    "ofsted": list_ofsted,
    "moderngov": list_moderngov,
    "cmis": list_cmis,
}
_SUFFIXES = {
    Format.PDF: ".pdf",
    Format.DOCX: ".docx",
    Format.PPTX: ".pptx",
    Format.HTML: ".html",
    Format.TEXT: ".txt",
    Format.MARKDOWN: ".md",
}
_NO_DOCUMENT = {"html_named_pdf", "empty_file"}
"""Faults of bytes that are no document at all: they are not kept, and what was had before stays."""
_HOSTS_AT_ONCE = 8
_LETTERS = str.maketrans("0123456789", "ghijklmnop")  # digits in a name could be taken for a council's number


@dataclass(frozen=True)
class SourceReport:
    """What came of one source: the folder to read, how many documents are new, changed and as before, and what went
    wrong."""

    name: str
    folder: Path
    new: int
    changed: int
    unchanged: int
    troubles: tuple[Trouble, ...]


def collect(
    sources: Mapping[str, Source], into: Path, fetcher: Fetcher, clock: Clock | None = None
) -> list[SourceReport]:
    """Collect what is new of the sources into `into`, sources beside each other, each host one request at a time.

    Raises OutputFault where another collection is at work there or the disk refuses, InputFault where a folder or
    list that a source names is absent.
    """
    with locked(into), ThreadPoolExecutor(_HOSTS_AT_ONCE) as pool:
        futures = [
            pool.submit(collect_source, name, source, into / name, fetcher, clock or SystemClock())
            for name, source in sources.items()
        ]
        try:
            return [f.result() for f in futures]
        except OSError as e:
            raise OutputFault(f"What is collected cannot be written to {into}: {e}. What was collected is kept.") from e
        finally:
            pool.shutdown(cancel_futures=True)


def collect_source(name: str, source: Source, folder: Path, fetcher: Fetcher, clock: Clock) -> SourceReport:
    """Collect one source into its folder. What cannot be had is noted in the report and in `.troubles.json`."""
    if isinstance(source, FolderSource):
        if not source.path.exists():
            raise InputFault(f"There is no folder {source.path} (source {name}).")
        return SourceReport(name, source.path, 0, 0, len(find_files([source.path]).files), ())
    with Manifest(folder) as manifest:
        web = Web(fetcher, manifest, clock)
        taker = _Taker(source, web)
        try:
            for link in _list(source, web):
                taker.take(link)
        except SourceFault as fault:  # the page that everything else hangs on
            web.note_fault(fault)
    _write_troubles(folder / TROUBLES, web.troubles)
    return SourceReport(name, folder, taker.new, taker.changed, taker.unchanged, tuple(web.troubles))


def _list(source: AddressSource | SiteSource, web: Web) -> Iterator[Link]:
    if isinstance(source, SiteSource):
        yield from _LISTERS[source.kind](source, web)
        return
    for address in source.list_addresses():
        yield Link(address, re.split(r"[?#]", address.rstrip("/"))[0].rsplit("/", 1)[-1], "list of addresses")


class _Taker:
    """Fetches documents into the folder, each address once."""

    def __init__(self, source: AddressSource | SiteSource, web: Web) -> None:
        self._source, self._web = source, web
        self._seen: set[str] = set()
        self.new = self.changed = self.unchanged = 0

    def take(self, link: Link) -> None:
        """Fetch the document unless it is there and was asked for lately; what goes wrong is noted."""
        if link.address in self._seen:
            return
        self._seen.add(link.address)
        known = self._web.manifest.documents.get(link.address)
        if known and not (self._web.manifest.folder / known.file).exists():
            known = None
        if known and self._is_fresh(known):
            self.unchanged += 1
            return
        try:
            answer, media_type = self._fetch(link, known)
        except SourceFault as fault:
            self._web.note_fault(fault)
            return
        if known and (answer.status == NOT_MODIFIED or hash_bytes(answer.content) == known.sha256):
            self.unchanged += 1
            self._web.manifest.add(known.model_copy(update={"checked": self._web.clock.now()}))
            return
        self._keep(link, answer, media_type)
        if known:
            self.changed += 1
        else:
            self.new += 1

    def _is_fresh(self, known: Collected) -> bool:
        """Whether it was asked for within the source's `recheck`; a time to come (the clock went back) is no time."""
        age = self._web.clock.now() - known.checked
        return 0 <= age.total_seconds() < self._source.recheck * 86_400

    def _fetch(self, link: Link, known: Collected | None) -> tuple[Answer, str]:
        etag, last_modified = (known.etag, known.last_modified) if known else (None, None)
        answer = self._web.fetcher.get(link.address, etag, last_modified)
        if answer.status == NOT_MODIFIED:
            return answer, ""
        if _is_cut(answer.content):  # the same bytes twice are what the server has
            answer = self._web.fetcher.get(link.address)
        return answer, self._sniff(link, answer)

    def _sniff(self, link: Link, answer: Answer) -> str:
        """The media type by content; a web page counts as a document only in a list of addresses."""
        suffix = Path(re.split(r"[?#]", link.address)[0]).suffix.lower()
        named_page = suffix in (".htm", ".html", "") and isinstance(self._source, AddressSource)
        try:
            return sniff_format(answer.content, "" if named_page else ".pdf")
        except FileFault as fault:
            if fault.error in _NO_DOCUMENT:
                raise SourceFault(fault.error, fault.message, link.address) from fault
            return "application/octet-stream"

    def _keep(self, link: Link, answer: Answer, media_type: str) -> None:
        folder = self._web.manifest.folder
        suffix = _SUFFIXES.get(media_type) or Path(re.split(r"[?#]", link.address)[0]).suffix or ".bin"  # type: ignore[call-overload]
        path = folder / name_file(link, suffix)
        temporary = folder / f"{path.name}.part"
        temporary.write_bytes(answer.content)
        temporary.replace(path)
        now = self._web.clock.now()
        self._web.manifest.add(
            Collected(
                address=link.address,
                file=path.name,
                fetched=now,
                checked=now,
                sha256=hash_bytes(answer.content),
                size=len(answer.content),
                media_type=media_type,
                licence=self._source.licence,
                title=link.title,
                found_on=link.found_on,
                council=self._source.council,
                etag=answer.etag,
                last_modified=answer.last_modified,
            )
        )


def name_file(link: Link, suffix: str) -> str:
    """The file's name: the title's words, so that a person knows it, and eight letters of the address's digest, so that
    two documents of one title stay two; the same on every run."""
    title = unicodedata.normalize("NFC", re.sub(rf"{re.escape(suffix)}$", "", link.title, flags=re.IGNORECASE))
    words = re.sub(r"[^\w ,&'()-]+", " ", title, flags=re.UNICODE)
    mark = digest(link.address)[:8].translate(_LETTERS)
    return f"{' '.join(words.split())[:100].strip() or 'document'}_{mark}{suffix}"


def hash_bytes(content: bytes) -> str:
    """Hex sha256 of the bytes."""
    return hashlib.sha256(content).hexdigest()


def _is_cut(content: bytes) -> bool:
    """Whether a PDF lacks its end mark."""
    return content.startswith(b"%PDF-") and b"%%EOF" not in content[-2048:]


def _write_troubles(path: Path, troubles: list[Trouble]) -> None:
    path.write_text(json.dumps([asdict(t) for t in troubles], ensure_ascii=False, indent=1), encoding="utf-8")

"""What was collected into a folder: one line of JSON for each document and page in `.collected.jsonl`.

Lines are only added while a source is asked, so that a killed collection loses at most the document in hand; the
last line of an address holds. `close` rewrites the file with one line an address.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

NAME = ".collected.jsonl"


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    address: str
    checked: dt.datetime
    etag: str | None = None
    last_modified: str | None = None


class Collected(_Line):
    """A document: its file beside the manifest, when its bytes came and when they were last known to be current (UTC),
    their sha256 and size in bytes, media type, licence note, how the source calls it and the page that named it."""

    line: Literal["document"] = "document"
    file: str
    fetched: dt.datetime
    sha256: str
    size: int
    media_type: str
    licence: str
    title: str
    found_on: str
    council: str | None = None


class Page(_Line):
    """A page that lists documents or further pages: how many links it had when it last had any, and whether all of
    them are had and none will be added, so that it need not be asked again."""

    line: Literal["page"] = "page"
    links: int
    settled: bool = False


class Manifest:
    """The manifest of a folder, open for adding. Use it as a context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / NAME
        self.documents: dict[str, Collected] = {}
        self.pages: dict[str, Page] = {}

    def __enter__(self) -> Manifest:
        self.folder.mkdir(parents=True, exist_ok=True)
        for line in _read_lines(self._path):
            self._keep(line)
        self._rewrite()
        self._file = self._path.open("a", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._rewrite()

    def add(self, line: Collected | Page) -> None:
        """Note a document or a page; it reaches the disk before this returns."""
        self._keep(line)
        self._file.write(line.model_dump_json(exclude_none=True) + "\n")
        self._file.flush()

    def _keep(self, line: Collected | Page) -> None:
        if isinstance(line, Page):
            self.pages[line.address] = line
        else:
            self.documents[line.address] = line

    def _rewrite(self) -> None:
        lines: list[Collected | Page] = [*self.documents.values(), *self.pages.values()]
        lines.sort(key=lambda line: line.address)
        text = "".join(line.model_dump_json(exclude_none=True) + "\n" for line in lines)
        temporary = self._path.with_suffix(".part")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self._path)


def _read_lines(path: Path) -> Iterator[Collected | Page]:
    """The lines that can be understood; one that was cut off when its writer was killed cannot."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            data = json.loads(line)
            yield (Page if data.get("line") == "page" else Collected).model_validate(data)
        except (ValueError, AttributeError, ValidationError):
            continue


def read_addresses(folder: Path) -> dict[str, str]:
    """File name → address of the documents that were collected into the folder; empty where it has no manifest."""
    return {d.file: d.address for d in _read_lines(folder / NAME) if isinstance(d, Collected)}

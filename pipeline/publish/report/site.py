"""The pages by their addresses, the same for both doors: a folder of files, and a server.

A page is a template and a function that gathers its values when the page is asked for. All pages but the first lie one
folder deep, so that `root` leads back to the first from anywhere.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from pipeline.forks import run_shared
from pipeline.publish.index import Index, Item, get_id
from pipeline.publish.labels import colour_code, label_code, label_theme
from pipeline.publish.report import showing
from pipeline.publish.report.charts import Spec, draw
from pipeline.publish.report.kept import KeptPages
from pipeline.publish.report.stories import Story
from pipeline.records import Document, Metric


class Door(Protocol):
    """What differs between the doors: where the evidence of a row and the file of a document are."""

    @property
    def served(self) -> bool:
        """Whether a server answers."""
        ...

    def locate_item(self, document_id: str, item_id: str) -> str:
        """The address of a row's evidence, from the first page's folder."""
        ...

    def locate_file(self, document: Document, page: int | None) -> str | None:
        """The address of the document's file at the page, from the first page's folder; None where there is none."""
        ...


@dataclass(frozen=True)
class FolderDoor:
    """A folder of files that is opened without a server. `sources` gives the file of each SHA-256, as an address from
    the report's folder."""

    sources: Mapping[str, str] = field(default_factory=dict)
    served: bool = False

    def locate_item(self, document_id: str, item_id: str) -> str:
        """The row on the page of its document."""
        return f"documents/{document_id}.html#{item_id}"

    def locate_file(self, document: Document, page: int | None) -> str | None:
        """The file that was read, where it lay beside the dataset."""
        address = self.sources.get(document.file_sha256)
        return address and _at_page(address, page)


@dataclass(frozen=True)
class ServedDoor:
    """A server on this machine. `files` are the SHA-256 of the files that it can show."""

    files: frozenset[str] = frozenset()
    served: bool = True

    def locate_item(self, document_id: str, item_id: str) -> str:
        """A page of the row's own, with the picture of its page."""
        return f"evidence/{item_id}"

    def locate_file(self, document: Document, page: int | None) -> str | None:
        """The file through the server."""
        if document.file_sha256 not in self.files:
            return None
        return _at_page(f"file/{document.document_id}", page)


def _at_page(address: str, page: int | None) -> str:
    return f"{address}#page={page}" if page and "#" not in address else address


def locate_source(document: Document, page: int | None = None) -> str | None:
    """The web address of the source, at the page; None where it is not known or is no web address."""
    url = document.source_url
    return _at_page(url, page) if url and url.startswith(("https://", "http://")) else None


def item_id_of(row: Item | Metric) -> str:
    """The id of a finding, a recommendation or a metric."""
    return row.metric_id if isinstance(row, Metric) else get_id(row)


class _Undefined(StrictUndefined):
    """Strict about our own names; the components may leave out their caller and any parameter, which are in a dict."""

    def __new__(cls, hint: str | None = None, obj: object = None, *more: Any, **named: Any) -> Any:
        """An undefined value of the kind that the place asks for."""
        if isinstance(obj, dict) or named.get("name") == "caller":
            return ChainableUndefined(hint, obj, *more, **named)
        return super().__new__(cls)


@functools.cache
def _load_environment() -> Environment:
    ours = PackageLoader("pipeline.publish", "templates")
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    environment = Environment(
        loader=ChoiceLoader([ours, components]),
        autoescape=True,
        undefined=_Undefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "code": label_code,
        "colour": colour_code,
        "theme": label_theme,
        "text": showing.show_text,
        "date": showing.show_date,
        "month": showing.show_month,
        "number": showing.show_number,
        "value": showing.show_value,
        "place": showing.show_place,
        "id": item_id_of,
        "quote": lambda text: quote(str(text), safe=""),
    }
    environment.globals |= {"dates": showing.show_dates, "count_of": showing.count_of, "source": locate_source}
    environment.globals |= {"undefined": None, "null": None}  # names that the components know from Nunjucks
    return environment


_FOOT = "\0"
"""Stands in kept pages for what the last run says of itself."""


@dataclass(frozen=True)
class Page:
    """A template with what gathers its values when the page is asked for. `shows` gives all that the page depends on
    besides the last run; None where that is too much for the page to be kept."""

    template: str
    gather: Callable[[], Mapping[str, Any]]
    shows: Callable[[], bytes] | None


class Site:
    """The templates, and where each thing has its page."""

    def __init__(self, index: Index, stories: list[Story], door: Door) -> None:
        self.pages: dict[str, Page] = {}
        self.charts: dict[str, Callable[[], Spec | None]] = {}
        self._slugs = {s.council: s.slug for s in stories}
        run = index.runs[-1] if index.runs else None
        self._foot = _load_environment().get_template("foot.html").render(run=run) if run else ""
        self._values: dict[str, Any] = {
            "served": door.served,
            "run": run,
            "foot": Markup(self._foot),
            "document_of": lambda row: index.documents[row.document_id],
            "council_of": lambda row: index.name_council(row.document_id),
            "council_page": lambda name: f"councils/{self._slugs[name]}.html",
            "item_page": lambda row: door.locate_item(row.document_id, item_id_of(row)),
            "file_of": door.locate_file,
        }

    def warm(self) -> None:
        """Translate every template, which takes a while for each."""
        for name in {page.template for page in self.pages.values()}:
            _load_environment().get_template(name)

    def add_chart(self, path: str, plan: Callable[[], Spec | None]) -> None:
        """Add a picture in SVG. `plan` gives None where there is nothing to draw."""
        self.charts[path] = plan

    def add(
        self,
        path: str,
        template: str,
        gather: Callable[[], Mapping[str, Any]],
        shows: Callable[[], bytes] | None = None,
    ) -> None:
        """Add a page. See `Page`."""
        self.pages[path] = Page(template, gather, shows)

    def render(self, path: str) -> str:
        """The page at this address.

        Raises KeyError where there is none.
        """
        page = self.pages[path]
        return self.fill(path, page.template, **page.gather())

    def take(self, path: str, kept: KeptPages) -> str:
        """The same, from what is kept of the run before where it shows the same."""
        page = self.pages[path]
        if page.shows is None or not self._foot:
            return self.render(path)
        made = kept.take(path, page.shows(), lambda: self.render(path).replace(self._foot, _FOOT))
        return made.replace(_FOOT, self._foot)

    def fill(self, path: str, template: str, **values: Any) -> str:
        """A page from a template; `path` is its address."""
        root = "../" * path.count("/")
        return _load_environment().get_template(template).render(self._values, root=root, path=path, **values)


def write_pages(site: Site, folder: Path, kept: KeptPages) -> None:
    """Write every page and chart of the site into the folder, on all processors; the charts, which a library draws with
    threads of its own, in this process."""
    site.warm()
    charts = [functools.partial(_write_chart, path, plan, folder, kept) for path, plan in site.charts.items()]
    run_shared(charts, [functools.partial(_write_page, site, path, folder, kept) for path in site.pages])
    kept.prune([*site.pages, *site.charts])


def _write_page(site: Site, path: str, folder: Path, kept: KeptPages) -> None:
    _write(folder / path, site.take(path, kept))


def _write_chart(path: str, plan: Callable[[], Spec | None], folder: Path, kept: KeptPages) -> None:
    if spec := plan():
        _write(folder / path, kept.take(path, json.dumps(spec).encode(), lambda: draw(spec)))


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")

"""Records → a folder of plain HTML pages that work from a file share: no script, no network."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.publish.index import Index, Item, get_id, make_index
from pipeline.publish.labels import label_code, label_theme
from pipeline.publish.stories import Chapter, Story, Told, make_stories
from pipeline.publish.trends import list_reports, make_code_pages, make_found_pages
from pipeline.records import DocType, Document, Evidence, Record, Severity

_NEWEST = 10
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_NO_DATE = "undated"


def show_text(text: str) -> str:
    """A quote for reading: on one line, the lost line-end hyphen (U+FFFE) as a hyphen, no control characters."""
    return " ".join(_UNSEEN.sub("", text.replace("\ufffe", "-")).split())


def show_date(date: dt.date | None) -> str:
    """A date in words: 5 March 2024."""
    return f"{date.day} {date:%B %Y}" if date else ""


def show_dates(start: dt.date | None, end: dt.date | None) -> str:
    """A span of dates in words: 4 to 8 March 2024."""
    if not start or not end or start == end:
        return show_date(end or start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} to {show_date(end)}"
    return f"{show_date(start)} to {show_date(end)}"


def show_number(value: float) -> str:
    """A number with thousands separated and no needless decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def show_place(row: Evidence) -> str:
    """Where in its document a row stands: page 3, paragraph 14."""
    parts = []
    if row.page is not None:
        parts.append(f"page {row.page}")
    if row.line is not None:
        parts.append(f"line {row.line}")
    if row.paragraph:
        parts.append(f"paragraph {row.paragraph}")
    return ", ".join(parts) or "place not known"


class _Site:
    """The report in the making: its templates, and where each thing has its page."""

    def __init__(self, index: Index, stories: Sequence[Story], folder: Path) -> None:
        self.folder = folder
        self.index = index
        self._council_slugs = {s.council: s.slug for s in stories}
        self._homes = {
            d.document_id: f"councils/{s.slug}.html" for s in stories for c in s.chapters for d in c.documents
        }
        self._environment = Environment(
            loader=PackageLoader("pipeline.publish", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {
            "code": label_code,
            "theme": label_theme,
            "text": show_text,
            "date": show_date,
            "number": show_number,
            "place": show_place,
            "id": get_id,
        }
        self._environment.globals |= {
            "dates": show_dates,
            "document_of": lambda row: index.documents[row.document_id],
            "council_of": lambda row: index.name_council(row.document_id),
            "council_page": lambda name: f"councils/{self._council_slugs[name]}.html",
            "item_page": self._locate_item,
            "source": self._locate_source,
            "run": index.runs[-1] if index.runs else None,
        }

    def _locate_item(self, item: Item) -> str:
        return f"{self._homes[item.document_id]}#{get_id(item)}"

    def _locate_source(self, document: Document, page: int | None = None) -> str | None:
        """The address of the source, at the page; None where it is not known or is no web address."""
        url = document.source_url
        if not url or not url.startswith(("https://", "http://")):
            return None
        return f"{url}#page={page}" if page and "#" not in url else url

    def write(self, path: str, template: str, **values: Any) -> None:
        """Render a page; `root` leads from it back to the report's folder."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        html = self._environment.get_template(template).render(root="../" * path.count("/"), path=path, **values)
        target.write_text(html, encoding="utf-8", newline="\n")


def _list_newest(stories: Sequence[Story]) -> list[tuple[Story, Chapter]]:
    visits = [(s, c) for s in stories for c in s.visits]
    visits.sort(key=lambda pair: (pair[1].date or dt.date.min, pair[0].council, pair[1].anchor), reverse=True)
    return visits[:_NEWEST]


def _count_kinds(index: Index) -> list[tuple[str, int]]:
    counts = Counter(d.doc_type for d in index.documents.values())
    return [(kind.value, counts[kind]) for kind in DocType if counts[kind]]


def _split_years(stories: Sequence[Story]) -> dict[str, list[tuple[Story, Told]]]:
    """The recommendations by year, newest first, then by council."""
    years: dict[str, list[tuple[Story, Told]]] = defaultdict(list)
    for story in stories:
        for chapter in story.chapters:
            for told in chapter.recommendations:
                years[str(told.item.date.year) if told.item.date else _NO_DATE].append((story, told))
    return dict(sorted(years.items(), key=lambda pair: (pair[0] != _NO_DATE, pair[0]), reverse=True))


def _cross_outcomes(index: Index) -> list[tuple[str, Counter[str]]]:
    """For each kind of recommendation, how many there are of each outcome ("" where it is not known)."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item in index.recommendations:
        counts[item.kind.value][item.outcome.value if item.outcome else ""] += 1
    return sorted(counts.items(), key=lambda pair: -pair[1].total())


def _write_static(folder: Path) -> None:
    folder.mkdir(parents=True)
    for source in sorted(resources.files("pipeline.publish").joinpath("static").iterdir(), key=lambda s: s.name):
        if source.is_file():
            (folder / source.name).write_bytes(source.read_bytes())


def write_report(tables: Mapping[str, Sequence[Record]], folder: Path) -> None:
    """Write the report of the sorted tables into `folder`, which must not exist."""
    index = make_index(tables)
    stories = make_stories(index)
    codes, found = make_code_pages(index), make_found_pages(index)
    reports = list_reports(index)
    years = _split_years(stories)
    _write_static(folder / "static")
    site = _Site(index, stories, folder)
    problems = sorted(index.problems, key=lambda p: (p.severity is not Severity.ERROR, p.file_name, p.message))
    site.write(
        "index.html",
        "index.html",
        index=index,
        stories=stories,
        newest=_list_newest(stories),
        kinds=_count_kinds(index),
        codes=codes,
        reports=reports,
        errors=[p for p in problems if p.severity is Severity.ERROR],
        warnings=[p for p in problems if p.severity is not Severity.ERROR],
    )
    site.write("councils/index.html", "councils.html", stories=stories)
    for story in stories:
        site.write(f"councils/{story.slug}.html", "council.html", story=story)
    site.write("themes/index.html", "themes.html", codes=codes, found=found)
    known = {page.slug for page in codes}
    for page in [*codes, *found]:
        site.write(f"themes/{page.slug}.html", "theme.html", page=page, index=index, known=known)
    site.write("recommendations/index.html", "recommendations.html", kinds=_cross_outcomes(index), years=years)
    for year, rows in years.items():
        site.write(f"recommendations/{year}.html", "recommendations_year.html", year=year, rows=rows)
    site.write("documents.html", "documents.html", index=index)
    site.write("problems.html", "problems.html", problems=problems)

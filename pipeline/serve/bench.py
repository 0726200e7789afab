"""How fast the pages are on a dataset of 1,000 documents and 200,000 items that is made up on the spot.

`python -m pipeline.serve.bench` builds the report, then starts the server on a free port and asks it, one request after
another: every kind of page on a sample of its addresses, and searches by words, by meaning and both.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from pipeline.embed import DIMENSIONS, load_embedder
from pipeline.identify.councils import load_councils
from pipeline.publish.columns import RECORDS
from pipeline.publish.database import write_database
from pipeline.publish.datapackage import write_datapackage
from pipeline.publish.files import write_parquet
from pipeline.publish.frames import sort_rows
from pipeline.publish.labels import read_theme_names
from pipeline.publish.report import write_report
from pipeline.publish.vectors import write_vectors
from pipeline.records import (
    Area,
    Cohort,
    DocType,
    Document,
    Finding,
    Grade,
    ItemType,
    Judgement,
    Metric,
    Outcome,
    Polarity,
    Recommendation,
    RecommendationKind,
    Record,
    Relation,
    Run,
    Side,
    Theme,
    ThemeItem,
    Thread,
    Unit,
    Visit,
    VisitType,
)

_WORDS = [
    "children",
    "plans",
    "social",
    "workers",
    "managers",
    "supervision",
    "care",
    "leavers",
    "assessments",
    "visits",
    "records",
    "timely",
    "consistent",
    "oversight",
    "decisions",
    "health",
    "education",
    "placements",
    "homes",
    "pathway",
    "reviews",
    "risk",
    "neglect",
    "missing",
    "partners",
    "audit",
    "leaders",
    "quality",
    "response",
    "families",
    "early",
    "help",
    "support",
    "thresholds",
    "caseloads",
    "training",
    "recruitment",
    "voice",
    "permanence",
    "fostering",
]
_SHARE = (0.75, 0.10, 0.15)
"""Findings, recommendations and metrics among the items."""


class _Maker:
    """Makes rows from a seed; texts by Zipf's law over 5,000 words, 12 to 30 words long."""

    def __init__(self, documents: int, items: int) -> None:
        self.random = random.Random(7)
        self.tables: dict[str, list[Record]] = defaultdict(list)
        self.texts: dict[str, str] = {}
        self.codes = list(read_theme_names())
        self.words = [*_WORDS, *(f"word{n}" for n in range(5_000 - len(_WORDS)))]
        self.weights = list(accumulate(1 / (n + 1) for n in range(5_000)))
        councils = [c for c in load_councils().values() if c.region][:150]
        per_document = items // documents
        for number in range(documents):
            self._make_document(number, councils[number % len(councils)], per_document)
        self._make_themes()
        day = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
        self.tables["runs"].append(
            Run(run_id="run_1", started=day, finished=day, files_seen=documents, files_new=documents, files_failed=0,
                documents=documents, version="bench", models=(), parameters="{}")
        )  # fmt: skip

    def _say(self) -> str:
        words = self.random.choices(self.words, cum_weights=self.weights, k=self.random.randint(12, 30))
        return " ".join(words).capitalize() + "."

    def _make_document(self, number: int, council: Any, items: int) -> None:
        document_id, end = f"doc_{number:05}", dt.date(2013, 1, 7) + dt.timedelta(days=number * 4700 // 1000)
        visit_id = f"visit_{number:05}" if number % 10 < 7 else None
        kind = DocType.ILACS_INSPECTION if visit_id else DocType.SELF_ASSESSMENT
        common: dict[str, Any] = {"document_id": document_id, "visit_id": visit_id}
        dated = {**common, "council_code": council.code, "date": end}
        if visit_id:
            self.tables["visits"].append(
                Visit(visit_id=visit_id, council=council.name, council_code=council.code,
                      visit_type=VisitType.ILACS_INSPECTION, visit_start=end - dt.timedelta(days=4),
                      visit_end=end, framework="ILACS")
            )  # fmt: skip
            for area in (Area.OVERALL_EFFECTIVENESS, Area.LEADERS, Area.HELP_AND_PROTECTION):
                self.tables["judgements"].append(Judgement(**common, **self._place(0), area=area, grade=Grade.GOOD))
        for at in range(items):
            self._make_item(f"{number:05}_{at:04}", dated, self._place(at), at / items, bool(visit_id))
        self.tables["documents"].append(
            Document(document_id=document_id, file_name=f"{number}.pdf", file_sha256=f"{number:064}", part=1,
                     words=9_000, media_type="application/pdf", title=f"{number} on {council.name}", doc_type=kind,
                     doc_type_confidence=0.9, council=council.name, council_code=council.code, region=council.region,
                     visit_id=visit_id, published=end, first_page=1, last_page=40, text_source="native")
        )  # fmt: skip

    def _place(self, at: int) -> dict[str, Any]:
        return {
            "page": 1 + at // 6, "paragraph": str(1 + at // 2), "section": "Help and protection", "rule_id": "bench",
            "char_start": at * 200, "char_end": at * 200 + 150, "bbox": (72.0, 100.0, 500.0, 114.0), "confidence": 0.9,
        }  # fmt: skip

    def _make_item(
        self, number: str, dated: dict[str, Any], place: dict[str, Any], share: float, visited: bool
    ) -> None:
        codes = self.random.sample(self.codes, 2)
        themed: dict[str, Any] = {
            "theme_code": codes[0],
            "theme_code_2": self.random.choice([codes[1], None]),
            "theme_id": None,
        }
        if share < _SHARE[0]:
            self.tables["findings"].append(
                Finding(**dated, **place, **themed, finding_id=f"find_{number}", text=self._say(),
                        polarity=self.random.choice(list(Polarity)), cohorts=(self.random.choice(list(Cohort)),))
            )  # fmt: skip
        elif share < _SHARE[0] + _SHARE[1]:
            outcome = self.random.choice(list(Outcome)) if visited else None
            kinds = (RecommendationKind.ACTION, RecommendationKind.AREA_FOR_IMPROVEMENT)
            self.tables["recommendations"].append(
                Recommendation(**dated, **place, **themed, recommendation_id=f"rec_{number}", text=self._say(),
                               kind=kinds[visited], outcome=outcome)
            )  # fmt: skip
        else:
            measure = f"measure {self.random.randint(1, 40)}"
            self.tables["metrics"].append(
                Metric(**dated, **place, metric_id=f"metric_{number}", quote=self._say(), measure=measure,
                       value=self.random.randint(1, 99), unit=Unit.PERCENT)
            )  # fmt: skip

    def _make_themes(self) -> None:
        items = [(ItemType.FINDING, f.finding_id) for f in self.tables["findings"] if isinstance(f, Finding)]
        items += [
            (ItemType.RECOMMENDATION, r.recommendation_id)
            for r in self.tables["recommendations"]
            if isinstance(r, Recommendation)
        ]
        for number in range(200):
            members = items[number::200]
            theme_id = f"theme_{number:03}"
            self.tables["themes"].append(
                Theme(theme_id=theme_id, label=f"Theme {number}", keywords=("plans",), size=len(members), councils=100,
                      visits=300, exemplar_id=members[0][1], theme_code=self.codes[number % len(self.codes)],
                      side=Side.WEAKNESS, exemplar=self._say(), is_new=False, reports=300, of_reports=900,
                      of_councils=150)
            )  # fmt: skip
            self.tables["theme_items"] += [
                ThemeItem(theme_id=theme_id, item_type=kind, item_id=i, similarity=0.5) for kind, i in members[::2]
            ]
        demands = [r for r in self.tables["recommendations"] if isinstance(r, Recommendation)]
        for number, (asked, later) in enumerate(zip(demands[:10_000], demands[5_000:], strict=False)):
            self.tables["threads"].append(
                Thread(thread_id=f"thread_{number}", council_code=asked.council_code or "", relation=Relation.REPEATS,
                       from_id=asked.recommendation_id, from_type=ItemType.RECOMMENDATION,
                       to_id=later.recommendation_id, to_type=ItemType.RECOMMENDATION, score=0.8, days=900)
            )  # fmt: skip


def _write_dataset(tables: dict[str, list[Record]], out: Path) -> None:
    """What the server reads; the workbook and the CSV files are not timed here."""
    for folder in ("dataset", "csv", "text"):
        (out / folder).mkdir(parents=True)
    for document in tables["documents"]:
        assert isinstance(document, Document)
        (out / "text" / f"{document.document_id}.txt").write_text("A sentence. " * 4_500, encoding="utf-8")
    for name, record in RECORDS.items():
        write_parquet(record, tables[name], out / "dataset" / f"{name}.parquet")
    write_database(out / "dataset", out / "goldenthread.duckdb")
    write_datapackage(tables, out / "dataset", ".parquet")
    ids = [i.finding_id for i in tables["findings"] if isinstance(i, Finding)]
    ids += [i.recommendation_id for i in tables["recommendations"] if isinstance(i, Recommendation)]
    made = np.random.default_rng(7).standard_normal((len(ids), DIMENSIONS)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    write_vectors(dict(zip(ids, made, strict=True)), out / "vectors.parquet")


def _ask(address: str) -> float:
    started = time.perf_counter()
    with urllib.request.urlopen(address, timeout=120) as answer:
        answer.read()
    return 1000 * (time.perf_counter() - started)


def _list_addresses(report: Path, sample: int) -> Iterator[tuple[str, list[str]]]:
    draw = random.Random(7)
    for folder in ("councils", "themes", "cells", "documents", "recommendations", "compare", "search", "problems"):
        paths = sorted(p.relative_to(report).as_posix() for p in (report / folder).glob("*.html"))
        lists = [p for p in paths if p.endswith("/index.html")]
        rest = [p for p in paths if p not in lists]
        yield from ((p, [p]) for p in lists)
        if rest:
            yield f"{folder}/…", draw.sample(rest, min(sample, len(rest)))
    charts = sorted(p.relative_to(report).as_posix() for p in (report / "charts").iterdir())
    yield "charts/…", draw.sample(charts, min(sample, len(charts)))
    yield "index.html", ["index.html"]
    yield (
        "compare six",
        ["compare/index.html?" + "&".join(f"council={p.stem}" for p in sorted((report / "councils").glob("*"))[:6])],
    )
    sql = "SELECT council, kind, count(*) FROM items GROUP BY ALL ORDER BY ALL"
    yield "sql", [f"sql/index.html?q={quote(sql)}"] * 3
    items = [f"find_{n:05}_0001" for n in range(0, 500, 50)]
    yield "evidence", [f"evidence/{i}" for i in items]


def _list_searches() -> Iterator[tuple[str, list[str]]]:
    words = [
        "children",
        "supervision",
        "pathway plans",
        "word4000",
        "fostering word1200",
        '"social workers"',
        "missing risk word90",
    ]
    filters = "&polarity=weakness&theme=management_oversight_supervision"
    for mode in ("words", "meaning", "both"):
        yield f"search, {mode}", [f"search/index.html?mode={mode}&q={quote(w)}" for w in words]
        yield f"search, {mode}, filters", [f"search/index.html?mode={mode}&q={quote(w)}{filters}" for w in words]
    yield (
        "search, filters only",
        [f"search/index.html?kind={k}{f}" for k in ("finding", "metric") for f in ("", "&region=London")],
    )


def _serve(out: Path) -> Iterator[str]:
    import uvicorn

    from pipeline.serve.app import make_app

    started = time.perf_counter()
    running = uvicorn.Server(uvicorn.Config(make_app(out, load_embedder), port=0, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    sys.stdout.write(f"server ready after {time.perf_counter() - started:.1f} s\n")
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join()


def _report_times(home: str, groups: Sequence[tuple[str, list[str]]]) -> None:
    for name, addresses in groups:
        spent = time.process_time()
        times = [_ask(f"{home}/{a}") for a in addresses]
        spent = 1000 * (time.process_time() - spent) / len(times)
        told = f"median {statistics.median(times):6.0f} ms  most {max(times):6.0f} ms  processor {spent:6.0f} ms"
        sys.stdout.write(f"{name:32} {len(times):4}  {told}\n")


def main() -> None:
    """Build, serve, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--sample", type=int, default=25, help="addresses of each kind of page")
    chosen = parser.parse_args()
    tables = sort_rows(_Maker(chosen.documents, chosen.items).tables)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        started, spent = time.perf_counter(), time.process_time()
        out.mkdir()
        write_report(tables, out / "report")
        took, spent = time.perf_counter() - started, time.process_time() - spent
        pages = list((out / "report").rglob("*.html"))
        size = sum(p.stat().st_size for p in (out / "report").rglob("*") if p.is_file()) / 2**20
        told = f"{took:.1f} s ({spent:.1f} s of a processor) for {len(pages):,} pages, {size:,.0f} MiB"
        sys.stdout.write(f"report: {told}, of {chosen.items:,} items\n")
        sys.stdout.flush()
        _write_dataset(tables, out)
        for home in _serve(out):
            _ask(f"{home}/search/index.html?mode=meaning&q=warm")  # the sentence model is loaded
            _report_times(home, list(_list_addresses(out / "report", chosen.sample)))
            _report_times(home, list(_list_searches()))


if __name__ == "__main__":
    main()

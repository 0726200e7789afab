"""The map: one file through read, split, identify, extract and embed. Nothing here knows of another file."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pipeline.embed import Embedder, MemoEmbedder
from pipeline.errors import FileFault, RuleFault
from pipeline.expectations import check_expectations
from pipeline.extract.findings import extract_findings
from pipeline.extract.judgements import extract_judgements
from pipeline.extract.metrics import extract_metrics
from pipeline.extract.recommendations import extract_recommendations
from pipeline.identify import identify
from pipeline.paper import Paper
from pipeline.parts import split_parts
from pipeline.read import read_file
from pipeline.read.blocks import Reading
from pipeline.records import (
    Finding,
    Judgement,
    Metric,
    Problem,
    Recommendation,
    Severity,
    Visit,
)
from pipeline.split import Part, sentences
from pipeline.store import FileResult
from pipeline.themes.coding import assign_codes

log = logging.getLogger(__name__)


def process_file(
    path: Path, file_name: str, file_sha256: str, embedder: Embedder, engine: str, source_url: str | None = None
) -> FileResult:
    """Everything that the file, collected from `source_url`, yields. A file that cannot be read gives a result with a
    problem and no document.

    An error of our own is written down the same way, with its traceback in the log: it never stops the batch.

    Raises OSError where the storage fails (which may pass, and is tried again) and RuleFault where `models/` is
    malformed (every file would be read wrongly).
    """
    try:
        return _process(path, file_name, file_sha256, embedder, engine, source_url)
    except FileFault as fault:
        stage, error, message = fault.stage, fault.error, fault.message
    except (OSError, RuleFault):
        raise
    except Exception as e:
        log.exception("%s could not be processed", file_name)
        where = traceback.extract_tb(e.__traceback__)[-1]
        stage, error = "process", "internal_error"
        message = f"{type(e).__name__}: {e} ({Path(where.filename).name}, line {where.lineno}). Please report this."
    problem = Problem(
        file_name=file_name,
        file_sha256=file_sha256,
        stage=stage,
        error=error,
        message=message,
        severity=Severity.ERROR,
    )
    return FileResult(file_name, file_sha256, problems=(problem,))


def _process(
    path: Path, file_name: str, file_sha256: str, embedder: Embedder, engine: str, source_url: str | None
) -> FileResult:
    reading = read_file(path, engine=engine)
    memo = MemoEmbedder(embedder)
    yields = [_process_part(part, reading, file_name, file_sha256, memo, source_url) for part in split_parts(reading)]
    recommendations = tuple(row for y in yields for row in y.recommendations)
    findings = tuple(row for y in yields for row in y.findings)
    words = [*(r.text for r in recommendations), *(f.text for f in findings)]
    vectors = memo.encode(words)
    codings = assign_codes(words, vectors)
    codes = [{"theme_code": c.code, "theme_code_2": c.code_2, "theme_confidence": c.confidence} for c in codings]
    return FileResult(
        file_name=file_name,
        file_sha256=file_sha256,
        pages=reading.pages or 0,
        documents=tuple(d for y in yields for d in y.documents),
        visits=_distinct_visits(yields),
        judgements=tuple(row for y in yields for row in y.judgements),
        recommendations=tuple(
            r.replace(**c) for r, c in zip(recommendations, codes[: len(recommendations)], strict=True)
        ),
        findings=tuple(r.replace(**c) for r, c in zip(findings, codes[len(recommendations) :], strict=True)),
        metrics=tuple(row for y in yields for row in y.metrics),
        problems=_reading_problems(reading, file_name, file_sha256) + tuple(p for y in yields for p in y.problems),
        texts={k: v for y in yields for k, v in y.texts.items()},
        vectors=vectors,
    )


def _process_part(
    part: Part, reading: Reading, file_name: str, file_sha256: str, embedder: Embedder, source_url: str | None
) -> FileResult:
    identity = identify(part, reading, file_name, file_sha256, source_url)
    paper = Paper(identity.document, identity.visit, part, sentences(part))
    judgements: list[Judgement] = extract_judgements(paper)
    recommendations: list[Recommendation] = extract_recommendations(paper)
    findings: list[Finding] = extract_findings(paper, embedder)
    metrics: list[Metric] = extract_metrics(paper)
    return FileResult(
        file_name=file_name,
        file_sha256=file_sha256,
        documents=(paper.document,),
        visits=(paper.visit,) if paper.visit else (),
        judgements=_discount(judgements, reading.legible),
        recommendations=_discount(recommendations, reading.legible),
        findings=_discount(findings, reading.legible),
        metrics=_discount(metrics, reading.legible),
        problems=identity.problems + check_expectations(paper, judgements, recommendations, findings),
        texts={paper.document.document_id: part.text},
    )


Row = TypeVar("Row", Judgement, Recommendation, Finding, Metric)


def _discount(rows: Sequence[Row], legible: Mapping[int, float]) -> tuple[Row, ...]:
    """The rows; what stands on a page that was read by OCR is no surer than the words of that page."""
    sure = [legible.get(r.page, 1.0) if r.page else 1.0 for r in rows]
    return tuple(
        r if share == 1.0 else r.replace(confidence=round(r.confidence * share, 4))
        for r, share in zip(rows, sure, strict=True)
    )


def _distinct_visits(yields: Sequence[FileResult]) -> tuple[Visit, ...]:
    return tuple({v.visit_id: v for y in yields for v in y.visits}.values())


def _reading_problems(reading: Reading, file_name: str, file_sha256: str) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            file_name=file_name,
            file_sha256=file_sha256,
            stage="read",
            error=note.error,
            message=note.message,
            severity=Severity.WARNING,
        )
        for note in reading.notes
    )

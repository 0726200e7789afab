"""Findings: every sentence that says how good or bad a service, practice or experience is."""

from __future__ import annotations

import numpy as np

from pipeline.cohorts import find_cohorts
from pipeline.embed import Embedder
from pipeline.extract.findings.extents import find_extent
from pipeline.extract.findings.model import CLASSES, THRESHOLD, classify, find_candidates, load_weights, sift
from pipeline.paper import Paper
from pipeline.records import Finding, Polarity
from pipeline.split import Sentence

MODEL = "findings@3"


def extract_findings(paper: Paper, embedder: Embedder) -> list[Finding]:
    """The findings of a document in the order of its text, with polarity, extent and cohorts.

    A finding's `confidence` is the probability that the sentence evaluates, and in that direction.
    """
    weights = load_weights()
    candidates = sift(find_candidates(paper), weights)
    if not candidates.sentences:
        return []
    chances = classify(candidates, embedder, weights)
    ids = paper.item_ids()
    found = []
    for sentence, row in zip(candidates.sentences, chances, strict=True):
        if 1 - row[0] < THRESHOLD:
            continue
        best = 1 + int(np.argmax(row[1:]))
        finding_id = ids.make("find", sentence.text)
        found.append(_make(paper, sentence, finding_id, Polarity(CLASSES[best]), float(row[best])))
    return found


def _make(paper: Paper, sentence: Sentence, finding_id: str, polarity: Polarity, confidence: float) -> Finding:
    document = paper.document
    return Finding(
        finding_id=finding_id,
        document_id=document.document_id,
        visit_id=paper.visit.visit_id if paper.visit else None,
        council_code=document.council_code,
        date=paper.date,
        page=sentence.page,
        line=sentence.line,
        paragraph=sentence.paragraph,
        section=sentence.section,
        char_start=sentence.char_start,
        char_end=sentence.char_end,
        bbox=sentence.bbox,
        rule_id=MODEL,
        confidence=round(min(1.0, max(0.0, confidence)), 4),
        text=sentence.text,
        polarity=polarity,
        extent=find_extent(sentence.text),
        cohorts=find_cohorts(sentence.text, sentence.headings),
    )

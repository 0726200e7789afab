"""Labelled sentences, found again where they stand, with all that the classifier of findings sees of them.

`models/findings/labels.jsonl` holds labels of sentences that were read one by one: hashes and labels, no text. The
sentences are found again in the documents of a folder. `models/findings/written.jsonl` adds sentences in the register
of council papers, of which few are published, about councils that do not exist.
"""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.embed import Embedder
from pipeline.errors import FileFault
from pipeline.extract.findings.model import (
    CLASSES,
    Candidates,
    Matrix,
    describe_candidates,
    embed_headings,
    find_candidates,
)
from pipeline.identify import identify
from pipeline.ids import file_sha256, normalise
from pipeline.paper import Paper
from pipeline.parts import split_parts
from pipeline.read import read_file
from pipeline.read.blocks import BlockKind
from pipeline.records import DocType
from pipeline.rules import RuleModel, read_jsonl
from pipeline.split import Sentence, sentences

log = logging.getLogger(__name__)

WRITTEN_WEIGHT = 1.5
"""What a written sentence counts against a labelled one: chosen by cross-validation on both (see the model card)."""

LabelName = Literal["none", "strength", "weakness", "mixed"]


class FileLabels(RuleModel):
    """The labelled sentences of a file: the hash of its bytes, and by the hash of a sentence's normalised words its
    label."""

    file_sha256: str
    labels: dict[str, LabelName]


class Written(RuleModel):
    """One sentence or list item written for training; rows of one `section` stand in the order of a text."""

    text: str
    label: LabelName
    doc_type: DocType
    section: str
    block: BlockKind
    paragraph: int


@dataclass(frozen=True)
class Sample:
    """Labelled sentences in the order of their texts: text, the sentence before, features and heading
    (`join_features`), label, the file or section of each, and how much each counts."""

    texts: tuple[str, ...]
    before: tuple[str, ...]
    features: Matrix
    headings: Matrix
    labels: NDArray[np.int64]
    groups: NDArray[np.str_]
    weights: Matrix
    is_written: NDArray[np.bool_]

    def __getitem__(self, rows: NDArray[np.intp]) -> Sample:
        return Sample(
            tuple(self.texts[i] for i in rows),
            tuple(self.before[i] for i in rows),
            self.features[rows],
            self.headings[rows],
            self.labels[rows],
            self.groups[rows],
            self.weights[rows],
            self.is_written[rows],
        )


def hash_sentence(text: str) -> str:
    """What stands for a sentence in the labels of its file: 64 bits of the sha256 of its normalised words."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()[:16]


@functools.cache
def load_labels() -> dict[tuple[str, str], int]:
    """(file, sentence) → number of the class."""
    rows = read_jsonl("findings/labels.jsonl", FileLabels)
    return {(row.file_sha256, key): CLASSES.index(label) for row in rows for key, label in row.labels.items()}


def load_written() -> tuple[Written, ...]:
    """The written sentences in order."""
    return read_jsonl("findings/written.jsonl", Written)


def read_papers(corpus: Path, wanted: set[str]) -> Iterator[Paper]:
    """The documents of the files below `corpus` whose sha256 is wanted; each file once."""
    left = set(wanted)
    for path in sorted(p for p in corpus.rglob("*") if p.is_file()):
        sha = file_sha256(path)
        if sha not in left:
            continue
        left.discard(sha)
        try:
            reading = read_file(path)
        except FileFault as fault:
            log.warning("%s cannot be read: %s", path.name, fault)
            continue
        for part in split_parts(reading):
            found = identify(part, reading, path.name, sha)
            yield Paper(found.document, found.visit, part, tuple(sentences(part)))


Group = tuple[Candidates, list[int], str]
"""Labelled candidates of one text, the number of the class of each, and the name of their group."""


def _find_labelled(corpus: Path) -> Iterator[Group]:
    known = load_labels()
    for paper in read_papers(corpus, {file for file, _ in known}):
        sha = paper.document.file_sha256
        candidates = find_candidates(paper)
        labels = {i: known.get((sha, hash_sentence(s.text))) for i, s in enumerate(candidates.sentences)}
        rows = {i: label for i, label in labels.items() if label is not None}
        yield candidates[rows], list(rows.values()), sha


def _find_written() -> Iterator[Group]:
    for (doc_type, section), rows in groupby(load_written(), key=lambda r: (r.doc_type, r.section)):
        labels, made = {}, []
        for row in rows:
            labels[row.text] = CLASSES.index(row.label)
            made.append(Sentence(row.text, 0, len(row.text), row.paragraph, row.block, section=section))
        candidates = describe_candidates(made, doc_type)
        yield candidates, [labels[s.text] for s in candidates.sentences], f"{doc_type.value}: {section}"


def gather(corpus: Path, embedder: Embedder) -> Sample:
    """The labelled sentences that stand where findings may stand, by file and text; the written ones last."""
    labelled, written = list(_find_labelled(corpus)), list(_find_written())
    found = sum(len(labels) for _, labels, _ in labelled)
    log.info("%d of %d labels found where findings may stand", found, len(load_labels()))
    log.info("%d of %d written sentences too", sum(len(labels) for _, labels, _ in written), len(load_written()))
    groups = [g for g in (*labelled, *written) if g[1]]
    texts = tuple(s.text for candidates, _, _ in groups for s in candidates.sentences)
    is_written = np.arange(len(texts)) >= found
    return Sample(
        texts,
        tuple(text for candidates, _, _ in groups for text in candidates.before),
        np.vstack([candidates.features for candidates, _, _ in groups]),
        np.vstack([embed_headings(candidates, embedder) for candidates, _, _ in groups]),
        np.array([label for _, labels, _ in groups for label in labels]),
        np.array([name for _, labels, name in groups for _ in labels]),
        np.where(is_written, WRITTEN_WEIGHT, 1.0),
        is_written,
    )

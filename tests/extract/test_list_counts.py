"""Every list of recommendations in the inspectorates' reports holds as many items as a reader counted on its pages.

`list_counts.csv` holds the counts: the first 16 digits of the file's sha256, the kind, and how many top-level items; one
row with no kind where a report has no list. Whoever counted saw the printed pages and not what the program finds.
Demands in running prose (rules `request.*`) stand in no list and were not counted.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from pipeline.errors import FileFault
from pipeline.extract.recommendations import extract_recommendations
from pipeline.identify import identify
from pipeline.ids import file_sha256
from pipeline.paper import Paper
from pipeline.parts import split_parts
from pipeline.read import read_file
from pipeline.split import sentences

DIGITS = 16


def load_counts() -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    with Path(__file__).with_name("list_counts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            known = counts.setdefault(row["file_sha256"], {})
            if row["kind"]:
                known[row["kind"]] = int(row["count"])
    return counts


def count_items(path: Path, sha: str) -> dict[str, int]:
    reading = read_file(path)
    kinds: Counter[str] = Counter()
    for part in split_parts(reading):
        found = identify(part, reading, path.name, sha)
        paper = Paper(found.document, found.visit, part, tuple(sentences(part)))
        kinds.update(r.kind.value for r in extract_recommendations(paper) if not r.rule_id.startswith("request."))
    return dict(kinds)


@pytest.mark.shared
def test_lists_are_complete(shared: Path) -> None:
    counts = load_counts()
    seen, differing = set(), {}
    for path in sorted(p for p in (shared / "corpus").rglob("*") if p.is_file()):
        sha = file_sha256(path)
        if sha[:DIGITS] not in counts or sha in seen:
            continue
        seen.add(sha)
        try:
            found = count_items(path, sha)
        except FileFault:
            found = {}
        if found != counts[sha[:DIGITS]]:
            differing[path.name] = (found, counts[sha[:DIGITS]])
    assert not differing
    assert len(seen) == len(counts)

"""The marked council papers are well formed: their kinds are known and what is marked stands in them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline.identify.councils import load_councils
from pipeline.read import read_file
from pipeline.records import DocType, Polarity, RecommendationKind, Unit

MARKINGS = sorted((Path(__file__).parents[1] / "papers").rglob("*.json"))
STAMPED = 8
"""Texts that run over a page's stamp, without which they are marked."""


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


@pytest.mark.parametrize("path", MARKINGS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_marking_is_of_known_kinds(path: Path) -> None:
    marked = json.loads(path.read_text(encoding="utf-8"))
    assert marked["council"] is None or marked["council"] in load_councils()
    DocType(marked["doc_type"])
    assert all(RecommendationKind(row["kind"]) for row in marked["recommendations"])
    assert all(Polarity(row["polarity"]) for row in marked.get("findings", ()))
    assert all(Unit(row["unit"]) and isinstance(row["value"], int | float) for row in marked["metrics"])


def test_what_is_marked_stands_in_its_paper() -> None:
    absent = []
    for path in MARKINGS:
        marked = json.loads(path.read_text(encoding="utf-8"))
        paper = path.parent / marked["file"]
        if paper.suffix in (".docx", ".html"):
            text = plain("\n".join(block.text for block in read_file(paper).blocks))
        else:
            text = plain(paper.read_text(encoding="utf-8"))
        quotes = [r["text"] for r in (*marked["recommendations"], *marked.get("findings", ()))]
        absent += [q for q in (*quotes, *(r["quote"] for r in marked["metrics"])) if plain(q) not in text]
    assert len(MARKINGS) == 76
    assert len(absent) <= STAMPED, absent

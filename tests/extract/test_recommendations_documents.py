"""Whole documents of fictional councils with their recommendations marked, in the manner of many councils and years.

`recommendations_marked.txt` holds them. A line `%%% name kind format` opens each; `⟦s:...⟧` marks a resolution, `c` an
action, `r` a recommendation, `a` an area for improvement, `p` a priority action, and `+` the rest of the item before.
What is not marked must not be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.extract.recommendations import extract_recommendations
from pipeline.identify import identify
from pipeline.ids import normalise
from pipeline.paper import Paper
from pipeline.parts import split_parts
from pipeline.read import read_file
from pipeline.records import DocType
from pipeline.split import sentences

_KINDS = {
    "s": "resolution",
    "c": "action",
    "r": "recommendation",
    "a": "area_for_improvement",
    "p": "priority_action",
}
_MARK = re.compile(r"⟦(.):(.*?)⟧", re.DOTALL)
_DOCUMENTS = Path(__file__).with_name("recommendations_marked.txt")


def _documents() -> Iterator[tuple[str, str, str, str]]:
    for document in re.split(r"^%%% ", _DOCUMENTS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, body = document.split("\n", 1)
        name, kind, suffix = head.split()
        yield name, kind, suffix, body


def _expected(body: str) -> list[tuple[str, str]]:
    items: list[tuple[str, str]] = []
    for mark, text in _MARK.findall(body):
        if mark == "+":
            items[-1] = (items[-1][0], f"{items[-1][1]} {text}")
        else:
            items.append((_KINDS[mark], text))
    return sorted((kind, _plain(text)) for kind, text in items)


def _plain(text: str) -> str:
    """Words only: a joining word or mark between two items of one sentence may stand on either side."""
    return re.sub(r"(?: and)?$", "", " ".join(re.findall(r"[a-z0-9]+", normalise(text))))


@pytest.mark.parametrize(("name", "kind", "suffix", "body"), list(_documents()), ids=lambda v: str(v)[:8])
def test_document(name: str, kind: str, suffix: str, body: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.{suffix}"
    file.write_text(_MARK.sub(r"\2", body), encoding="utf-8")
    reading = read_file(file)
    rows = []
    for part in split_parts(reading):
        found = identify(part, reading, file.name, "0" * 64)
        document = found.document.replace(doc_type=DocType(kind))
        rows += extract_recommendations(Paper(document, found.visit, part, tuple(sentences(part))))
    assert sorted((row.kind.value, _plain(row.text)) for row in rows) == _expected(body)

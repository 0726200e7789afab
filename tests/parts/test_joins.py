"""Any five files of the corpus, joined to one, come apart at the five seams; each by itself stays whole."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pypdfium2
import pytest

from pipeline.errors import FileFault
from pipeline.parts import split_parts
from pipeline.read import read_file

pytestmark = pytest.mark.shared


def _documents(shared: Path) -> list[Path]:
    """PDFs of one document each: no error pages, and no file whose bookmarks make it a pack."""
    found = []
    for path in sorted((shared / "corpus").rglob("*.pdf")):
        if path.read_bytes()[:5] == b"%PDF-" and len(list(pypdfium2.PdfDocument(path).get_toc())) < 2:
            found.append(path)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_five_joined_files_come_apart_at_their_seams(shared: Path, tmp_path: Path, seed: int) -> None:
    _assert_comes_apart(random.Random(seed).sample(_documents(shared), 5), tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_papers_behind_an_agenda_come_apart_at_their_seams(shared: Path, tmp_path: Path, seed: int) -> None:
    documents = [p for p in _documents(shared) if {"committee", "letters"} & set(p.parts)]
    agenda = next(p for p in documents if "frontsheet" in p.name)
    papers = [p for p in documents if not re.search("agenda|public reports", p.name, re.IGNORECASE)]
    committee = [p for p in papers if "committee" in p.parts]
    letters = random.Random(seed).sample([p for p in papers if "letters" in p.parts], 2)
    _assert_comes_apart([agenda, *random.Random(seed).sample([*committee, *letters], 4)], tmp_path)


def _assert_comes_apart(picked: list[Path], folder: Path) -> None:
    joined, first_pages, pages = pypdfium2.PdfDocument.new(), [], 0
    for path in picked:
        source = pypdfium2.PdfDocument(path)
        joined.import_pages(source)
        first_pages.append(pages + 1)
        pages += len(source)
    joined.save(folder / "pack.pdf")
    parts = split_parts(read_file(folder / "pack.pdf"))
    assert [p.blocks[0].page for p in parts] == first_pages


def test_every_committee_paper_stays_whole(shared: Path) -> None:
    """Each inspection report is checked where its kind is."""
    split = []
    for path in (p for p in _documents(shared) if "committee" in p.parts):
        try:
            parts = split_parts(read_file(path))
        except FileFault:
            continue
        if len(parts) > 1:
            split.append((path.name, [p.blocks[0].page for p in parts]))
    assert split == []

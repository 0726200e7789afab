"""The notebook runs from its first cell to its last on the sample, draws its plots and ends with the citation."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient


def test_the_notebook_runs_on_the_sample(
    project: Path, published: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _ = published
    monkeypatch.setenv("GOLDENTHREAD_OUT", str(out))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    book = nbformat.read(project / ".github" / "notebooks" / "sample.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in book.cells), "clear the outputs before committing"
    NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(project)}}).execute()
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 2
    assert "run run_" in outputs[-1]["text"]

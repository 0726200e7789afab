"""The dataset about fictional councils, published with vectors and a file, and a client of its server."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas
from starlette.testclient import TestClient

from pipeline.embed import DIMENSIONS, Embedder, Vectors
from pipeline.places import STATE
from pipeline.publish.folder import publish
from pipeline.serve.app import make_app


class Compass:
    """Stands in for the sentence model: knows the direction of a few words, and nothing else."""

    name = "compass"
    words = ("supervision", "homes")

    def encode(self, texts: Sequence[str]) -> Vectors:
        made = np.full((len(texts), DIMENSIONS), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for at, word in enumerate(self.words):
                made[row, at] += word in text.casefold()
        return made / np.linalg.norm(made, axis=1, keepdims=True)


@pytest.fixture(scope="session")
def load() -> Callable[[], Embedder]:
    """Loads what stands in for the sentence model."""
    return Compass


@pytest.fixture(scope="session")
def served(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OUT of the published dataset; the file of its first document is there, that of the others is not."""
    folder = tmp_path_factory.mktemp("served")
    made: Any = runpy.run_path(str(project / "tests" / "publish" / "conftest.py"))["make_dataset"]()
    pdf = folder / "Northmoor 2019.pdf"
    canvas = Canvas(str(pdf))
    for page in range(6):
        canvas.drawString(72, 700, f"Page {page + 1}")
        canvas.showPage()
    canvas.save()
    items = [*made.tables["findings"], *made.tables["recommendations"]]
    ids = [getattr(i, "finding_id", None) or i.recommendation_id for i in items]
    vectors = dict(zip(ids, Compass().encode([i.text for i in items]), strict=True))
    sha = made.tables["documents"][0].file_sha256
    out = folder / "out"
    publish(made.tables, made.texts, out, vectors=vectors, sources={sha: pdf})
    manifest = {"files": [{"path": str(pdf), "sha256": sha}]}
    (out / STATE / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return out


@pytest.fixture(scope="session")
def client(served: Path) -> Any:
    """A client that speaks to the server by the name that it answers to."""
    with TestClient(make_app(served, Compass), base_url="http://127.0.0.1") as client:
        yield client

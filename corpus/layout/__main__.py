"""Builds the sample: `python -m corpus.layout` from the project's folder."""

from __future__ import annotations

from pathlib import Path

import yaml

from corpus.layout import council, inspectorate

BUILDERS = {
    "ilacs": inspectorate.build_ilacs,
    "sif": inspectorate.build_sif,
    "letter": inspectorate.build_letter,
    "jtai": inspectorate.build_jtai,
    "send": inspectorate.build_send,
    "pack": council.build_pack,
    "minutes": council.build_minutes,
    "scrutiny_docx": council.build_scrutiny_docx,
    "slides": council.build_slides,
    "html": council.build_html,
}


def build(folder: Path) -> list[Path]:
    """Write every document of the sample under `folder`; returns their paths."""
    made = []
    for content in sorted((Path(__file__).parents[1] / "content").glob("*.yml")):
        words = yaml.safe_load(content.read_text(encoding="utf-8"))
        for document in words["documents"]:
            path = folder / document["file"]
            BUILDERS[document["kind"]](document, words["council"], path)
            made.append(path)
    return made


if __name__ == "__main__":
    for path in build(Path(__file__).parents[1] / "documents"):
        print(path.name)

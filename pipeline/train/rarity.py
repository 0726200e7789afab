"""How rarely findings of inspections hold a word or name a concept: `python -m pipeline.train.rarity OUT [--write]`.

OUT holds a published dataset. Prints the rarity of each concept of `models/threads/concepts.yml` that is not the one
given there; with `--write` puts the concepts' rarities there and those of words into `models/threads/rarity.json`. The
weights of the threads were trained with the old ones: train them again afterwards.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeline.extract.findings.model import INSPECTION
from pipeline.publish.frames import read_tables
from pipeline.records import Document, Finding
from pipeline.threads.concepts import find_concepts, load_concepts
from pipeline.threads.views import find_stems

LEAST = 5
"""Sentences that hold a word which counts; the empty stem stands for all rarer ones."""

_MODELS = Path(__file__).resolve().parents[2] / "models" / "threads"


def list_findings(out: Path) -> list[str]:
    """The texts of the findings of inspections and visits in the dataset."""
    tables = read_tables(out)
    kinds = {d.document_id: d.doc_type for d in tables["documents"] if isinstance(d, Document)}
    return [f.text for f in tables["findings"] if isinstance(f, Finding) and kinds[f.document_id] in INSPECTION]


def count_rarity(texts: Sequence[str], find: Callable[[str], Iterable[str]]) -> dict[str, float]:
    """The natural logarithm of all texts by those in which each thing was found, by its name.

    Raises ValueError where there are no texts.
    """
    if not texts:
        raise ValueError("there are no findings of inspections to count in")
    held = Counter(name for text in texts for name in set(find(text)))
    return {name: math.log(len(texts) / count) for name, count in held.items()}


def weigh_stems(texts: Sequence[str]) -> dict[str, float]:
    """`models/threads/rarity.json` from these texts."""
    rarity = count_rarity(texts, find_stems)
    rare = math.log(len(texts) / LEAST)
    return {"": round(rare, 2)} | {s: round(r, 2) for s, r in sorted(rarity.items()) if r <= rare}


def main(arguments: Sequence[str]) -> None:
    """Count, say what differs, and write it where asked to."""
    texts = list_findings(Path(arguments[0]))
    counted = count_rarity(texts, find_concepts)
    for name, before in load_concepts().items():
        if name not in counted:
            sys.stdout.write(f"{name:32} {before:.1f}, not found in {len(texts):,} findings\n")
        elif abs(counted[name] - before) > 0.05:
            sys.stdout.write(f"{name:32} {before:.1f} → {counted[name]:.1f}\n")
    if "--write" in arguments:

        def renew(line: re.Match[str]) -> str:
            return f"{line[1]}{max(0.1, counted[line[2]]):.1f}" if line[2] in counted else line[0]

        path = _MODELS / "concepts.yml"
        old = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(- \{name: (\w+), rarity: )[\d.]+", renew, old), encoding="utf-8")
        made = json.dumps(weigh_stems(texts), ensure_ascii=False, indent=0)
        (_MODELS / "rarity.json").write_text(made + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

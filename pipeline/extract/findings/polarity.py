"""A sentence as a row of numbers: what its cues say, which way, and on which side of a contrast."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from pipeline.extract.findings.cues import CAP, REACH, Cue, find_cues, load_labels, load_rules, tokenize

Matrix = NDArray[np.float64]

PRAISE = frozenset({"good", "better"})
CRITICISM = frozenset({"bad", "worse", "deficit", "early", "more"})
STOPS = frozenset({".", ",", ";", ":", "and", "but"})
FORM = ("words", "digits", "capitals", "full_stop", "question", "lower_start", "quote", "percent", "short", "colon")
WISHES = frozenset({"more", "early"})
"""Cues after which praise is wished for rather than given ("more to do to ensure good plans")."""
SIDES = (
    "praise",
    "criticism",
    "praise_before",
    "criticism_before",
    "praise_after",
    "criticism_after",
    "turned_praise",
    "turned_criticism",
    "wished_praise",
    "both_sides",
    "both_no_contrast",
    "praise_only",
    "criticism_only",
    "neither",
    "contrast_head",
    "contrast_inside",
)


@functools.cache
def feature_names() -> tuple[str, ...]:
    """The names of the columns of `describe_sentences`, in order."""
    labels = tuple(f"label:{label}" for label in load_labels())
    rules = tuple(f"rule:{rule.id}" for rule in load_rules())
    return labels + rules + tuple(f"side:{s}" for s in SIDES) + tuple(f"form:{f}" for f in FORM)


def _is_turned(doc: Doc, cue: Cue, negators: Sequence[Cue]) -> bool:
    """Whether a negation stands within REACH tokens before the cue, in the same clause."""
    for negator in negators:
        gap = cue.start - negator.end
        if 0 <= gap < REACH and not any(doc[i].lower_ in STOPS for i in range(negator.end, cue.start)):
            return True
    return False


def _is_wished(cue: Cue, wishes: Sequence[Cue], contrasts: Sequence[int]) -> bool:
    """Whether a wish stands before the cue, with no contrast between them."""
    return any(w.end <= cue.start and not any(w.end <= c < cue.start for c in contrasts) for w in wishes)


def weigh_sides(doc: Doc, cues: Sequence[Cue]) -> dict[str, float]:
    """Praise and criticism of a sentence as counts, in all and on either side of its first contrast.

    Praise in the reach of a negation counts as criticism and the other way round ("no delay"); praise that is only
    wished for is counted apart. With a contrast at
    the head ("Although a, b") the sides part at the first comma after it.
    """
    negators = [c for c in cues if c.label == "negator"]
    wishes = [c for c in cues if c.label in WISHES]
    contrasts = sorted(c.start for c in cues if c.label == "contrast")
    inside = [c for c in contrasts if c > 1]
    head = bool(contrasts) and contrasts[0] <= 1
    border = inside[0] if inside else None
    if head:
        commas = [t.i for t in doc if t.text in {",", ";"} and t.i > 2]
        border = commas[0] if commas else border
    value = dict.fromkeys(SIDES, 0.0)
    taken: set[tuple[int, bool]] = set()
    for cue in cues:
        if cue.label not in PRAISE and cue.label not in CRITICISM:
            continue
        praise = cue.label in PRAISE
        if cue.label not in {"deficit", "more", "early"} and _is_turned(doc, cue, negators):
            value["turned_praise" if praise else "turned_criticism"] += 1
            praise = not praise
        if (cue.start, praise) in taken:
            continue
        taken.add((cue.start, praise))
        if praise and _is_wished(cue, wishes, contrasts):
            value["wished_praise"] += 1
            continue
        name = "praise" if praise else "criticism"
        value[name] += 1
        if border is not None:
            value[f"{name}_before" if cue.start < border else f"{name}_after"] += 1
    both = value["praise"] > 0 and value["criticism"] > 0
    crossed = border is not None and (
        (value["praise_before"] > 0 and value["criticism_after"] > 0)
        or (value["criticism_before"] > 0 and value["praise_after"] > 0)
    )
    flags = {
        "both_sides": crossed,
        "both_no_contrast": both and border is None,
        "praise_only": value["praise"] > 0 and not value["criticism"],
        "criticism_only": value["criticism"] > 0 and not value["praise"],
        "neither": not value["praise"] and not value["criticism"],
        "contrast_head": head,
        "contrast_inside": bool(inside),
    }
    counts = {name: min(number, CAP) / 2 for name, number in value.items()}
    return counts | {name: float(flag) for name, flag in flags.items()}


def _form(text: str, doc: Doc) -> list[float]:
    letters = max(1, len(text))
    return [
        math.log1p(len(doc)) / 2,
        min(1.0, 8 * sum(c.isdigit() for c in text) / letters),
        min(1.0, 5 * sum(c.isupper() for c in text) / letters),
        float(text.rstrip("”’\"')0123456789 ").endswith(".")),
        float("?" in text),
        float(text[:1].islower()),
        float(any(q in text for q in '“”‘"')),
        float("%" in text),
        float(len(doc) < 6),
        float(text.rstrip().endswith(":")),
    ]


def describe_sentences(texts: Sequence[str]) -> Matrix:
    """One row a sentence, columns as `feature_names` lists them, values about 0 to 2."""
    labels = {name: i for i, name in enumerate(load_labels())}
    rules = {rule.id: len(labels) + i for i, rule in enumerate(load_rules())}
    out = np.zeros((len(texts), len(feature_names())))
    for row, (text, doc) in enumerate(zip(texts, tokenize(texts), strict=True)):
        cues = find_cues(doc)
        for cue in cues:
            out[row, labels[cue.label]] += 1
            out[row, rules[cue.rule_id]] = 1
        out[row, : len(labels)] = np.minimum(out[row, : len(labels)], CAP) / 2
        sides = weigh_sides(doc, cues)
        tail = [sides[s] for s in SIDES] + _form(text, doc)
        out[row, len(labels) + len(rules) :] = tail
    return out

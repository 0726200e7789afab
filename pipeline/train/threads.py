"""Trains and measures the models of the threads: `python -m pipeline.train.threads SHARED [--write]`.

SHARED holds `corpus/` and `gold/dev/threads/`. Every figure that is printed leaves the council in question out of the
training; the weights that `--write` puts into `models/threads/weights.json` are trained on all of them.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from pipeline.records import Polarity
from pipeline.threads.judging import OUTCOME_FEATURES, settle_outcomes, weigh_findings
from pipeline.threads.linking import best_targets
from pipeline.threads.logistic import Logistic
from pipeline.threads.rules import load_thread_rules
from pipeline.threads.views import FEATURES, View, compare

Array = NDArray[np.float64]
Marks = NDArray[np.bool_]

STRENGTH = {"about": 1.0, "repeats": 0.01, "outcome": 0.03}
"""Inverse weight of the ridge penalty of each model: small, because the examples are few."""


@dataclass(frozen=True)
class Case:
    """Two inspections of a council: what was asked, what the later report lists and finds, and the gold labels."""

    council: str
    asked: list[View]
    again: list[View]
    found: list[View]
    polarities: list[Polarity]
    about: Marks
    repeats: Marks
    outcomes: list[str]
    missing: int = 0
    """Gold repeats whose later recommendation was not extracted."""


@dataclass(frozen=True)
class PaperCase:
    """What is followed and the items of a council's paper. `skip` marks pairs that are neither right nor wrong."""

    council: str
    sources: list[View]
    targets: list[View]
    actions: Marks
    links: Marks
    skip: Marks
    missing_answers: int = 0
    missing_reports: int = 0


def fit(values: Array, labels: Sequence[object], strength: float, names: tuple[str, ...]) -> Logistic:
    """A logistic regression as plain numbers."""
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=strength, max_iter=5000).fit(scaler.transform(values), labels)
    return Logistic(
        features=names,
        mean=tuple(scaler.mean_.round(5).tolist()),
        scale=tuple(scaler.scale_.round(5).tolist()),
        weights=tuple(tuple(row) for row in model.coef_.round(5).tolist()),
        bias=tuple(model.intercept_.round(5).tolist()),
        classes=tuple(str(c) for c in model.classes_),
    )


def fit_pairs(pairs: Sequence[tuple[Array, Marks]], strength: float) -> Logistic:
    """A model of pairs from (features, labels) blocks, with the threshold that has the best F1 on them."""
    values = np.vstack([f.reshape(-1, f.shape[-1]) for f, _ in pairs])
    labels = np.concatenate([y.ravel() for _, y in pairs])
    model = fit(values, labels.tolist(), strength, FEATURES)
    return model.model_copy(update={"threshold": best_threshold(model.predict(values)[:, 1], labels)})


def best_threshold(scores: Array, labels: Marks) -> float:
    """The score from which F1 over these pairs is highest."""
    order = np.argsort(-scores)
    hits = np.cumsum(labels[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + labels.sum())
    return round(float(min(0.95, scores[order[int(np.argmax(f1))]])), 4)


@dataclass(frozen=True)
class Trained:
    """The three models of inspections."""

    about: Logistic
    repeats: Logistic
    outcome: Logistic


def train(cases: Sequence[Case]) -> Trained:
    """Models of the cases. The outcome is learned from scores of models that did not see the council."""
    councils = sorted({c.council for c in cases})
    rows: list[Array] = []
    labels: list[str] = []
    blocks: list[tuple[Array, Marks]] = []
    for council in councils:
        others = [c for c in cases if c.council != council]
        about, repeats = _fit_first(others or cases)
        for case in (c for c in cases if c.council == council):
            rows.append(_weigh(case, about, repeats))
            labels += case.outcomes
            blocks.append((repeats.predict(compare(case.asked, case.again))[..., 1].ravel(), case.repeats.ravel()))
    about, repeats = _fit_first(cases)
    threshold = best_threshold(np.concatenate([s for s, _ in blocks]), np.concatenate([y for _, y in blocks]))
    return Trained(
        about,
        repeats.model_copy(update={"threshold": threshold}),
        fit(np.vstack(rows), labels, STRENGTH["outcome"], OUTCOME_FEATURES),
    )


def _fit_first(cases: Sequence[Case]) -> tuple[Logistic, Logistic]:
    about = fit_pairs([(compare(c.asked, c.found), c.about) for c in cases], STRENGTH["about"])
    repeats = fit_pairs([(compare(c.asked, c.again), c.repeats) for c in cases], STRENGTH["repeats"])
    return about, repeats


def _weigh(case: Case, about: Logistic, repeats: Logistic) -> Array:
    return weigh_findings(
        case.asked,
        case.found,
        case.polarities,
        about.predict(compare(case.asked, case.found))[..., 1],
        repeats.predict(compare(case.asked, case.again))[..., 1],
    )


def measure(cases: Sequence[Case], say: Callable[[str], None]) -> None:
    """Say the accuracy of outcomes and the scores of `repeats`, each council judged by the others."""
    right = total = hits = found = gold = 0
    confusion: Counter[tuple[str, str]] = Counter()
    for council in sorted({c.council for c in cases}):
        trained = train([c for c in cases if c.council != council])
        here = [0, 0]
        for case in (c for c in cases if c.council == council):
            repeats = trained.repeats.predict(compare(case.asked, case.again))[..., 1]
            linked = repeats >= trained.repeats.threshold
            chances = trained.outcome.predict(_weigh(case, trained.about, trained.repeats))
            chances = settle_outcomes(chances, trained.outcome.classes, linked)
            said = [trained.outcome.classes[int(i)] for i in chances.argmax(axis=1)]
            here[0] += sum(a == b for a, b in zip(said, case.outcomes, strict=True))
            here[1] += len(said)
            confusion.update(zip(case.outcomes, said, strict=True))
            hits += int((linked & case.repeats).sum())
            found += int(linked.sum())
            gold += int(case.repeats.sum()) + case.missing
        right, total = right + here[0], total + here[1]
        say(f"  {council:14} outcomes {here[0]:3} of {here[1]:3}")
    say(f"outcome accuracy {right / total:.3f} ({right} of {total})")
    say(_scores("repeats", hits, found, gold))
    for (gold_outcome, judged), n in sorted(confusion.items(), key=lambda x: -x[1]):
        say(f"  {gold_outcome:16} judged {judged:16} {n:3}")


def _scores(name: str, hits: int, found: int, gold: int) -> str:
    precision, recall = hits / max(1, found), hits / max(1, gold)
    f1 = 2 * hits / max(1, found + gold)
    return f"{name:10} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}   gold {gold:3}  found {found:3}"


def measure_papers(papers: Sequence[PaperCase], cases: Sequence[Case], say: Callable[[str], None]) -> None:
    """Say the scores of `answers` and `reports_on`, judged by models of the other councils' inspections."""
    rules = load_thread_rules()
    for name, wanted, least, most in (
        ("answers", True, rules.answer_least, rules.answers_most),
        ("reports_on", False, rules.report_least, rules.reports_most),
    ):
        hits = found = gold = 0
        for paper in papers:
            about, repeats = _fit_first([c for c in cases if c.council != paper.council])
            columns = np.flatnonzero(paper.actions == wanted)
            shared = compare(paper.sources, [paper.targets[j] for j in columns])
            chances = (repeats if wanted else about).predict(shared)[..., 1]
            labels, skip = paper.links[:, columns], paper.skip[:, columns]
            linked = np.zeros_like(labels)
            for i, row in enumerate(chances):
                linked[i, best_targets(row, least, most)] = True
            hits += int((linked & labels).sum())
            found += int((linked & ~skip).sum())
            gold += int(labels.sum()) + (paper.missing_answers if wanted else paper.missing_reports)
        say(_scores(name, hits, found, gold))


def main(arguments: Sequence[str]) -> None:
    """Measure, and write the weights where asked to."""
    from pipeline.train.thread_cases import read_cases, read_paper_cases

    shared = Path(arguments[0])
    cases, papers = read_cases(shared), read_paper_cases(shared)
    measure(cases, _say)
    measure_papers(papers, cases, _say)
    if "--write" in arguments:
        trained = train(cases)
        path = Path(__file__).resolve().parents[2] / "models" / "threads" / "weights.json"
        data = {name: getattr(trained, name).model_dump(mode="json") for name in ("about", "repeats", "outcome")}
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

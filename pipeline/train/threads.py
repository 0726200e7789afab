"""Trains and measures the models of the threads: `python -m pipeline.train.threads SHARED [--write]`.

SHARED holds `corpus/` and `gold/dev/threads/`; `models/threads/labels.jsonl` holds labels of more pairs of the corpus.
What is printed: scores on the gold, with the council in question left out of the training; the accuracy of outcomes on
the labels of our own, with a group of councils left out; scores on councils' papers, which train nothing, by models of
the other councils' inspections and by the shipped ones. `--write` puts models of all pairs into
`models/threads/weights.json`.
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
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from pipeline.records import Outcome, Polarity
from pipeline.threads.comparing import FEATURES, compare
from pipeline.threads.judging import OUTCOME_FEATURES, WEIGHED, describe_outcomes, settle_outcomes
from pipeline.threads.linking import best_targets
from pipeline.threads.logistic import Choice, Logistic, load_models
from pipeline.threads.rules import load_thread_rules
from pipeline.threads.views import View

Array = NDArray[np.float64]
Marks = NDArray[np.bool_]

STRENGTH = 0.02
"""Inverse weight of the ridge penalty of the logistic regressions: small, because the examples are few."""

VECTOR = 0.3
"""Spread of a number of a recommendation's vector where each of the findings' weights has 1."""

PENALTY = 1.0
"""Weight of the ridge penalty of the choice of findings."""

FOLDS = 4
"""Groups of councils that judge each other: outcomes are learned from scores of models that did not see the council."""


@dataclass(frozen=True)
class Case:
    """Two inspections: the recommendations' vectors, what each shares with the later report's recommendations and
    findings (features of `compare`), and the labels. `gold` pairs are scored, the others only train."""

    council: str
    vectors: Array
    to_again: Array
    to_found: Array
    polarities: list[Polarity]
    about: Marks
    repeats: Marks
    outcomes: list[str]
    gold: bool = True
    later_council: str | None = None
    """The council of the later report where it is another: labels say what it would tell of the recommendations."""
    missing: int = 0
    """Gold repeats whose later recommendation was not extracted."""

    @property
    def councils(self) -> set[str]:
        """The councils that must not be judged by what is learned from this case."""
        return {self.council, self.later_council or self.council}


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


def fit(values: Array, labels: Sequence[object], names: tuple[str, ...], spread: Array | float = 1.0) -> Logistic:
    """A logistic regression as plain numbers. Columns are brought to the `spread`: the less, the more shrunk."""
    mean, scale = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-4) / spread
    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit((values - mean) / scale, labels)
    return Logistic(
        features=names,
        mean=tuple(mean.round(5).tolist()),
        scale=tuple(scale.round(5).tolist()),
        weights=tuple(tuple(row) for row in model.coef_.round(5).tolist()),
        bias=tuple(model.intercept_.round(5).tolist()),
        classes=tuple(str(c) for c in model.classes_),
    )


def fit_choice(cases: Sequence[Case]) -> Choice:
    """The conditional logit of the findings that are evidence, all of a recommendation's alike, or of none where the
    report does not speak of it. Recommendations whose evidence was not extracted teach nothing."""
    scaler = StandardScaler().fit(np.concatenate([c.to_found.reshape(-1, len(FEATURES)) for c in cases]))
    examples = [((c.to_found - scaler.mean_) / scaler.scale_, _targets(c)) for c in cases]

    def lose(weights: Array) -> tuple[float, Array]:
        loss, slope = PENALTY * float(weights[:-1] @ weights[:-1]), 2 * PENALTY * weights
        slope[-1] = 0.0
        for values, targets in examples:
            scores = np.pad(values @ weights[:-1], ((0, 0), (0, 1)), constant_values=weights[-1])
            logs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
            loss -= float((targets * logs).sum())
            errors = np.exp(logs) * targets.sum(axis=1, keepdims=True) - targets
            slope[:-1] += np.einsum("ij,ijk->k", errors[:, :-1], values)
            slope[-1] += errors[:, -1].sum()
        return loss, slope

    start = np.append(np.zeros(len(FEATURES)), 3.0)
    best = minimize(lose, start, jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
    return Choice(
        features=FEATURES,
        mean=tuple(scaler.mean_.round(5).tolist()),
        scale=tuple(scaler.scale_.round(5).tolist()),
        weights=tuple(best[:-1].round(5).tolist()),
        none=round(float(best[-1]), 5),
    )


def _targets(case: Case) -> Array:
    """The chosen findings of each recommendation, or none in the last column; rows sum to 1, or to 0 where unknown."""
    silent = np.array([o == Outcome.NOT_MENTIONED for o in case.outcomes]) & ~case.about.any(axis=1)
    targets = np.column_stack([case.about, silent]).astype(float)
    made: Array = targets / np.maximum(targets.sum(axis=1, keepdims=True), 1.0)
    return made


def fit_repeats(cases: Sequence[Case]) -> Logistic:
    """Which later recommendation asks for the same."""
    values = np.concatenate([c.to_again.reshape(-1, len(FEATURES)) for c in cases])
    labels = np.concatenate([c.repeats.ravel() for c in cases])
    return fit(values, labels.tolist(), FEATURES)


def best_threshold(scores: Array, labels: Marks) -> float:
    """The score from which F1 over these pairs is highest."""
    order = np.argsort(-scores)
    hits = np.cumsum(labels[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + labels.sum())
    return round(float(min(0.95, scores[order[int(np.argmax(f1))]])), 4)


@dataclass(frozen=True)
class Trained:
    """The three models of inspections."""

    about: Choice
    repeats: Logistic
    outcome: Logistic


def fit_outcome(rows: Sequence[Array], labels: Sequence[str]) -> Logistic:
    """What became of the recommendations, from rows of `describe_outcomes`."""
    spread = np.where(np.arange(len(OUTCOME_FEATURES)) < len(WEIGHED), 1.0, VECTOR)
    return fit(np.vstack(rows), labels, OUTCOME_FEATURES, spread)


def train(cases: Sequence[Case]) -> Trained:
    """Models of the cases. Outcomes, and the threshold of repeats, are learned from scores of models that did not see
    the council; the threshold from pairs of one council, as those that are linked."""
    rows: list[Array] = []
    labels: list[str] = []
    blocks: list[tuple[Array, Marks]] = []
    for group in _group_councils(cases):
        others = [c for c in cases if not c.councils & group] or cases
        about, repeats = fit_choice(others), fit_repeats(others)
        for case in (c for c in cases if c.council in group):
            again = repeats.predict(case.to_again)[..., 1]
            rows.append(describe_outcomes(case.polarities, about.predict(case.to_found), again, case.vectors))
            labels += case.outcomes
            if len(case.councils) == 1:
                blocks.append((again.ravel(), case.repeats.ravel()))
    threshold = best_threshold(np.concatenate([s for s, _ in blocks]), np.concatenate([y for _, y in blocks]))
    return Trained(
        fit_choice(cases),
        fit_repeats(cases).model_copy(update={"threshold": threshold}),
        fit_outcome(rows, labels),
    )


def _group_councils(cases: Sequence[Case]) -> list[set[str]]:
    councils = sorted({c.council for c in cases})
    return [set(councils[i::FOLDS]) for i in range(min(FOLDS, len(councils)))]


@dataclass(frozen=True)
class Verdict:
    """What the models say of a case: the outcome of each recommendation, the links `repeats`, and the evidence."""

    outcomes: list[str]
    linked: Marks
    evidence: Marks


def judge(trained: Trained, case: Case) -> Verdict:
    """The case as `link_threads` would judge it."""
    rules = load_thread_rules()
    chosen = trained.about.predict(case.to_found)
    again = trained.repeats.predict(case.to_again)[..., 1]
    linked = again >= trained.repeats.threshold
    chances = trained.outcome.predict(describe_outcomes(case.polarities, chosen, again, case.vectors))
    chances = settle_outcomes(chances, trained.outcome.classes, linked)
    evidence = np.zeros_like(case.about)
    for i, row in enumerate(chosen[:, :-1]):
        evidence[i, best_targets(row, rules.evidence_least, rules.evidence)] = True
    return Verdict([trained.outcome.classes[int(i)] for i in chances.argmax(axis=1)], linked, evidence)


def measure(cases: Sequence[Case], say: Callable[[str], None]) -> None:
    """Say the accuracy of outcomes and the scores of the links on the gold, each council judged by the others."""
    repeats, evidence = np.zeros(3, dtype=int), np.zeros(3, dtype=int)
    confusion: Counter[tuple[str, str]] = Counter()
    for council in sorted({c.council for c in cases if c.gold}):
        trained = train([c for c in cases if council not in c.councils])
        here: Counter[tuple[str, str]] = Counter()
        for case in (c for c in cases if c.council == council and c.gold):
            said = judge(trained, case)
            here.update(zip(case.outcomes, said.outcomes, strict=True))
            repeats += _count(said.linked, case.repeats, case.missing)
            evidence += _count(said.evidence, case.about)
        say(f"  {council:14} outcomes {_right(here):3} of {here.total():3}")
        confusion += here
    say(f"outcome accuracy {_right(confusion) / confusion.total():.3f} ({_right(confusion)} of {confusion.total()})")
    say(_scores("repeats", *repeats))
    say(_scores("evidence", *evidence))
    for (gold_outcome, judged), n in sorted(confusion.items(), key=lambda x: (-x[1], x[0])):
        say(f"  {gold_outcome:16} judged {judged:16} {n:3}")


def measure_labelled(cases: Sequence[Case], say: Callable[[str], None]) -> None:
    """Say the accuracy of outcomes on the labels that are not gold, each group of councils judged by the others."""
    right = total = 0
    for group in _group_councils(cases):
        own = [c for c in cases if c.council in group and not c.gold]
        trained = train([c for c in cases if not c.councils & group])
        for case in own:
            said = judge(trained, case)
            right += sum(a == b for a, b in zip(case.outcomes, said.outcomes, strict=True))
            total += len(case.outcomes)
    say(f"outcome accuracy on labels that are not gold {right / max(1, total):.3f} ({right} of {total})")


def _right(confusion: Counter[tuple[str, str]]) -> int:
    return sum(n for (gold, said), n in confusion.items() if gold == said)


def _count(linked: Marks, labels: Marks, missing: int = 0) -> NDArray[np.int_]:
    """Hits, found, and gold with those that are `missing` because they were not extracted."""
    return np.array([(linked & labels).sum(), linked.sum(), labels.sum() + missing])


def _scores(name: str, hits: int, found: int, gold: int) -> str:
    precision, recall = hits / max(1, found), hits / max(1, gold)
    f1 = 2 * hits / max(1, found + gold)
    return f"{name:10} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}   gold {gold:3}  found {found:3}"


def measure_papers(
    papers: Sequence[PaperCase], choose: Callable[[str], tuple[Logistic, Choice]], say: Callable[[str], None]
) -> None:
    """Say the scores of `answers` and `reports_on`. `choose` gives for a council the models of repeats and of what is
    about what."""
    rules = load_thread_rules()
    totals = {"answers": np.zeros(3, dtype=int), "reports_on": np.zeros(3, dtype=int)}
    for paper in papers:
        repeats, about = choose(paper.council)
        answers, reports = np.flatnonzero(paper.actions), np.flatnonzero(~paper.actions)
        values = compare(paper.sources, paper.targets)
        sides = (
            ("answers", answers, repeats.predict(values[:, answers])[..., 1], rules.answer_least, rules.answers_most,
             paper.missing_answers),
            ("reports_on", reports, about.predict(values[:, reports])[:, :-1], rules.report_least, rules.reports_most,
             paper.missing_reports),
        )  # fmt: skip
        for name, columns, chances, least, most, missing in sides:
            linked = np.zeros_like(paper.links[:, columns])
            for i, row in enumerate(chances):
                linked[i, best_targets(row, least, most)] = True
            linked &= ~paper.skip[:, columns]
            totals[name] += _count(linked, paper.links[:, columns], missing)
    for name, counts in totals.items():
        say(_scores(name, *counts))


def main(arguments: Sequence[str]) -> None:
    """Measure, and write the weights where asked to."""
    from pipeline.train.thread_cases import read_cases, read_labelled, read_paper_cases

    shared = Path(arguments[0])
    cases, papers = [*read_cases(shared), *read_labelled(shared)], read_paper_cases(shared)
    shipped = load_models()

    def leave_out(council: str) -> tuple[Logistic, Choice]:
        others = [c for c in cases if council not in c.councils]
        return fit_repeats(others), fit_choice(others)

    _say("inspections of the gold, each council left out")
    measure(cases, _say)
    measure_labelled(cases, _say)
    _say("papers, by models of the other councils' inspections")
    measure_papers(papers, leave_out, _say)
    _say("papers, by the shipped models")
    measure_papers(papers, lambda council: (shipped.repeats, shipped.about), _say)
    if "--write" in arguments:
        trained = train(cases)
        path = Path(__file__).resolve().parents[2] / "models" / "threads" / "weights.json"
        data = {name: getattr(trained, name).model_dump(mode="json") for name in ("about", "repeats", "outcome")}
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

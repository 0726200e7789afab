import json
import subprocess
import sys

import pandas as pd
import pytest

from pipeline.evaluate import Count, Places, evaluate, match, summarise, token_f1, tokenise


def test_words_count_as_often_as_they_stand():
    assert token_f1(["a", "a", "b"], ["a", "b", "b"]) == pytest.approx(2 / 3)
    assert token_f1([], ["a"]) == 0


def test_pairs_are_one_to_one_and_the_best_first():
    scores = {("x", "1"): 0.8, ("x", "2"): 0.9, ("y", "2"): 1.0, ("y", "1"): 0.0}
    assert sorted(match(["x", "y"], ["1", "2"], lambda g, f: scores[g, f])) == [(0, 0), (1, 1)]


def test_scores_and_their_interval():
    score = summarise([Count(8, 2, 0), Count(0, 0, 10)])
    assert (score.precision, score.recall) == (0.8, pytest.approx(8 / 18))
    assert score.f1_low == 0.0
    assert score.f1_low <= score.f1 <= score.f1_high
    same = summarise([Count(5, 1, 1)] * 3)
    assert same.f1_low == same.f1_high == pytest.approx(same.f1)


def test_a_text_is_found_where_it_starts(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Agenda\nPlans are clear and they\nare reviewed.\nPlans are clear and old.\n")
    assert Places(path).of("Plans are clear and they are reviewed.") == {2}
    assert Places(path).of("nothing of the kind stands here") == set()


GOLD = {
    "doc": "letter", "file": "letter.txt", "doc_type": "focused_visit", "council": "Thornshire", "visit_start": "2023-01-10",
    "visit_end": None, "judgements": [], "recommendations": [{"page": 1, "kind": "action", "text": "Improve the plans."}],
    "findings_scope": [[2, 3]],
    "findings": [{"page": 2, "polarity": "strength", "text": "Plans are clear and reviewed by managers."}],
    "metrics_scope": None,
    "metrics": [{"page": 3, "quote": "Agency staff fill 9% of posts.", "value": 9, "unit": "percent", "measure": "posts filled by agency staff"}],
}  # fmt: skip


@pytest.fixture
def scene(tmp_path):
    import hashlib

    corpus, gold, dataset = tmp_path / "corpus", tmp_path / "gold", tmp_path / "dataset"
    for folder in (corpus, gold, dataset):
        folder.mkdir()
    text = "Improve the plans.\nPlans are clear and reviewed by managers.\nAgency staff fill 9% of posts.\nVisits are late and rare.\n"
    (corpus / "letter.txt").write_text(text)
    (gold / "letter.json").write_text(json.dumps(GOLD))
    sha = hashlib.sha256(text.encode()).hexdigest()
    row = {
        "document_id": "d",
        "file_name": "letter.txt",
        "file_sha256": sha,
        "doc_type": "focused_visit",
        "council": "Thornshire",
    }
    frames = {
        "documents": [{**row, "visit_id": "v", "first_line": 1}],
        "visits": [{"visit_id": "v", "visit_start": "2023-01-10", "visit_end": None}],
        "judgements": pd.DataFrame(columns=["document_id", "area", "grade"]),
        "recommendations": [{"document_id": "d", "text": "Improve the plans", "kind": "recommendation"}],
        "findings": [
            {"document_id": "d", "text": "Plans are clear and reviewed by managers.", "polarity": "strength"},
            {"document_id": "d", "text": "Visits are late and rare.", "polarity": "weakness"},
        ],
        "metrics": [
            {"document_id": "d", "quote": "Agency staff fill 9% of posts.", "value": 9.0, "unit": "percent", "measure": "agency staff"},
            {"document_id": "d", "quote": "Agency staff fill 9% of posts.", "value": 4.0, "unit": "percent", "measure": "agency staff"},
        ],
    }  # fmt: skip
    for name, rows in frames.items():
        pd.DataFrame(rows).to_parquet(dataset / f"{name}.parquet")
    return dataset, gold, corpus


def test_each_table_is_scored_within_its_scope(scene):
    result = evaluate(*scene)
    counts = {name: by_doc["letter"] for name, by_doc in result.counts.items()}
    assert counts["recommendations"] == Count(1, 0, 0)
    assert counts["recommendations with kind"] == Count(0, 1, 1)
    assert counts["findings with polarity"] == Count(1, 0, 0), "line 4 lies outside the scope"
    assert counts["metrics"] == Count(1, 1, 0)
    assert counts["metrics with unit and measure"] == Count(1, 1, 0)
    assert dict(result.facts) == {"doc_type": [1, 1], "council": [1, 1], "visit dates": [1, 1]}
    assert result.extra["metrics"] == ["letter: 4.0 percent: Agency staff fill 9% of posts."]


def test_a_document_outside_the_dataset_is_named_and_scores_nothing(scene):
    dataset, gold, corpus = scene
    (corpus / "letter.txt").write_text("Another text.\n")
    result = evaluate(dataset, gold, corpus)
    assert result.missing == ["letter"]
    assert result.counts["recommendations"]["letter"] == Count(0, 0, 1)


@pytest.mark.shared
def test_the_scores_are_those_of_the_scorer_beside_the_project(scene, shared):
    dataset, gold, corpus = scene
    command = [sys.executable, shared / "gold" / "score.py", dataset.parent, gold, corpus, "--json"]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["tables"]
    ours = evaluate(dataset, gold, corpus).scores()
    names = {"metrics: value": "metrics", "metrics: value, unit and measure": "metrics with unit and measure"}
    assert {names.get(k, k): v["f1"] for k, v in theirs.items()} == {k: round(v.f1, 3) for k, v in ours.items()}
    assert tokenise("It’s 9%") == ["it's", "9%"]

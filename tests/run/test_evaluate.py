import json
import subprocess
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from pipeline.calibration import bin_rows, calibration_error, draw_plot, write_table
from pipeline.cli import app
from pipeline.errors import InputFault
from pipeline.evaluate import Count, Places, State, evaluate, match, summarise, token_f1, tokenise
from pipeline.scorebook import list_changes, make_record, read_record, write_record


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
            {"document_id": "d", "text": "Plans are clear and reviewed by managers.", "polarity": "strength", "confidence": 0.9},
            {"document_id": "d", "text": "Visits are late and rare.", "polarity": "weakness", "confidence": 0.7},
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
    assert result.list_items(State.EXTRA)["metrics"] == ["letter: 4.0 percent: Agency staff fill 9% of posts."]
    assert result.confidences == [(0.9, True)]


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


def change(dataset, name, **cells):
    """The dataset with cells of the first row of a table changed."""
    table = pd.read_parquet(dataset / f"{name}.parquet")
    for column, value in cells.items():
        table.loc[0, column] = value
    table.to_parquet(dataset / f"{name}.parquet")


def test_gains_and_losses_are_listed_against_the_record(scene):
    dataset, _, _ = scene
    before = make_record(evaluate(*scene))
    assert list_changes(before, evaluate(*scene)) == []
    change(dataset, "findings", polarity="weakness")
    change(dataset, "recommendations", text="Write to parents.", kind="action")
    change(dataset, "metrics", value=8.0)
    found = [(c.what, c.table, c.text) for c in list_changes(before, evaluate(*scene))]
    assert found == [
        ("lost", "findings with polarity", "Plans are clear and reviewed by managers."),
        ("new extra", "findings with polarity", "Plans are clear and reviewed by managers."),
        ("lost", "metrics", "9.0 percent: Agency staff fill 9% of posts."),
        ("new extra", "metrics", "8.0 percent: Agency staff fill 9% of posts."),
        ("lost", "recommendations", "Improve the plans."),
        ("new extra", "recommendations", "Write to parents."),
        ("extra gone", "recommendations with kind", None),
    ]
    back = list_changes(make_record(evaluate(*scene)), evaluate(*scene))
    assert back == []


def test_a_document_that_only_one_of_the_two_holds_is_no_loss(scene):
    _, gold, _ = scene
    before = make_record(evaluate(*scene))
    (gold / "letter.json").write_text(json.dumps({**GOLD, "doc": "another"}))
    assert list_changes(before, evaluate(*scene)) == []


def test_an_item_that_is_marked_no_more_is_told_without_text(scene):
    _, gold, _ = scene
    before = make_record(evaluate(*scene))
    (gold / "letter.json").write_text(json.dumps({**GOLD, "recommendations": []}))
    lost = [c for c in list_changes(before, evaluate(*scene)) if c.what == "lost"]
    assert [(c.table, c.doc, c.text) for c in lost] == [("recommendations", "letter", None)]
    assert lost[0].key in before.items["recommendations"]["letter"][State.FOUND]


def test_a_record_holds_no_text_and_comes_back_as_it_was(scene, tmp_path):
    record = make_record(evaluate(*scene))
    path = tmp_path / "new" / "record.json"
    assert read_record(path) is None
    write_record(record, path)
    assert read_record(path) == record
    assert record.scores["findings"]["focused_visit"] == (1.0, 1.0, 1.0)
    kept = path.read_text()
    assert not any(word in kept for word in ("Plans are clear", "Improve", "Agency", "Visits"))
    path.write_text("{}")
    with pytest.raises(InputFault, match="no record of an evaluation"):
        read_record(path)


def test_the_command_compares_with_the_last_time_and_draws_the_plot(scene, tmp_path):
    dataset, gold, corpus = scene
    out, plot = dataset.parent, tmp_path / "plot.svg"
    arguments = ["evaluate", str(gold), "--corpus", str(corpus), "--out", str(out), "--plot", str(plot)]

    def evaluate_again():
        result = CliRunner().invoke(app, arguments, env={"COLUMNS": "400"}, catch_exceptions=False)
        return result.output.replace("\n", " ")

    assert "The first evaluation that is recorded" in evaluate_again()
    assert (out / ".cache" / "evaluation.json").exists()
    assert "nothing changed" in evaluate_again()
    change(dataset, "findings", text="Nothing was seen by anybody at all.", confidence=0.6)
    said = evaluate_again()
    assert "lost findings | letter: Plans are clear and reviewed by managers." in said
    assert "F1 of findings: 1.000 → 0.000" in said
    assert plot.read_text().startswith("<svg")


def test_calibration_error_weighs_bins_by_rows():
    bins = bin_rows([(0.95, True), (0.95, True), (0.95, False), (0.25, False), (0.0, False), (0.99, True), (0.3, True)])
    assert [b.rows for b in bins] == [1, 0, 2, 0, 0, 0, 0, 0, 0, 4]
    assert bins[9].right == 0.75
    assert bins[9].confidence == pytest.approx(3.84 / 4)
    assert calibration_error(bins) == pytest.approx((4 * (3.84 / 4 - 0.75) + 2 * (0.5 - 0.275)) / 7)
    assert calibration_error(bin_rows([])) == 0
    assert write_table(bins).splitlines()[-1] == "| 0.9 to 1.0 | 4 | 0.960 | 0.750 |"


def test_the_plot_is_a_picture_of_the_bins():
    from xml.etree import ElementTree

    picture = ElementTree.fromstring(draw_plot(bin_rows([(0.95, True), (0.95, False), (0.15, False)]), "a < b & c"))
    mark = "{http://www.w3.org/2000/svg}"
    assert picture.find(f"{mark}title").text == "a < b & c"
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in picture.iter(f"{mark}circle")]
    assert dots == [(92.0, 364.0), (348.0, 204.0)]

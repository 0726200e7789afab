import pytest

from pipeline import rules
from pipeline.errors import RuleFault
from pipeline.rules import PatternRule, RuleModel, read_jsonl, read_yaml


class Thresholds(RuleModel):
    low: float


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setattr(rules, "models_folder", lambda: tmp_path)
    return tmp_path


GOOD = '{"id": "a.b", "label": "x", "pattern": "not yet", "note": "n", "hit": ["Not yet done."], "miss": ["Done."]}\n'


def test_a_misspelt_key_is_an_error_that_names_the_file(models):
    (models / "t.yml").write_text("low: 1\nhigh: 2\n")
    with pytest.raises(RuleFault, match=r"models/t\.yml: high"):
        read_yaml("t.yml", Thresholds)


def test_broken_yaml_is_a_rule_fault(models):
    (models / "t.yml").write_text("low: [1\n")
    with pytest.raises(RuleFault, match="is not YAML"):
        read_yaml("t.yml", Thresholds)


def test_a_missing_file_is_a_rule_fault(models):
    with pytest.raises(RuleFault, match="missing"):
        read_yaml("t.yml", Thresholds)


def test_comments_and_blank_lines_are_no_rules(models):
    (models / "r.jsonl").write_text("# about\n\n" + GOOD)
    assert [r.id for r in read_jsonl("r.jsonl", PatternRule)] == ["a.b"]


def test_two_rules_with_one_id_are_an_error_that_names_both_lines(models):
    (models / "r.jsonl").write_text(GOOD + GOOD)
    with pytest.raises(RuleFault, match=r"line 2: id a\.b stands on line 1"):
        read_jsonl("r.jsonl", PatternRule)


@pytest.mark.parametrize("left_out", ["hit", "miss", "note"])
def test_a_rule_without_examples_or_note_is_refused(models, left_out):
    import json

    row = json.loads(GOOD)
    del row[left_out]
    (models / "r.jsonl").write_text(json.dumps(row))
    with pytest.raises(RuleFault, match=f"line 1: {left_out}"):
        read_jsonl("r.jsonl", PatternRule)

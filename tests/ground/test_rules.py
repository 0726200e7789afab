import pytest

from pipeline import rules
from pipeline.errors import RuleFault
from pipeline.rules import PatternRule, Regex, RuleModel, read_jsonl, read_yaml


class Thresholds(RuleModel):
    low: float


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setattr(rules, "models_folder", lambda: tmp_path)
    return tmp_path


class Named(RuleModel):
    id: str
    pattern: Regex


class Rules(RuleModel):
    rules: tuple[Named, ...]


GOOD = '{"id": "a.b", "label": "x", "pattern": "not yet", "note": "n", "hit": ["Not yet done."], "miss": ["Done."]}\n'


def test_a_misspelt_key_is_an_error_that_names_the_file(models):
    (models / "t.yml").write_text("low: 1\nhigh: 2\n")
    with pytest.raises(RuleFault, match=r"models/t\.yml, line 2: high is no key"):
        read_yaml("t.yml", Thresholds)


def test_broken_yaml_is_a_rule_fault(models):
    (models / "t.yml").write_text("low: [1\n")
    with pytest.raises(RuleFault, match=r"models/t\.yml, line 2, is not YAML"):
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
    with pytest.raises(RuleFault, match=f"line 1, rule a.b: {left_out} is missing"):
        read_jsonl("r.jsonl", PatternRule)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("- {id: b.two, pattern: 'a (b'}", r"line 4, rule b\.two: pattern is no pattern: missing \)"),
        ("- {id: b.two}", r"line 4, rule b\.two: pattern is missing"),
        ("- {id: b.two, pattern: a, patern: b}", r"line 4, rule b\.two: patern is no key that is known here"),
        ('- {id: b.two, pattern: "a}', "line [45], is not YAML: .*missing quotation mark"),
        ("- b.two", r"line 4: rules\.1 "),
    ],
)
def test_a_mistake_in_one_rule_is_said_with_its_line_and_name(models, line, said):
    (models / "t.yml").write_text(f"# about\nrules:\n- {{id: a.one, pattern: a}}\n{line}\n")
    with pytest.raises(RuleFault, match=said):
        read_yaml("t.yml", Rules)

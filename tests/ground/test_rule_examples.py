"""Every rule of models/ runs its own examples, and `goldenthread rules` says which fail."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import rules
from pipeline.cli import app
from pipeline.errors import InputFault, RuleFault
from pipeline.extract.findings import cues
from pipeline.extract.recommendations.list_rules import load_list_rules
from pipeline.extract.recommendations.lists import find_lists
from pipeline.read.blocks import Block, BlockKind, Piece
from pipeline.records import DocType
from pipeline.rule_examples import SUITES, Failure, Rule, check_file, find_rule, list_rules
from pipeline.split import Part

RULES = [rule for file in SUITES for rule in list_rules(file)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_fires_in_its_hits_and_not_in_its_misses(rule: Rule) -> None:
    assert rule.run_examples() == []


def test_ids_are_unique_over_all_files() -> None:
    ids = [rule.id for rule in RULES]
    assert sorted({i for i in ids if ids.count(i) > 1}) == []


def test_every_file_with_examples_is_run(project: Path) -> None:
    key = re.compile(r'(?m)(?:^|[\s{,])"?(?:hit|seeds|examples)"?:')
    assert {p.name for p in project.glob("models/*.[jy]*") if key.search(p.read_text(encoding="utf-8"))} == set(SUITES)


BROKEN = Rule(
    "requests.yml", "t.one", "A rule.", ("plan [a]", "plans"), ("plants", "trees"), lambda t: t.startswith("plan")
)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch):
    list_rules.cache_clear()
    monkeypatch.setitem(SUITES, "requests.yml", lambda file: iter([BROKEN]))
    yield
    list_rules.cache_clear()


def test_an_example_that_fails_is_told(broken) -> None:
    assert BROKEN.run_examples() == [Failure("plants", False)]
    result = CliRunner().invoke(app, ["rules", "check", "--file", "requests.yml"], env={"COLUMNS": "200"})
    assert result.exit_code == 1
    assert "t.one in models/requests.yml must miss, but hits: plants" in " ".join(result.output.split())


def test_two_rules_with_one_id_are_a_fault(broken, monkeypatch) -> None:
    monkeypatch.setitem(SUITES, "requests.yml", lambda file: iter([BROKEN, BROKEN]))
    with pytest.raises(RuleFault, match=r"two rules have the id t\.one"):
        list_rules("requests.yml")
    assert "t.one" in (check_file("requests.yml").fault or "")


def test_sound_rules_are_counted_and_listed() -> None:
    result = CliRunner().invoke(app, ["rules", "check", "-f", "extents.yml"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "extents.yml" in result.output
    listed = CliRunner().invoke(app, ["rules", "list", "-f", "extents.yml"], env={"COLUMNS": "200"})
    assert "extent.most" in listed.output
    assert "More than half." in listed.output


def test_rules_are_found_by_id_and_files_by_name() -> None:
    found = find_rule("table.action")
    assert found is not None
    assert found.file == "action_tables.yml"
    assert find_rule("no.such_rule") is None
    with pytest.raises(InputFault, match=r"requests\.yml"):
        list_rules("nothing.yml")


@pytest.fixture
def headings(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that adds one line to a copy of recommendation_headings.yml, which is then the one in force."""
    shutil.copytree(project / "models", tmp_path / "models", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(rules, "models_folder", lambda: tmp_path / "models")
    path = tmp_path / "models" / "recommendation_headings.yml"

    def add(line: str) -> None:
        path.write_text(path.read_text().replace("\nlists:\n", f"\nlists:\n{line}\n"))
        load_list_rules.cache_clear()
        list_rules.cache_clear()

    yield add
    load_list_rules.cache_clear()
    list_rules.cache_clear()


LINE = (
    "  - {id: list.to_put_right, note: Ambleford., kind: action, pattern: what we must put right, confidence: 0.8,"
    ' hit: ["What we must put right:"], miss: ["What we put right"]}'
)


def test_one_line_teaches_a_heading(headings) -> None:
    blocks = (
        Block(BlockKind.HEADING, "What we must put right", (Piece(0, 22, line=1),), level=1),
        Block(BlockKind.LIST_ITEM, "Sign every plan within ten days.", (Piece(0, 32, line=2),), "•"),
    )
    assert find_lists(Part(1, blocks), DocType.SELF_ASSESSMENT) == []
    headings(LINE)
    assert [d.rule_id for d in find_lists(Part(1, blocks), DocType.SELF_ASSESSMENT)] == ["list.to_put_right"]
    assert check_file("recommendation_headings.yml").sound


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("must put right, c", "must (put right, c", "rule list.to_put_right: pattern is no pattern: missing )"),
        (', miss: ["What we put right"]', "", "rule list.to_put_right: miss is missing"),
        ("confidence", "confidense", "rule list.to_put_right: confiden"),
        ('right:"]', "right:]", "is not YAML"),
        ("kind: action", "kind: deed", "rule list.to_put_right: kind must be 'area_for_improvement'"),
        ("What we must put right:", "What we should put right", "must hit, but does not: What we should put right"),
        ("list.to_put_right", "list.what_needs_to_improve", "two rules have the id list.what_needs_to_improve"),
    ],
)
def test_a_mistake_in_that_line_is_told_in_words(headings, right: str, wrong: str, said: str) -> None:
    assert right in LINE
    headings(LINE.replace(right, wrong))
    result = CliRunner().invoke(app, ["rules", "check", "-f", "recommendation_headings.yml"], env={"COLUMNS": "300"})
    assert result.exit_code == 1
    assert said in " ".join(result.output.split())
    assert "models/recommendation_headings.yml" in result.output
    assert check_file("recommendation_headings.yml").sound is False


def test_a_token_pattern_that_spacy_does_not_know_is_a_fault_of_its_rule(monkeypatch) -> None:
    wrong = cues.load_rules()[0].model_copy(update={"id": "cue.wrong", "pattern": [{"LOWR": "x"}]})
    monkeypatch.setattr(cues, "load_rules", lambda: (wrong,))
    with pytest.raises(RuleFault, match=r"finding_cues\.jsonl, rule cue\.wrong"):
        cues.load_matchers.__wrapped__()

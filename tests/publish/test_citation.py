"""CITATION.cff and provenance.json: valid by their formats, and true to the run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.publish.folder import publish


@pytest.fixture(scope="module")
def out(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("citation") / "out"
    publish(made.tables, made.texts, folder)
    return folder


def check_cff(path: Path) -> None:
    """Fail where the file is no Citation File Format 1.2.0, by the schema of its makers."""
    import click.testing
    from check_jsonschema import main

    told = click.testing.CliRunner().invoke(main, ["--builtin-schema", "vendor.citation-file-format", str(path)])
    assert told.exit_code == 0, told.output


def test_the_citation_of_a_dataset_is_valid_and_names_its_run(out: Path, made: Any) -> None:
    check_cff(out / "CITATION.cff")
    told = yaml.safe_load((out / "CITATION.cff").read_text(encoding="utf-8"))
    run = made.tables["runs"][0]
    assert told["type"] == "dataset"
    assert told["identifiers"][0]["value"] == run.run_id
    assert told["date-released"] == run.finished.date()
    assert told["license"] == "OGL-UK-3.0"


def test_the_citation_of_the_project_is_valid_and_of_its_version(project: Path) -> None:
    import tomllib

    check_cff(project / ".github" / "CITATION.cff")
    told = yaml.safe_load((project / ".github" / "CITATION.cff").read_text(encoding="utf-8"))
    known = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (told["version"], told["license"]) == (known["version"], known["license"])


def test_a_citation_that_is_wrong_is_told(tmp_path: Path) -> None:
    (tmp_path / "CITATION.cff").write_text("cff-version: 1.2.0\ntitle: nothing else\n")
    with pytest.raises(AssertionError):
        check_cff(tmp_path / "CITATION.cff")


def test_the_provenance_names_every_file_by_its_hash(out: Path, made: Any) -> None:
    told = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    (activity,) = told["activity"]
    assert activity == f"gt:{made.tables['runs'][0].run_id}"
    for document in made.tables["documents"]:
        assert told["entity"][f"sha256:{document.file_sha256}"]["prov:label"] == document.file_name
    for path in (out / "dataset").glob("*.parquet"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert told["entity"][f"sha256:{digest}"]["prov:label"] == f"dataset/{path.name}"
    named = set(told["entity"]) | set(told["activity"]) | set(told["agent"])
    links = [
        link for kind in ("used", "wasGeneratedBy", "hadMember", "wasAssociatedWith") for link in told[kind].values()
    ]
    assert {value for link in links for value in link.values()} <= named


def test_without_a_run_nothing_is_claimed(tmp_path: Path) -> None:
    publish({}, {}, tmp_path / "out")
    assert not (tmp_path / "out" / "CITATION.cff").exists()
    assert not (tmp_path / "out" / "provenance.json").exists()

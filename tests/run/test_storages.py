"""Inputs and datasets on a storage, against an S3-compatible server on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
import pytest

from pipeline.collect import stored
from pipeline.collect.folder import find_files
from pipeline.collect.stored import Digests
from pipeline.errors import GoldenThreadError, InputFault, OutputFault
from pipeline.publish import folder as publish_module
from pipeline.publish.remote import POINTER
from pipeline.records import TABLES
from pipeline.storage import Storage, StorageError, local_copy
from tests.run.storages import put, run, serve_s3
from tests.run.test_safe import letter


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[dict[str, str]]:
    with serve_s3() as environment:
        yield environment


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket of the test's own, and a home of its own for what is made on this machine."""
    monkeypatch.setattr(os, "sync", lambda: None)
    # which files the two make does not matter here, only that there are some
    monkeypatch.setattr(publish_module, "write_workbook", lambda dataset, path, sources: path.write_text(dataset.name))
    monkeypatch.setattr(
        publish_module, "write_report", lambda rows, folder, *more: (folder.mkdir(), (folder / "index.html").touch())
    )
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    name = "b" + str(abs(hash(tmp_path)))
    fsspec.filesystem("s3").mkdir(name)
    return f"s3://{name}"


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"letter {number}.txt").write_text(letter(number))
    return folder


def test_the_files_under_an_address_are_those_of_the_folder(bucket: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("a/Zoë’s [1] report*.txt", "b.txt", "c/copy of b.txt", ".hidden/x.txt", "README.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("b" if "b" in name else name)
    line = {"address": "https://council.example/b", "checked": "2026-01-05T09:00:00Z", "file": "b.txt", "sha256": "", "size": 1,
            "fetched": "2026-01-05T09:00:00Z", "media_type": "", "licence": "", "title": "", "found_on": ""}  # fmt: skip
    (folder / ".collected.jsonl").write_text(json.dumps(line))
    put(folder, f"{bucket}/in")

    here, there = find_files([folder]), find_files([f"{bucket}/in/"])
    assert [(f.name, f.sha256, f.size, f.source_url) for f in there.files] == [
        (f.name, f.sha256, f.size, f.source_url) for f in here.files
    ]
    assert there.problems == here.problems
    assert {f.source_url for f in there.files} == {None, "https://council.example/b"}
    named = find_files([f"{bucket}/in/README.md", f"{bucket}/in/b.txt"])
    assert {f.name for f in named.files} == {"README.md", "b.txt"}
    with local_copy(f"{bucket}/in/a/Zoë’s [1] report*.txt") as copy:
        assert copy.read_text() == "a/Zoë’s [1] report*.txt"
    assert not copy.exists()


def test_what_has_not_changed_is_not_fetched_again(
    bucket: str, letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []
    monkeypatch.setattr(stored, "local_copy", lambda place: (fetched.append(place), local_copy(place))[1])
    put(letters, f"{bucket}/in")
    first = find_files([f"{bucket}/in"], Digests(tmp_path / "known.json"))
    assert len(fetched) == 2
    (letters / "letter 2.txt").write_text(letter(3))
    put(letters, f"{bucket}/in")
    second = find_files([f"{bucket}/in"], Digests(tmp_path / "known.json"))
    assert fetched[2:] == [f"{bucket}/in/letter 2.txt"]
    assert len({f.sha256 for f in first.files} & {f.sha256 for f in second.files}) == 1


def read_current(address: str) -> tuple[str, dict[str, bytes]]:
    """The edition that holds, and what a reader finds in it but for what tells of times and places."""
    fs = fsspec.filesystem("s3", use_listings_cache=False)
    name = json.loads(fs.cat_file(f"{address}/{POINTER}"))["edition"]
    files = {
        t.table: fs.cat_file(f"{address}/editions/{name}/dataset/{t.table}.parquet")
        for t in TABLES
        if t.table != "runs"
    }
    assert fs.exists(f"{address}/editions/{name}/report/index.html")
    assert fs.exists(f"{address}/editions/{name}/goldenthread.duckdb")
    return name, files


def list_editions(address: str) -> list[str]:
    return sorted(
        p.rsplit("/", 1)[-1] for p in fsspec.filesystem("s3", use_listings_cache=False).ls(f"{address}/editions")
    )


def test_another_machine_goes_on_and_the_bytes_are_those_of_one_machine(
    bucket: str, letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = f"{bucket}/in", f"{bucket}/deep/out"
    put(letters, source)
    assert run([source], out, editions=1) == ["letter 1.txt", "letter 2.txt"]
    for number in (3, 4):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"machine {number}"))
        (letters / f"letter {number}.txt").write_text(letter(number))
        put(letters, source)
        assert run([source], out, editions=1) == [f"letter {number}.txt"]
    assert run([source], out, editions=1) == []
    name, files = read_current(out)
    assert [n[:5] for n in list_editions(out)] == ["00002", "00003"]
    assert list_editions(out)[-1] == name

    (tmp_path / "before").mkdir()
    for number in (1, 2, 3, 4):
        (tmp_path / "before" / f"letter {number}.txt").write_text(letter(number))
        if number > 1:
            run([str(tmp_path / "before")], str(tmp_path / "local"))
    local = {t.table: (tmp_path / "local" / "dataset" / f"{t.table}.parquet").read_bytes() for t in TABLES}
    assert [t for t in files if files[t] != local[t]] == []


def test_a_run_that_was_killed_before_the_pointer_is_made_up_for(
    bucket: str, letters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, write = f"{bucket}/out", Storage.write
    run([str(letters)], out)
    before = read_current(out)

    def die(self: Storage, name: str, data: bytes) -> None:
        if name == POINTER:
            raise KeyboardInterrupt
        write(self, name, data)

    (letters / "letter 3.txt").write_text(letter(3))
    with monkeypatch.context() as patch:
        patch.setattr(Storage, "write", die)
        with pytest.raises(KeyboardInterrupt):
            run([str(letters)], out)
    assert read_current(out) == before
    assert run([str(letters)], out) == []
    assert read_current(out)[0].startswith("00002")


def test_of_two_machines_at_once_one_is_told(
    bucket: str, letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, put_ = f"{bucket}/out", Storage.put
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter 9.txt").write_text(letter(9))

    def put_while_another_publishes(self: Storage, files: dict[str, Path]) -> None:
        monkeypatch.setattr(Storage, "put", put_)
        with monkeypatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(tmp_path / "machine 2"))
            run([str(other)], out)
        put_(self, files)

    monkeypatch.setattr(Storage, "put", put_while_another_publishes)
    with pytest.raises(OutputFault, match="Another run has published"):
        run([str(letters)], out)
    assert run([str(letters)], out) == []  # what was read is kept
    with fsspec.open(f"{out}/editions/{read_current(out)[0]}/dataset/documents.parquet") as f:
        assert pd.read_parquet(f).file_name.tolist() == ["letter 1.txt", "letter 2.txt", "letter 9.txt"]


def test_corrections_at_the_address_are_applied(bucket: str, letters: Path) -> None:
    out = f"{bucket}/out"
    run([str(letters)], out)
    fsspec.filesystem("s3").pipe_file(
        f"{out}/corrections.csv",
        b"action,target,to,items,who,when,note\nrename,theme_none,New,,A. Officer,2026-01-05,\n",
    )
    run([str(letters)], out)
    assert read_current(out)[0].startswith("00002")
    with fsspec.open(f"{out}/editions/{read_current(out)[0]}/dataset/corrections.parquet") as f:
        assert pd.read_parquet(f).who.tolist() == ["A. Officer"]


@pytest.mark.parametrize(
    ("paths", "out", "words"),
    [
        (["s3://no-such-bucket/in"], None, "no file or folder s3://no-such-bucket/in"),
        (None, "s3://no-such-bucket/out", "bucket does not exist"),
        (["https://council.example/a.pdf"], None, "goldenthread collect"),
        (["nonsense://a/b"], None, "nonsense"),
    ],
)
def test_what_cannot_be_meant_is_said(letters: Path, bucket: str, paths: Any, out: Any, words: str) -> None:
    with pytest.raises(GoldenThreadError, match=words):
        run(paths or [str(letters)], out or f"{bucket}/out")


def test_a_storage_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        fsspec.filesystem("s3").clear_instance_cache()
        with pytest.raises(StorageError, match="s3://papers/in cannot be reached"):
            Storage("s3://papers/in").read("x")
    fsspec.filesystem("s3").clear_instance_cache()


def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.extras.find_spec", lambda name: None)
    with pytest.raises(InputFault, match=r"goldenthread\[s3\]"):
        Storage("s3://papers/in")

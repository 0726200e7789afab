import os

import pytest

from pipeline.collect.folder import find_files
from pipeline.errors import InputFault


def test_the_same_bytes_under_two_names_are_read_once_and_reported(tmp_path):
    (tmp_path / "b.txt").write_text("one")
    (tmp_path / "a.txt").write_text("one")
    found = find_files([tmp_path])
    assert [f.name for f in found.files] == ["a.txt"]
    assert [(p.file_name, p.error, p.severity) for p in found.problems] == [("b.txt", "duplicate_file", "warning")]


def test_a_file_named_twice_is_no_duplicate(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    found = find_files([tmp_path, tmp_path / "a.txt"])
    assert len(found.files) == 1
    assert not found.problems


def test_the_order_of_the_paths_does_not_matter(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(name)
    paths = [tmp_path / f"{name}.txt" for name in "abc"]
    assert find_files(paths) == find_files(reversed(paths))


def test_hidden_files_and_readmes_are_passed_over(tmp_path):
    for name in (".hidden", "README.md", "~$report.docx", "Thumbs.db", "letter.pdf"):
        (tmp_path / name).write_text(name)
    assert [f.name for f in find_files([tmp_path]).files] == ["letter.pdf"]


def test_names_with_spaces_quotes_and_other_alphabets_are_kept(tmp_path):
    name = "Ofsted’s “letter” Ærø & 'co'.txt"
    (tmp_path / name).write_text("x")
    assert [f.name for f in find_files([tmp_path]).files] == [name]


def test_a_name_in_no_encoding_can_still_be_printed(tmp_path):
    with open(os.fsencode(tmp_path) + b"/letter\xff.txt", "w") as f:
        f.write("x")
    (file,) = find_files([tmp_path]).files
    assert file.name.encode()


def test_a_path_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(InputFault, match="nowhere"):
        find_files([tmp_path / "nowhere"])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may open every folder")
def test_a_closed_folder_is_a_problem_and_the_rest_is_read(tmp_path):
    (tmp_path / "open.txt").write_text("x")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    found = find_files([tmp_path])
    closed.chmod(0o700)
    assert [f.name for f in found.files] == ["open.txt"]
    assert [p.error for p in found.problems] == ["unreadable_folder"]


def test_a_folder_that_cannot_be_listed_is_a_problem_and_the_rest_is_read(tmp_path, monkeypatch):
    (tmp_path / "open.txt").write_text("x")
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find_files([tmp_path])
    assert [f.name for f in found.files] == ["open.txt"]
    assert [(p.file_name, p.error) for p in found.problems] == [("closed", "unreadable_folder")]

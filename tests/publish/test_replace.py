"""Whatever raises or is killed, the output folder holds all of the old dataset or all of the new."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import OutputFault
from pipeline.publish import replace
from pipeline.publish.replace import check_writable, recover, replace_whole

STEPS = {"open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod", "ctypes.dlsym"}


def write_version(word: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for name in ("dataset", "text"):
            (folder / name).mkdir()
            (folder / name / "word.txt").write_text(word)
        (folder / replace.MARKER).write_text(json.dumps({"name": replace.NAME, "word": word}))
        (folder / "goldenthread.xlsx").write_text(word)

    return write


def read_version(out: Path) -> str:
    """The word of the version in `out`, which must be the same in every file."""
    words = {p.read_text() for p in (out / "dataset/word.txt", out / "text/word.txt", out / "goldenthread.xlsx")}
    assert len(words) == 1, words
    return words.pop()


def make_old(folder: Path) -> Path:
    out = folder / "out"
    replace_whole(out, write_version("old"))
    (out / ".cache").mkdir()
    (out / ".cache" / "kept").write_text("kept")
    (out / "my notes.txt").write_text("mine")
    return out


def check_whole(out: Path) -> str:
    """After recovery: one version, what was carried over, and nothing left beside it."""
    recover(out)
    word = read_version(out)
    assert (out / ".cache" / "kept").read_text() == "kept"
    assert (out / "my notes.txt").read_text() == "mine"
    assert [p.name for p in out.parent.iterdir()] == ["out"]
    assert not (out / ".complete").exists()
    return word


def run_until(step: int, act: Callable[[], None], work: Callable[[], None]) -> int:
    """In a forked child, do `work`, but `act` at the given step on the disk; returns the child's wait status."""
    child = os.fork()
    if child == 0:
        count = 0

        def watch(event: str, args: tuple[object, ...]) -> None:
            nonlocal count
            if event in STEPS:
                count += 1
                if count == step:
                    act()

        sys.addaudithook(watch)
        try:
            work()
        except BaseException:  # the child must never return into pytest
            os._exit(3)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuse() -> None:
    raise KeyboardInterrupt


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("act", [kill, refuse])
@pytest.mark.parametrize("exchanges", [True, False])
def test_stopped_at_any_step_leaves_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None], exchanges: bool
) -> None:
    monkeypatch.setattr(os, "sync", lambda: None)
    if not exchanges:
        monkeypatch.setattr(replace, "exchange", lambda a, b: False)
    seen = []
    for step in range(1, 200):
        folder = tmp_path / str(step)
        folder.mkdir()
        out = make_old(folder)
        status = run_until(step, act, lambda out=out: replace_whole(out, write_version("new")))  # type: ignore[misc]
        if exchanges:
            assert out.exists()
            read_version(out)  # whole also before anything recovers it
        seen.append(check_whole(out))
        if status == 0:
            break
    assert status == 0, "the steps never came to an end"
    assert len(seen) > 10
    assert "old" in seen
    assert seen[-1] == "new"
    assert seen == sorted(seen, key=("old", "new").index), "once new, always new"


def test_exchange_is_one_step_here(tmp_path: Path) -> None:
    if sys.platform not in ("linux", "darwin"):
        pytest.skip("no exchange on this system")
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert replace.exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "b").exists()
    assert (tmp_path / "b" / "a").exists()


def test_failed_writing_leaves_the_old(tmp_path: Path) -> None:
    out = make_old(tmp_path)

    def fail(folder: Path) -> None:
        write_version("new")(folder)
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputFault, match="No space left"):
        replace_whole(out, fail)
    assert check_whole(out) == "old"


def test_nothing_of_the_old_dataset_stays(tmp_path: Path) -> None:
    out = make_old(tmp_path)
    (out / "text" / "gone.txt").touch()
    (out / "csv").mkdir()
    replace_whole(out, write_version("new"))
    assert not (out / "text" / "gone.txt").exists()
    assert not (out / "csv").exists()


def test_first_run_with_a_cache_only(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / ".cache").mkdir(parents=True)
    (out / ".cache" / "kept").write_text("kept")
    replace_whole(out, write_version("new"), carry=(".cache",))
    assert read_version(out) == "new"
    assert (out / ".cache" / "kept").exists()


def test_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    replace_whole(out, write_version("new"))
    assert read_version(out) == "new"


def test_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    make_old(tmp_path)
    link = tmp_path / "latest"
    link.symlink_to("out")
    replace_whole(link, write_version("new"))
    assert link.is_symlink()
    assert read_version(tmp_path / "out") == "new"


@pytest.mark.parametrize("package", [None, "not json", "[]", '{"name": "other"}'])
def test_refuses_a_folder_that_is_no_dataset(tmp_path: Path, package: str | None) -> None:
    (tmp_path / "photo.jpg").touch()
    if package is not None:
        (tmp_path / "dataset").mkdir()
        (tmp_path / replace.MARKER).write_text(package)
    with pytest.raises(OutputFault, match="no dataset"):
        replace_whole(tmp_path, write_version("new"))
    assert (tmp_path / "photo.jpg").exists()


def test_refuses_a_file_and_a_path_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputFault, match="is a file"):
        check_writable(tmp_path / "file")
    with pytest.raises(OutputFault):
        check_writable(tmp_path / "file" / "out")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_refuses_what_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(OutputFault, match="cannot be written"):
            check_writable(tmp_path / "out")
    finally:
        tmp_path.chmod(0o755)


def test_refuses_what_the_system_says_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputFault, match="cannot be written"):
        check_writable(tmp_path / "out")


def test_recovery_of_nothing_does_nothing(tmp_path: Path) -> None:
    recover(tmp_path / "out")
    assert not list(tmp_path.iterdir())

"""Work beside work: all of it is done, what it raises comes through, and it ends with the process that asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from pipeline import forks
from pipeline.forks import run_beside, run_shared

pytestmark = pytest.mark.skipif(not forks.CAN_FORK, reason="no safe fork on this system")


@pytest.fixture(params=[1, 3])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(forks, "count_processors", lambda: request.param)
    return int(request.param)


def note(path: Path) -> None:
    path.write_text(str(os.getpid()))


def test_all_is_done_once_and_what_is_ones_own_in_this_process(processors: int, tmp_path: Path) -> None:
    def work(name: str) -> None:
        with (tmp_path / name).open("a") as f:
            f.write(f"{os.getpid()} ")
        time.sleep(0.02)

    own, others = [f"own {n}" for n in range(3)], [f"other {n}" for n in range(40)]
    run_shared([partial(work, n) for n in own], [partial(work, n) for n in others])
    writers = {p.name: p.read_text().split() for p in tmp_path.iterdir()}
    assert sorted(writers) == sorted([*own, *others])
    assert all(len(pids) == 1 for pids in writers.values())
    assert {writers[name][0] for name in own} == {str(os.getpid())}
    assert (len({pids[0] for pids in writers.values()}) > 1) == (processors > 1)


def test_without_a_fork_all_is_done_once_by_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "count_processors", lambda: 3)
    monkeypatch.setattr(forks, "CAN_FORK", False)
    done: list[str] = []
    run_shared([partial(done.append, "own")], [partial(done.append, "a"), partial(done.append, "b")])
    assert done == ["own", "a", "b"]


def test_the_error_of_any_share_is_raised_as_it_was(processors: int, tmp_path: Path) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    for works in ([partial(note, tmp_path / "a"), fail], [fail, partial(note, tmp_path / "a")]):
        with pytest.raises(OSError, match="No space left") as raised:
            run_beside(*works)
        assert raised.value.errno == 28


def test_without_memory_for_copies_all_is_done_by_one_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(forks, "count_processors", lambda: 2)
    assert forks.has_room(1)
    assert not forks.has_room(10_000_000)
    monkeypatch.setattr(forks, "has_room", lambda processes: False)
    run_beside(partial(note, tmp_path / "a"), partial(note, tmp_path / "b"))
    assert {int(p.read_text()) for p in tmp_path.iterdir()} == {os.getpid()}


def test_a_share_that_is_killed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "count_processors", lambda: 2)
    with pytest.raises(ChildProcessError):
        run_beside(lambda: None, lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_nothing_goes_on_after_the_asking_process_was_killed(tmp_path: Path) -> None:
    """A forked process that went on would write an old run's pages among those of the next."""
    code = f"""
import os, time
from pathlib import Path
from pipeline import forks
forks.count_processors = lambda: 2
def write():
    Path({str(tmp_path)!r}, "pid").write_text(str(os.getpid()))
    while True:
        time.sleep(0.01)
forks.run_beside(lambda: time.sleep(600), write)
"""
    asking = subprocess.Popen([sys.executable, "-c", code])
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert asking.poll() is None
        time.sleep(0.01)
    forked = int((tmp_path / "pid").read_text())
    assert Path(f"/proc/{forked}").exists()
    asking.kill()
    asking.wait()
    deadline = time.monotonic() + 60
    while Path(f"/proc/{forked}").exists() and "Z" not in Path(f"/proc/{forked}/stat").read_text().split(")")[1][:3]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_the_works_return_comes_back_in_their_order(processors: int) -> None:
    made = run_beside(lambda: [1, os.getpid()], lambda: {"two": os.getpid()}, lambda: None)
    assert [made[0][0], set(made[1]), made[2]] == [1, {"two"}, None]
    assert made[0][1] == os.getpid()
    assert (made[1]["two"] == os.getpid()) == (processors == 1)


def test_a_value_that_cannot_be_sent_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "count_processors", lambda: 2)
    with pytest.raises(RuntimeError):
        run_beside(lambda: 1, lambda: lambda: 2)

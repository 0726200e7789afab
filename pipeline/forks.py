"""Work that is done beside other work on the same rows: in forked processes, which share them without a copy.

Only for work that computes in Python and writes files. Libraries with threads of their own hang in a forked process:
what needs them stays in this one, or has spawned processes as the reading of files has (`pipeline/workers.py`).
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pickle
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Work = Callable[[], Any]

CAN_FORK = sys.platform == "linux"
"""Whether processes are forked here. Elsewhere a fork is missing or unsafe, or outlives a killed parent."""

_PR_SET_PDEATHSIG = 1


def count_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def has_room(processes: int) -> bool:
    """Whether so many processes more, each as large as this one, would find memory: a forked process shares the rows at
    first, but comes to hold its own copy of each that it touches."""
    page = os.sysconf("SC_PAGE_SIZE")
    own = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * page
    free = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
    return free is not None and processes * own < int(free[1]) * 1024


def run_beside(*works: Work) -> list[Any]:
    """What all the works return, the first run in this process and each other one in a forked process of its own; one
    after another where there is one processor, no fork, or no memory for copies of what the processes share. All have
    ended when it returns, also where one raises; a forked process ends at once when this one is killed.

    Raises what the first of them raised that raised anything; ChildProcessError where a process ended without a word;
    RuntimeError where what it returned cannot go from one process to another.
    """
    if not CAN_FORK or count_processors() == 1 or not has_room(len(works) - 1):
        return [work() for work in works]
    first, *others = works
    context = multiprocessing.get_context("fork")
    started = []
    try:
        for work in others:
            ear, mouth = context.Pipe(duplex=False)
            process = context.Process(target=_run_forked, args=(work, mouth, os.getpid()))
            process.start()
            mouth.close()
            started.append((process, ear))
        made = [first()]
    except BaseException:
        for process, _ in started:
            process.kill()
        raise
    finally:
        told = [_hear(ear) for _, ear in started]
        for process, _ in started:
            process.join()
    for fault, value in told:
        if fault is not None:
            raise fault
        made.append(value)
    return made


def run_shared(own: Sequence[Work], others: Sequence[Work]) -> None:
    """Run all the works: `own` in this process, `others` on every processor, each taken by whichever process is free.

    Raises as `run_beside`.
    """
    if not CAN_FORK:
        run_beside(*own, *others)
        return
    taken = multiprocessing.get_context("fork").Value("l", 0)

    def take() -> Iterator[Work]:
        while True:
            with taken.get_lock():
                number, taken.value = taken.value, taken.value + 1
            if number >= len(others):
                return
            yield others[number]

    def run() -> None:
        for work in take():
            work()

    def run_own() -> None:
        for work in own:
            work()
        run()

    run_beside(run_own, *[run] * (count_processors() - 1))


def die_with(parent: int) -> None:
    """Let this process, which `parent` started, end at once when that ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was killed before the call above
        os._exit(1)


def _run_forked(work: Work, mouth: Connection, parent: int) -> None:
    die_with(parent)
    fault: BaseException | None = None
    value = None
    try:
        value = work()
    except BaseException as e:
        fault = e
    try:
        mouth.send((fault, value))
    except (pickle.PicklingError, TypeError, AttributeError):
        mouth.send((RuntimeError(f"{type(fault).__name__}: {fault}"), None))


def _hear(ear: Connection) -> tuple[BaseException | None, Any]:
    try:
        told: tuple[BaseException | None, Any] = ear.recv()
    except EOFError:
        told = ChildProcessError("a process that made a part of the dataset ended without a word"), None
    ear.close()
    return told

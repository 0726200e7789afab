"""A run of the command, watched from outside: seconds, processor time, and memory of all its processes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_EVERY = 0.5
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Measured:
    """Seconds by the clock and of processor time, both with everything that the command started, and the peak of the
    memory of all its processes in MiB, shared pages counted once."""

    seconds: float
    processor: float
    mebibytes: float


def measure_command(command: Sequence[str], accepted: Sequence[int] = (0,)) -> Measured:
    """Run the command to its end.

    Raises CalledProcessError where it ends with a status that is not `accepted`.
    """
    before, start, peak = _processor(), time.monotonic(), 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while True:
            peak = max(peak, _memory(process.pid))
            try:
                _, said = process.communicate(timeout=_EVERY)
                break
            except subprocess.TimeoutExpired:
                continue
    seconds = time.monotonic() - start
    if process.returncode not in accepted:
        raise subprocess.CalledProcessError(process.returncode, list(command), stderr=said)
    return Measured(seconds, _processor() - before, peak / 2**20)


def measure_run(folder: Path, out: Path) -> Measured:
    """A run over the folder, as a person starts it; files that could not be read are no failure."""
    command = [sys.executable, "-m", "pipeline.cli", "run", str(folder), "--out", str(out)]
    return measure_command([*command, "--workers", str(os.cpu_count() or 1)], accepted=(0, 3))


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(pid: int) -> int:
    """Bytes that the process and all that it started hold now."""
    held = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            held += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return held

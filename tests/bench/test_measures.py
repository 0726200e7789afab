"""What the benchmark counts, and how it tells it."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from pipeline.bench.__main__ import Load, describe_loads, describe_peers
from pipeline.bench.peers import Fits
from pipeline.bench.runs import Measured, measure_command
from pipeline.bench.steps import Stopwatch


def test_a_step_within_a_step_is_counted_once(monkeypatch):
    seconds = 0.0

    def spend(more):
        nonlocal seconds
        seconds += more

    monkeypatch.setattr("pipeline.bench.steps.time", SimpleNamespace(process_time=lambda: seconds))
    watch = Stopwatch()
    owner = SimpleNamespace(inner=lambda: spend(4), outer=lambda: (spend(2), owner.inner(), spend(1)))
    before = owner.inner
    with watch.watching(owner, ("inner", "outer")):
        owner.outer()
        owner.inner()
    assert watch.spent == {"inner": 8, "outer": 3}
    assert owner.inner is before


def test_memory_and_processor_time_are_those_of_the_whole_family():
    grandchild = "import time; held = bytearray(80 * 2**20); sum(range(10**7)); time.sleep(1)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}], check=True)"
    found = measure_command([sys.executable, "-c", child])
    assert found.mebibytes > 80
    assert found.seconds > 1
    assert found.processor > 0.05


def test_a_command_that_fails_is_no_figure():
    with pytest.raises(subprocess.CalledProcessError):
        measure_command([sys.executable, "-c", "raise SystemExit(1)"])
    assert measure_command([sys.executable, "-c", "raise SystemExit(3)"], accepted=(0, 3)).seconds > 0


def test_the_table_holds_figures_and_ratios_of_one_run():
    load = Load("PDFs", 10, 140, Measured(7.0, 12.0, 900.0), Measured(2.5, 2.0, 90.0), None)
    *_, row = describe_loads([load])
    assert row == "| 10 PDFs | 140 | 7 | 20.0 | 1.20 | 900 | 2.5 | 90 |  |  |"
    told = list(describe_peers(load, (140, 14.0), Fits(1000, 30.0, 3.0)))
    assert "10.0 pages/s; the whole run makes 2.00 times as many" in told[0]
    assert told[1].endswith("a ratio of 10.0")

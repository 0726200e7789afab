from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.collect.fetch import Fetcher
from pipeline.collect.gather import SourceReport, collect_source
from pipeline.collect.knowledge import load_knowledge
from pipeline.collect.sources import Source
from tests.collect.site import FakeClock, Site, serve


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(Site()) as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fetcher(clock: FakeClock) -> Iterator[Fetcher]:
    with Fetcher(load_knowledge().polite, clock) as made:
        yield made


@pytest.fixture
def ask(tmp_path: Path, clock: FakeClock):
    """Collects a source in a round of its own and reports."""

    def run(source: Source, name: str = "source") -> SourceReport:
        with Fetcher(load_knowledge().polite, clock) as fetcher:
            return collect_source(name, source, tmp_path / name, fetcher, clock)

    return run

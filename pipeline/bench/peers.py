"""What others take for a part of the work, on the same documents in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipeline.read.bench import time_plumber
from pipeline.themes.bench import Corpus, read_corpus
from pipeline.themes.clustering import cluster_themes


@dataclass(frozen=True)
class Fits:
    """Seconds of processor time to group so many texts whose vectors are known: by BERTopic, and by the themes of this
    project from nothing."""

    texts: int
    bertopic: float
    own: float


def time_fits(out: Path) -> Fits:
    """Group the findings and recommendations of the run in `out` twice, by the same vectors."""
    corpus = read_corpus(out)
    return Fits(
        len(corpus.items),
        _time(lambda: fit_bertopic(corpus)),
        _time(lambda: cluster_themes(corpus.items, corpus.vectors)),
    )


def fit_bertopic(corpus: Corpus) -> list[int]:
    """The topic of each text by BERTopic (Grootendorst 2022) as it comes; -1 where it gives none."""
    from bertopic import BERTopic

    topics, _ = BERTopic().fit_transform([i.text for i in corpus.items], corpus.vectors)
    return [int(topic) for topic in topics]


def _time(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def time_plumber_text(paths: list[Path], workers: int) -> tuple[int, float]:
    """Pages, and seconds by the clock, of pdfplumber's plain text of them with so many processes."""
    start = time.monotonic()
    with ProcessPoolExecutor(workers) as pool:
        pages = sum(made for made, _ in pool.map(time_plumber, ([path] for path in paths)))
    return pages, time.monotonic() - start

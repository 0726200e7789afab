"""How fast documents become rows, step by step, vectors apart: `python -m pipeline.bench FOLDER [--every N]`.

Prints the pages a second of processor time of one core for reading, and for splitting, identifying and extracting
together, with milliseconds a page by step.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

from pipeline.extract.findings.model import find_candidates, load_weights, sift
from pipeline.extract.judgements import extract_judgements
from pipeline.extract.metrics import extract_metrics
from pipeline.extract.recommendations import extract_recommendations
from pipeline.identify import identify
from pipeline.paper import Paper
from pipeline.parts import split_parts
from pipeline.read import read_file
from pipeline.read.bench import find_pdfs
from pipeline.split import sentences

P = ParamSpec("P")
T = TypeVar("T")


def time_steps(paths: list[Path]) -> tuple[int, dict[str, float]]:
    """Pages, and seconds of processor time by step."""
    spent: dict[str, float] = defaultdict(float)
    pages = 0

    def run(step: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        start = time.process_time()
        made = work(*args, **kwargs)
        spent[step] += time.process_time() - start
        return made

    for path in paths:
        reading = run("read", read_file, path)
        pages += reading.pages or 0
        for part in run("parts", split_parts, reading):
            known = run("identify", identify, part, reading, path.name, "0" * 64)
            paper = Paper(known.document, known.visit, part, run("sentences", sentences, part))
            run("judgements", extract_judgements, paper)
            run("recommendations", extract_recommendations, paper)
            run("findings", sift, run("findings", find_candidates, paper), load_weights())
            run("metrics", extract_metrics, paper)
    return pages, spent


def main(arguments: list[str]) -> None:
    """Run the benchmark, once to warm up and once to measure, and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=4, help="every n-th file only")
    chosen = parser.parse_args(arguments)
    paths = find_pdfs(chosen.folder, chosen.every)
    with threadpool_limits(1):
        time_steps(paths[:3])
        pages, spent = time_steps(paths)
    later = sum(spent.values()) - spent["read"]
    out = [f"{len(paths)} files, {pages} pages", f"reading: {pages / spent['read']:.0f} pages/s"]
    out.append(f"splitting and extraction, vectors apart: {pages / later:.0f} pages/s")
    out += [
        f"  {step}: {1000 * seconds / pages:.2f} ms a page"
        for step, seconds in sorted(spent.items(), key=lambda s: -s[1])
    ]
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

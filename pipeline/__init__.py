"""Golden Thread: what inspectors, councils and scrutiny committees write about children's services, as a dataset.

Researchers begin with `from pipeline import Dataset`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.dataset import Dataset as Dataset

__all__ = ["Dataset"]


def __getattr__(name: str) -> object:
    if name == "Dataset":  # only then: the tables' libraries take a second to load
        from pipeline.dataset import Dataset

        return Dataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

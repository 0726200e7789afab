"""Parts of the program that not everybody installs, and the sentence for whoever lacks one."""

from __future__ import annotations

from importlib.util import find_spec

from pipeline.errors import InputFault

EXTRAS = {"dask": "prefect_dask", "s3": "s3fs", "postgresql": "psycopg"}
"""The extras of pyproject.toml, each with a module that it brings."""


def need(extra: str, what: str) -> None:
    """Raise InputFault where the extra that `what` takes is not installed."""
    if find_spec(EXTRAS[extra]) is None:
        raise InputFault(f"{what} needs the extra {extra}: pip install 'goldenthread[{extra}]'.")

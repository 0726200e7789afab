"""How Prefect is set up before it is imported: a temporary local server unless one is named, and never telemetry.

A temporary server begins with an empty database, and building its tables takes longer than reading a letter. So the
database of the first run that went well is kept, without what happened in it, in the user's folder for such things, and
later ones begin with a copy.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import sqlite3
import tempfile
from importlib import metadata
from pathlib import Path

from platformdirs import user_cache_path

from pipeline.errors import InputFault

_DATABASE = "prefect.db"
_OWN_TABLES = ("alembic_version", "configuration", "block_type", "block_schema", "block_schema_reference")
"""What the server itself writes into a new database."""


def configure_prefect() -> None:
    """A temporary local Prefect, unless the environment names a server; never telemetry."""
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    # on a busy machine the temporary server takes longer than the 20 s that Prefect waits for it
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    _reach_directly("127.0.0.1")
    if "PREFECT_API_URL" not in os.environ and "PREFECT_HOME" not in os.environ:
        home = Path(tempfile.mkdtemp(prefix="goldenthread-prefect-"))
        os.environ["PREFECT_HOME"] = str(home)
        kept = find_kept_home()
        atexit.register(_end, home, kept)  # after Prefect's own, which ends the server
        if (kept / _DATABASE).exists():
            shutil.copytree(kept, home, dirs_exist_ok=True)


def _reach_directly(host: str) -> None:
    """Leave out a proxy that the environment names on the way to this host: none leads back to this machine."""
    others = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if host not in others.split(","):
        os.environ["no_proxy"] = os.environ["NO_PROXY"] = f"{others},{host}".lstrip(",")


def find_kept_home() -> Path:
    """Where the database of this version of Prefect is kept between runs, whether it is there or not."""
    return user_cache_path("goldenthread") / f"prefect-{metadata.version('prefect')}"


def _end(home: Path, kept: Path) -> None:
    if not kept.exists():
        with contextlib.suppress(OSError, sqlite3.Error):  # the next run builds its tables anew
            keep_home(home, kept)
    shutil.rmtree(home, ignore_errors=True)


def keep_home(home: Path, kept: Path) -> None:
    """Keep the database in `home`, if a run went well with it, without the run; another process may do the same.

    Raises OSError or sqlite3.Error where it cannot be read or written.
    """
    if not (home / _DATABASE).exists():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{kept.name}-", dir=kept.parent))
    try:
        with contextlib.closing(sqlite3.connect(home / _DATABASE)) as old:
            if not old.execute("SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED'").fetchone()[0]:
                return
            old.execute("VACUUM INTO ?", (str(made / _DATABASE),))
        with contextlib.closing(sqlite3.connect(made / _DATABASE)) as new:
            names = [row[0] for row in new.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in (n for n in names if n not in _OWN_TABLES and not n.startswith("sqlite_")):
                new.execute(f'DELETE FROM "{name}"')
            new.commit()
            new.execute("VACUUM")
        if (home / "memo_store.toml").exists():
            shutil.copy(home / "memo_store.toml", made)
        made.rename(kept)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def needs_server() -> None:
    """Raise InputFault where the environment names no Prefect server."""
    if "PREFECT_API_URL" not in os.environ:
        raise InputFault("Name a Prefect server in PREFECT_API_URL; `prefect server start` starts one.")

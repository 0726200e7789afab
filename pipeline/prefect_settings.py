"""How Prefect is set up before it is imported: a temporary local server unless one is named, and never telemetry."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from pipeline.errors import InputFault


def configure_prefect() -> None:
    """A temporary local Prefect, unless the environment names a server; never telemetry."""
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    # on a busy machine the temporary server takes longer than the 20 s that Prefect waits for it
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if "PREFECT_API_URL" not in os.environ and "PREFECT_HOME" not in os.environ:
        os.environ["PREFECT_HOME"] = home = tempfile.mkdtemp(prefix="goldenthread-prefect-")
        atexit.register(shutil.rmtree, home, ignore_errors=True)


def needs_server() -> None:
    """Raise InputFault where the environment names no Prefect server."""
    if "PREFECT_API_URL" not in os.environ:
        raise InputFault("Name a Prefect server in PREFECT_API_URL; `prefect server start` starts one.")

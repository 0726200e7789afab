"""The temporary Prefect server of a run, begun while the run is still importing what it needs.

Prefect starts one by itself where none is named, but only when the first flow runs, and imports the whole server into
the process of the flow as well. A process of its own, by Prefect's own command, is ready by the time it is needed.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator

from pipeline.errors import OutputFault
from pipeline.forks import CAN_FORK, die_with

_ADDRESS = "PREFECT_API_URL"
_SECONDS = 180.0
"""How long it may take to start on a busy machine."""
_EVERY = 0.05


@contextlib.contextmanager
def temporary_server() -> Iterator[Callable[[], None]]:
    """Within this context a Prefect server of this process's own runs, on this machine's loopback address, or the one
    that the environment names. Gives a function to call before the first flow, which waits until the server answers.

    Raises OutputFault from that function where it does not start. Call `configure_prefect` before.
    """
    if _ADDRESS in os.environ:
        yield lambda: None
        return
    server = _Server()
    os.environ[_ADDRESS] = server.address
    try:
        yield server.wait
    finally:
        del os.environ[_ADDRESS]
        server.stop()


class _Server:
    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}/api"
        parent = os.getpid()
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port),
                "--no-ui", "--no-services",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # it goes when this process says so, not when a key is pressed
            preexec_fn=(lambda: die_with(parent)) if CAN_FORK else None,
        )  # fmt: skip

    def wait(self) -> None:
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}/health", timeout=_SECONDS):
                    return
            except OSError:
                time.sleep(_EVERY)
        raise OutputFault("The temporary Prefect server did not start; run again, or name one in PREFECT_API_URL.")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

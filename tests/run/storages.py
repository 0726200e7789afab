"""An S3-compatible server on this machine for tests, and a run that takes no model and no Prefect."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import fsspec
import httpx
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from pipeline.locks import locked
from pipeline.plan import Options, make_plan, store_of
from pipeline.process import process_file
from pipeline.publish.elsewhere import Elsewhere
from pipeline.publish.replace import check_writable, recover
from pipeline.run import publish_plan
from pipeline.storage import local_copy
from tests.run.test_safe import Words


@contextmanager
def serve_s3() -> Iterator[dict[str, str]]:
    """The environment that leads to a server with the bucket `papers`, set in this process meanwhile."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    httpx.post(f"http://{host}:{port}/moto-api/reset")  # what an earlier server of this process held
    found = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with mock.patch.dict("os.environ", found):
        fsspec.filesystem("s3").clear_instance_cache()
        fsspec.filesystem("s3", use_listings_cache=False).mkdir("papers")
        try:
            yield found
        finally:
            server.stop()


def run(paths: list[str], out: str, editions: int = 3) -> list[str]:
    """What `goldenthread run` does, in this process and with vectors that take no time; the names that were read."""
    places = Elsewhere(out, None)
    with locked(places.folder):
        recover(places.folder)
        places.prepare()
        check_writable(places.folder)
        plan = make_plan(Options(tuple(paths), places.folder, editions=editions))
        for file in plan.todo:
            with local_copy(file.path) as path:
                result = process_file(path, file.name, file.sha256, Words(), file.engine, file.source_url)
            store_of(places.folder).save(file.key, result)
        if not plan.current:
            publish_plan(plan, dt.datetime.now(dt.UTC).replace(microsecond=0))
        list(places.publish(editions))
    return sorted(f.name for f in plan.todo)


def put(folder: Path, address: str) -> None:
    """Copy what is in the folder to the address."""
    fs = fsspec.filesystem("s3", use_listings_cache=False)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        fs.pipe_file(f"{address}/{path.relative_to(folder).as_posix()}", path.read_bytes())

"""A web site on this machine that answers as it is told, and a clock that does not make a test wait."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


@dataclass
class Answer:
    """What the site says. `drop` bytes of the body are kept back, as where a connection breaks off."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drop: int = 0


Responder = Answer | bytes | str | Callable[["Asked"], "Answer | bytes | str"] | list


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]


class Site:
    """Answers by path with query. A list of answers is given one after the other, the last again and again."""

    def __init__(self) -> None:
        self.routes: dict[str, Responder] = {}
        self.asked: list[Asked] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.root = ""

    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [a.path for a in self.asked if a.path != "/robots.txt"]

    def answer(self, asked: Asked) -> Answer:
        with self.lock:
            self.asked.append(asked)
            found = self.routes.get(asked.path, Answer("nothing here", 404))
            if isinstance(found, list):
                found = found.pop(0) if len(found) > 1 else found[0]
        if callable(found):
            found = found(asked)
        return found if isinstance(found, Answer) else Answer(found)


def document(body: bytes, etag: str = '"1"') -> Callable[[Asked], Answer]:
    """A document that is sent only to those who do not have it."""

    def respond(asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == etag:
            return Answer(b"", 304, {"ETag": etag})
        return Answer(body, headers={"ETag": etag, "Content-Type": "application/pdf"})

    return respond


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with site.lock:
                site.at_once += 1
                site.most_at_once = max(site.most_at_once, site.at_once)
            try:
                answer = site.answer(Asked(unquote(self.path), {k.lower(): v for k, v in self.headers.items()}))
            finally:
                with site.lock:
                    site.at_once -= 1  # before the reply: who has it may ask the next at once
            self.reply(answer)

        def reply(self, answer: Answer) -> None:
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - answer.drop] if answer.status != 304 else b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    site.root = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


class FakeClock:
    """Time passes only by sleeping."""

    def __init__(self, start: dt.datetime = dt.datetime(2026, 3, 1, 6, tzinfo=dt.UTC)) -> None:
        self.time = start
        self.seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> dt.datetime:
        return self.time

    def steady(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        self.time += dt.timedelta(seconds=seconds)

    def pass_days(self, days: float) -> None:
        self.time += dt.timedelta(days=days)
        self.seconds += days * 86_400

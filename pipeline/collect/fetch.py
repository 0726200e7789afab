"""Ask a server for an address, politely: one request at a time a host, with a pause, as robots.txt allows.

robots.txt is read as RFC 9309 says: where there is none (4xx) everything may be asked, where the server fails nothing
may. Retry-After is read as RFC 9110 says, in seconds or as a date.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib import metadata

import httpx
from protego import Protego

from pipeline.clock import Clock, SystemClock
from pipeline.collect.knowledge import Polite
from pipeline.errors import GoldenThreadError

log = logging.getLogger(__name__)

_HOPS = 8
_PASSING = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
"""Statuses that may pass: the request is made again."""
_LONGEST_CRAWL_DELAY = 60.0
NOT_MODIFIED = 304


class SourceFault(GoldenThreadError):
    """An address cannot be had. `error` is a short code, `message` says what happened and what follows."""

    def __init__(self, error: str, message: str, address: str) -> None:
        super().__init__(f"{address}: {message}")
        self.error, self.message, self.address = error, message, address


@dataclass(frozen=True)
class Answer:
    """What a server said: its status (200 or 304), the bytes, the address after redirects, and what dates the bytes."""

    status: int
    content: bytes
    address: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True)
class _Reply:
    """One answer to one request, its body read to the end."""

    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def location(self) -> str | None:
        """Where a redirect leads."""
        return self.headers.get("location") if self.status in (301, 302, 303, 307, 308) else None


@dataclass
class _Host:
    """What is known of a host in this round."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    robots: Protego | None = None
    delay: float = 0.0
    not_before: float = 0.0
    failures: int = 0
    left_alone: str = ""


class Fetcher:
    """Asks servers. Safe to share between threads: requests to one host wait for each other."""

    def __init__(self, polite: Polite, clock: Clock | None = None, client: httpx.Client | None = None) -> None:
        self._polite = polite
        self._clock = clock or SystemClock()
        self.agent = polite.user_agent.format(version=metadata.version("goldenthread"))
        self._client = client or httpx.Client(timeout=httpx.Timeout(polite.timeout, connect=30.0))
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, address: str, etag: str | None = None, last_modified: str | None = None) -> Answer:
        """What stands at the address; status 304 without content where it is still what `etag` or `last_modified` say.

        Raises SourceFault: bad_address, robots, refused, not_found, status_<n>, timeout, unreachable, too_large,
        too_slow, too_many_redirects, host_left_alone.
        """
        headers = {"User-Agent": self.agent, "Accept-Language": "en-GB"}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        url = _parse(address)
        for _ in range(_HOPS):
            reply = self._ask(url, headers)
            if reply.location is None:
                dated = reply.headers.get("etag"), reply.headers.get("last-modified")
                return Answer(reply.status, reply.content, str(url), *dated)
            url = _join(url, reply.location)
        raise SourceFault("too_many_redirects", f"The server redirects more than {_HOPS} times.", address)

    def _ask(self, url: httpx.URL, headers: dict[str, str]) -> _Reply:
        origin = f"{url.scheme}://{url.netloc.decode()}"
        with self._lock:
            host = self._hosts.setdefault(origin, _Host(delay=self._polite.delay))
        with host.lock:
            if host.robots is None and not host.left_alone:
                self._read_robots(host, origin)
            if host.left_alone:
                raise SourceFault("host_left_alone", f"Not asked this time: {host.left_alone}", str(url))
            if host.robots is not None and not host.robots.can_fetch(str(url), "goldenthread"):
                raise SourceFault("robots", "The site's robots.txt asks programs not to read this.", str(url))
            return self._try(host, url, headers)

    def _read_robots(self, host: _Host, origin: str) -> None:
        url, text = httpx.URL(f"{origin}/robots.txt"), ""
        try:
            for _ in range(_HOPS):
                reply = self._try(host, url, {"User-Agent": self.agent})
                if reply.location is None:
                    text = reply.content.decode(errors="replace")
                    break
                url = _join(url, reply.location)
        except SourceFault as fault:
            if fault.error not in ("not_found", "refused") and not fault.error.startswith("status_4"):
                host.left_alone = host.left_alone or f"its robots.txt cannot be read. {fault.message}"
                return
        host.robots = Protego.parse(text)
        asked = host.robots.crawl_delay("goldenthread") or 0.0
        host.delay = max(host.delay, min(float(asked), _LONGEST_CRAWL_DELAY))

    def _try(self, host: _Host, url: httpx.URL, headers: dict[str, str]) -> _Reply:
        """One address, as often as is worth it."""
        fault = SourceFault("unreachable", "The server cannot be reached.", str(url))
        for attempt in range(self._polite.tries):
            self._wait(host)
            wait = self._polite.delay * 2 ** (attempt + 1)
            try:
                reply = self._request(url, headers)
            except httpx.TimeoutException:
                fault = SourceFault("timeout", f"No byte for {self._polite.timeout:.0f} s.", str(url))
            except httpx.HTTPError as e:
                fault = SourceFault("unreachable", f"The connection failed or broke off: {e}.", str(url))
            else:
                if reply.status not in _PASSING:
                    return self._judge(host, reply, url)
                fault = SourceFault(f"status_{reply.status}", f"The server answers {reply.status}.", str(url))
                wait = max(wait, self._read_retry_after(reply))
            if wait > self._polite.patience:
                host.left_alone = f"it asked to wait for {wait:.0f} s."
                raise fault
            log.info("%s %s; attempt %d", url, fault.message, attempt + 1)
            host.not_before = self._clock.steady() + wait
        self._count_failure(host)
        raise fault

    def _wait(self, host: _Host) -> None:
        left = host.not_before - self._clock.steady()
        if left > 0:
            self._clock.sleep(left)

    def _request(self, url: httpx.URL, headers: dict[str, str]) -> _Reply:
        start = self._clock.steady()
        content = bytearray()
        with self._client.stream("GET", url, headers=headers, follow_redirects=False) as response:
            for piece in response.iter_bytes():
                content += piece
                if len(content) > self._polite.largest:
                    raise SourceFault("too_large", f"The answer is longer than {self._polite.largest} bytes.", str(url))
                if self._clock.steady() - start > self._polite.longest:
                    raise SourceFault("too_slow", f"The answer takes over {self._polite.longest:.0f} s.", str(url))
        return _Reply(response.status_code, response.headers, bytes(content))

    def _judge(self, host: _Host, reply: _Reply, url: httpx.URL) -> _Reply:
        host.not_before = self._clock.steady() + host.delay
        status = reply.status
        if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            host.failures = 0
            raise SourceFault("not_found", f"The server answers {status}: it is not there.", str(url))
        if httpx.codes.is_success(status) or reply.location or status == NOT_MODIFIED:
            host.failures = 0
            return reply
        self._count_failure(host)
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise SourceFault("refused", f"The server refuses ({status}).", str(url))
        raise SourceFault(f"status_{status}", f"The server answers {status}.", str(url))

    def _count_failure(self, host: _Host) -> None:
        host.not_before = self._clock.steady() + host.delay
        host.failures += 1
        if host.failures >= self._polite.give_up:
            host.left_alone = f"it failed {host.failures} times in a row."

    def _read_retry_after(self, reply: _Reply) -> float:
        """The seconds that the server asks to wait; 0 where it asks for none that can be understood."""
        value = reply.headers.get("retry-after", "").strip()
        if value.isdigit():
            return float(value)
        try:
            return max(0.0, (parsedate_to_datetime(value) - self._clock.now()).total_seconds())
        except (ValueError, TypeError):
            return 0.0


def _join(base: httpx.URL, location: str) -> httpx.URL:
    try:
        return _parse(str(base.join(location)))
    except (httpx.InvalidURL, ValueError) as e:
        raise SourceFault("bad_address", f"The server redirects to what is no address: {e}.", str(base)) from e


def _parse(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as e:
        raise SourceFault("bad_address", f"This is no address: {e}.", address) from e
    if url.scheme not in ("http", "https") or not url.host:
        raise SourceFault("bad_address", "This is no http or https address.", address)
    return url

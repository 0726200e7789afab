"""What keeps the server to this machine's own pages: response headers, and the names that it answers to."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def list_hosts(host: str) -> list[str]:
    """The host names that requests may name: this machine's own, against pages elsewhere whose name leads here; any
    name where the server was told to listen on another address."""
    return [*_LOOPBACK, "[::1]"] if host in _LOOPBACK else ["*"]


class SecurityHeaders:
    """Lets a page run only the server's own styles and scripts, whatever a document brings into it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to the answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type") != "application/pdf":  # the browser shows it in a page of its own
                    headers["Content-Security-Policy"] = _POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, send_with_headers)

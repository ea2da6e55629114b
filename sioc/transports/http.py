"""HTTP requests by aiohttp: bounded answers, no redirects, errors with a stage."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING, Any

import aiohttp
import yarl
from aiohttp.client_proto import ResponseHandler

from sioc.exceptions import ConnectError, LimitError, ParseError
from sioc.transports.answers import KEPT_BODY, refusal
from sioc.transports.connection import connect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from sioc.options import Settings
    from sioc.url import URL

# Seconds that an idle connection is kept. Node closes its own after five; a request
# that is sent in that moment would be lost.
KEEP_ALIVE = 3.0

# Whatever an answer is, it is not compressed: inflating is not bounded by its size.
FIELDS = {"Accept": "*/*", "Accept-Encoding": "identity"}
POST_FIELDS = {"Content-Type": "text/plain;charset=UTF-8"}

# Bytes of a body that aiohttp warns of, and would rather have as a file.
LARGE = 1 << 20

TEXT_TYPES = ("text/plain", "application/octet-stream")


class Connector(aiohttp.BaseConnector):
    """The connections of one client, at most one for each direction.

    aiohttp has connectors for TCP and for Unix sockets, the latter without TLS; those
    of sioc are made in one way for both transports.

    Args:
        url: The server.
        settings: The Manager's options.
    """

    def __init__(self, url: URL, settings: Settings) -> None:
        super().__init__(limit=2, keepalive_timeout=KEEP_ALIVE)
        self._url = url
        self._settings = settings

    def close(self, *, abort_ssl: bool = True) -> Awaitable[None]:
        """Close all connections; none waits for a peer to say goodbye in TLS."""
        return super().close(abort_ssl=True)

    async def _create_connection(
        self, req: aiohttp.ClientRequest, traces: Any, timeout: aiohttp.ClientTimeout
    ) -> ResponseHandler:
        protocol = self._factory()
        await connect(self._url, self._settings, protocol)
        return protocol


class HTTPClient:
    """Requests to one server, over connections that are kept alive.

    Args:
        url: The server.
        settings: The Manager's options.
        store_cookies: Called with the Set-Cookie headers of every answer.
    """

    def __init__(
        self,
        url: URL,
        settings: Settings,
        store_cookies: Callable[[Iterable[str]], None],
    ) -> None:
        self._url = url
        self._store_cookies = store_cookies
        self._timeout = settings.request_timeout
        self._origin = f"{'https' if url.secure else 'http'}://{url.authority}"
        self._maximum = settings.limits.max_polling_body
        self._session = aiohttp.ClientSession(
            connector=Connector(url, settings),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent",),
            timeout=aiohttp.ClientTimeout(),
        )
        # A GET whose answer is lost on its way must not be made again: the packets in
        # it would be missing, and nobody told. aiohttp has no public word for that.
        self._session._retry_connection = False

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        patience: float | None = None,
    ) -> bytearray:
        """Make a request and return the body of its answer.

        Args:
            method: `"GET"` or `"POST"`.
            target: Path and query, escaped.
            headers: The caller's headers.
            body: What a POST carries.
            patience: Seconds it may take, beside the option `request_timeout`.

        Raises:
            ConnectError: It failed, or the status was not 200.
            LimitError: The answer is larger than `max_polling_body`.
            ParseError: The answer is compressed, or no text.
        """
        fields = {**FIELDS, **(POST_FIELDS if body is not None else {}), **headers}
        seconds = min(filter(None, (self._timeout, patience)), default=None)
        try:
            async with self._session.request(
                method,
                yarl.URL(self._origin + target, encoded=True),
                headers=fields,
                data=body if body is None or len(body) <= LARGE else BytesIO(body),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds),
            ) as answer:
                self._store_cookies(answer.headers.getall("Set-Cookie", []))
                await self._check(answer, method)
                return await self._read(answer)
        except asyncio.TimeoutError as error:  # an OSError since CPython 3.11
            limit = f"{seconds} s"
            if seconds == self._timeout:
                limit += " (request_timeout)"
            raise ConnectError(
                f"{self._url.origin} did not answer the {method} request within "
                f"{limit}",
                stage="http",
            ) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, ParseError):
                raise
            what: object = error
            cause: Exception | None = error
            if isinstance(error, aiohttp.ClientResponseError):
                # It has the request in it, with its headers and query.
                what, cause = error.message, None
            raise ConnectError(
                f"{self._url.origin} did not answer like an HTTP server: "
                f"{type(error).__name__}: {what}",
                stage="http",
            ) from cause

    async def _check(self, answer: aiohttp.ClientResponse, method: str) -> None:
        """Refuse an answer that is not 200, not text, or compressed."""
        if answer.status != 200:
            what = f"the polling {method} request"
            body = await answer.content.read(KEPT_BODY)
            raise refusal(self._url.origin, what, answer.status, answer.headers, body)
        encoding = answer.headers.get("Content-Encoding", "identity")
        if encoding.lower() != "identity":
            raise ParseError(f"an answer is compressed unasked: {encoding[:64]!r}")
        kind = answer.headers.get("Content-Type", "text/plain")
        # What a POST is answered with is not looked at (7.1.4).
        if method == "GET" and not kind.lower().startswith(TEXT_TYPES):
            raise refusal_of_type(self._url.origin, kind, answer)

    async def _read(self, answer: aiohttp.ClientResponse) -> bytearray:
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > self._maximum:
                raise LimitError.exceeded("max_polling_body", len(body), self._maximum)
        return body


def refusal_of_type(
    where: str, kind: str, answer: aiohttp.ClientResponse
) -> ConnectError:
    """Return the error for an answer that is, say, a web page."""
    return ConnectError(
        f"{where} answered with {kind[:64]!r} instead of text/plain: that is no "
        f"Socket.IO server; is the option path right?",
        stage="http",
        status=answer.status,
        headers=dict(answer.headers),
    )

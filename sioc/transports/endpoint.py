"""Where the requests of one connection attempt go, and with which headers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sioc.asking import value_of
from sioc.checks import check_headers, check_query
from sioc.url import request_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sioc.cookies import Jar
    from sioc.options import Settings
    from sioc.url import URL

# The Engine.IO revision spoken.
PROTOCOL = 4


class Endpoint:
    """The server's endpoint, as one transport sees it.

    Args:
        url: The server.
        settings: The options of the transport.
        query: The caller's query parameters, those of the URL included.
        headers: The caller's extra headers.
        jar: The Manager's cookies; None: none are kept.

    Attributes:
        url: The server.
        settings: The options of the transport.
        sid: The session to go on with; None: there is none yet.
    """

    def __init__(
        self,
        url: URL,
        settings: Settings,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        jar: Jar | None = None,
    ) -> None:
        self.url = url
        self.settings = settings
        self.sid: str | None = None
        self._query = query
        self._headers = headers
        self._jar = jar

    def target(self, transport: str, *, stamped: bool) -> str:
        """Return path and query of a request (6.3.2).

        Args:
            transport: The transport's name.
            stamped: Whether a parameter defeats caches, where no option says.
        """
        settings = self.settings
        query = {**self._query, "EIO": str(PROTOCOL), "transport": transport}
        if settings.force_base64:
            query["b64"] = "1"
        if settings.timestamp_requests or (
            stamped and settings.timestamp_requests is None
        ):
            # Keeps caches from answering; any value that is new will do.
            query[settings.timestamp_param] = f"{time.time_ns():x}"
        if self.sid is not None:
            query["sid"] = self.sid
        return request_target(settings.path, query, settings.add_trailing_slash)

    def headers(self, transport: str) -> dict[str, str]:
        """Return the headers of a transport's request: the caller's, the cookies."""
        headers = dict(self._headers)
        cookies = None
        if self._jar is not None:
            path = self.target(transport, stamped=False).partition("?")[0]
            cookies = self._jar.header(path)
        if cookies is not None:
            # One header carries them all (RFC 6265 section 5.4).
            for name in list(headers):
                if name.lower() == "cookie":
                    cookies = f"{headers.pop(name)}; {cookies}"
            headers["Cookie"] = cookies
        return headers

    def store_cookies(self, headers: Iterable[str]) -> None:
        """Take the Set-Cookie headers of an answer."""
        if self._jar is not None:
            self._jar.store(headers)


async def ask(
    url: URL, settings: Settings, transport: str, jar: Jar | None
) -> Endpoint:
    """Return a transport's endpoint; ask query and headers where they are functions.

    Args:
        url: The server; its query is merged, the options win (B.33).
        settings: The Manager's options.
        transport: The transport's name; `transport_options` may have more for it.
        jar: The Manager's cookies; None: none are kept.

    Raises:
        TypeError, ValueError: What a function returned is no query, or no headers.
    """
    query, headers = dict(url.query), dict[str, str]()
    own = settings.transport_options.get(transport, {})
    for asked in settings.query, own.get("query", {}):
        query |= check_query(await value_of(asked))
    for asked in settings.extra_headers, own.get("extra_headers", {}):
        headers |= check_headers(await value_of(asked))
    return Endpoint(url, settings.of_transport(transport), query, headers, jar)

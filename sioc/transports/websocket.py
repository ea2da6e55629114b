"""The WebSocket transport: connecting, and naming what went wrong on the way.

picows' protocol object is driven directly, not through its ws_connect(): that follows
redirects with all headers, and leaves a live connection behind when it is cancelled.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl as tls
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from picows import WSAutoPingStrategy, WSError, WSHandshakeError
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from sioc._buffer import WriteBuffer
from sioc._link import Link
from sioc.exceptions import ConnectError, UnsupportedServerError
from sioc.url import request_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sioc._session import Session
    from sioc.options import Settings
    from sioc.url import URL

# The smallest picows allows. The buffer grows with the traffic.
READ_BUFFER = 2048

# Whatever picows logs is reported as an error or event of ours, too, and at its lowest
# level it logs whole requests. A logger outside the hierarchy keeps that to itself.
SILENT: logging.LoggerAdapter[Any] = logging.LoggerAdapter(
    logging.Logger("picows", logging.CRITICAL + 1), {}
)


@lru_cache(maxsize=1)
def verifying_context() -> tls.SSLContext:
    """Return the one default context; making it takes long and much memory."""
    return tls.create_default_context()


@lru_cache(maxsize=1)
def trusting_context() -> tls.SSLContext:
    """Return the one context that verifies nothing, for `ssl=False`."""
    context = tls.create_default_context()
    context.check_hostname = False
    context.verify_mode = tls.CERT_NONE
    return context


class WebSocketTransport:
    """One WebSocket connection.

    Args:
        session: Where packets go.
        url: The server.
        settings: The Manager's options.
        query: All query parameters, in order.
        headers: The extra headers of the upgrade request.
        on_closed: Called once, with close code, close reason and error, when a
            connection that was established has ended.
    """

    name = "websocket"

    def __init__(
        self,
        session: Session,
        url: URL,
        settings: Settings,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        on_closed: Callable[[int, str, Exception | None], None],
    ) -> None:
        limits = settings.limits
        self._url = url
        self._settings = settings
        self._target = request_target(settings.path, query, settings.add_trailing_slash)
        self._headers = dict(headers)
        if settings.protocols:
            self._headers["Sec-WebSocket-Protocol"] = ", ".join(settings.protocols)
        self.outlet: WriteBuffer = WriteBuffer(
            asyncio.get_running_loop(),
            limits.write_high_water,
            limits.max_write_buffer,
            settings.force_base64,
        )
        self._link = Link(session, self.outlet, limits, on_closed)

    @property
    def closed(self) -> bool:
        """Whether no connection is there: not made, or ended."""
        return self._link.closed

    async def open(self) -> None:
        """Connect and shake hands.

        Raises:
            ConnectError: With the stage it came to, and the HTTP answer if any.
        """
        protocol = self._protocol()
        try:
            await self._connect(protocol)
            await protocol.wait_until_handshake_complete()
            if protocol.listener is None:
                raise ConnectError(
                    "the server closed the connection during the WebSocket handshake",
                    stage="websocket",
                )
            self._check_answer(protocol.transport.response)
        except (OSError, WSError) as error:
            raise self._explain(error) from error
        finally:
            if not self._link.established or self._link.aborted:
                await self._discard(protocol)

    def close(self) -> None:
        """Send what is buffered and begin the closing handshake."""
        self._link.close()

    def fail(self, error: Exception) -> None:
        """Close with a status code that tells of a protocol error."""
        self._link.fail_with(error)

    def abort(self) -> None:
        """Drop the connection at once."""
        self._link.abort()

    def pause_reading(self, pause: bool) -> None:
        """Stop reading, or go on."""
        self._link.pause_reading(pause)

    def _protocol(self) -> Any:
        return WSProtocol(
            self._url.authority,
            self._target,
            True,  # is_client_side
            lambda: self._link,
            SILENT,
            True,  # disconnect_on_exception
            None,  # the Manager's timeout covers the handshake
            False,  # enable_auto_ping: Engine.IO has its own
            10,
            10,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            False,  # enable_auto_pong: the link answers
            self._settings.limits.max_message_size,
            self._headers,
            READ_BUFFER,
        )

    async def _connect(self, protocol: Any) -> None:
        url, options = self._url, self._settings
        context: tls.SSLContext | None = None
        if url.secure:
            if options.ssl is False:
                context = trusting_context()
            else:
                context = options.ssl or verifying_context()
        loop = asyncio.get_running_loop()
        if options.proxy is None:
            await loop.create_connection(
                lambda: protocol, url.host, url.port, ssl=context
            )
            return
        # Imported here: it takes a while, and few need it.
        from sioc.transports.proxy import tunnel

        await loop.create_connection(
            lambda: protocol,
            sock=await tunnel(options.proxy, url.host, url.port),
            ssl=context,
            server_hostname=url.host if context else None,
        )

    def _check_answer(self, answer: Any) -> None:
        """Refuse what the server accepted and nobody offered (RFC 6455 section 4.1)."""
        extensions = answer.headers.get("Sec-WebSocket-Extensions")
        protocol = answer.headers.get("Sec-WebSocket-Protocol")
        wrong = None
        if extensions is not None:
            wrong = f"extension {extensions!r}"
        elif protocol is not None and protocol not in self._settings.protocols:
            wrong = f"subprotocol {protocol!r}"
        if wrong is not None:
            self._link.abort()
            raise ConnectError(
                f"{self._url.origin} accepted the {wrong} without being offered it",
                stage="websocket",
                status=int(answer.status),
                headers=dict(answer.headers),
            )

    async def _discard(self, protocol: Any) -> None:
        """Close whatever a failed or cancelled attempt has opened."""
        self._link.abort()
        if protocol.transport is not None:
            protocol.transport.disconnect(False)
            # Bounded: uvloop ends a connection whose making was cancelled without
            # telling its protocol.
            with suppress(WSError, OSError, asyncio.TimeoutError):
                await asyncio.wait_for(protocol.transport.wait_disconnected(), 0.1)

    def _explain(self, error: Exception) -> ConnectError:
        where = self._url.origin
        if isinstance(error, WSHandshakeError):
            return explain_answer(error, where)
        if isinstance(error, socket.gaierror):
            return ConnectError(
                f"cannot look up {self._url.host!r}: {error}", stage="dns"
            )
        if isinstance(error, tls.SSLError):
            return ConnectError(f"TLS with {where} failed: {error}", stage="tls")
        return ConnectError(f"cannot connect to {where}: {error}", stage="tcp")


def explain_answer(error: WSHandshakeError, where: str) -> ConnectError:
    """Return the error for an HTTP answer that is no WebSocket handshake."""
    answer = error.response
    body = bytes(error.raw_body or b"")
    if answer is None:
        return ConnectError(
            f"{where} did not answer like a WebSocket server: {error}",
            stage="websocket",
        )
    details: dict[str, Any] = {
        "status": int(answer.status),
        "headers": dict(answer.headers),
        "body": body,
    }
    if answer.status == 101:
        return ConnectError(
            f"{where} sent an invalid handshake: {error}", stage="websocket", **details
        )
    # Engine.IO answers an EIO it does not know with code 5 (behaviour of the server).
    if answer.status == 400 and b'"code":5' in body.replace(b" ", b""):
        return UnsupportedServerError(
            f"{where} speaks Engine.IO 3 (Socket.IO 2.x) only; sioc needs "
            f"Socket.IO 3 or newer",
            stage="http",
            **details,
        )
    hint = ""
    if answer.status == 404:
        hint = "; is the option path right?"
    elif 300 <= answer.status < 400:
        hint = "; redirects are not followed, use the URL it leads to"
    return ConnectError(
        f"{where} refused the WebSocket: HTTP {int(answer.status)}{hint}",
        stage="http",
        **details,
    )

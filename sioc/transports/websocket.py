"""The WebSocket transport: connecting, and naming what went wrong on the way.

picows' protocol object is driven directly, not through its ws_connect(): that follows
redirects with all headers, and leaves a live connection behind when it is cancelled.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from picows import WSAutoPingStrategy, WSError, WSHandshakeError
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from sioc._buffer import WriteBuffer
from sioc._link import Link
from sioc._trim import trim
from sioc.details import DisconnectDetails
from sioc.exceptions import ConnectError
from sioc.transports.answers import dechunked, refusal
from sioc.transports.connection import connect

if TYPE_CHECKING:
    from sioc._session import Session
    from sioc.handshake import Handshake
    from sioc.transports import OnClosed
    from sioc.transports.endpoint import Endpoint

# The smallest picows allows: the answer of the handshake must fit in.
READ_BUFFER = 2048


class WebSocketTransport:
    """One WebSocket connection.

    Args:
        session: Where packets go.
        endpoint: Where the request goes, with which headers, and by which options.
        on_closed: Called once when the connection has ended; see Transport.
    """

    __slots__ = ("_endpoint", "_link", "_on_closed", "_settings", "_url", "outlet")

    name: ClassVar[str] = "websocket"

    def __init__(
        self, session: Session, endpoint: Endpoint, on_closed: OnClosed
    ) -> None:
        settings = endpoint.settings
        limits = settings.limits
        self._url = endpoint.url
        self._endpoint: Endpoint | None = endpoint
        self._settings = settings
        self._on_closed = on_closed
        self.outlet: WriteBuffer = WriteBuffer(
            asyncio.get_running_loop(),
            limits.write_high_water,
            limits.max_write_buffer,
            settings.force_base64,
        )
        self._link = Link(session, self.outlet, limits, self._ended)

    @property
    def closed(self) -> bool:
        """Whether no connection is there: not made, or ended."""
        return self._link.closed

    async def open(self) -> None:
        """Connect and shake hands.

        Raises:
            ConnectError: With the stage it came to, and the HTTP answer if any.
        """
        # Not kept: thousands of idle connections need not hold theirs.
        endpoint, self._endpoint = self._endpoint, None
        assert endpoint is not None
        protocol = self._protocol(endpoint)
        opened = False
        try:
            await connect(self._url, self._settings, protocol)
            await protocol.wait_until_handshake_complete()
            if protocol.listener is None or self._link.aborted:
                raise ConnectError(
                    "the connection was closed during the WebSocket handshake",
                    stage="websocket",
                )
            answer = protocol.transport.response
            self._check_answer(answer)
            endpoint.store_cookies(answer.headers.getall("Set-Cookie", []))
            trim(protocol)
            opened = True
        except WSHandshakeError as error:
            raise explain_answer(error, self._url.origin) from error
        finally:
            if not opened:
                await self._discard(protocol)

    def begin(self, handshake: Handshake) -> None:
        """Go on as the handshake says: a WebSocket needs nothing of it."""

    def hand_over(self, session: Session) -> None:
        """Feed packets into another session from now on."""
        self._link.hand_over(session)

    def close(self) -> None:
        """Send what is buffered and begin the closing handshake."""
        self._link.close()

    def fail(self, error: Exception) -> None:
        """Close with a status code that tells of a protocol error."""
        self._link.fail_with(error)

    def leave(self) -> None:
        """Drop the connection: its end is a goodbye, if the peer is there to see it."""
        self.abort()

    def abort(self) -> None:
        """Drop the connection at once."""
        self._link.abort()

    def pause_reading(self, pause: bool) -> None:
        """Stop reading, or go on."""
        self._link.pause_reading(pause)

    def _ended(self, code: int, reason: str, error: Exception | None) -> None:
        context = {"code": code, "reason": reason}
        details = DisconnectDetails("websocket connection closed", context)
        self._on_closed(self, error, details)

    def _protocol(self, endpoint: Endpoint) -> Any:
        headers = endpoint.headers(self.name)
        if self._settings.protocols:
            headers["Sec-WebSocket-Protocol"] = ", ".join(self._settings.protocols)
        kind = WSProtocol
        if self._settings.unix_socket is not None:
            # Imported here: few need it.
            from sioc.transports.unix import UnixProtocol

            kind = UnixProtocol
        return kind(
            self._url.authority,
            endpoint.target(self.name, stamped=False),
            True,  # is_client_side
            lambda: self._link,
            self._link,  # as logger
            True,  # disconnect_on_exception
            None,  # the Manager's timeout covers the handshake
            False,  # enable_auto_ping: Engine.IO has its own
            10,
            10,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            False,  # enable_auto_pong: the link answers
            self._settings.limits.max_message_size,
            headers or None,
            READ_BUFFER,
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
            ended = asyncio.ensure_future(end_of(protocol))
            ended.add_done_callback(lambda _: self._link.forsake())
            # Shielded: who cancels twice must not leave the answer to nobody.
            await asyncio.shield(ended)


async def end_of(protocol: Any) -> None:
    """Wait until a protocol has ended, and take the answer it may have had.

    Bounded: uvloop ends a connection whose making was cancelled without telling its
    protocol. An answer that nobody takes would be reported by asyncio.
    """
    for waiting in (
        protocol.transport.wait_disconnected,
        protocol.wait_until_handshake_complete,
    ):
        with suppress(WSError, OSError, asyncio.TimeoutError):
            await asyncio.wait_for(waiting(), 0.1)


def explain_answer(error: WSHandshakeError, where: str) -> ConnectError:
    """Return the error for an HTTP answer that is no WebSocket handshake."""
    answer = error.response
    body = bytes(error.raw_body or b"")
    if answer is None:
        return ConnectError(
            f"{where} did not answer like a WebSocket server: {error}",
            stage="websocket",
        )
    if answer.status == 101:
        return ConnectError(
            f"{where} sent an invalid handshake: {error}",
            stage="websocket",
            status=101,
            headers=dict(answer.headers),
            body=body,
        )
    if answer.headers.get("Transfer-Encoding", "").lower() == "chunked":
        body = dechunked(body)
    return refusal(where, "the WebSocket", int(answer.status), answer.headers, body)

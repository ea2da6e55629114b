"""The HTTP long-polling transport: one GET that waits, one POST at a time.

Strategy: two tasks, one that asks for packets and one that sends them, both of which
stop at a gate between requests; that is where the engine pauses them for an upgrade.
A third one outlives both and reports the end when nothing is left open.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from sioc._payload import PayloadBuffer
from sioc.exceptions import ConnectError, ParseError, TransportError
from sioc.transports.http import HTTPClient

if TYPE_CHECKING:
    from sioc._session import Session
    from sioc.handshake import Handshake
    from sioc.transports import OnClosed
    from sioc.transports.endpoint import Endpoint

# The packet that says goodbye (Engine.IO protocol 4, "close").
CLOSE = b"1"


class PollingTransport:
    """HTTP long-polling.

    Args:
        session: Where packets go.
        endpoint: Where requests go, with which headers, and by which options.
        on_closed: Called once when the connection has ended; see Transport.
    """

    name: ClassVar[str] = "polling"

    def __init__(
        self, session: Session, endpoint: Endpoint, on_closed: OnClosed
    ) -> None:
        limits = endpoint.settings.limits
        self._session = session
        self._endpoint = endpoint
        self._on_closed = on_closed
        self._client: HTTPClient | None = None
        self._max_payload: int | None = None
        self._patience: float | None = None
        self._loops: tuple[asyncio.Task[None], ...] = ()
        self._end: asyncio.Task[None] | None = None
        self._goodbye = False
        self._aborted = False
        self._error: Exception | None = None
        self._ready = asyncio.Event()
        self._readable = asyncio.Event()
        self._readable.set()
        self._gate = asyncio.Event()
        self._gate.set()
        self._busy = 0
        self._quiet = asyncio.Event()
        self.outlet: PayloadBuffer = PayloadBuffer(
            asyncio.get_running_loop(),
            limits.write_high_water,
            limits.max_write_buffer,
            self._ready.set,
        )

    @property
    def closed(self) -> bool:
        """Whether no connection is there: not made, or ended."""
        return self._client is None

    # Life.

    async def open(self) -> None:
        """Make the first request, which the handshake answers.

        Raises:
            ConnectError: With the stage it came to, and the HTTP answer if any.
            ParseError: The answer is not one of this protocol, or too large.
        """
        self._client = HTTPClient(
            self._endpoint.url, self._endpoint.settings, self._endpoint.store_cookies
        )
        try:
            body = await self._request("GET")
            position = self._session._feed_payload(body)
            if self._patience is None:
                raise ParseError("the first answer has no handshake")
            if self._aborted:
                raise ConnectError("closed while connecting", stage="handshake")
            loop = asyncio.get_running_loop()
            self._busy += 1
            reading = self._read(body, position)
            self._loops = loop.create_task(reading), loop.create_task(self._write())
            self._end = loop.create_task(self._report_end())
            # Cancelled before its first step, it would close nothing.
            await asyncio.sleep(0)
        except BaseException:
            if self._end is None or self._end.cancelled():
                await self._drop_client()
            raise

    def begin(self, handshake: Handshake) -> None:
        """Go on as the handshake says: name the session, respect its limits."""
        self._endpoint.sid = handshake.sid
        self._max_payload = handshake.max_payload
        # A little more than the heartbeat has: a server that is gone is a ping timeout.
        self._patience = 1.1 * (handshake.ping_interval + handshake.ping_timeout)

    def close(self) -> None:
        """Send what waits and a close packet, then end; the end is reported."""
        self._goodbye = True
        self._readable.clear()
        self._ready.set()

    def fail(self, error: Exception) -> None:
        """Say goodbye, if the server can be reached, and end."""
        self._error = error
        if isinstance(error, TransportError) and error.context is None:
            self.outlet.close()
            self.abort()
        else:
            self.leave()

    def leave(self) -> None:
        """Say goodbye, and send nothing else (7.1.8).

        Without it the server would keep the session until its own ping timeout.
        """
        self.outlet.close()
        self.close()

    def abort(self) -> None:
        """Drop the connections at once."""
        if not self._aborted:
            self._aborted = True
            for loop in self._loops:
                loop.cancel()

    def pause_reading(self, pause: bool) -> None:
        """Make no further request for packets, or go on."""
        if pause:
            self._readable.clear()
        elif not self._goodbye:
            self._readable.set()

    # For an upgrade.

    async def pause(self) -> None:
        """Wait until no request is on its way; no new one is made (7.1.7)."""
        self._gate.clear()
        while self._busy:
            self._quiet.clear()
            await self._quiet.wait()

    def resume(self) -> None:
        """Go on after a pause()."""
        self._gate.set()

    # The tasks.

    async def _report_end(self) -> None:
        try:
            await asyncio.wait(self._loops, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.abort()
            try:
                await self._wait_loops()
            finally:
                # The event loop may end, and cancel this, while it waits.
                await self._drop_client()
                self.outlet.close()
                self._on_closed(self, self._error, None)

    async def _wait_loops(self) -> None:
        for result in await asyncio.gather(*self._loops, return_exceptions=True):
            if isinstance(result, Exception):
                self._error = result

    async def _read(self, body: bytearray, position: int) -> None:
        await self._deliver(body, position)
        # A cancellation may get lost in a request that times out just then.
        while not self._aborted:
            await self._readable.wait()
            await self._gate.wait()
            try:
                body = await self._request("GET")
            except (ConnectError, ParseError) as error:
                self._session._fail(failure("xhr poll error", error))
            else:
                self._busy += 1
                await self._deliver(body, self._session._feed_payload(body))

    async def _deliver(self, body: bytearray, position: int) -> None:
        """Deliver what is left of a payload as fast as listeners take it.

        It counts as busy, so that no upgrade cuts in.
        """
        try:
            while position >= 0 and not self._aborted:
                await asyncio.sleep(0)
                await self._readable.wait()
                position = self._session._feed_payload(body, position)
        finally:
            self._release()

    async def _write(self) -> None:
        while not self._aborted and not (self._goodbye and self.outlet.empty):
            if self.outlet.empty:
                self._ready.clear()
                await self._ready.wait()
            await self._gate.wait()
            if self.outlet.empty:
                continue
            try:
                await self._request("POST", self.outlet.take(self._max_payload))
            except (ConnectError, ParseError) as error:
                self._session._fail(failure("xhr post error", error))
            else:
                self.outlet.sent()
        if not self._aborted:
            with suppress(ConnectError, ParseError):
                await self._request("POST", CLOSE)

    async def _request(self, method: str, body: bytes | None = None) -> bytearray:
        assert self._client is not None
        endpoint = self._endpoint
        self._busy += 1
        try:
            return await self._client.request(
                method,
                endpoint.target(self.name, stamped=True),
                endpoint.headers(self.name),
                body,
                # A GET has no limit of its own: its pings are missed if it hangs.
                self._patience if method == "POST" else None,
            )
        finally:
            self._release()

    def _release(self) -> None:
        self._busy -= 1
        if not self._busy:
            self._quiet.set()

    async def _drop_client(self) -> None:
        assert self._client is not None
        try:
            await self._client.close()
        finally:
            self._client = None


def failure(message: str, error: ConnectError | ParseError) -> Exception:
    """Return what ends an open session when one of its requests has failed.

    Args:
        message: What the JavaScript client says (7.0.4).
        error: What went wrong.
    """
    if isinstance(error, ParseError):
        return error
    context = None
    if error.status is not None:
        context = {
            "status": error.status,
            "headers": error.headers,
            "body": error.body,
        }
    failed = TransportError(
        f"{message}: {error}", description=error.status or error, context=context
    )
    failed.__cause__ = error
    return failed

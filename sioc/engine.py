"""One Engine.IO session: connecting, handshake, heartbeat, close.

An Engine lives for one connection; the Manager makes a new one for the next. Packets
never pass through here: the compiled half, Session, hands them on and answers pings.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from sioc import handshake, state
from sioc._session import Session
from sioc.checks import check_headers, check_query
from sioc.details import DisconnectDetails
from sioc.exceptions import ConnectError
from sioc.transports.websocket import WebSocketTransport

if TYPE_CHECKING:
    from typing_extensions import Self

    from sioc._router import Router
    from sioc.options import Settings
    from sioc.transports import Transport
    from sioc.url import URL

# A loop that was blocked may run a late heartbeat timer before it reads the ping that
# lies in the socket's buffer. One more look after this many seconds, with a turn of
# reading in between, tells a dead peer from a busy loop.
SECOND_LOOK = 0.01

# Seconds by which a timer must be late to tell of a blocked loop: the first look is
# cheap to repeat, the second one only if the loop was blocked again meanwhile.
LATE = 0.001
LATE_AGAIN = 0.05


class Engine(Session):
    """One Engine.IO session with a server.

    Attributes:
        protocol: The Engine.IO revision spoken: 4.
        id: The session id; None before the handshake and after the end.
        ping_interval: Seconds between two pings of the server's.
        ping_timeout: Seconds a ping may be late.
        max_payload: Bytes of one polling request, or None.
        transport: The transport, once it is made.

    Args:
        router: Where messages go.
        url: The server.
        settings: The Manager's options.
        on_open: Called when the handshake is done.
        on_failed: Called with the error when the connection could not be made.
        on_closed: Called with reason and details when an open session has ended.
    """

    protocol = 4

    def __new__(cls, router: Router, *args: Any, **kwargs: Any) -> Self:
        """Make the compiled half."""
        return super().__new__(cls, router)

    def __init__(
        self,
        router: Router,
        url: URL,
        settings: Settings,
        *,
        on_open: Callable[[], None],
        on_failed: Callable[[Exception], None],
        on_closed: Callable[[str, Any], None],
    ) -> None:
        self._url = url
        self._settings = settings
        self._on_open = on_open
        self._on_failed = on_failed
        self._on_closed = on_closed
        self._loop = asyncio.get_running_loop()
        self._state = state.Machine(state.ENGINE, "opening")
        self._ended = self._loop.create_future()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.Handle | None = None
        self.transport: Transport | None = None
        self.id: str | None = None
        self.ping_interval: float = 0.0
        self.ping_timeout: float = 0.0
        self.max_payload: int | None = None

    def __repr__(self) -> str:
        name = self.transport.name if self.transport is not None else None
        return f"<Engine {self.ready_state} transport={name} {self._url.origin}>"

    @property
    def ready_state(self) -> str:
        """`"opening"`, `"open"`, `"closing"` or `"closed"`."""
        return self._state.state

    def open(self) -> None:
        """Start to connect."""
        self._task = self._loop.create_task(self._connect())
        self._task.add_done_callback(self._connected)

    def close(self) -> None:
        """Send what is buffered, then close; at most `close_timeout` seconds long."""
        if self.ready_state == "opening":
            self.fail(ConnectError("forced close", stage="handshake"))
        elif self._state.can("close"):
            self._state.apply("close")
            self._end()
            self._cancel_timer()
            self._timer = self._loop.call_later(
                self._settings.close_timeout, self._finish, "forced close", None
            )
            if self.transport is not None:
                self.transport.close()

    def fail(self, error: Exception) -> None:
        """Give up connecting, for a reason from outside such as a timeout."""
        if self.ready_state == "opening":
            self._finish("transport error", error)

    async def wait_ended(self) -> None:
        """Wait until nothing of the session is left open."""
        await asyncio.shield(self._ended)

    def when_ended(self, fn: Callable[[Engine], object]) -> None:
        """Call a function with this engine when nothing of it is left open."""
        self._ended.add_done_callback(lambda _: fn(self))

    def pause_reading(self, pause: bool) -> None:
        """Stop reading from the transport, or go on."""
        if self.transport is not None:
            self.transport.pause_reading(pause)

    def check_heartbeat(self) -> None:
        """Look soon whether the peer is still there; see SECOND_LOOK."""
        self._cancel_timer()
        # A turn later: within this one, uvloop's clock may stand where the turn began.
        self._timer = self._loop.call_soon(self._arm_second_look)

    # Connecting.

    async def _connect(self) -> None:
        settings = self._settings
        query = {
            **self._url.query,
            **check_query(await value_of(settings.query)),
            "EIO": str(self.protocol),
            "transport": WebSocketTransport.name,
        }
        if settings.force_base64:
            query["b64"] = "1"
        if settings.timestamp_requests:
            # Keeps caches from answering; any value that is new will do.
            query[settings.timestamp_param] = f"{time.time_ns():x}"
        headers = check_headers(await value_of(settings.extra_headers))
        transport = WebSocketTransport(
            self, self._url, settings, query, headers, self._transport_closed
        )
        self.transport = transport
        self._use(transport.outlet)
        await transport.open()

    def _connected(self, task: asyncio.Task[None]) -> None:
        self._task = None
        error = None if task.cancelled() else task.exception()
        if error is not None:
            if not isinstance(error, ConnectError):
                error = _wrapped(error)
            self._finish("transport error", error)
        self._settle()

    # From the compiled half and the transport.

    def _on_open_packet(self, data: bytes) -> None:
        shaken = handshake.parse(data)
        self.id = shaken.sid
        self.ping_interval = shaken.ping_interval
        self.ping_timeout = shaken.ping_timeout
        self.max_payload = shaken.max_payload
        self._state.apply("handshake")
        self._begin(shaken.ping_interval + shaken.ping_timeout)
        self._arm(shaken.ping_interval + shaken.ping_timeout)
        self.emit("handshake", shaken)
        self._on_open()
        self.emit("open")

    def _on_close_packet(self) -> None:
        self._lost(
            "transport close", DisconnectDetails("transport closed by the server")
        )

    def _on_violation(self, error: Exception) -> None:
        """The peer broke the protocol; the compiled half delivers nothing any more."""
        if self.transport is not None:
            self.transport.fail(error)
        if self.ready_state == "opening":
            refused = ConnectError(f"the handshake failed: {error}", stage="handshake")
            refused.__cause__ = error
            self._finish("transport error", refused, abort=False)
        else:
            details = DisconnectDetails(str(error), {"error": error})
            self._finish("parse error", details, abort=False)

    def _transport_closed(
        self, code: int, reason: str, error: Exception | None
    ) -> None:
        if self.ready_state == "closing":
            self._finish("forced close", None)
        elif error is not None:
            self._on_violation(error)
        else:
            description = "websocket connection closed"
            context = {"code": code, "reason": reason}
            self._lost("transport close", DisconnectDetails(description, context))
        self._settle()

    # Heartbeat.

    def _arm(self, seconds: float, patience: float = LATE) -> None:
        # One timer a heartbeat, re-armed where it finds that a ping has come.
        late = self._loop.time() + seconds + patience
        self._timer = self._loop.call_later(seconds, self._check_heartbeat, late)

    def _arm_second_look(self) -> None:
        self._arm(SECOND_LOOK, LATE_AGAIN)

    def _check_heartbeat(self, late: float) -> None:
        overdue = self._overdue()
        if overdue < 0:
            self.router._trust()
            self._arm(-overdue)
        elif self._loop.time() < late:
            self._lost("ping timeout", None)
        else:
            self.check_heartbeat()

    # The end.

    def _lost(self, reason: str, details: DisconnectDetails | None) -> None:
        """The connection is gone, or as good as gone."""
        if self.ready_state == "opening":
            text = f"{reason} before the handshake"
            if details is not None and details.context:
                text += f" (WebSocket close code {details.context['code']})"
            self._finish(reason, ConnectError(text, stage="handshake"))
        else:
            self._finish(reason, details)

    def _finish(self, reason: str, details: Any, *, abort: bool = True) -> None:
        """End the session, once: tell the Manager, then those who listen."""
        if not self._state.can("end"):
            return
        before = self.ready_state
        self._state.apply("end")
        self._end()
        self._cancel_timer()
        if abort:
            self._abort()
        else:
            # The farewell is on its way; a peer that does not take it is left.
            self._timer = self._loop.call_later(
                self._settings.close_timeout, self._abort
            )
        opened, self.id = self.id is not None, None
        if before == "opening":
            self._on_failed(details)
            self.emit("error", details)
        elif opened:
            self._on_closed(reason, details)
        self.emit("close", reason, details)
        self._settle()

    def _abort(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self.transport is not None:
            self.transport.abort()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _settle(self) -> None:
        """Report the end when neither task nor connection is left."""
        connected = self.transport is not None and not self.transport.closed
        if self._task is None and not connected and self.ready_state == "closed":
            self._cancel_timer()
            if not self._ended.done():
                self._ended.set_result(None)


async def value_of(value: Any) -> Any:
    """Return an option's value, asking the function or coroutine function it may be."""
    if callable(value):
        value = value()
        if isinstance(value, Awaitable):
            value = await value
    return value


def _wrapped(error: BaseException) -> ConnectError:
    """Return the ConnectError for what a query or header function raised."""
    wrapped = ConnectError(f"cannot prepare the connection: {error!r}", stage="url")
    wrapped.__cause__ = error
    return wrapped

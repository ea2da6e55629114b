"""One Engine.IO session: connecting, handshake, heartbeat, close.

An Engine lives for one connection; the Manager makes a new one for the next. Packets
never pass through here: the compiled half, Session, hands them on and answers pings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from sioc import handshake, state
from sioc._session import Session
from sioc.attempt import Attempt, Memory, handshake_failed, not_prepared
from sioc.details import DisconnectDetails
from sioc.exceptions import ConnectError, ParseError, TransportError
from sioc.heartbeat import Heartbeat
from sioc.transports.answers import unsupported
from sioc.transports.endpoint import PROTOCOL, Endpoint
from sioc.upgrade import Upgrade

if TYPE_CHECKING:
    from typing_extensions import Self

    from sioc.manager import Manager
    from sioc.options import Settings
    from sioc.transports import Better, Transport, Upgradable
    from sioc.url import URL


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
        manager: Where messages go. It is told of the handshake, of an attempt that
            failed, and of the end of a session that was open.
        url: The server.
        settings: The Manager's options.
        memory: What is remembered of earlier sessions.
    """

    # Slots, since thousands of idle connections have one each; __dict__ is made for
    # what a program adds.
    __slots__ = (
        "__dict__", "_attempt", "_beside", "_ended", "_heartbeat", "_loop", "_manager",
        "_memory", "_reading_paused", "_settings", "_state", "_task", "_timer",
        "_upgrade", "_upgrading", "_url", "id", "max_payload", "ping_interval",
        "ping_timeout", "transport"
    )  # fmt: skip

    protocol = PROTOCOL

    def __new__(cls, manager: Manager, *args: Any) -> Self:
        """Make the compiled half."""
        return super().__new__(cls, manager)

    def __init__(
        self, manager: Manager, url: URL, settings: Settings, memory: Memory
    ) -> None:
        self._manager = manager
        self._url = url
        self._settings = settings
        self._memory = memory
        self._loop = asyncio.get_running_loop()
        self._state = state.Machine(state.ENGINE, "opening", self, manager.observer)
        # Made when somebody waits for it, or at the end: most never need it.
        self._ended: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.Handle | None = None
        self._heartbeat = Heartbeat(self)
        # Forgotten once it has come to a handshake.
        self._attempt: Attempt | None = Attempt(
            url, settings, memory, self._use_transport
        )
        self._reading_paused = False
        # The attempt to go on by another transport, and the transports that are open
        # beside the one in use: its own, or one that was given up.
        self._upgrade: Upgrade | None = None
        self._upgrading: asyncio.Task[None] | None = None
        self._beside: tuple[Transport, ...] = ()
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
        assert self._attempt is not None
        self._task = self._loop.create_task(self._attempt.run())
        self._task.add_done_callback(self._connected)

    def close(self) -> None:
        """Send what is buffered, then close; at most `close_timeout` seconds long.

        An upgrade whose probe was answered is waited for (6.7.1).
        """
        self.router.wire.check()
        if self.ready_state == "opening":
            self.fail(ConnectError("forced close", stage="handshake"))
        elif self._state.can("close"):
            self._state.apply("close")
            self._end()
            self._heartbeat.stop()
            self._timer = self._loop.call_later(
                self._settings.close_timeout, self._finish, "forced close", None
            )
            if self._upgrade is not None and self._upgrade.pausing:
                return
            self._abandon_upgrade()
            assert self.transport is not None
            self.transport.close()

    def write(self, data: str | bytes) -> None:
        """Send one Engine.IO message; ignored while closing or closed (6.5.1).

        Args:
            data: Text, or binary.

        Raises:
            BufferFullError: Too much is unsent already. Nothing was sent.
            RuntimeError: The session is not open yet, or this is not its thread.
            TypeError: The data is neither str nor bytes.
        """
        self.router.wire.check()
        if not isinstance(data, (str, bytes)):
            raise TypeError(f"data must be str or bytes, not {type(data).__name__}")
        if self.ready_state == "opening":
            raise RuntimeError("the session is not open yet; wait for its event 'open'")
        if self.ready_state != "open" or self.transport is None:
            return
        if isinstance(data, str):
            self.transport.outlet.send_text(b"4" + data.encode())
        else:
            self.transport.outlet.send_binary(data)

    def fail(self, error: Exception) -> None:
        """Give up connecting, for a reason from outside such as a timeout."""
        self._finish("transport error", error)

    async def wait_ended(self) -> None:
        """Wait until nothing of the session is left open."""
        await asyncio.shield(self._end_future())

    def when_ended(self, fn: Callable[[Engine], object]) -> None:
        """Call a function with this engine when nothing of it is left open."""
        self._end_future().add_done_callback(lambda _: fn(self))

    def pause_reading(self, pause: bool) -> None:
        """Stop reading from the transport, or go on."""
        self._reading_paused = pause
        if self.transport is not None:
            self.transport.pause_reading(pause)
        self._heartbeat.pause(pause)

    def check_heartbeat(self) -> None:
        """Look soon whether the peer is still there."""
        self._heartbeat.check()

    # Connecting.

    def _use_transport(self, kind: type[Transport], endpoint: Endpoint) -> Transport:
        """Make a transport and use it, in place of one that did not connect."""
        if self.transport is not None and not self.transport.closed:
            self._beside += (self.transport,)
        self.transport = kind(self, endpoint, self._transport_closed)
        self._use(self.transport.outlet)
        return self.transport

    def _refuse(self, error: ConnectError) -> None:
        """The transport in use does not come to a handshake."""
        assert self._attempt is not None
        self._attempt.refuse(error)

    def _connected(self, task: asyncio.Task[None]) -> None:
        self._task = None
        error = None if task.cancelled() else task.exception()
        if error is not None:
            if not isinstance(error, ConnectError):
                error = not_prepared(error)
            self._finish("transport error", error)
        self._settle()

    # From the compiled half and the transports.

    def _on_first_packet(self, packet: bytes) -> None:
        if handshake.is_of_engine_io_3(packet):
            self._refuse(unsupported(self._url.origin, stage="handshake"))
        if packet[:1] != b"0":
            raise ParseError(
                f"unexpected Engine.IO packet {packet[:1]!r} before the handshake"
            )
        shaken = handshake.parse(packet[1:])
        assert self.transport is not None
        assert self._attempt is not None
        self.id = shaken.sid
        self.ping_interval = shaken.ping_interval
        self.ping_timeout = shaken.ping_timeout
        self.max_payload = shaken.max_payload
        attempt, self._attempt = self._attempt, None
        attempt.succeed()
        self._state.apply("handshake")
        self.transport.begin(shaken)
        self._memory.websocket = self.transport.name == "websocket"
        self._begin(shaken.ping_interval, shaken.ping_timeout)
        self._heartbeat.start(shaken.ping_interval, shaken.ping_timeout)
        self.emit("handshake", shaken)
        self._manager._engine_opened(self)
        self.emit("open")
        if self.ready_state == "open" and self._settings.upgrade:
            self._begin_upgrade(shaken.upgrades, attempt.endpoints)

    def _on_close_packet(self) -> None:
        self._lost(
            "transport close", DisconnectDetails("transport closed by the server")
        )

    def _on_violation(self, error: Exception) -> None:
        """The peer broke the protocol, or a request failed: nothing is delivered."""
        assert self.transport is not None
        self.transport.fail(error)
        if self.ready_state == "opening":
            self._refuse(handshake_failed(error))
            return
        reason, context = "parse error", {"error": error}
        if isinstance(error, TransportError):
            reason = "transport error"
            context |= error.context or {}
            self._memory.websocket = False
            self.emit("error", error)
        self._finish(reason, DisconnectDetails(str(error), context), abort=False)

    def _transport_closed(
        self,
        transport: Transport,
        error: Exception | None,
        details: DisconnectDetails | None,
    ) -> None:
        if transport is not self.transport:
            self._forget(transport)
            if self._upgrade is not None and transport is self._upgrade.transport:
                self._upgrade.fail(error or ParseError("transport closed"))
        elif self.ready_state == "closing":
            self._finish("forced close", None)
        elif error is not None:
            self._on_violation(error)
        else:
            self._lost("transport close", details)
        self._settle()

    def _forget(self, transport: Transport) -> None:
        """It is not open beside the one in use, or not any more."""
        self._beside = tuple(each for each in self._beside if each is not transport)

    # Upgrading.

    def _begin_upgrade(
        self, offered: tuple[str, ...], endpoints: dict[type[Transport], Endpoint]
    ) -> None:
        """Probe the first transport that the server offers and the options have."""
        current = self.transport
        if current is None or not hasattr(current, "pause"):
            return
        known = {kind.name: kind for kind in endpoints if kind.name != current.name}
        name = next((name for name in offered if name in known), None)
        if name is None:
            return
        kind = known[name]
        endpoint = endpoints[kind]
        endpoint.sid = self.id
        make = partial(kind, endpoint=endpoint, on_closed=self._transport_closed)
        self._upgrade = Upgrade(
            self.router,
            cast("Upgradable", current),
            cast("Callable[[Session], Better]", make),
            self._settings.upgrade_timeout,
        )
        self._beside += (self._upgrade.transport,)
        self._memory.websocket = False
        self._upgrading = self._loop.create_task(
            self._upgrade.run(lambda transport: self.emit("upgrading", transport))
        )
        self._upgrading.add_done_callback(self._upgraded)

    def _upgraded(self, task: asyncio.Task[None]) -> None:
        """The upgrade has come to its end, one way or the other."""
        upgrade, before = self._upgrade, self.transport
        assert upgrade is not None
        assert before is not None
        self._upgrade = self._upgrading = None
        transport = upgrade.transport
        error = upgrade.outcome(task)
        if error is None:
            upgrade.switch(self)
            self._forget(transport)
            self._beside += (before,)
            self.transport = transport
            self._use(transport.outlet)
            self.router.wire.switch(before.outlet, transport.outlet)
            if self._reading_paused:
                transport.pause_reading(True)
            self._memory.websocket = transport.name == "websocket"
            self.emit("upgrade", transport)
        else:
            # Where it is closed, nothing more will be heard of it.
            if transport.closed:
                self._forget(transport)
            self.emit("upgradeError", error)
        if self.ready_state == "closing" and self.transport is not None:
            self.transport.close()
        self._settle()

    def _abandon_upgrade(self) -> None:
        if self._upgrade is not None and self._upgrading is not None:
            self._upgrade.fail(TransportError("socket closed"))
            self._upgrading.cancel()

    # The end.

    def _lost(self, reason: str, details: DisconnectDetails | None) -> None:
        """The connection is gone, or as good as gone."""
        if self.ready_state == "opening":
            text = f"{reason} before the handshake"
            if details is not None and details.context:
                text += f" (WebSocket close code {details.context['code']})"
            self._refuse(ConnectError(text, stage="handshake"))
        else:
            self._finish(reason, details)

    def _finish(self, reason: str, details: Any, *, abort: bool = True) -> None:
        """End the session, once: tell the Manager, then those who listen."""
        if not self._state.can("end"):
            return
        before = self.ready_state
        self._state.apply("end")
        self._end()
        self._heartbeat.stop()
        self._cancel_timer()
        self._abandon_upgrade()
        if abort:
            self._abort()
        else:
            # The farewell is on its way; a peer that does not take it is left.
            self._timer = self._loop.call_later(
                self._settings.close_timeout, self._abort
            )
        self.id = None
        if before == "opening":
            self._manager._engine_failed(self, details)
            self.emit("error", details)
        else:
            self._manager._engine_closed(self, reason, details)
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
        busy = self._task or self._upgrading or self._beside or connected
        if not busy and self.ready_state == "closed":
            self._cancel_timer()
            ended = self._end_future()
            if not ended.done():
                ended.set_result(None)

    def _end_future(self) -> asyncio.Future[None]:
        if self._ended is None:
            self._ended = self._loop.create_future()
        return self._ended

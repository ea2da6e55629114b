"""The Manager: one Engine.IO connection, shared by the Sockets of several namespaces.

It owns the reconnection: one attempt at a time, made by an Engine of its own; its state
is one of the table MANAGER. Engines tell it what happens through the callables it gives
them; what an engine says that is no longer the current one is not heard.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sioc import state
from sioc import url as urls
from sioc._foreign import ForeignRouter
from sioc.attempt import Memory
from sioc.backpressure import Backpressure
from sioc.engine import Engine
from sioc.exceptions import ConnectError, DisconnectedError
from sioc.observer import Observer
from sioc.options import Settings, SocketSettings
from sioc.parsers import json, wire_of
from sioc.socket import Socket
from sioc.stats import Stats
from sioc.tunable import Tunable
from sioc.waiting import Closing, Waiters
from sioc.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from typing_extensions import Self, Unpack

    from sioc.typing import ManagerOptions, SocketOptions

# Seconds a connection must hold before the next outage begins with the shortest delay
# again: a server that accepts and drops is not hammered.
STABLE = 5.0

# Seconds beyond `close_timeout` that the event loop may take to tell of the end. One
# without memory forgets to.
LOST = 1.0


class Manager(Tunable, ForeignRouter):
    """One Engine.IO connection and its reconnection.

    Events: `open`, `error(err)`, `close(reason, details)`, `packet(packet)`, `ping`,
    `reconnect_attempt(n)`, `reconnect(n)`, `reconnect_error(err)`, `reconnect_failed`.

    Args:
        url: The server; its path (a namespace) is not used here. That of another
            Manager, taken apart, will do as well.
        **options: The Manager's options, see sioc.typing.ManagerOptions.

    Raises:
        ValueError, TypeError: The URL or an option is invalid.

    Example:
        >>> manager = sioc.Manager("http://localhost:3000", reconnection_delay=0.5)
        >>> chat = manager.socket("/chat", auth={"token": "abc"})
    """

    __slots__ = (
        "__dict__", "_attempts", "_backoff", "_backpressure", "_ending", "_memory",
        "_opened_at", "_opening", "_state", "_timer", "engine", "nsps", "observer",
        "opts", "url"
    )  # fmt: skip

    opts: Settings
    engine: Engine | None
    nsps: dict[str, Socket]

    def __new__(cls, url: str | urls.URL, **options: Unpack[ManagerOptions]) -> Self:
        """Make the compiled half, which needs the limits."""
        settings = Settings.from_options(options)
        wire = wire_of(settings.parser or json, settings.limits)
        self = super().__new__(cls, wire)
        self.opts = settings
        return self

    def __init__(self, url: str | urls.URL, **options: Unpack[ManagerOptions]) -> None:
        self.url: urls.URL = urls.parse(url)
        self.engine = None
        self.nsps = {}
        self.wire.manager = self
        self._backpressure = Backpressure(self)
        self.observer = Observer(self, self.opts.hooks)
        self._state = state.Machine(state.MANAGER, "closed", self, self.observer)
        self._attempts = 0
        self._opened_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._opening: Waiters[None] = Waiters()
        self._ending: tuple[Engine, ...] = ()
        self._memory = Memory.of(self.url, self.opts)
        self._backoff = self.new_backoff()
        self._set_watch(Watch.of(self.opts.slow_listener_duration))
        if self.opts.auto_connect:
            self.open()

    def __repr__(self) -> str:
        return f"<Manager {self._state.state} {self.url.origin} {list(self.nsps)}>"

    @property
    def stats(self) -> Stats:
        """Counters of this Manager, as they are now.

        Example:
            >>> print(manager.stats.packets_in, manager.stats.ignored)
        """
        return Stats.of(self)

    # Life.

    def open(self) -> Self:
        """Start to connect, unless that is under way or done; return the Manager.

        Raises:
            RuntimeError: No event loop is running.

        Example:
            >>> await manager.open().opened(timeout=10)
        """
        self.wire.bind()
        if self._state.can("open"):
            self._cancel_timer()
            self._state.apply("open")
            self._attempt()
        return self

    connect = open  # noqa: A003 - the one above

    async def opened(self, timeout: float | None = None) -> Self:
        """Wait until the connection is open, through reconnections.

        Args:
            timeout: Seconds; None for no limit.

        Raises:
            ConnectError, DisconnectedError: No further attempt will be made.
            TimeoutError: The time is up.

        Example:
            >>> await manager.opened(timeout=10)
        """
        self.wire.check()
        if self._gave_up:
            raise DisconnectedError(
                "forced close", "the connection is closed: call open() first"
            )
        if self._state.state != "open":
            await self._opening.wait(timeout, "the connection is not open")
        return self

    def close(self) -> Awaitable[None]:
        """Close the connection and stop reconnecting, at once.

        Returns:
            An awaitable that ends when what was emitted has been sent and nothing is
            left open; `close_timeout` bounds it.

        Example:
            >>> await manager.close()  # or without waiting: manager.close()
        """
        self.wire.check()
        if self._state.can("close"):
            was_open = self._state.state == "open"
            self._state.apply("close")
            self._cancel_timer()
            self._drop_engine()
            self._backoff.reset()
            self._attempts = 0
            if was_open:
                self._tell_closed("forced close", None)
            self._give_up(DisconnectedError("forced close"))
        return Closing(self.opts.close_timeout + LOST, self._ending)

    def socket(self, nsp: str, **options: Unpack[SocketOptions]) -> Socket:
        """Return the Socket of a namespace; it connects if `auto_connect` is on.

        Args:
            nsp: The namespace; a missing leading slash is added.
            **options: `auth` and `ack_timeout`, at the first call for a namespace.

        Raises:
            ValueError, TypeError: The namespace or an option is invalid.

        Example:
            >>> chat = manager.socket("/chat", auth={"token": "abc"}, ack_timeout=5)
        """
        self.wire.check()
        socket = self._socket(urls.normalise_namespace(nsp), options)
        if self.opts.auto_connect and not socket.active:
            socket.connect()
        return socket

    def _socket(self, nsp: str, options: Mapping[str, object]) -> Socket:
        socket = self.nsps.get(nsp)
        if socket is None:
            socket = Socket(self, nsp, SocketSettings.from_options(options))
            socket._set_watch(self._watch)
            self.nsps[nsp] = socket
            self._attach(socket)
        return socket

    @property
    def _watch(self) -> Watch | None:
        """What looks after the listeners of the Sockets."""
        return Watch.of(self.opts.slow_listener_duration, self.observer.around)

    # From the Sockets.

    @property
    def awaits_answers(self) -> bool:
        """Whether the server owes an ack, or the answer to a CONNECT."""
        return any(
            socket.acks_pending or (socket.active and not socket.connected)
            for socket in self.nsps.values()
        )

    @property
    def is_open(self) -> bool:
        """Whether the Engine.IO connection is open now.

        Example:
            >>> assert manager.is_open
        """
        return self._state.state == "open"

    @property
    def _gave_up(self) -> bool:
        """Whether there is no connection, and none will be made by itself."""
        return self._state.state == "closed"

    def _socket_wants_connection(self) -> None:
        if self._state.state in ("closed", "down"):
            self.open()

    def _socket_left(self) -> Awaitable[None]:
        """Close the connection if no Socket is active any more (3.8.1)."""
        if any(socket.active for socket in self.nsps.values()):
            return Closing(self.opts.close_timeout, outlet=self.wire.outlet)
        return self.close()

    # Attempts.

    def _attempt(self) -> None:
        loop = asyncio.get_running_loop()
        engine = Engine(self, self.url, self.opts, self._memory)
        self.engine = engine
        if self.opts.timeout is not None:
            self._timer = loop.call_later(
                self.opts.timeout, engine.fail, ConnectError("timeout", stage="timeout")
            )
        engine.open()

    def _is_current(self, engine: Engine) -> bool:
        return engine is self.engine and engine not in self._ending

    def _engine_opened(self, engine: Engine) -> None:
        if not self._is_current(engine):
            return
        again = self._state.state == "reconnecting"
        attempts, self._attempts = self._attempts, 0
        self._cancel_timer()
        self._state.apply("opened")
        self._opened_at = asyncio.get_running_loop().time()
        assert engine.transport is not None
        self.wire.open(engine.transport.outlet)
        self._observe_packets(self.observer if self.observer.is_wanted else None)
        if self.wire.crowded:
            self._backpressure.apply(True)
        self.emit("open")
        for socket in list(self.nsps.values()):
            if self.is_open:
                socket._manager_opened()
        self._opening.wake(None)
        if again:
            self.wire.reconnections += 1
            self.emit("reconnect", attempts)

    def _engine_failed(self, engine: Engine, error: Exception) -> None:
        if not self._is_current(engine) or not self._state.can("failed"):
            return
        again = self._state.state == "reconnecting"
        self._cancel_timer()
        self._drop_engine()
        self._state.apply("failed")
        self.observer.failed(error)
        self.emit("error", error)
        for socket in list(self.nsps.values()):
            socket._manager_failed(error)
        self._wait_or_give_up(error)
        if again:
            self.emit("reconnect_error", error)

    def _engine_closed(self, engine: Engine, reason: str, details: Any) -> None:
        if not self._is_current(engine) or not self._state.can("lost"):
            return
        if asyncio.get_running_loop().time() - self._opened_at >= STABLE:
            self._backoff.reset()
        self._drop_engine()
        self._state.apply("lost")
        if reason == "transport error":
            self.emit("error", details.context["error"])
        self._tell_closed(reason, details)
        self._wait_or_give_up(DisconnectedError(reason))

    def _on_violation(self, error: Exception) -> None:
        """The attachments of a packet did not come in time."""
        assert self.engine is not None
        self.engine._on_violation(error)

    def _tell_closed(self, reason: str, details: Any) -> None:
        self.observer.closed(reason)
        self.emit("close", reason, details)
        for socket in list(self.nsps.values()):
            socket._manager_closed(reason, details)

    def _drop_engine(self) -> None:
        """Let the engine end by itself; it is not the current one any more."""
        engine = self.engine
        self._backpressure.stop()
        self.wire.close()
        self._reset()
        if engine is not None and engine not in self._ending:
            engine.close()
            # The answer to that is to be read, however many listeners are running.
            engine.pause_reading(False)
            self._ending += (engine,)
            engine.when_ended(self._engine_ended)

    def _engine_ended(self, engine: Engine) -> None:
        self._ending = tuple(each for each in self._ending if each is not engine)

    # Reconnection.

    def _wait_or_give_up(self, error: Exception) -> None:
        """Schedule the next attempt, or be done (3.7)."""
        if not self._state.can("wait"):
            return  # a listener has opened or closed the Manager
        maximum = self.opts.reconnection_attempts
        if not self.opts.reconnection:
            self._give_up(error)
        elif maximum is not None and self._attempts >= maximum:
            self._attempts = 0
            self._backoff.reset()
            self.emit("reconnect_failed")
            self._give_up(error)
        else:
            self._state.apply("wait")
            self._timer = asyncio.get_running_loop().call_later(
                self._backoff.duration(), self._reconnect
            )

    def _reconnect(self) -> None:
        self._attempts += 1
        self.emit("reconnect_attempt", self._attempts)
        if self._state.can("attempt"):  # a listener may have closed the Manager
            self._timer = None
            self._state.apply("attempt")
            self._attempt()

    def _give_up(self, error: Exception) -> None:
        """Tell those who wait that no further attempt will be made, if that is so."""
        if self._state.can("give up"):
            self._state.apply("give up")
        if self._gave_up:  # no listener has opened it
            self._opening.fail(error)
            for socket in list(self.nsps.values()):
                socket._manager_gave_up(error)

    def _apply_options(self) -> None:
        self._tune(self._backoff)
        self._set_watch(Watch.of(self.opts.slow_listener_duration))
        for socket in self.nsps.values():
            socket._set_watch(self._watch)
        if not self.opts.reconnection and self._state.state == "waiting":
            self._cancel_timer()
            self._state.apply("close")
            self._give_up(DisconnectedError("forced close"))

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # From the compiled half.

    def _on_suspect(self) -> None:
        assert self.engine is not None
        self.engine.check_heartbeat()

    def _on_crowded(self, crowded: bool) -> None:
        if self._state.state == "open":
            self._backpressure.apply(crowded)

    def _report(self, exception: BaseException, context: dict[str, Any]) -> None:
        self.observer.report(exception, context, super()._report)

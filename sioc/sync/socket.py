"""The blocking façade of a Socket.

Strategy: each call is handed to the loop, which is in another thread, and its result is
waited for. Emits run ahead of the loop as long as little is on its way.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

from sioc._encoder import Prepared, prepare
from sioc.sync.background import background, is_running, run
from sioc.sync.stream import Stream

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    import sioc
    from sioc.stats import Stats
    from sioc.stream import Overflow

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])

# Emits may run ahead of the loop by so many bytes before one waits for it. Each counts
# at least COST.
AHEAD = 262_144
COST = 256


class Socket:
    """A Socket for threads other than its event loop's; any number may use it.

    What waits in the async Socket blocks the calling thread here. Listeners run on the
    loop: they may call `emit`, but nothing that waits.

    Args:
        socket: The async Socket.
        loop: Its loop, which runs in another thread; None for that of its first
            connect().

    Attributes:
        socket: The async Socket.

    Raises:
        RuntimeError: It has no loop yet, and none was given.
    """

    def __init__(
        self, socket: sioc.Socket, *, loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        loop = socket.wire.loop if loop is None else loop
        if loop is None:
            raise RuntimeError("the Socket has no event loop yet: connect it first")
        self.socket = socket
        self._loop = loop
        self._ahead = 0
        self._finalizer = weakref.finalize(self, background.abandon, socket)
        self._finalizer.atexit = False

    def __repr__(self) -> str:
        return f"<blocking {self.socket!r}>"

    # State.

    @property
    def id(self) -> str | None:
        """The server's id of this connection; None while not connected."""
        return self.socket.id

    @property
    def connected(self) -> bool:
        """Whether the namespace is connected."""
        return self.socket.connected

    @property
    def active(self) -> bool:
        """Whether it is connected or will connect by itself."""
        return self.socket.active

    @property
    def nsp(self) -> str:
        """The namespace."""
        return self.socket.nsp

    @property
    def stats(self) -> Stats:
        """Counters of the Manager, as they are now."""
        return self.socket.io.stats

    # Life.

    def connect(self) -> Self:
        """Connect, and wait for the server's answer.

        Raises:
            ConnectError: There is no connection; further attempts go on.
        """

        async def connect() -> None:
            await self.socket.connect()

        self._run(connect())
        return self

    def disconnect(self) -> None:
        """Leave the namespace; wait until all that was emitted has been sent."""

        async def disconnect() -> None:
            await self.socket.disconnect()

        self._run(disconnect())

    def close(self) -> None:
        """Disconnect, and let go of the background loop; it cannot connect again."""
        if self._loop.is_closed():
            return
        self.disconnect()
        background.let_go(self.socket)

    def __enter__(self) -> Self:
        try:
            return self.connect()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def wait_connected(self, timeout: float | None = None) -> Self:
        """Wait until connected, through reconnections.

        Args:
            timeout: Seconds; None for no limit.

        Raises:
            ConnectError, DisconnectedError: No further attempt will be made.
            TimeoutError: The time is up.
        """
        self._run(self.socket.wait_connected(timeout))
        return self

    def wait_closed(self) -> str:
        """Wait until it is closed for good; return the reason."""
        reason: str = self._run(self.socket.wait_closed())
        return reason

    # Emitting.

    def emit(self, event: str, *args: object) -> None:
        """Send an event; wait while the connection takes no more.

        Args:
            event: The event's name.
            *args: As for sioc.Socket.emit().

        Raises:
            ReservedEventError, TypeError: As sioc.Socket.emit(). Nothing was sent.
            BufferFullError: Not connected, and too much is held already.
        """
        self.emit_prepared(prepare(event, *args))

    def send(self, *args: object) -> None:
        """Send an event named "message"; see emit().

        Args:
            *args: As for sioc.Socket.emit().
        """
        self.emit("message", *args)

    def emit_prepared(self, prepared: Prepared) -> None:
        """Send an event that sioc.prepare() has encoded; see emit().

        Args:
            prepared: What prepare() returned.
        """
        if self._is_here():
            self.socket.emit_prepared(prepared)
            return
        self._ahead += max(len(prepared), COST)
        if self._ahead < AHEAD and self.socket.connected:
            self._loop.call_soon_threadsafe(self.socket._emit_handed_over, prepared)
        else:
            self._run(self._emit_and_drain(prepared))
            self._ahead = 0

    async def _emit_and_drain(self, prepared: Prepared) -> None:
        await self.socket.drain()
        self.socket.emit_prepared(prepared)
        await self.socket.drain()

    def emit_with_ack(
        self, event: str, *args: object, timeout: float | None = None
    ) -> Any:
        """Send an event and wait for the server's acknowledgement.

        Args:
            event: The event's name.
            *args: As for sioc.Socket.emit().
            timeout: Seconds to wait; None stands for the ack_timeout option.

        Returns:
            None for an empty ack, the one argument, or a tuple of several.

        Raises:
            AckTimeoutError: No ack came in time.
            DisconnectedError: The connection was lost after the packet was sent.
            ReservedEventError, TypeError, BufferFullError: As emit().
        """
        return self._run(self.socket.emit_with_ack(event, *args, timeout=timeout))

    call = emit_with_ack

    def drain(self) -> None:
        """Wait until what is unsent has sunk below the low-water mark."""
        self._run(self.socket.drain())

    # Listening.

    def on(self, event: str, fn: F | None = None, **options: Any) -> Any:
        """Call a function on the loop at each event; see sioc.Socket.on().

        Args:
            event: The event's name.
            fn: A function that does not block; None for a decorator.
            **options: As for sioc.Socket.on().

        Returns:
            The Socket, or the decorator when no function is given.
        """
        if fn is None:
            return partial(self._decorate, event, options)
        self._here(partial(self.socket.on, event, fn, **options))
        return self

    def _decorate(self, event: str, options: dict[str, Any], fn: F) -> F:
        self.on(event, fn, **options)
        return fn

    def off(
        self, event: str | None = None, fn: Callable[..., object] | None = None
    ) -> Self:
        """Remove listeners; see sioc.Socket.off().

        Args:
            event: The event's name; None removes every listener of every event.
            fn: Remove its first registration only; None removes all of the event.
        """
        self._here(partial(self.socket.off, event, fn))
        return self

    @overload
    def wait_for(
        self, event: str, timeout: float | None = None, *, types: type[T]
    ) -> sioc.Event[T]: ...
    @overload
    def wait_for(
        self, event: str, timeout: float | None = None, *, types: object = None
    ) -> sioc.Event: ...
    def wait_for(
        self, event: str, timeout: float | None = None, *, types: object = None
    ) -> sioc.Event[Any]:
        """Wait for the next event of a name; see sioc.Socket.wait_for().

        Args:
            event: The event's name.
            timeout: Seconds; None for no limit.
            types: Decode the arguments into these.

        Raises:
            DisconnectedError: The Socket was closed for good first.
            TimeoutError: The time is up.
        """
        waiting = self.socket.wait_for(event, timeout, types=types)
        return self._blocking(self._run(waiting))

    @overload
    def events(
        self,
        *events: str,
        timeout: float | None = None,
        maxsize: int = 1024,
        overflow: Overflow = "drop_oldest",
        types: type[T],
    ) -> Stream[T]: ...
    @overload
    def events(
        self,
        *events: str,
        timeout: float | None = None,
        maxsize: int = 1024,
        overflow: Overflow = "drop_oldest",
        types: object = None,
    ) -> Stream[Any]: ...
    def events(
        self,
        *events: str,
        timeout: float | None = None,
        maxsize: int = 1024,
        overflow: Overflow = "drop_oldest",
        types: object = None,
    ) -> Stream[Any]:
        """Listen to events as an iterator, from now on; see sioc.Socket.stream().

        Args:
            *events: Names of events; none for all events of the server's.
            timeout: Seconds without an event that end the iteration; None for no end.
            maxsize: Most events that may wait to be taken.
            overflow: What a full stream does.
            types: Decode the arguments into these.

        Example:
            >>> for event in socket.events("tick", timeout=30):
            ...     print(event.data)
        """
        make = partial(
            self.socket.stream, *events, maxsize=maxsize, overflow=overflow, types=types
        )
        return Stream(self, self._here(make), timeout)

    # On the loop.

    def _is_here(self) -> bool:
        """Tell whether this is the loop's own thread, as in a listener."""
        return is_running(self._loop)

    def _here(self, fn: Callable[[], T]) -> T:
        """Call a function on the loop."""
        if self._is_here():
            return fn()

        async def call() -> T:
            return fn()

        return run(self._loop, call())

    def _run(self, coroutine: Any) -> Any:
        return run(self._loop, coroutine)

    def _blocking(self, event: sioc.Event[Any]) -> sioc.Event[Any]:
        """Have an event's ack sent on the loop."""
        ack = event._ack
        if ack is not None:
            event._ack = lambda *args: self._here(partial(ack, *args))
        return event

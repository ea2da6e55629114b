"""The blocking façade of a Socket.

Strategy: each call is handed to the loop, which is in another thread, and its result is
waited for. Emits run ahead of the loop as long as little is on its way.
"""

from __future__ import annotations

import asyncio
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sioc._encoder import Prepared, prepare
from sioc.sync.background import background
from sioc.sync.line import OVER
from sioc.sync.listening import Listening

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    import sioc
    from sioc.stats import Stats

# Emits may run ahead of the loop by so many bytes before one waits for it. Each counts
# at least COST.
AHEAD = 262_144
COST = 256


class Socket(Listening):
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

    Example:
        >>> blocking = sioc.sync.Socket(socket.socket)
        >>> blocking.call("question", 42, timeout=5)
        42
    """

    def __init__(
        self, socket: sioc.Socket, *, loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        loop = socket.wire.loop if loop is None else loop
        if loop is None:
            raise RuntimeError("the Socket has no event loop yet: connect it first")
        super().__init__(socket, loop)
        self._ahead = 0
        self._finalizer = weakref.finalize(self, background.abandon, socket)
        self._finalizer.atexit = False

    def __repr__(self) -> str:
        return f"<blocking {self.socket!r}>"

    # State.

    @property
    def id(self) -> str | None:
        """The server's id of this connection; None while not connected.

        Example:
            >>> print("connected as", socket.id)
        """
        return self.socket.id

    @property
    def connected(self) -> bool:
        """Whether the namespace is connected.

        Example:
            >>> assert socket.connected
        """
        return self.socket.connected

    @property
    def active(self) -> bool:
        """Whether it is connected or will connect by itself.

        Example:
            >>> if not socket.active:
            ...     socket.connect()
        """
        return self.socket.active

    @property
    def nsp(self) -> str:
        """The namespace.

        Example:
            >>> print(socket.nsp)
        """
        return self.socket.nsp

    @property
    def stats(self) -> Stats:
        """Counters of the Manager, as they are now.

        Example:
            >>> print(socket.stats.packets_in)
        """
        return self.socket.io.stats

    # Life.

    def connect(self) -> Self:
        """Connect, and wait for the server's answer.

        Raises:
            ConnectError: There is no connection; further attempts go on.

        Example:
            >>> socket = sioc.sync.io(url).connect()
        """

        async def connect() -> None:
            await self.socket.connect()

        self._run(connect())
        return self

    def disconnect(self) -> None:
        """Leave the namespace; wait until all that was emitted has been sent.

        Example:
            >>> socket.disconnect()
            >>> socket.connect()
        """

        async def disconnect() -> None:
            await self.socket.disconnect()

        self._run(disconnect())

    def close(self) -> None:
        """Disconnect, and let go of the background loop; it cannot connect again.

        Calls of other threads that wait for an ack raise DisconnectedError, those that
        come later RuntimeError. In a child process, after os.fork(), it does nothing:
        the connection is the parent's.

        Example:
            >>> socket = sioc.sync.io(url)
            >>> socket.close()
        """
        if self._line.is_forked:
            return
        with suppress(*OVER):  # by another thread, or with its loop
            self.disconnect()
        self._line.end()
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

        Example:
            >>> socket.wait_connected(timeout=10)
        """
        self._run(self.socket.wait_connected(timeout))
        return self

    def wait_closed(self) -> str:
        """Wait until it is closed for good; return the reason.

        Example:
            >>> socket.emit("kick")
            >>> print("closed:", socket.wait_closed())
        """
        return self._run(self.socket.wait_closed())

    # Emitting.

    def emit(self, event: str, *args: object) -> None:
        """Send an event; wait while the connection takes no more.

        Args:
            event: The event's name.
            *args: As for sioc.Socket.emit().

        Raises:
            ReservedEventError, TypeError: As sioc.Socket.emit(). Nothing was sent.
            BufferFullError: Not connected, and too much is held already.

        Example:
            >>> socket.emit("hello", {"binary": b"abc"})
        """
        self.emit_prepared(prepare(event, *args))

    def send(self, *args: object) -> None:
        """Send an event named "message"; see emit().

        Args:
            *args: As for sioc.Socket.emit().

        Example:
            >>> socket.send("the event is named", "message")
        """
        self.emit("message", *args)

    def emit_prepared(self, prepared: Prepared) -> None:
        """Send an event that sioc.prepare() has encoded; see emit().

        Args:
            prepared: What prepare() returned.

        Example:
            >>> price = sioc.prepare("price", 1.0854)
            >>> socket.emit_prepared(price)
        """
        if self._line.is_here():
            self.socket.emit_prepared(prepared)
            return
        self._ahead += max(len(prepared), COST)
        if self._ahead < AHEAD and self.socket.connected:
            emit = self.socket._emit_handed_over
            self._line.loop.call_soon_threadsafe(emit, prepared)
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
            DisconnectedError: The connection was lost after the packet was sent, or
                close() called.
            ReservedEventError, TypeError, BufferFullError: As emit().

        Example:
            >>> answer = socket.call("question", 42, timeout=5)
        """
        asking = self.socket.emit_with_ack(event, *args, timeout=timeout)
        return self._line.ask(asking)

    call = emit_with_ack

    def drain(self) -> None:
        """Wait until what is unsent has sunk below the low-water mark.

        Example:
            >>> for number in range(1000):
            ...     socket.emit("row", number)
            >>> socket.drain()
        """
        self._run(self.socket.drain())

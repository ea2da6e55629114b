"""How a program listens to a namespace beside on(): streams and catch-alls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from sioc._objects import ObjectChannel
from sioc.exceptions import DisconnectedError
from sioc.stream import Event, Overflow, Stream

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")


class Listening(ObjectChannel):
    """The listening half of a Socket."""

    __slots__ = ("_end_reason", "_streams")

    def __init__(self) -> None:
        # Why it was closed the last time; None: it never was.
        self._end_reason: str | None = None
        self._streams: dict[Stream[Any], None] = {}

    @property
    def _is_over(self) -> bool:
        """Whether it was closed for good, and not connected again since."""
        raise NotImplementedError

    @overload
    async def wait_for(
        self, event: str, timeout: float | None = None, *, types: type[T]
    ) -> Event[T]: ...
    @overload
    async def wait_for(
        self, event: str, timeout: float | None = None, *, types: object = None
    ) -> Event: ...
    async def wait_for(
        self, event: str, timeout: float | None = None, *, types: object = None
    ) -> Event[Any]:
        """Wait for the next event of a name.

        Args:
            event: The event's name.
            timeout: Seconds; None for no limit.
            types: Decode the arguments into these, as for on(); what does not fit is
                reported, and not what was waited for.

        Raises:
            DisconnectedError: The Socket is closed for good, or was first.
            TimeoutError: The time is up.

        Example:
            >>> event = await socket.wait_for("tick", timeout=5)
            >>> print(event.data)
        """
        async with self.stream(event, maxsize=1, types=types) as events:
            try:
                return await asyncio.wait_for(anext(events), timeout)
            except asyncio.TimeoutError:
                raise TimeoutError(f"no {event!r} within {timeout} s") from None
            except StopAsyncIteration:
                raise DisconnectedError(
                    self._end_reason,
                    f"the socket is closed ({self._end_reason}): no {event!r} comes "
                    f"unless connect() is called",
                ) from None

    @overload
    def stream(
        self,
        *events: str,
        maxsize: int = 1024,
        overflow: Overflow = "drop_oldest",
        types: type[T],
    ) -> Stream[T]: ...
    @overload
    def stream(
        self,
        *events: str,
        maxsize: int = 1024,
        overflow: Overflow = "drop_oldest",
        types: object = None,
    ) -> Stream: ...
    def stream(
        self,
        *events: str,
        maxsize: int = 1024,
        overflow: Overflow = "drop_oldest",
        types: object = None,
    ) -> Stream[Any]:
        """Listen to events as an async iterator, from now on.

        It outlives reconnections and ends when the Socket is closed for good; on one
        that is closed already, at once. Before the first connect() it waits.

        Args:
            *events: Names of events; none for all events of the server's.
            maxsize: Most events that may wait to be taken.
            overflow: What a full stream does: `"drop_oldest"`, `"drop_newest"`, or
                `"error"`: raise BufferFullError from the iteration.
            types: Decode the arguments into these, as for on(). What does not fit is
                reported like an exception of a listener's.

        Example:
            >>> async with socket.stream("tick") as ticks:
            ...     async for event in ticks:
            ...         print(event.data)
        """
        return Stream(self, events, maxsize, overflow, types)

    # Catch-all listeners: fn(event, *args).

    def on_any(self, fn: Callable[..., object]) -> Self:
        """Call a function at every event of the server's, before its listeners.

        Example:
            >>> socket.on_any(lambda event, *args: print(event, args))
        """
        self._catch("in", fn, False)
        return self

    def prepend_any(self, fn: Callable[..., object]) -> Self:
        """Add a catch-all listener before the others.

        Example:
            >>> socket.prepend_any(print)
        """
        self._catch("in", fn, True)
        return self

    def off_any(self, fn: Callable[..., object] | None = None) -> Self:
        """Remove a catch-all listener; None removes all.

        Example:
            >>> socket.on_any(print)
            >>> socket.off_any(print)
        """
        self._release("in", fn)
        return self

    def listeners_any(self) -> list[Callable[..., object]]:
        """Return the catch-all listeners.

        Example:
            >>> socket.listeners_any()
            []
        """
        return self._caught("in")

    def on_any_outgoing(self, fn: Callable[..., object]) -> Self:
        """Call a function at every event that is sent, just before it is.

        Example:
            >>> socket.on_any_outgoing(lambda event, *args: print("out:", event, args))
        """
        self._catch("out", fn, False)
        return self

    def prepend_any_outgoing(self, fn: Callable[..., object]) -> Self:
        """Add an outgoing catch-all listener before the others.

        Example:
            >>> socket.prepend_any_outgoing(print)
        """
        self._catch("out", fn, True)
        return self

    def off_any_outgoing(self, fn: Callable[..., object] | None = None) -> Self:
        """Remove an outgoing catch-all listener; None removes all.

        Example:
            >>> socket.on_any_outgoing(print)
            >>> socket.off_any_outgoing(print)
        """
        self._release("out", fn)
        return self

    def listeners_any_outgoing(self) -> list[Callable[..., object]]:
        """Return the outgoing catch-all listeners.

        Example:
            >>> socket.listeners_any_outgoing()
            []
        """
        return self._caught("out")

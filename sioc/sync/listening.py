"""Listening with blocking calls, and what the calls of a façade do on the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

from sioc.sync.line import OVER, Line
from sioc.sync.stream import Stream

if TYPE_CHECKING:
    from typing_extensions import Self

    import sioc
    from sioc.stream import Overflow

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])


class Listening:
    """The listening half of a façade.

    Args:
        socket: The async Socket.
        loop: Its loop.
    """

    def __init__(self, socket: sioc.Socket, loop: asyncio.AbstractEventLoop) -> None:
        self.socket = socket
        self._line = Line(loop)

    @overload
    def on(
        self,
        event: str,
        fn: None = None,
        *,
        ack: bool = False,
        types: object = None,
        raw: bool = False,
        concurrency: int | None = None,
    ) -> Callable[[F], F]: ...
    @overload
    def on(
        self,
        event: str,
        fn: Callable[..., object],
        *,
        ack: bool = False,
        types: object = None,
        raw: bool = False,
        concurrency: int | None = None,
    ) -> Self: ...
    def on(
        self, event: str, fn: Callable[..., object] | None = None, **options: Any
    ) -> Any:
        """Call a function on the loop at each event; see sioc.Socket.on().

        Args:
            event: The event's name.
            fn: A function that does not block; None for a decorator.
            **options: As for sioc.Socket.on().

        Returns:
            The Socket, or the decorator when no function is given.

        Example:
            >>> @socket.on("add")
            ... def add(a, b):
            ...     return a + b
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

        Example:
            >>> socket.off("add")
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
            DisconnectedError: The Socket is closed for good, or was first.
            TimeoutError: The time is up.

        Example:
            >>> price = socket.wait_for("tick", timeout=5).data
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

    def _here(self, fn: Callable[[], T]) -> T:
        """Call a function on the loop."""
        if self._line.is_here():
            return fn()

        async def call() -> T:
            return fn()

        return self._run(call())

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._line.run(coroutine)

    def _blocking(self, event: sioc.Event[Any]) -> sioc.Event[Any]:
        """Have an event's ack sent on the loop."""
        ack = event._ack
        if ack is not None:
            event._ack = partial(self._acknowledge, ack)
        return event

    def _acknowledge(self, ack: Callable[..., None], *args: Any) -> None:
        with suppress(*OVER):  # nobody waits for it any more
            self._here(partial(ack, *args))

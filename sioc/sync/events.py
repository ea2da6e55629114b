"""The events of a declaration on a blocking Socket.

Strategy: each object has the async one in it and calls it on the loop.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from sioc import events as asynchronous
from sioc.declarations import Declaration, P, R, Ts, Unpack
from sioc.sync.stream import Stream

if TYPE_CHECKING:
    from typing_extensions import Self

    import sioc
    from sioc._encoder import Prepared
    from sioc.stream import Overflow
    from sioc.sync.socket import Socket

T = TypeVar("T")


class Events:
    """Base of a class that declares the events of one namespace, for blocking calls.

    Declared as in sioc.Events. Declarations in a class without a base serve both: one
    class derives from it and sioc.Events, another from it and this.

    Args:
        socket: The blocking Socket they are sent and received on.

    Attributes:
        socket: The Socket.

    Example:
        >>> class Game(sioc.sync.Events):
        ...     @sioc.outgoing
        ...     def join(self, room: str) -> Room: ...
        >>> room = Game(socket).join.call("lobby")
    """

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self._events = asynchronous.Events(socket.socket)
        self._is_view = False

    @property
    def volatile(self) -> Self:
        """A view whose emits are dropped while they cannot be sent at once.

        Example:
            >>> game.volatile.move.emit(1.5)
        """
        return self._view(self._events.volatile)

    def timeout(self, seconds: float) -> Self:
        """Return a view whose acks may take so many seconds.

        Args:
            seconds: Seconds; stands for the ack_timeout option.

        Example:
            >>> room = game.timeout(5).join.call("lobby")
        """
        return self._view(self._events.timeout(seconds))

    def _view(self, events: asynchronous.Events) -> Self:
        view = copy.copy(self)
        view._events = events
        view._is_view = True
        return view

    def _outgoing(self, declaration: Declaration) -> Outgoing[..., Any]:
        return Outgoing(declaration, self)

    def _incoming(self, declaration: Declaration) -> Incoming[Any, Unpack[Any]]:
        return Incoming(declaration, self)


class Outgoing(Generic[P, R]):
    """An event that the program emits."""

    __slots__ = ("_events", "_outgoing")

    def __init__(self, declaration: Declaration, events: Events) -> None:
        self._events = events
        self._outgoing: asynchronous.Outgoing[P, R] = asynchronous.Outgoing(
            declaration, events._events
        )

    def __repr__(self) -> str:
        return f"<blocking {self._outgoing!r}>"

    def emit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Send the event; see Socket.emit().

        Args:
            *args: As declared.
            **kwargs: As declared; they are put in order, names are not sent.

        Example:
            >>> game.move.emit(1.5, y=2.0)
        """
        socket = self._events.socket
        if self._events._is_view:
            socket._here(partial(self._outgoing.emit, *args, **kwargs))
        else:
            socket.emit_prepared(self._outgoing.prepare(*args, **kwargs))

    def emit_with_ack(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Send the event and wait for the ack; see Socket.emit_with_ack().

        Args:
            *args: As declared.
            **kwargs: As declared.

        Returns:
            The ack, as the type that the declaration returns.

        Raises:
            ValidationError: The ack does not fit the declared type.

        Example:
            >>> room = game.join.call("lobby")
        """
        asking = self._outgoing.emit_with_ack(*args, **kwargs)
        return self._events.socket._line.ask(asking)

    call = emit_with_ack

    def prepare(self, *args: P.args, **kwargs: P.kwargs) -> Prepared:
        """Encode the event once, for Socket.emit_prepared() on many Sockets.

        Args:
            *args: As declared.
            **kwargs: As declared.

        Example:
            >>> socket.emit_prepared(game.move.prepare(1.5))
        """
        return self._outgoing.prepare(*args, **kwargs)


class Incoming(Generic[R, Unpack[Ts]]):
    """An event that the server emits."""

    __slots__ = ("_incoming", "_socket")

    def __init__(self, declaration: Declaration, events: Events) -> None:
        self._socket = events.socket
        self._incoming: asynchronous.Incoming[R, Unpack[Ts]] = asynchronous.Incoming(
            declaration, events._events
        )

    def __repr__(self) -> str:
        return f"<blocking {self._incoming!r}>"

    def on(
        self,
        fn: Callable[[Unpack[Ts]], R | Awaitable[R]],
        *,
        concurrency: int | None = None,
    ) -> Callable[[Unpack[Ts]], R | Awaitable[R]]:
        """Call a function on the loop at each event, with typed arguments.

        Args:
            fn: A function that does not block, or a coroutine function; what it returns
                is the ack.
            concurrency: See sioc.Socket.on().

        Returns:
            The function: it is also a decorator.

        Example:
            >>> @game.score.on
            ... def show(points): ...
        """
        on = partial(self._incoming.on, fn, concurrency=concurrency)
        return self._socket._here(on)

    def once(
        self, fn: Callable[[Unpack[Ts]], R | Awaitable[R]]
    ) -> Callable[[Unpack[Ts]], R | Awaitable[R]]:
        """Call a function on the loop at the next event only; also a decorator.

        Args:
            fn: As for on().

        Example:
            >>> game.score.once(print)
        """
        return self._socket._here(partial(self._incoming.once, fn))

    def off(self, fn: Callable[..., object] | None = None) -> None:
        """Remove a listener.

        Args:
            fn: The function; None removes all of the event.

        Example:
            >>> game.score.off()
        """
        self._socket._here(partial(self._incoming.off, fn))

    @overload
    def events(
        self: Incoming[R, T],
        *,
        timeout: float | None = None,
        maxsize: int = 1024,
        overflow: Overflow = "drop_oldest",
    ) -> Stream[T]: ...
    @overload
    def events(  # type: ignore[overload-overlap]
        self: Incoming[R],
        *,
        timeout: float | None = None,
        maxsize: int = 1024,
        overflow: Overflow = "drop_oldest",
    ) -> Stream[None]: ...
    @overload
    def events(  # type: ignore[overload-cannot-match]
        self,
        *,
        timeout: float | None = None,
        maxsize: int = 1024,
        overflow: Overflow = "drop_oldest",
    ) -> Stream[tuple[Unpack[Ts]]]: ...
    def events(
        self,
        *,
        timeout: float | None = None,
        maxsize: int = 1024,
        overflow: Overflow = "drop_oldest",
    ) -> Stream[Any]:
        """Listen as an iterator; `data` is typed. See Socket.events().

        Args:
            timeout: Seconds without an event that end the iteration; None for no end.
            maxsize: Most events that may wait to be taken.
            overflow: What a full stream does.

        Example:
            >>> for event in game.score.events(timeout=0.1):
            ...     print(event.data)
        """
        make = partial(self._incoming.stream, maxsize=maxsize, overflow=overflow)
        return Stream(self._socket, self._socket._here(make), timeout)

    @overload
    def wait_for(
        self: Incoming[R, T], timeout: float | None = None
    ) -> sioc.Event[T]: ...
    @overload
    def wait_for(  # type: ignore[overload-overlap]
        self: Incoming[R], timeout: float | None = None
    ) -> sioc.Event[None]: ...
    @overload
    def wait_for(  # type: ignore[overload-cannot-match]
        self, timeout: float | None = None
    ) -> sioc.Event[tuple[Unpack[Ts]]]: ...
    def wait_for(self, timeout: float | None = None) -> sioc.Event[Any]:
        """Wait for the next event; `data` is typed. See Socket.wait_for().

        Args:
            timeout: Seconds; None for no limit.

        Example:
            >>> points = game.score.wait_for(timeout=5).data
        """
        waiting: Any = self._incoming.wait_for(timeout)
        return self._socket._blocking(self._socket._run(waiting))

"""The events of a declaration on a Socket: emitted, listened to and waited for."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from sioc._encoder import Prepared, prepare
from sioc.declarations import Declaration, P, R, Ts, Unpack
from sioc.stream import Event, Overflow, Stream

if TYPE_CHECKING:
    from typing_extensions import Self

    from sioc._modifiers import Modified
    from sioc.socket import Socket

T = TypeVar("T")


class Events:
    """Base of a class that declares the events of one namespace.

    Args:
        socket: The Socket they are sent and received on.

    Attributes:
        socket: The Socket.

    Example:
        >>> class Game(sioc.Events):
        ...     @sioc.incoming
        ...     def state(self, tick: int, players: list[Player]) -> None: ...
        ...     @sioc.outgoing
        ...     def join(self, room: str) -> Room: ...
        >>> game = Game(socket)
        >>> game.state.on(draw)
        >>> room = await game.join.emit_with_ack("lobby")
    """

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self._sender: Socket | Modified = socket

    @property
    def volatile(self) -> Self:
        """A view whose emits are dropped while they cannot be sent at once.

        Example:
            >>> game.volatile.move.emit(1.5)
        """
        return self._modified(self._sender.volatile)

    def timeout(self, seconds: float) -> Self:
        """Return a view whose acks may take so many seconds.

        Args:
            seconds: Seconds; stands for the ack_timeout option.

        Example:
            >>> room = await game.timeout(5).join.emit_with_ack("lobby")
        """
        return self._modified(self._sender.timeout(seconds))

    def _modified(self, sender: Modified) -> Self:
        view = copy.copy(self)
        view._sender = sender
        return view

    def _outgoing(self, declaration: Declaration) -> Outgoing[..., Any]:
        return Outgoing(declaration, self)

    def _incoming(self, declaration: Declaration) -> Incoming[Any, Unpack[Any]]:
        return Incoming(declaration, self)


class Outgoing(Generic[P, R]):
    """An event that the program emits."""

    __slots__ = ("_declaration", "_events")

    def __init__(self, declaration: Declaration, events: Events) -> None:
        self._declaration = declaration
        self._events = events

    def __repr__(self) -> str:
        return f"<outgoing event {self._declaration.name!r} of {self._events.socket}>"

    def emit(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Send the event; see Socket.emit().

        Args:
            *args: As declared.
            **kwargs: As declared; they are put in order, names are not sent.

        Example:
            >>> game.move.emit(1.5, y=2.0)
        """
        declared = self._declaration
        self._events._sender.emit(declared.name, *declared.arguments(args, kwargs))

    async def emit_with_ack(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Send the event and wait for the ack; see Socket.emit_with_ack().

        Args:
            *args: As declared.
            **kwargs: As declared.

        Returns:
            The ack, as the type that the declaration returns.

        Raises:
            ValidationError: The ack does not fit the declared type.

        Example:
            >>> room = await game.join.emit_with_ack("lobby")
        """
        declared = self._declaration
        arguments = declared.arguments(args, kwargs)
        answer = await self._events._sender.emit_with_ack(declared.name, *arguments)
        result: R = declared.convert(answer)
        return result

    def prepare(self, *args: P.args, **kwargs: P.kwargs) -> Prepared:
        """Encode the event once, for Socket.emit_prepared() on many Sockets.

        Args:
            *args: As declared.
            **kwargs: As declared.

        Example:
            >>> socket.emit_prepared(game.move.prepare(1.5))
        """
        declared = self._declaration
        return prepare(declared.name, *declared.arguments(args, kwargs))


class Incoming(Generic[R, Unpack[Ts]]):
    """An event that the server emits."""

    __slots__ = ("_declaration", "_events")

    def __init__(self, declaration: Declaration, events: Events) -> None:
        self._declaration = declaration
        self._events = events

    def __repr__(self) -> str:
        return f"<incoming event {self._declaration.name!r} of {self._events.socket}>"

    def on(
        self,
        fn: Callable[[Unpack[Ts]], R | Awaitable[R]],
        *,
        concurrency: int | None = None,
    ) -> Callable[[Unpack[Ts]], R | Awaitable[R]]:
        """Call a function at each event, with typed arguments; also a decorator.

        Args:
            fn: A function or coroutine function; what it returns is the ack.
            concurrency: See Socket.on().

        Returns:
            The function.

        Example:
            >>> @game.score.on
            ... def show(points): ...
        """
        self._events.socket.on(
            self._declaration.name,
            fn,
            types=self._declaration.types,
            concurrency=concurrency,
        )
        return fn

    def once(
        self, fn: Callable[[Unpack[Ts]], R | Awaitable[R]]
    ) -> Callable[[Unpack[Ts]], R | Awaitable[R]]:
        """Call a function at the next event only; also a decorator.

        Args:
            fn: As for on().

        Example:
            >>> game.score.once(print)
        """
        name, types = self._declaration.name, self._declaration.types
        self._events.socket.once(name, fn, types=types)
        return fn

    def off(self, fn: Callable[..., object] | None = None) -> None:
        """Remove a listener.

        Args:
            fn: The function; None removes all of the event.

        Example:
            >>> game.score.off()
        """
        self._events.socket.off(self._declaration.name, fn)

    @overload
    def stream(
        self: Incoming[R, T], *, maxsize: int = 1024, overflow: Overflow = "drop_oldest"
    ) -> Stream[T]: ...
    @overload
    def stream(  # type: ignore[overload-overlap]
        self: Incoming[R], *, maxsize: int = 1024, overflow: Overflow = "drop_oldest"
    ) -> Stream[None]: ...
    @overload
    def stream(  # type: ignore[overload-cannot-match]
        self, *, maxsize: int = 1024, overflow: Overflow = "drop_oldest"
    ) -> Stream[tuple[Unpack[Ts]]]: ...
    def stream(
        self, *, maxsize: int = 1024, overflow: Overflow = "drop_oldest"
    ) -> Stream[Any]:
        """Listen as an async iterator; `data` is typed. See Socket.stream().

        Args:
            maxsize: Most events that may wait to be taken.
            overflow: What a full stream does.

        Example:
            >>> async with game.score.stream() as scores:
            ...     socket.emit("score", 1.5)
            ...     print((await anext(scores)).data)
            1.5
        """
        return self._events.socket.stream(
            self._declaration.name,
            maxsize=maxsize,
            overflow=overflow,
            types=self._declaration.types,
        )

    @overload
    async def wait_for(
        self: Incoming[R, T], timeout: float | None = None
    ) -> Event[T]: ...
    @overload
    async def wait_for(  # type: ignore[overload-overlap]
        self: Incoming[R], timeout: float | None = None
    ) -> Event[None]: ...
    @overload
    async def wait_for(  # type: ignore[overload-cannot-match]
        self, timeout: float | None = None
    ) -> Event[tuple[Unpack[Ts]]]: ...
    async def wait_for(self, timeout: float | None = None) -> Event[Any]:
        """Wait for the next event; `data` is typed. See Socket.wait_for().

        Args:
            timeout: Seconds; None for no limit.

        Example:
            >>> points = (await game.score.wait_for(timeout=5)).data
        """
        name, types = self._declaration.name, self._declaration.types
        event: Event[Any] = await self._events.socket.wait_for(
            name, timeout, types=types
        )
        return event

"""Events declared once, as methods of a class: editors and type checkers know them.

Strategy: a declaration is a method without a body. Its name is the event's, its
parameters are the arguments, its return type is the acknowledgement. On an instance,
which belongs to one Socket, it is an object with the methods of the Socket that take an
event's name, without the name.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Awaitable, Callable
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    TypeVar,
    cast,
    get_type_hints,
    overload,
)

import msgspec

from sioc._encoder import Prepared, prepare
from sioc._registry import Arguments
from sioc.stream import Event, Overflow, Stream

if TYPE_CHECKING:
    from typing_extensions import (
        ParamSpec,
        Self,
        TypeVarTuple,
        Unpack,
    )

    from sioc._modifiers import Modified
    from sioc.socket import Socket

    P = ParamSpec("P")
    Ts = TypeVarTuple("Ts")
else:
    # Their names are all that is needed at run time; TypeVarTuple is new in 3.11.
    P, Ts = TypeVar("P"), TypeVar("Ts")
    Unpack = {Ts: Ts}

R = TypeVar("R")
T = TypeVar("T")

EMPTY = inspect.Parameter.empty


class Declaration:
    """What a declared event is called, and what its arguments are.

    Args:
        fn: The method that declares it.
        name: The event's name; None for the method's.

    Raises:
        TypeError: The method has parameters that are not positional.
    """

    def __init__(self, fn: Callable[..., Any], name: str | None) -> None:
        self.name = fn.__name__ if name is None else name
        self.signature = inspect.signature(fn)
        self.parameters = list(self.signature.parameters.values())[1:]
        for parameter in self.parameters:
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                raise TypeError(f"{fn.__qualname__}: name each argument of the event")
            if parameter.kind is parameter.KEYWORD_ONLY:
                raise TypeError(
                    f"{fn.__qualname__}: arguments of events are positional"
                )
        self.defaults = tuple(p.default for p in self.parameters)
        self._fn = fn
        self._hints: dict[str, Any] | None = None

    @property
    def hints(self) -> dict[str, Any]:
        """The annotations, evaluated when they are first needed."""
        if self._hints is None:
            try:
                self._hints = get_type_hints(self._fn, include_extras=True)
            except NameError as error:
                raise TypeError(
                    f"{self._fn.__qualname__}: {error}; the types of an event must be "
                    f"known in its module when it is first used"
                ) from None
        return self._hints

    @property
    def types(self) -> type[Arguments]:
        """What the arguments are decoded into."""
        fields: list[Any] = []
        for parameter in self.parameters:
            kind = self.hints.get(parameter.name, Any)
            default = () if parameter.default is EMPTY else (parameter.default,)
            fields.append((parameter.name, kind, *default))
        shape = msgspec.defstruct("Arguments", fields, bases=(Arguments,))
        return cast("type[Arguments]", shape)

    def arguments(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, ...]:
        """Return the arguments in order, defaults included.

        Raises:
            TypeError: They do not fit the declaration.
        """
        missing = self.defaults[len(args) :]
        if kwargs or len(args) > len(self.defaults) or EMPTY in missing:
            bound = self.signature.bind(None, *args, **kwargs)
            bound.apply_defaults()
            return bound.args[1:]
        return args + missing

    def convert(self, answer: Any) -> Any:
        """Return an acknowledgement as the declared type.

        Raises:
            ValidationError: It does not fit.
        """
        kind = self.hints.get("return", Any)
        if kind is type(None):
            return None
        return answer if kind is Any else msgspec.convert(answer, kind)


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
        """A view whose emits are dropped while they cannot be sent at once."""
        return self._modified(self._sender.volatile)

    def timeout(self, seconds: float) -> Self:
        """Return a view whose acks may take so many seconds.

        Args:
            seconds: Seconds; stands for the ack_timeout option.
        """
        return self._modified(self._sender.timeout(seconds))

    def _modified(self, sender: Modified) -> Self:
        view = copy.copy(self)
        view._sender = sender
        return view


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
        """
        name, types = self._declaration.name, self._declaration.types
        self._events.socket.once(name, fn, types=types)
        return fn

    def off(self, fn: Callable[..., object] | None = None) -> None:
        """Remove a listener.

        Args:
            fn: The function; None removes all of the event.
        """
        self._events.socket.off(self._declaration.name, fn)

    @overload
    def stream(
        self: Incoming[R, T], *, maxsize: int = 1024, overflow: Overflow = "drop_oldest"
    ) -> Stream[T]: ...
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
    async def wait_for(  # type: ignore[overload-cannot-match]
        self, timeout: float | None = None
    ) -> Event[tuple[Unpack[Ts]]]: ...
    async def wait_for(self, timeout: float | None = None) -> Event[Any]:
        """Wait for the next event; `data` is typed. See Socket.wait_for().

        Args:
            timeout: Seconds; None for no limit.
        """
        name, types = self._declaration.name, self._declaration.types
        event: Event[Any] = await self._events.socket.wait_for(
            name, timeout, types=types
        )
        return event


class OutgoingDeclaration(Generic[P, R]):
    """What `outgoing` makes of a method."""

    def __init__(
        self, fn: Callable[Concatenate[Any, P], R], name: str | None = None
    ) -> None:
        self.declaration = Declaration(fn, name)
        self.__doc__ = fn.__doc__

    @overload
    def __get__(self, events: None, owner: type) -> Self: ...
    @overload
    def __get__(self, events: Events, owner: type) -> Outgoing[P, R]: ...
    def __get__(self, events: Events | None, owner: type) -> Self | Outgoing[P, R]:
        return self if events is None else Outgoing(self.declaration, events)


class IncomingDeclaration(Generic[R, Unpack[Ts]]):
    """What `incoming` makes of a method."""

    def __init__(
        self, fn: Callable[[Any, Unpack[Ts]], R], name: str | None = None
    ) -> None:
        self.declaration = Declaration(fn, name)
        self.__doc__ = fn.__doc__

    @overload
    def __get__(self, events: None, owner: type) -> Self: ...
    @overload
    def __get__(self, events: Events, owner: type) -> Incoming[R, Unpack[Ts]]: ...
    def __get__(
        self, events: Events | None, owner: type
    ) -> Self | Incoming[R, Unpack[Ts]]:
        return self if events is None else Incoming(self.declaration, events)


@overload
def outgoing(
    declared: Callable[Concatenate[Any, P], R], /
) -> OutgoingDeclaration[P, R]: ...
@overload
def outgoing(
    declared: str, /
) -> Callable[[Callable[Concatenate[Any, P], R]], OutgoingDeclaration[P, R]]: ...
def outgoing(declared: Any, /) -> Any:
    """Declare an event that the program emits; a decorator for methods of Events.

    Args:
        declared: The method; or the event's name, where that is not the method's.
    """
    if isinstance(declared, str):
        return lambda fn: OutgoingDeclaration(fn, declared)
    return OutgoingDeclaration(declared)


@overload
def incoming(
    declared: Callable[[Any, Unpack[Ts]], R], /
) -> IncomingDeclaration[R, Unpack[Ts]]: ...
@overload
def incoming(
    declared: str, /
) -> Callable[[Callable[[Any, Unpack[Ts]], R]], IncomingDeclaration[R, Unpack[Ts]]]: ...
def incoming(declared: Any, /) -> Any:
    """Declare an event that the server emits; a decorator for methods of Events.

    Args:
        declared: The method; or the event's name, where that is not the method's.
    """
    if isinstance(declared, str):
        return lambda fn: IncomingDeclaration(fn, declared)
    return IncomingDeclaration(declared)

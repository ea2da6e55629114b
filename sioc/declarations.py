"""Declaring events as methods of a class: names, arguments and acknowledgements.

Strategy: a declaration is a method without a body. Its name is the event's, its
parameters are the arguments, its return type is the acknowledgement. On an instance of
Events, which belongs to one Socket, it is an object with the methods of the Socket that
take an event's name, without the name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
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

from sioc._registry import Arguments

if TYPE_CHECKING:
    from typing_extensions import ParamSpec, Self, TypeVarTuple
    from typing_extensions import Unpack as Unpack

    from sioc import events as asynchronous
    from sioc.sync import events as blocking

    P = ParamSpec("P")
    Ts = TypeVarTuple("Ts")
else:
    # Their names are all that is needed at run time; TypeVarTuple is new in 3.11.
    P, Ts = TypeVar("P"), TypeVar("Ts")
    Unpack = {Ts: Ts}

R = TypeVar("R")

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
    def __get__(
        self, events: blocking.Events, owner: type
    ) -> blocking.Outgoing[P, R]: ...
    @overload
    def __get__(
        self, events: asynchronous.Events, owner: type
    ) -> asynchronous.Outgoing[P, R]: ...
    def __get__(self, events: Any, owner: type) -> Any:
        return self if events is None else events._outgoing(self.declaration)


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
    def __get__(
        self, events: blocking.Events, owner: type
    ) -> blocking.Incoming[R, Unpack[Ts]]: ...
    @overload
    def __get__(
        self, events: asynchronous.Events, owner: type
    ) -> asynchronous.Incoming[R, Unpack[Ts]]: ...
    def __get__(self, events: Any, owner: type) -> Any:
        return self if events is None else events._incoming(self.declaration)


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

    Example:
        >>> class Game(sioc.Events):
        ...     @sioc.outgoing("room:join")
        ...     def join(self, room: str) -> str: ...
        >>> await Game(socket).join.emit_with_ack("lobby")
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

    Example:
        >>> class Game(sioc.Events):
        ...     @sioc.incoming
        ...     def score(self, points: float) -> None: ...
        >>> Game(socket).score.on(print)
    """
    if isinstance(declared, str):
        return lambda fn: IncomingDeclaration(fn, declared)
    return IncomingDeclaration(declared)

"""Registering a namespace's listeners: typed and raw ones, limits, catch-alls."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar, overload

from msgspec import Struct
from typing_extensions import Self, disjoint_base

from sioc._modifiers import ModifiedSender

_F = TypeVar("_F", bound=Callable[..., object])

@disjoint_base
class Registry(ModifiedSender):
    """The listeners of one namespace."""

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
    ) -> Callable[[_F], _F]:
        """Call a function at each event of that name; also a decorator.

        Args:
            event: The event's name.
            fn: A function or coroutine function. It gets as many arguments as it can
                take. When the server asked for an ack, what it returns is the ack:
                None for no arguments, a tuple for several, anything else for one.
            ack: Give fn an extra last argument instead: a callable to be called once,
                whenever it likes; None when the server asked for no ack.
            types: Decode the arguments into these: one type for one argument, a tuple
                for several; any that msgspec knows. What does not fit is reported as
                a ValidationError of the listener's and not delivered to it.
            raw: Give fn the undecoded arguments: one bytes, the array as JSON or
                MessagePack.
            concurrency: How many of fn's coroutines may run at a time, in order of
                arrival; None for no limit.

        Returns:
            The Socket, or the decorator when no function is given.

        Raises:
            TypeError: fn cannot be called, a type is none that msgspec knows, or
                concurrency is no int.
            ValueError: concurrency is not positive, or raw comes with types or a
                custom parser.

        Example:
            >>> @socket.on("add")
            ... def add(a, b):
            ...     return a + b  # the acknowledgement, if the server asked for one
            >>> socket.on("point", print, types=tuple[float, float])
        """

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
    @overload
    def once(
        self,
        event: str,
        fn: None = None,
        *,
        ack: bool = False,
        types: object = None,
        raw: bool = False,
        concurrency: int | None = None,
    ) -> Callable[[_F], _F]:
        """Call a function at the next event of that name only; see on().

        Args:
            event: The event's name.
            fn: A function or coroutine function; what it returns is the ack.
            ack: Give fn an extra last argument instead, the callable for the ack.
            types: Decode the arguments into these: one type, or a tuple of several.
            raw: Give fn the undecoded arguments: one bytes, the array as JSON or
                MessagePack.
            concurrency: As for on().

        Returns:
            The Socket, or the decorator when no function is given.

        Raises:
            TypeError: fn cannot be called, a type is none that msgspec knows, or
                concurrency is no int.
            ValueError: concurrency is not positive, or raw comes with types or a
                custom parser.

        Example:
            >>> socket.once("ready", lambda: print("ready"))
        """

    @overload
    def once(
        self,
        event: str,
        fn: Callable[..., object],
        *,
        ack: bool = False,
        types: object = None,
        raw: bool = False,
        concurrency: int | None = None,
    ) -> Self: ...
    def _listen(
        self,
        event: str,
        fn: Callable[..., object] | None,
        once: bool,
        ack: bool,
        types: object,
        raw: bool,
        concurrency: int | None,
    ) -> Any:
        """Do what on() and once() say."""

    def _listen_as(
        self,
        event: str,
        once: bool,
        ack: bool,
        types: object,
        raw: bool,
        concurrency: int | None,
        fn: _F,
    ) -> _F:
        """Add a listener as a decorator; return the function."""

    def _observe(
        self, event: str, fn: Callable[..., object], types: object = None
    ) -> None:
        """Call fn with the arguments and the ack callable; others may answer too."""

    # Catch-alls.

    def _catch(
        self,
        direction: Literal["in", "out"],
        fn: Callable[..., object],
        first: bool,
        observer: bool = False,
    ) -> None:
        """Add a catch-all listener, before the others or behind them."""

    def _release(
        self, direction: Literal["in", "out"], fn: Callable[..., object] | None
    ) -> None:
        """Remove a catch-all listener; None removes all of the direction."""

    def _watch_outgoing(self) -> None:
        """Send on the observed path while there is an observer."""

    def _caught(self, direction: Literal["in", "out"]) -> list[Callable[..., object]]:
        """Return the catch-all listeners of a direction, in order."""

class Arguments(Struct, array_like=True):
    """The arguments of an event, typed; surplus ones are dropped."""

def shape_of(types: object) -> type[Arguments]:
    """Return the Arguments of one type, or of a tuple of several.

    Args:
        types: One type, or a tuple of several.
    """

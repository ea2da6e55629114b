"""The event emitter: registration, and dispatch by vectorcall."""

from collections.abc import Awaitable, Callable
from logging import Logger
from typing import Any, TypeVar, overload

from typing_extensions import Self, disjoint_base

from sioc._listener import Listener, Slot
from sioc.watching import Watch

_F = TypeVar("_F", bound=Callable[..., object])
_T = TypeVar("_T")

logger: Logger

@disjoint_base
class EventEmitter:
    """Register listeners for named events, and call them.

    Example:
        >>> emitter = EventEmitter()
        >>> emitter.on("tick", print)
        >>> emitter.emit("tick", 1)
        1
    """

    # Registration.

    @overload
    def on(self, event: str, fn: None = None) -> Callable[[_F], _F]:
        """Call a function at each event of that name; also a decorator.

        Args:
            event: The event's name.
            fn: A function or coroutine function. It gets as many arguments as it can
                take; surplus ones are dropped.

        Returns:
            The emitter, or the decorator when no function is given.

        Raises:
            TypeError: fn cannot be called.

        Example:
            >>> @emitter.on("tick")
            ... def on_tick(price): ...
            >>> emitter.on("tock", print).on("done", print)
        """

    @overload
    def on(self, event: str, fn: Callable[..., object]) -> Self: ...
    @overload
    def once(self, event: str, fn: None = None) -> Callable[[_F], _F]:
        """Call a function at the next event of that name only; also a decorator.

        Args:
            event: The event's name.
            fn: A function or coroutine function, as for on().

        Returns:
            The emitter, or the decorator when no function is given.

        Raises:
            TypeError: fn cannot be called.

        Example:
            >>> emitter.once("tick", lambda price: print("the first:", price))
        """

    @overload
    def once(self, event: str, fn: Callable[..., object]) -> Self: ...
    def off(
        self, event: str | None = None, fn: Callable[..., object] | None = None
    ) -> Self:
        """Remove listeners.

        Streams go on: close() ends them.

        Args:
            event: The event's name; None removes every listener of every event.
            fn: Remove its first registration only; None removes all of the event.

        Returns:
            The emitter.

        Raises:
            TypeError: There is a function, but no event that it listens to.

        Example:
            >>> emitter.on("tick", print)
            >>> emitter.off("tick", print)
            >>> emitter.off()
        """

    def listeners(self, event: str) -> list[Callable[..., object]]:
        """Return the functions registered for an event, in order.

        Args:
            event: The event's name.

        Example:
            >>> emitter.on("price", print)
            >>> emitter.listeners("price")
            [<built-in function print>]
        """

    def has_listeners(self, event: str) -> bool:
        """Tell whether anything listens to an event.

        Args:
            event: The event's name.

        Example:
            >>> emitter.has_listeners("nothing")
            False
        """

    def _register(
        self, event: str, fn: Callable[..., object] | None, once: bool, ack: bool
    ) -> Any:
        """Do what on() and once() say."""

    def _decorate(self, event: str, once: bool, ack: bool, fn: _F) -> _F:
        """Add a listener as a decorator; return the function."""

    def _add(self, event: str, listener: Listener) -> None:
        """Add a registration."""

    def _drop(self, slot: Slot, listener: Listener) -> None:
        """Remove this very registration."""

    def _drop_if_empty(self, slot: Slot) -> None:
        """Forget the event when nothing listens to it any more."""

    # Dispatch.

    def emit(self, event: str, *args: object) -> None:
        """Call the listeners of an event, in registration order.

        A listener's exception goes to the event loop's exception handler.

        Args:
            event: The event's name.
            *args: What the listeners get; each takes as many as it can.

        Example:
            >>> counter = sioc.EventEmitter().on("tick", print)
            >>> counter.emit("tick", 1, "two")
            1 two
        """

    def _task_done(self, event: str, listener: Listener, ack: Any, task: Any) -> None:
        """Take the end of a coroutine listener."""

    def _start_next(self, listener: Listener) -> None:
        """Start one of those that wait; others later, heartbeats come in between."""

    def _set_watch(self, watch: Watch | None) -> None:
        """Have a sioc.watching.Watch look after the listeners; None: nobody."""

    def _watched_slots(self) -> list[Slot]:
        """Return the slots of all listeners."""

    def _report(self, exception: BaseException, context: dict[str, Any]) -> None:
        """Report what a listener raised.

        Args:
            exception: What it raised.
            context: As for the event loop's exception handler: `message`, `exception`,
                `event`, `listener` and `emitter`.
        """

async def wait_for(awaitable: Awaitable[_T]) -> _T:
    """Await something that is no coroutine, as a coroutine.

    Args:
        awaitable: Whatever can be awaited.
    """

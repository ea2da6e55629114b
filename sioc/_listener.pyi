"""One registration of a function, and the registrations of one event."""

from collections.abc import Callable

from typing_extensions import Self, disjoint_base

@disjoint_base
class Listener:
    """One registration of one function.

    Args:
        fn: The function or coroutine function.
        once: Whether it is called at one event only.
        ack: Whether it gets the ack callable as an extra last argument.

    Raises:
        TypeError: fn cannot be called.
    """

    def __new__(cls, fn: Callable[..., object], once: bool, ack: bool) -> Self: ...
    @property
    def fn(self) -> Callable[..., object]:
        """The function."""

    @property
    def once(self) -> bool:
        """Whether it is called at one event only."""

    @property
    def ack(self) -> bool:
        """Whether it gets the ack callable as an extra last argument."""

class MissingArguments(Exception):  # noqa: N818
    """A listener needs more arguments than there are: how many of each."""

@disjoint_base
class Slot:
    """The listeners of one event, in registration order.

    Args:
        event: The event's name.
    """

    def __new__(cls, event: str) -> Self: ...
    @property
    def event(self) -> str:
        """The event's name."""

"""What an emitter emitted, in order, and waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

TIMEOUT = 5.0  # seconds


class Emitter(Protocol):
    """Anything with events: a Socket, a Manager, an Engine."""

    def on(self, event: str, fn: Callable[..., Any], /) -> Any:
        """Register a listener."""


class Call(NamedTuple):
    """One call of a listener."""

    event: str
    args: tuple[Any, ...]


class Recorder:
    """Listen to events and keep every call.

    Args:
        emitter: What to listen to.
        events: The events' names.
        with_args: Keep the arguments: errors keep the frames that they went through.

    Attributes:
        calls: The calls so far.
    """

    def __init__(self, emitter: Emitter, *events: str, with_args: bool = True) -> None:
        self._with_args = with_args
        self.calls: list[Call] = []
        self._waiting: set[asyncio.Future[None]] = set()
        for event in events:
            emitter.on(event, self._listener(event))

    @property
    def names(self) -> list[str]:
        """The names of the events so far."""
        return [call.event for call in self.calls]

    def args(self, event: str) -> list[tuple[Any, ...]]:
        """Return the arguments of an event's calls so far."""
        return [call.args for call in self.calls if call.event == event]

    def count(self, event: str) -> int:
        """Return how often an event was emitted so far."""
        return self.names.count(event)

    async def wait(
        self, event: str, count: int = 1, timeout: float = TIMEOUT
    ) -> tuple[Any, ...]:
        """Wait until an event was emitted so often.

        Returns:
            The arguments of the ``count``-th call.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while self.count(event) < count:
            future = loop.create_future()
            self._waiting.add(future)
            try:
                await asyncio.wait_for(future, deadline - loop.time())
            except asyncio.TimeoutError:
                raise AssertionError(
                    f"no {event!r} number {count} within {timeout} s: {self.calls}"
                ) from None
            finally:
                self._waiting.discard(future)
        return self.args(event)[count - 1]

    def _listener(self, event: str) -> Callable[..., None]:
        def record(*args: Any) -> None:
            self.calls.append(Call(event, args if self._with_args else ()))
            for future in self._waiting:
                if not future.done():
                    future.set_result(None)

        return record

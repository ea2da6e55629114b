"""How long a coroutine holds the loop."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from time import monotonic
from typing import Any


class TimedCoroutine(Coroutine[Any, Any, Any]):
    """A coroutine of which every step is timed.

    Args:
        coroutine: What to run.
        took: Called after each step with the seconds it took.
    """

    __slots__ = ("_coroutine", "_took")

    def __init__(
        self, coroutine: Coroutine[Any, Any, Any], took: Callable[[float], None]
    ) -> None:
        self._coroutine = coroutine
        self._took = took

    def __getattr__(self, name: str) -> Any:
        # Its name and its frame, which asyncio shows in the repr of a task.
        return getattr(self._coroutine, name)

    def __await__(self) -> Generator[Any, Any, Any]:
        raise TypeError("it is run by a task of its own")

    def send(self, value: Any) -> Any:
        """Run the next step."""
        begun = monotonic()
        try:
            return self._coroutine.send(value)
        finally:
            self._took(monotonic() - begun)

    def throw(self, *error: Any) -> Any:
        """Run the next step with an exception; a task does so to cancel."""
        begun = monotonic()
        try:
            return self._coroutine.throw(*error)
        finally:
            self._took(monotonic() - begun)

    def close(self) -> None:
        """End it where it stands."""
        self._coroutine.close()

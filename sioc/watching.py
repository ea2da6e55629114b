"""Looking after listeners: who blocks the loop, and what the hooks put around each.

Nothing of this is reached unless the program has asked for one of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from inspect import iscoroutinefunction
from logging import getLogger
from time import monotonic
from typing import Any

logger = getLogger("sioc")

Around = Callable[[Any, str, Callable[..., object]], AbstractContextManager[None]]


class Watch:
    """Look after the listeners of an emitter.

    Args:
        limit: Seconds a listener may block the loop; None: as long as it likes.
        around: Called with the emitter, the event's name and the listener; the listener
            runs within what it returns. None: there is nothing around it.
    """

    __slots__ = ("_around", "_limit")

    def __init__(self, limit: float | None, around: Around | None = None) -> None:
        self._limit = limit
        self._around = around

    @classmethod
    def of(cls, limit: float | None, around: Around | None = None) -> Watch | None:
        """Return a Watch, or None where there is nothing to look after."""
        return None if limit is None and around is None else cls(limit, around)

    @contextmanager
    def calling(
        self, emitter: object, event: str, fn: Callable[..., object]
    ) -> Iterator[None]:
        """Have a listener called within this."""
        begun = monotonic()
        try:
            # Calling a coroutine function runs nothing of it yet.
            with nullcontext() if is_async(fn) else self._within(emitter, event, fn):
                yield
        finally:
            self._took(event, fn, monotonic() - begun)

    def running(
        self,
        emitter: object,
        event: str,
        fn: Callable[..., object],
        coroutine: Coroutine[Any, Any, Any],
    ) -> Coroutine[Any, Any, Any]:
        """Return the coroutine that is to be run in place of a listener's."""
        if self._around is not None and is_async(fn):
            inner, coroutine = (
                coroutine,
                self._run_within(emitter, event, fn, coroutine),
            )
            # What the repr of its task shows.
            for name in ("__name__", "__qualname__"):
                setattr(coroutine, name, getattr(inner, name, "listener"))
        if self._limit is not None:
            coroutine = TimedCoroutine(coroutine, partial(self._took, event, fn))
        return coroutine

    async def _run_within(
        self,
        emitter: object,
        event: str,
        fn: Callable[..., object],
        coroutine: Coroutine[Any, Any, Any],
    ) -> Any:
        with self._within(emitter, event, fn):
            return await coroutine

    def _within(
        self, emitter: object, event: str, fn: Callable[..., object]
    ) -> AbstractContextManager[None]:
        if self._around is None:
            return nullcontext()
        return self._around(emitter, event, fn)

    def _took(self, event: str, fn: Callable[..., object], seconds: float) -> None:
        """Warn of a listener that has blocked the loop for too long."""
        if self._limit is not None and seconds >= self._limit:
            logger.warning(
                "the listener %r of event %r blocked the event loop for %.3f s",
                fn,
                event,
                seconds,
            )


def is_async(fn: Callable[..., object]) -> bool:
    """Tell whether a listener runs as a coroutine."""
    return iscoroutinefunction(fn) or iscoroutinefunction(type(fn).__call__)


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

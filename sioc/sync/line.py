"""The way of a façade to its event loop, which runs in another thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from sioc.exceptions import DisconnectedError
from sioc.sync.background import background

T = TypeVar("T")


class EndedError(RuntimeError):
    """The façade was closed before, or its event loop."""


# What tells that nothing comes over a line, any more.
OVER = (EndedError, DisconnectedError)


class Line:
    """Hands coroutines over to a loop, and waits for their results, until its end.

    Args:
        loop: The loop.

    Attributes:
        loop: The loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._process = background.process
        # What was handed over under it comes before what end() is followed by. The
        # handler of a signal may interrupt the thread that has it.
        self._lock = threading.RLock()
        self._ended = False
        self._calls: set[Future[Any]] = set()

    @property
    def is_forked(self) -> bool:
        """Whether this is a child process, which does not have the loop's thread."""
        return self._process != background.process

    def is_here(self) -> bool:
        """Tell whether this is the loop's own thread, as in a listener.

        Raises:
            RuntimeError: This is a child process.
        """
        if self.is_forked:
            raise RuntimeError(
                "this process was forked from the one that made the Socket: make a new "
                "one with sioc.sync.io() in the child"
            )
        try:
            return asyncio.get_running_loop() is self.loop
        except RuntimeError:
            return False

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for its result.

        Raises:
            RuntimeError: This thread is the loop's own, or this is a child process.
            EndedError: The line, or the loop, has ended.
            DisconnectedError: The loop ended meanwhile.
        """
        return _result_of(self._hand_over(coroutine))

    def ask(self, asking: Coroutine[Any, Any, T]) -> T:
        """Run what waits for an ack, as run() does; the line's end ends it.

        An event that is held, or sent again, would wait for a connection that nobody
        opens any more.
        """
        call = self._hand_over(asking, is_call=True)
        try:
            return _result_of(call)
        finally:
            self._calls.discard(call)
            del call  # as in _result_of()

    def end(self) -> None:
        """Hand nothing over any more, and end the calls that wait for an ack."""
        with self._lock:
            self._ended = True
        for call in tuple(self._calls):
            call.cancel()

    def _hand_over(
        self, coroutine: Coroutine[Any, Any, T], *, is_call: bool = False
    ) -> Future[T]:
        try:
            if self.is_here():
                raise RuntimeError(
                    "this would block the event loop it waits for: in a listener, and "
                    "on the loop, use the Socket itself (its attribute `socket`)"
                )
            with self._lock:
                if self._ended or self.loop.is_closed():
                    raise EndedError(
                        "this Socket was closed, or its event loop has ended: make "
                        "another with sioc.sync.io()"
                    )
                future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
                if is_call:
                    self._calls.add(future)
                return future
        except BaseException:
            coroutine.close()
            raise


def _result_of(future: Future[T]) -> T:
    try:
        return future.result()
    except CancelledError:
        raise DisconnectedError(
            "io client disconnect", "the Socket was closed, or its event loop has ended"
        ) from None
    finally:
        # Does nothing unless the waiting was interrupted, as by Ctrl-C.
        future.cancel()
        del future  # or this frame would keep an error that has it, and the façade

"""Events as a blocking iterator."""

from __future__ import annotations

import asyncio
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic

from sioc.stream import D
from sioc.sync.line import OVER

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    import sioc
    from sioc import stream as streams
    from sioc.sync.listening import Listening


class Stream(Generic[D]):
    """Events as an iterator; made by Socket.events().

    It listens until it is closed, or nobody holds it any more.

    Example:
        >>> with socket.events("tick", timeout=0.1) as ticks:
        ...     for event in ticks:
        ...         print(event.data)
    """

    def __init__(
        self, socket: Listening, stream: streams.Stream[D], timeout: float | None
    ) -> None:
        self._socket = socket
        self._stream = stream
        self._timeout = timeout
        self._finalizer = weakref.finalize(self, _close_soon, socket._line.loop, stream)
        self._finalizer.atexit = False

    @property
    def dropped(self) -> int:
        """How many events found the stream full and were dropped.

        Example:
            >>> socket.events("tick").dropped
            0
        """
        return self._stream.dropped

    def __repr__(self) -> str:
        return f"<blocking {self._stream!r}>"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> sioc.Event[D]:
        try:
            # What is there already; taking from a deque needs no loop.
            event: sioc.Event[D] | None = self._stream._waiting.popleft()
        except IndexError:
            event = self._wait()
        if event is None:
            raise StopIteration
        return self._socket._blocking(event)

    def _wait(self) -> sioc.Event[D] | None:
        try:
            return self._socket._run(self._take())
        except OVER:
            return None

    async def _take(self) -> sioc.Event[D] | None:
        try:
            return await asyncio.wait_for(anext(self._stream), self._timeout)
        except (StopAsyncIteration, asyncio.TimeoutError):
            return None

    def close(self) -> None:
        """Stop listening, and drop what waits.

        Example:
            >>> ticks = socket.events("tick")
            >>> ticks.close()
        """
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _close_soon(loop: asyncio.AbstractEventLoop, stream: streams.Stream[Any]) -> None:
    stream._waiting.clear()
    with suppress(RuntimeError):  # the loop is closed, and the stream with it
        loop.call_soon_threadsafe(stream.close)

"""Events as an async iterator: bounded, ordered, listening once it is made."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, cast

from sioc.checks import check_positive
from sioc.exceptions import BufferFullError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, TypeVar

    from sioc.listening import Listening

    # What `data` is: Any, unless the events were given types.
    D = TypeVar("D", default=Any)
else:
    from typing import TypeVar

    D = TypeVar("D")

Overflow = Literal["drop_oldest", "drop_newest", "error"]

POLICIES = ("drop_oldest", "drop_newest", "error")


class Event(Generic[D]):
    """One event of the server's.

    Attributes:
        name: Its name.
        args: Its arguments.

    Example:
        >>> event = await socket.wait_for("question", timeout=5)
        >>> event.ack(answer(event.data))
    """

    __slots__ = ("_ack", "args", "name")

    def __init__(
        self, name: str, args: tuple[Any, ...], ack: Callable[..., None] | None
    ) -> None:
        self.name: str = name
        self.args: tuple[Any, ...] = args
        self._ack = ack

    @property
    def data(self) -> D:
        """The only argument, a tuple of several, or None.

        Example:
            >>> for args in (5,), (1, 2), ():
            ...     print(sioc.Event("tick", args, None).data)
            5
            (1, 2)
            None
        """
        return cast("D", self.args[0] if len(self.args) == 1 else self.args or None)

    def ack(self, *args: Any) -> None:
        """Acknowledge the event; does nothing when the server asked for no ack.

        Example:
            >>> async with socket.stream("question") as questions:
            ...     socket.emit("ask", "question", 6, 7)  # has the server ask
            ...     question = await anext(questions)
            ...     question.ack(question.args[0] * question.args[1])
        """
        if self._ack is not None:
            self._ack(*args)

    def __repr__(self) -> str:
        return f"Event({self.name!r}, {self.args!r})"


class Stream(Generic[D]):
    """Events of a Socket as an async iterator; made by Socket.stream().

    Attributes:
        dropped: How many events found the stream full and were dropped.

    Example:
        >>> async with socket.stream("tick", maxsize=100) as ticks:
        ...     async for event in ticks:
        ...         print(event.data)
    """

    def __init__(
        self,
        socket: Listening,
        events: tuple[str, ...],
        maxsize: int,
        overflow: Overflow,
        types: object = None,
    ) -> None:
        for name in events:
            if not isinstance(name, str):
                raise TypeError(f"an event's name is a str, not {name!r}")
        if overflow not in POLICIES:
            raise ValueError(f"overflow must be one of {POLICIES}, not {overflow!r}")
        if types is not None and not events:
            raise ValueError("types are those of some events: name them")
        self.dropped: int = 0
        self._socket = socket
        self._maxsize = check_positive("maxsize", maxsize)
        self._overflow = overflow
        self._waiting: deque[Event[D]] = deque()
        self._taker: asyncio.Future[None] | None = None
        self._overflown = False
        self._ended = False
        self._listeners = [(name, self._listener(name)) for name in events]
        for name, listener in self._listeners:
            socket._observe(name, listener, types)
        if not events:
            socket._catch("in", self._take_any, False, True)
        socket._streams[self] = None

    def __repr__(self) -> str:
        names = ", ".join(repr(name) for name, _ in self._listeners) or "all events"
        return f"<Stream of {names}, {len(self._waiting)} waiting, {self._socket!r}>"

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event[D]:
        while not self._waiting:
            if self._overflown:
                self._overflown = False
                raise BufferFullError(
                    f"more than {self._maxsize} events waited to be taken: take them "
                    f"faster, or raise maxsize",
                    limit="maxsize",
                    value=self._maxsize,
                )
            if self._socket._is_over:
                self.end()
            if self._ended:
                raise StopAsyncIteration
            self._socket.wire.check()
            if self._taker is not None:
                raise RuntimeError("the stream is being iterated already")
            self._taker = asyncio.get_running_loop().create_future()
            try:
                await self._taker
            finally:
                self._taker = None
        return self._waiting.popleft()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def aclose(self) -> None:
        """Stop listening; see close().

        Example:
            >>> ticks = socket.stream("tick")
            >>> await ticks.aclose()
        """
        self.close()

    def close(self) -> None:
        """Stop listening, and drop what waits.

        Example:
            >>> ticks = socket.stream("tick")
            >>> ticks.close()
        """
        self._waiting.clear()
        self.end()

    def end(self) -> None:
        """Stop listening; what waits can still be taken.

        Example:
            >>> ticks = socket.stream("tick")
            >>> ticks.end()
            >>> print([event.data async for event in ticks])
            []
        """
        for name, listener in self._listeners:
            self._socket.off(name, listener)
        self._socket.off_any(self._take_any)
        self._socket._streams.pop(self, None)
        self._ended = True
        self._wake()

    def _listener(self, name: str) -> Callable[..., None]:
        def take(*args: Any) -> None:
            *values, ack = args
            self._take(Event(name, tuple(values), ack))

        return take

    def _take_any(self, name: str, *args: Any) -> None:
        self._take(Event(name, args, self._socket._answering))

    def _take(self, event: Event[D]) -> None:
        if len(self._waiting) >= self._maxsize:
            self.dropped += 1
            self._socket.wire.events_dropped += 1
            if self._overflow == "error":
                self._overflown = True
            if self._overflow != "drop_oldest":
                return
            self._waiting.popleft()
        self._waiting.append(event)
        self._wake()

    def _wake(self) -> None:
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)

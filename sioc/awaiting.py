"""What a program can wait for in the life of a Socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from typing import TYPE_CHECKING, Any

from sioc.exceptions import DisconnectedError
from sioc.threadsafe import Threadsafe
from sioc.waiting import Waiters

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from sioc.manager import Manager


class Awaiting(Threadsafe):
    """The half of a Socket that is awaited.

    Attributes:
        io: The Manager.
    """

    __slots__ = ("_answered", "_closing", "_connecting", "io")

    io: Manager

    def __init__(self) -> None:
        super().__init__()
        # Woken by the first answer, by a connection only, by the end for good.
        self._answered: Waiters[None] = Waiters()
        self._connecting: Waiters[None] = Waiters()
        self._closing: Waiters[str] = Waiters()

    @property
    def active(self) -> bool:
        """Whether the Socket is connected or will connect by itself."""
        raise NotImplementedError

    @property
    def _is_idle(self) -> bool:
        """Whether nothing will happen unless connect() is called."""
        return not self.active or self.io._gave_up

    @property
    def _is_over(self) -> bool:
        return self._end_reason is not None and self._is_idle

    def connect(self) -> Self:
        """Start to connect."""
        raise NotImplementedError

    def disconnect(self) -> Awaitable[None]:
        """Leave the namespace."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        try:
            return await self.connect()
        except BaseException:
            await self.disconnect()
            raise

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.disconnect()

    # Waiting.

    def __await__(self) -> Generator[Any, None, Self]:
        return self._wait_answered().__await__()

    async def _wait_answered(self) -> Self:
        """Wait for the first answer; when cancelled, stop connecting."""
        try:
            await self._wait(self._answered, None)
        except asyncio.CancelledError:
            if not self.connected:
                await self.disconnect()
            raise
        return self

    async def wait_connected(self, timeout: float | None = None) -> Self:
        """Wait until connected, through reconnections.

        Args:
            timeout: Seconds; None for no limit.

        Raises:
            ConnectError, DisconnectedError: No further attempt will be made.
            TimeoutError: The time is up.

        Example:
            >>> await socket.connect().wait_connected(timeout=10)
        """
        await self._wait(self._connecting, timeout)
        return self

    async def _wait(self, waiters: Waiters[None], timeout: float | None) -> None:
        self.io.wire.check()
        if self.connected:
            return
        if self._is_idle:
            raise DisconnectedError(
                self._end_reason, "the socket does not connect: call connect() first"
            )
        await waiters.wait(timeout, "not connected")

    async def wait_closed(self) -> str:
        """Wait until the Socket is closed for good; return the reason.

        Example:
            >>> async def farewell():
            ...     print("closed:", await socket.wait_closed())
            >>> waiting = asyncio.ensure_future(farewell())
        """
        self.io.wire.check()
        if self._is_idle:
            return self._end_reason or "io client disconnect"
        return await self._closing.wait(None, "not closed")

"""The outlet of HTTP long-polling: packets joined into the bodies of requests."""

from asyncio import AbstractEventLoop
from collections.abc import Callable
from typing import final

from typing_extensions import Self

from sioc._buffer import WriteBuffer
from sioc._outlet import Outlet

@final
class PayloadBuffer(Outlet):
    """The outlet of a polling transport.

    Args:
        loop: The event loop of the connection.
        high_water: Unsent bytes above which drain() waits.
        maximum: Unsent bytes above which a packet is refused with BufferFullError.
        on_ready: Called when packets wait and no request is on its way.
    """

    def __new__(
        cls,
        loop: AbstractEventLoop,
        high_water: int,
        maximum: int,
        on_ready: Callable[[], object],
    ) -> Self: ...
    @property
    def high_water(self) -> int:
        """Unsent bytes above which drain() waits."""

    @property
    def empty(self) -> bool:
        """Whether no packet waits."""

    async def drain(self) -> None:
        """Wait until less than the low-water mark is unsent, or the end."""

    async def flushed(self) -> None:
        """Wait until everything taken is sent, or the end."""

    def take(self, max_payload: int | None) -> bytes:
        """Return the body of the next request (6.5.5).

        Args:
            max_payload: Bytes it may have; a larger packet goes alone. None: no limit.
        """

    def sent(self) -> None:
        """The request was answered: what it carried has arrived."""

    def move(self, successor: WriteBuffer) -> None:
        """Give what waits to another outlet, and close."""

    def close(self) -> None:
        """Forget what waits: the connection is over."""

    def _flush(self) -> None:
        """End the turn of the loop: tell the transport what waits."""

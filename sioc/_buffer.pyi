"""The write buffer: WebSocket frames built in place, one write per turn of the loop."""

from asyncio import AbstractEventLoop
from typing import final

from typing_extensions import Self

from sioc._outlet import Outlet

@final
class WriteBuffer(Outlet):
    """The outlet of a WebSocket.

    Args:
        loop: The event loop of the connection.
        high_water: Unsent bytes above which drain() waits.
        maximum: Unsent bytes above which a packet is refused with BufferFullError.
        base64: Whether attachments travel as text.
    """

    def __new__(
        cls,
        loop: AbstractEventLoop,
        high_water: int,
        maximum: int,
        base64: bool = False,
    ) -> Self: ...
    @property
    def high_water(self) -> int:
        """Unsent bytes above which drain() waits."""

    async def drain(self) -> None:
        """Wait until less than the low-water mark is unsent, or the end."""

    async def flushed(self) -> None:
        """Wait until everything taken is handed to the kernel, or the end."""

    def _flush(self) -> None:
        """End the turn of the loop: hand what was taken to the transport."""

"""The write buffer: WebSocket frames built in place, one write per turn of the loop."""

from asyncio import AbstractEventLoop, Future
from typing import Any, final

from typing_extensions import Self, disjoint_base

@disjoint_base
class Outlet:
    """Where packets go: what a transport offers to those who send.

    Args:
        loop: The event loop of the connection.
    """

    def __new__(cls, loop: AbstractEventLoop, *args: Any, **kwargs: Any) -> Self: ...
    @property
    def writable(self) -> bool:
        """Whether nothing was given to it yet in this turn of the loop."""

    @property
    def bytes_out(self) -> int:
        """Bytes handed over so far."""

    def send_text(self, packet: bytes) -> None:
        """Send one Engine.IO packet as text, its type included.

        Raises:
            BufferFullError: It does not fit; nothing of it was taken.
        """

    def send_binary(self, data: bytes) -> None:
        """Send one binary Engine.IO message.

        Raises:
            BufferFullError: It does not fit; nothing of it was taken.
        """

    def next_wake(self) -> Future[None]:
        """Return a future that is done when there is room again."""

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

    @property
    def maximum(self) -> int:
        """Unsent bytes above which a packet is refused."""

    async def drain(self) -> None:
        """Wait until less than the low-water mark is unsent, or the end."""

    async def flushed(self) -> None:
        """Wait until everything taken is handed to the kernel, or the end."""

    def _flush(self) -> None:
        """End the turn of the loop: hand what was taken to the transport."""

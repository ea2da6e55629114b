"""What every outlet has: the way out of a session, whatever carries it."""

from asyncio import AbstractEventLoop, Future
from collections.abc import Callable
from typing import Any

from typing_extensions import Self, disjoint_base

TYPES: tuple[str, ...]
"""What the first character of a text packet stands for."""

@disjoint_base
class EnginePacket:
    """One Engine.IO packet as an object, for those who listen to the engine.

    Args:
        type: The name of its type.
        data: Text, binary, or None for no data.
    """

    def __init__(self, type: str, data: str | bytes | None = None) -> None: ...  # noqa: A002
    @property
    def type(self) -> str:
        """The name of its type: `"message"`, `"ping"`, `"pong"` and so on."""

    @property
    def data(self) -> str | bytes | None:
        """Text, binary, or None for no data."""

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

    @property
    def maximum(self) -> int:
        """Unsent bytes above which a packet is refused."""

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

    def watch(
        self, watcher: Callable[[str, EnginePacket | None], object] | None
    ) -> None:
        """Tell somebody of each packet and flush; None: nobody any more.

        Args:
            watcher: `fn(event, packet)`: with `"packetCreate"` and an EnginePacket, or
                with `"flush"` or `"drain"` and None.
        """

    def next_wake(self) -> Future[None]:
        """Return a future that is done when there is room again."""

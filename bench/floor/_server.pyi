from typing import Any

from picows import WSTransport

class Replay:
    """Server frames of many events, one behind the other, to be sent again and again.

    Args:
        frames: the frames, in order.
    """

    data: bytes
    def __init__(self, frames: list[bytes]) -> None: ...
    def __len__(self) -> int: ...
    def head(self, count: int) -> bytes:
        """Return the bytes of the first count frames."""

class Peer:
    """One connection of the server, after its handshake.

    Args:
        replays: payload name -> Replay.
        values: payload name -> the values a client emits, over and over.
    """

    def __init__(
        self, replays: dict[str, Replay], values: dict[str, list[Any]]
    ) -> None: ...
    def connect(self, transport: WSTransport) -> None:
        """Take the connection over from picows."""

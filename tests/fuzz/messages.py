"""Fuzz target: WebSocket frames, from the socket's bytes to whole messages.

An input is read once in one piece and once cut where it says. Both must give the same
messages; where a frame is refused, picows, which parses one frame ahead, may keep back
the message before it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from contextlib import suppress
from functools import cache
from itertools import pairwise
from typing import Any

from picows import WSError

from fuzz import header
from fuzz.still_loop import StillLoop, standing_still
from peers.frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, encode_frame
from peers.raw_connection import ACCEPT_GUID
from sioc._messages import MessageSession
from sioc.limits import Limits
from sioc.options import Settings
from sioc.transports.endpoint import Endpoint
from sioc.transports.websocket import WebSocketTransport
from sioc.url import parse

SEEDS = [
    header.USUAL + seed
    for seed in (
        encode_frame(TEXT, b"hello") + encode_frame(BINARY, b"\x00\xff"),
        encode_frame(TEXT, "é€😀".encode(), fin=False)
        + encode_frame(CONTINUATION, b"!"),
        encode_frame(TEXT, b"\xf0\x9f", fin=False)
        + encode_frame(CONTINUATION, b"\x98\x80"),
        encode_frame(PING, b"are you there") + encode_frame(TEXT, b""),
        encode_frame(CLOSE, b"\x03\xe8bye") + encode_frame(TEXT, b"behind"),
        encode_frame(BINARY, bytes(200)) + encode_frame(TEXT, b"x" * 126, rsv=4),
        encode_frame(BINARY, b"", length=1 << 63),
        encode_frame(TEXT, b"a", fin=False)
        + encode_frame(CONTINUATION, b"", fin=False) * 9,
    )
]

LAST = "\N{BLACK SQUARE}" * 5
SENTINEL = encode_frame(TEXT, LAST.encode())
BYTE_BY_BYTE = 15  # of 16 seeds of cuts, one


def spell(wire: tuple[str | bytes, ...]) -> bytes:
    """Return the input that is a packet and its attachments."""
    return header.USUAL + b"".join(
        encode_frame(BINARY, part)
        if isinstance(part, bytes)
        else encode_frame(TEXT, b"4" + part.encode(errors="replace"))
        for part in wire
    )


class Descriptor:
    """A socket that takes every option."""

    def setsockopt(self, *args: Any) -> None:
        """Do nothing."""

    def getsockopt(self, *args: Any) -> int:
        """Return nothing of interest."""
        return 0

    def fileno(self) -> int:
        """Return no descriptor."""
        return -1


class Wire(asyncio.Transport):
    """What lies under picows: it keeps what was written."""

    def __init__(self) -> None:
        address = ("127.0.0.1", 1)
        super().__init__(
            {"socket": Descriptor(), "peername": address, "sockname": address}
        )
        self.written = bytearray()
        self.closed = False

    def write(self, data: Any) -> None:
        """Keep what is written."""
        self.written += data

    def get_write_buffer_size(self) -> int:
        """Return more than 0, so that nothing is written past us."""
        return 1

    def set_write_buffer_limits(
        self, high: int | None = None, low: int | None = None
    ) -> None:
        """Do nothing."""

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def close(self) -> None:
        """Note it."""
        self.closed = True

    abort = close


class Connection:
    """A WebSocket connection whose peer has accepted it.

    Args:
        byte: What chooses its limits.
    """

    def __init__(self, byte: int) -> None:
        self.seen: list[str | bytes] = []
        session = MessageSession(None, self.seen.append)
        target = endpoint(byte)
        transport = WebSocketTransport(session, target, lambda *details: None)
        session._use(transport.outlet)
        self.protocol = transport._protocol(target)
        self.wire = Wire()
        self.protocol.connection_made(self.wire)
        _, _, rest = self.wire.written.partition(b"Sec-WebSocket-Key: ")
        accept = base64.b64encode(hashlib.sha1(rest[:24] + ACCEPT_GUID).digest())
        self.take(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )

    @property
    def given_up(self) -> bool:
        """Whether it was closed, or is being closed."""
        return self.wire.closed or bool(self.protocol.transport.is_close_frame_sent)

    def take(self, piece: bytes) -> None:
        """Read what has come."""
        position = 0
        while position < len(piece):
            buffer = self.protocol.get_buffer(-1)
            part = piece[position : position + len(buffer)]
            buffer[: len(part)] = part
            self.protocol.buffer_updated(len(part))
            position += len(part)

    def is_between_messages(self) -> bool:
        """Tell whether another message can follow: if it is read as it is."""
        self.seen.clear()
        self.take(SENTINEL)
        return self.seen == [LAST] and not self.given_up

    def end(self) -> None:
        """Be told that the connection is over."""
        self.protocol.connection_lost(None)
        # The link takes the error in a callback, and the loop stands still.
        with suppress(StopIteration, WSError):
            self.protocol.transport.wait_disconnected().send(None)


class Localhost(Endpoint):
    """Where to connect to, always the same: spelling it takes as long as a frame.

    Args:
        limits: What holds for messages.
    """

    def __init__(self, limits: Limits) -> None:
        super().__init__(parse("http://localhost"), Settings(limits=limits), {}, {})

    def target(self, transport: str, *, stamped: bool) -> str:
        """Return path and query of a request."""
        return "/socket.io/?EIO=4&transport=websocket"


@cache
def endpoint(byte: int) -> Localhost:
    """Return where to connect to, with the limits that a byte chooses."""
    return Localhost(header.limits(byte))


LOOP = StillLoop()
# A handshake takes longer than what follows: connections that can go on, by limits.
waiting: dict[int, Connection] = {}


def messages(byte: int, pieces: list[bytes]) -> tuple[list[str | bytes], bool]:
    """Return the messages in a stream, and whether the link was given up."""
    with standing_still(LOOP):
        connection = waiting.pop(byte, None) or Connection(byte)
        connection.seen.clear()
        connection.wire.written.clear()
        for piece in pieces:
            if connection.wire.closed:
                break
            connection.take(piece)
        seen, given_up = connection.seen.copy(), connection.given_up
        if connection.is_between_messages():
            waiting[byte] = connection
        else:
            assert not (given_up and connection.seen), "delivered after the end"
            connection.end()
    return seen, given_up


def same(
    whole: tuple[list[str | bytes], bool], cut: tuple[list[str | bytes], bool]
) -> bool:
    """Tell whether a stream in pieces gave what it gives in one."""
    seen, given_up = cut
    held_back = given_up and len(seen) == len(whole[0]) + 1
    return (seen[:-1] if held_back else seen, given_up) == whole


def run(data: bytes) -> None:
    """Read an input whole and in pieces.

    Raises:
        AssertionError: They differ.
    """
    byte, _, seed, data = header.split(data)
    whole = messages(byte, [data])
    edges = [0, *header.cuts(seed, len(data)), len(data)]
    if seed & BYTE_BY_BYTE == BYTE_BY_BYTE:
        edges = list(range(len(data) + 1))
    assert same(whole, messages(byte, [data[a:b] for a, b in pairwise(edges)]))
    most = header.limits(byte).max_message_size
    for message in whole[0]:
        assert len(message) <= most

"""Fuzz target: WebSocket frames, from the socket's bytes to whole messages.

An input is read once in one piece and once byte by byte. Both must give the same
messages; where a frame is refused, picows, which parses one frame ahead, may keep back
the message before it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from typing import Any

import sioc
from fuzz.still_loop import standing_still
from peers.frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, encode_frame
from peers.raw_connection import ACCEPT_GUID
from sioc._messages import MessageSession
from sioc.options import Settings
from sioc.transports.endpoint import Endpoint
from sioc.transports.websocket import WebSocketTransport
from sioc.url import parse

SEEDS = [
    encode_frame(TEXT, b"hello") + encode_frame(BINARY, b"\x00\xff"),
    encode_frame(TEXT, "é€😀".encode(), fin=False) + encode_frame(CONTINUATION, b"!"),
    encode_frame(TEXT, b"\xf0\x9f", fin=False)
    + encode_frame(CONTINUATION, b"\x98\x80"),
    encode_frame(PING, b"are you there") + encode_frame(TEXT, b""),
    encode_frame(CLOSE, b"\x03\xe8bye") + encode_frame(TEXT, b"behind"),
    encode_frame(BINARY, bytes(200)) + encode_frame(TEXT, b"x" * 126, rsv=4),
    encode_frame(BINARY, b"", length=1 << 63),
    encode_frame(TEXT, b"a", fin=False)
    + encode_frame(CONTINUATION, b"", fin=False) * 9,
]

LIMITS = sioc.Limits(max_message_size=4096, max_packet_size=4096, max_fragments=8)
ENDPOINT = Endpoint(parse("http://localhost"), Settings(limits=LIMITS), {}, {})


def spell(wire: tuple[str | bytes, ...]) -> bytes:
    """Return the input that is a packet and its attachments."""
    return b"".join(
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


def messages(pieces: list[bytes]) -> tuple[list[str | bytes], bool]:
    """Return the messages in a stream, and whether the link was given up."""
    seen: list[str | bytes] = []
    with standing_still():
        session = MessageSession(None, seen.append)
        transport = WebSocketTransport(session, ENDPOINT, lambda *details: None)
        session._use(transport.outlet)
        protocol, wire = transport._protocol(ENDPOINT), Wire()
        protocol.connection_made(wire)
        (key,) = re.findall(rb"Sec-WebSocket-Key: (\S+)", wire.written)
        accept = base64.b64encode(hashlib.sha1(key + ACCEPT_GUID).digest())
        answer = (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        for piece in [answer, *pieces]:
            position = 0
            while position < len(piece) and not wire.closed:
                buffer = protocol.get_buffer(-1)
                part = piece[position : position + len(buffer)]
                buffer[: len(part)] = part
                protocol.buffer_updated(len(part))
                position += len(part)
        given_up = wire.closed or protocol.transport.is_close_frame_sent
        protocol.connection_lost(None)
    return seen, given_up


def same(
    whole: tuple[list[str | bytes], bool], cut: tuple[list[str | bytes], bool]
) -> bool:
    """Tell whether a stream in pieces gave what it gives in one."""
    seen, given_up = cut
    held_back = given_up and len(seen) == len(whole[0]) + 1
    return (seen[:-1] if held_back else seen, given_up) == whole


def run(data: bytes) -> None:
    """Read an input in both ways.

    Raises:
        AssertionError: They differ.
    """
    whole = messages([data])
    assert same(whole, messages([data[i : i + 1] for i in range(len(data))]))
    for message in whole[0]:
        assert len(message) <= LIMITS.max_message_size

"""Fuzz target: a session's Engine.IO packets, the handshake first, as polling has them.

An input is read as one payload, and as its packets one by one. Both must end in the
same way, after the same packets.
"""

from __future__ import annotations

import base64
from typing import Any

from typing_extensions import Self

import sioc
from fuzz.still_loop import StillLoop, standing_still
from sioc import handshake
from sioc._buffer import WriteBuffer
from sioc._router import Router
from sioc._session import Session
from sioc._wire import Wire

OPEN = b'0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}\x1e'
SEEDS = [
    OPEN + b'40{"sid":"x"}\x1e42["e",1]\x1e2',
    OPEN + b'451-["e",{"_placeholder":true,"num":0}]\x1ebAAEC\x1e6\x1e3\x1e1',
    OPEN + b"bAAEC",
    OPEN + b"4\x1e\x1e5\x1e7",
    b'0{"sid":"a","upgrades":["websocket"],"pingInterval":1e300,"pingTimeout":-1}',
    b'0{"sid":7,"maxPayload":0}',
    b"0[[[[[[",
]

LIMITS = sioc.Limits(max_packet_size=4096, max_attachments=4, max_depth=16)


def spell(wire: tuple[str | bytes, ...]) -> bytes:
    """Return the input that is a packet and its attachments, behind a handshake."""
    return OPEN + b"\x1e".join(
        b"b" + base64.b64encode(part)
        if isinstance(part, bytes)
        else b"4" + part.encode(errors="replace")
        for part in wire
    )


class Recorded(Session):
    """A session that notes what its Python half is told."""

    def __new__(cls, loop: StillLoop) -> Self:
        """Make it with a router of its own."""
        return super().__new__(cls, Router(Wire(LIMITS)))

    def __init__(self, loop: StillLoop) -> None:
        self.told: list[tuple[Any, ...]] = []
        self._use(WriteBuffer(loop, 1 << 16, 1 << 20))  # type: ignore[arg-type]

    def _on_first_packet(self, packet: bytes) -> None:
        if packet[:1] != b"0":
            raise sioc.ParseError("no handshake")
        shaken = handshake.parse(packet[1:])
        self._begin(shaken.ping_interval, shaken.ping_timeout)
        self.told.append(("open", shaken.sid))

    def _on_close_packet(self) -> None:
        self._end()
        self.told.append(("close",))

    def _on_violation(self, error: Exception) -> None:
        assert isinstance(error, ValueError)
        self.told.append(("violation", type(error)))


def read(payloads: list[bytes]) -> tuple[list[tuple[Any, ...]], Any]:
    """Return what a session tells of payloads, and what it counted."""
    with standing_still() as loop:
        session = Recorded(loop)
        for payload in payloads:
            session._feed_payload(bytearray(payload))
        told = session.told
        wire = session.router.wire
    assert [name for name, *_ in told].count("violation") <= 1
    assert not told or "violation" not in [name for name, *_ in told[:-1]]
    return told, (wire.packets_in, wire.bytes_in, wire.ignored)


def run(data: bytes) -> None:
    """Read an input in both ways.

    Raises:
        AssertionError: They differ.
    """
    try:
        data.decode()
    except UnicodeDecodeError:
        told, _ = read([data])
        assert told[-1] == ("violation", sioc.ParseError)
        return
    assert read([data]) == read(data.split(b"\x1e"))

"""The test peer frame by frame: violations, fragments, clients that do not read."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

import pytest

from peers.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Frame,
    encode_frame,
    read_frame,
)
from sioc.testing import Peer, serve

TIMEOUT = 5.0  # seconds
MASK = b"\x01\x02\x03\x04"
REQUEST = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n"
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


class Wire:
    """A TCP connection after the HTTP upgrade.

    Args:
        reader: Its inbound stream.
        writer: Its outbound stream.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, *frames: bytes) -> None:
        """Send bytes with one write, so that the peer finds them in one read."""
        self.writer.write(b"".join(frames))

    async def receive(self) -> Frame:
        return await asyncio.wait_for(read_frame(self.reader), TIMEOUT)

    async def expect(self, *payloads: bytes) -> None:
        assert [(await self.receive()).payload for _ in payloads] == list(payloads)

    async def closed(self) -> tuple[int | None, str]:
        """Wait for a close frame, and for the end of the stream after the answer."""
        frame = await self.receive()
        assert frame.opcode == CLOSE
        self.send(encode_frame(CLOSE, frame.payload[:2], mask=MASK))
        assert await asyncio.wait_for(self.reader.read(), TIMEOUT) == b""
        return frame.close_code, frame.payload[2:].decode()


Upgrade = Callable[[Peer], Awaitable[Wire]]


@pytest.fixture
async def upgrade() -> AsyncIterator[Upgrade]:
    """Connect, and join the root namespace."""
    writers: list[asyncio.StreamWriter] = []

    async def connect(peer: Peer) -> Wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", peer.port)
        writers.append(writer)
        wire = Wire(reader, writer)
        # A frame may come right behind the request.
        wire.send(REQUEST, text("40"))
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), TIMEOUT)
        assert (await wire.receive()).payload[:1] == b"0"
        assert (await wire.receive()).payload[:2] == b"40"
        return wire

    yield connect
    for writer in writers:
        writer.transport.abort()


@pytest.fixture
async def wire(sioc_peer: Peer, upgrade: Upgrade) -> Wire:
    return await upgrade(sioc_peer)


def text(payload: str | bytes, *, fin: bool = True, rsv: int = 0) -> bytes:
    """Encode a text frame as a client does."""
    if isinstance(payload, str):
        payload = payload.encode()
    return encode_frame(TEXT, payload, fin=fin, rsv=rsv, mask=MASK)


def more(payload: bytes, *, fin: bool = False) -> bytes:
    """Encode a continuation frame as a client does."""
    return encode_frame(CONTINUATION, payload, fin=fin, mask=MASK)


def binary(payload: bytes) -> bytes:
    """Encode a binary frame as a client does."""
    return encode_frame(BINARY, payload, mask=MASK)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        ("4", "unknown packet type"),
        ("47", "unknown packet type"),
        ("45", "illegal attachments"),
        ("451", "illegal attachments"),
        ("45-[]", "illegal attachments"),
        ('450-["a"]', "illegal attachments"),
        ('4501-["a"]', "illegal attachments"),
        ('4512345678901234567890-["a"]', "illegal attachments"),
        ('451025-["a"]', "too many attachments"),
        ('4212345678901234567["a"]', "illegal id"),
        ("42", "EVENT with an invalid payload"),
        ("42[]", "EVENT with an invalid payload"),
        ("42[ ]", "EVENT with an invalid payload"),
        ('42["a"', "EVENT with an invalid payload"),
        ('42["a]', "EVENT with an invalid payload"),
        ('42["a\\"]', "EVENT with an invalid payload"),
        ('42["a"1]', "EVENT with an invalid payload"),
        ('42["a",]', "EVENT with an invalid payload"),
        ("42[null]", "EVENT with an invalid payload"),
        ('42{"a":1}', "EVENT with an invalid payload"),
        ('42["connect"]', "EVENT with a reserved name"),
        ('42["disconnect"]', "EVENT with a reserved name"),
        ('42["newListener"]', "EVENT with a reserved name"),
        ('42["connect_error"]', "EVENT with a reserved name"),
        ('42["disconnecting"]', "EVENT with a reserved name"),
        ('42["removeListener"]', "EVENT with a reserved name"),
        ("43[]", "ACK without an id"),
        ("430", "ACK with an invalid payload"),
        ("430{}", "ACK with an invalid payload"),
        ("41[]", "DISCONNECT with a payload"),
        ("40", "CONNECT to a joined namespace"),
        ("40/a,[]", "CONNECT with an invalid payload"),
        ("40/a,{", "CONNECT with an invalid payload"),
        ('42/a,["x"]', "packet for a namespace that is not joined"),
        ('42/a["x"]', "packet for a namespace that is not joined"),
        ("44{}", "packet for a namespace that is not joined"),
        ("2probe", "invalid heartbeat direction"),
        ('0{"sid":"x"}', "unexpected Engine.IO packet"),
        ("", "unexpected Engine.IO packet"),
        ("x", "unexpected Engine.IO packet"),
        ("b!", "illegal base64"),
        ("bAA==", "binary that no packet announced"),
    ],
)
async def test_packets(wire: Wire, packet: str, reason: str) -> None:
    # What comes after a violation is not answered.
    wire.send(text(packet), text('421["x"]'))
    if reason == "illegal base64":
        wire.send(text("bA"))
    assert await wire.closed() == (1002, reason)


async def test_attachments_out_of_place(upgrade: Upgrade, sioc_peer: Peer) -> None:
    wire = await upgrade(sioc_peer)
    wire.send(binary(b"1"))
    assert await wire.closed() == (1002, "binary that no packet announced")
    wire = await upgrade(sioc_peer)
    wire.send(text('452-["a",1]'), binary(b"1"), text('42["b"]'), binary(b"2"))
    assert await wire.closed() == (1002, "text where an attachment is due")


@pytest.mark.parametrize(
    ("frames", "code", "reason"),
    [
        (text('42["x"]', rsv=4), 1002, "reserved bit set"),
        (encode_frame(PONG, b"", rsv=1, mask=MASK), 1002, "reserved bit set"),
        (more(b"x", fin=True), 1002, "fragments out of order"),
        (more(b"x"), 1002, "fragments out of order"),
        (text("4", fin=False) + text("2"), 1002, "fragments out of order"),
        (text("4", fin=False) + binary(b"2"), 1002, "fragments out of order"),
        (text(b'42["\xff"]'), 1007, "text is not UTF-8"),
        (text(b'42["\xed\xa0\x80"]'), 1007, "text is not UTF-8"),
        (text(b'42["12345678\xc0\x80"]'), 1007, "text is not UTF-8"),
        (text(b"42\xf4\x90\x80\x80"), 1007, "text is not UTF-8"),
        (text(b"42\xe2\x82"), 1007, "text is not UTF-8"),
        (text(b"42\xe2\x82xyz"), 1007, "text is not UTF-8"),
        (text(b"42\xe2", fin=False) + more(b"x", fin=True), 1007, "text is not UTF-8"),
    ],
)
async def test_frames(wire: Wire, frames: bytes, code: int, reason: str) -> None:
    wire.send(frames, text('421["x"]'))
    assert await wire.closed() == (code, reason)


async def test_fragments_and_pings_are_in_order(wire: Wire) -> None:
    euro = "€".encode()
    ping = encode_frame(PING, b"p", mask=MASK)
    wire.send(
        text('42["echo",1]'),
        ping,
        text(b'42["ec', fin=False),
        more(b'ho","' + euro[:1]),
        encode_frame(PONG, b"", mask=MASK),
        more(b""),
        ping,
        more(euro[1:] + b'"]', fin=True),
        ping,
    )
    echo = '42["echo","€"]'.encode()
    await wire.expect(b'42["echo",1]', b"p", b"p", echo, b"p")


@pytest.mark.parametrize("size", [124, 125, 126, 65535, 65536])
async def test_every_form_of_a_length(wire: Wire, size: int) -> None:
    packet = text('42["echo","' + "x" * (size - 13) + '"]')
    wire.send(packet)
    frame = await wire.receive()
    assert (len(frame.payload), frame.mask) == (size, None)


async def test_utf8_of_every_length_passes(wire: Wire) -> None:
    for padding in range(17):
        packet = '42["echo","' + "x" * padding + "é€😀\U0010ffff߿ࠀ퟿\ue000" + '"]'
        wire.send(text(packet))
        await wire.expect(packet.encode())


async def test_messages_too_big(upgrade: Upgrade) -> None:
    async with serve(max_payload=100) as peer:
        wire = await upgrade(peer)
        # Nothing more is heard, though picows delivers what follows.
        wire.send(text("42" + "x" * 99), text('421["x"]'))
        assert (await wire.closed())[0] == 1009
        wire = await upgrade(peer)
        wire.send(text("42" + "x" * 60, fin=False), more(b"x" * 60))
        assert await wire.closed() == (1009, "message too big")
        assert peer.stats["events"] == 0


async def test_a_large_read_is_answered_in_parts(wire: Wire) -> None:
    packets = [f'42["echo",{number},"{"x" * 40_000}"]' for number in range(20)]
    wire.send(*map(text, packets))
    await wire.expect(*(packet.encode() for packet in packets))


async def test_attachments_of_some_megabytes(upgrade: Upgrade) -> None:
    async with serve(max_payload=8_000_000) as peer:
        wire = await upgrade(peer)
        data = bytes(5_000_000)
        for _ in range(2):
            wire.send(text('451-["echo"]'), binary(data))
            await wire.expect(b'451-["echo"]', data)


async def settled(peer: Peer, other: Wire) -> int:
    """Wait until only `other` makes the peer count; return how often others did."""
    answers = 0
    while True:
        before = peer.stats["events"]
        for _ in range(50):
            other.send(text('421["x"]'))
            await other.expect(b"431[]")
        answers += 50
        if peer.stats["events"] == before + 50:
            return peer.stats["events"] - answers


async def test_who_does_not_read_is_not_read(upgrade: Upgrade, sioc_peer: Peer) -> None:
    wire, other = await upgrade(sioc_peer), await upgrade(sioc_peer)
    packet = '42["echo","%s"]' % ("x" * 50_000)
    for _ in range(600):
        wire.send(text(packet))
    assert await settled(sioc_peer, other) < 600
    await wire.expect(*[packet.encode()] * 600)


async def test_a_flood_takes_turns_with_others(
    upgrade: Upgrade, sioc_peer: Peer
) -> None:
    wire, other = await upgrade(sioc_peer), await upgrade(sioc_peer)
    packet = '42["n","%s"]' % ("x" * 30_000)
    wire.send(text(packet.replace("[", '["flood",1000,')))
    other.send(text('421["x"]'))
    for _ in range(1000):
        await wire.expect(packet.encode())
    await wire.expect(b'42["flood:done",1000]')
    await other.expect(b"431[]")


async def test_a_flood_waits_for_its_client(upgrade: Upgrade, sioc_peer: Peer) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wire, other = await upgrade(sioc_peer), await upgrade(sioc_peer)
    wire.send(text('42["flood",100000000,"n","%s"]' % ("x" * 100)))
    wire.send(text('42["flood",1,"n"]'))
    assert await settled(sioc_peer, other) == 2
    # It would be 12 GB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


class Sleeper(asyncio.Protocol):
    """A client that answers pings, and then blocks the loop inside the read."""

    def __init__(self) -> None:
        self.pings = 0
        self.three_pings = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(REQUEST + text("40"))

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\x81\x012"):
            self._transport.write(text("3"))
            time.sleep(0.15)
            self.pings += 1
            if self.pings == 3:
                self.three_pings.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self.three_pings.cancel()


async def test_a_pong_that_came_while_the_loop_was_blocked() -> None:
    async with serve(ping_interval=0.02, ping_timeout=0.1) as peer:
        # The pong lies in the kernel when its time runs out.
        transport, client = await asyncio.get_running_loop().create_connection(
            Sleeper, "127.0.0.1", peer.port
        )
        await asyncio.wait_for(client.three_pings, TIMEOUT)
        transport.abort()


async def test_a_close_frame_without_an_answer(wire: Wire) -> None:
    wire.send(text('42["close"]'), text('421["x"]'))
    frame = await wire.receive()
    assert (frame.opcode, frame.close_code) == (CLOSE, 1000)
    # The peer ends the connection by itself.
    assert await asyncio.wait_for(wire.reader.read(), TIMEOUT) == b""


async def test_a_close_frame_without_a_code(wire: Wire) -> None:
    wire.send(encode_frame(CLOSE, b"", mask=MASK))
    frame = await wire.receive()
    assert (frame.opcode, frame.close_code) == (CLOSE, 1000)
    assert await asyncio.wait_for(wire.reader.read(), TIMEOUT) == b""

"""Fuzz target: Socket.IO packets and their attachments, in and out again.

The input is cut at every byte 0xFF, which UTF-8 does not have; a piece that begins with
"b" is an attachment, any other the text of a packet. The parser of packets as objects
reads it whole, and with other decoders taking over between packets; the flow that
delivers events reads it, too. All must give the same packets.
"""

from __future__ import annotations

import base64
import math
from functools import cache
from typing import Any

import sioc
from fuzz import header
from fuzz.recorded import Namespaces
from fuzz.still_loop import StillLoop, standing_still
from sioc.parsers.json import Decoder, Encoder

SEEDS = [
    header.USUAL + seed
    for seed in (
        b'2["e",1,"x",{"a":[null,true,1.5e3]}]',
        b'2/nsp,17["e"]',
        b'0/nsp,{"token":"x"}\xff0{"sid":"a","pid":"b"}\xff1/nsp,\xff4{"message":"no"}',
        b'3/nsp,17["answer",{}]',
        b'51-["e",{"_placeholder":true,"num":0}]\xffb\x00\x01',
        b'62-/a,5[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]'
        b"\xffbx\xffby",
        b'52-["e",[[{"k":{"_placeholder":true,"num":0}}]]]\xffb1\xffb2\xff2["after"]',
        b'2["\\ud83d",1e400,[[[[[[[[[[[[[[]]]]]]]]]]]]]]]',
        b"59999999999-[",
    )
]


def spell(wire: tuple[str | bytes, ...]) -> bytes:
    """Return the input that is a packet and its attachments."""
    return header.USUAL + b"\xff".join(
        b"b" + part if isinstance(part, bytes) else part.encode(errors="replace")
        for part in wire
    )


class Reader:
    """A decoder, and what it gave.

    Args:
        limits: What holds for packets.
    """

    def __init__(self, limits: sioc.Limits) -> None:
        self.packets: list[sioc.Packet] = []
        self.limits = limits
        self.decoder = Decoder(limits)
        self.decoder.on("decoded", self.packets.append)
        self.encoder = Encoder(limits)

    def read(
        self, chunks: list[str | bytes]
    ) -> tuple[list[sioc.Packet], type[Exception] | None, int]:
        """Return the packets of chunks, why one was refused, and how many were read."""
        packets, add = self.packets, self.decoder.add
        packets.clear()
        self.decoder.destroy()
        held = 0
        for number, chunk in enumerate(chunks):
            before = len(packets)
            try:
                add(chunk)
            except sioc.ParseError as error:
                assert len(packets) == before
                return packets.copy(), type(error), number
            held += len(chunk)
            assert held <= self.limits.max_packet_size
            if len(packets) > before:
                held = 0
        return packets.copy(), None, len(chunks)


def as_json(value: Any) -> Any:
    """Return a value as JSON has it: infinity, which 1e400 is read as, is null."""
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return None if isinstance(value, float) and math.isinf(value) else value


def binaries(value: Any) -> list[bytes]:
    """Return the binary values in a decoded one."""
    if isinstance(value, bytes):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)):
        return []
    return [found for item in items for found in binaries(item)]


# Spelt out again a packet may be longer, and have one attachment twice.
AGAIN = Reader(sioc.Limits())


def check_again(packet: sioc.Packet, chunks: list[str | bytes]) -> None:
    """Check that a packet survives encoding, and has the attachments that were sent."""
    spelt = repr(packet.data)
    if "b'" in spelt or 'b"' in spelt:
        assert all(found in chunks for found in binaries(packet.data))
    if "inf" in spelt:
        spelt = repr(as_json(packet.data))
    again, refused, _ = AGAIN.read(AGAIN.encoder.encode(packet))
    assert not refused
    assert [(p.type, p.nsp, p.id, repr(p.data)) for p in again] == [
        (packet.type, packet.nsp, packet.id, spelt)
    ]


class Flow:
    """The flow that delivers events, watched from outside.

    Args:
        byte: What chooses the limits.
    """

    def __init__(self, byte: int) -> None:
        self.seen: list[Any] = []
        self.namespaces = Namespaces(byte)
        self.namespaces.router.on("packet", self.seen.append)

    def read(self, chunks: list[str | bytes]) -> tuple[list[Any], bool]:
        """Return the packets that it tells of, and whether it refused one."""
        payload = b"\x1e".join(
            b"b" + base64.b64encode(chunk)
            if isinstance(chunk, bytes)
            else b"4" + chunk.encode()
            for chunk in chunks
        )
        self.seen.clear()
        session = self.namespaces.session()
        session._begin(25, 20)
        session._feed_payload(bytearray(payload))
        return self.seen, ("violation" in [name for name, *_ in session.told])


LOOP = StillLoop()


@cache
def readers(byte: int) -> tuple[Reader, Reader, Flow]:
    """Return readers with the limits that a byte chooses."""
    limits = header.limits(byte)
    return Reader(limits), Reader(limits), Flow(byte)


def run(data: bytes) -> None:
    """Decode an input; what it means must survive encoding and decoding again.

    Raises:
        AssertionError: It does not, or the ways of reading differ.
    """
    first, _, seed, data = header.split(data)
    chunks: list[str | bytes] = [
        piece[1:] if piece[:1] == b"b" else piece.decode("utf-8", "replace")
        for piece in data.split(b"\xff")
    ]
    with standing_still(LOOP):
        check(first, chunks, seed)


def check(byte: int, chunks: list[str | bytes], seed: int) -> None:
    """Read chunks in all ways."""
    one, other, flow = readers(byte)
    packets, refused, count = one.read(chunks)
    if not any(isinstance(chunk, str) and "\x1e" in chunk for chunk in chunks):
        seen, stopped = flow.read(chunks)
        assert seen[: len(packets)] == packets
        assert refused or (len(seen) == len(packets) and not stopped)
    if refused:
        # Once it was told to forget, a decoder goes on as a new one would.
        rest = chunks[count + 1 :]
        assert one.read(rest)[:2] == other.read(rest)[:2]
    for packet in packets:
        check_again(packet, chunks)
    read_on(other, chunks[: count + 1], packets, seed)


def read_on(
    reader: Reader, chunks: list[str | bytes], packets: list[sioc.Packet], seed: int
) -> None:
    """Check that a decoder takes over from another wherever no packet is incomplete."""
    begin = 0
    for cut in [*header.cuts(seed, len(chunks)), len(chunks)]:
        found, refused, _ = reader.read(chunks[begin:cut])
        assert found == packets[: len(found)]
        if cut >= len(chunks) - 1:
            # The last one may have been refused.
            assert len(found) >= len(packets) - (cut < len(chunks))
            return
        if refused or isinstance(chunks[cut], bytes):
            return
        packets, begin = packets[len(found) :], cut

"""Fuzz target: Socket.IO packets in MessagePack, in and out again.

The input is one packet. The parser of packets as objects reads it, and so do two flows
that deliver events, one with an observer, which has every packet decoded whole, and one
without. All must give the same.
"""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

import sioc
from fuzz import header
from fuzz.recorded import Namespaces
from fuzz.still_loop import StillLoop, standing_still
from sioc.parsers import json
from sioc.parsers.msgpack import Decoder, Encoder

ENCODER = Encoder(sioc.Limits())
LARGE = {"text": "x" * 300, "many": list(range(70_000, 70_020)), "bytes": bytes(300)}
PACKETS = [
    sioc.Packet(2, "/", ["e", 1, "x", {"a": [None, True, 1.5e3, b"\0\xff"]}], None),
    sioc.Packet(2, "/a", ["all", -1, 2**63, -(2**63), float("nan")], 17),
    sioc.Packet(2, "/", ["e", LARGE], 2**53 - 1),
    sioc.Packet(0, "/a", {"sid": "a", "pid": "b"}, None),
    sioc.Packet(1, "/a", None, None),
    sioc.Packet(4, "/", {"message": "no"}, None),
    sioc.Packet(3, "/", ["answer", {}], 0),
]
# The same things as MessagePack can say them, too.
RAW = [
    b"\x84\xa4type\xd2\0\0\0\x02\xa3nsp\xd9\x01/\xa2id\xd4\0\0\xa4data\x91\xa1e",
    b"\xde\0\x03\xa4type\x02\xa3nsp\xda\0\x01/\xa4data\xdc\0\x02\xa1e\xca\x3f\xc0\0\0",
    b"\xdf\0\0\0\x03\xa4data\xdd\0\0\0\x02\xa1e\xc7\x01\x05\0\xa4type\x02\xa3nsp\xa1/",
    b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1e\xd6\xff\x5f\0\0\0",
    b"\x84\xa4type\x02\xa4more\x81\x01\x02\xa3nsp\xa1/\xa4data\x91\xa1e",
]


def read(decoder: Decoder, data: bytes) -> sioc.Packet | None:
    """Return the packet that the object parser makes of these bytes, if it does."""
    found: list[sioc.Packet] = []
    decoder.on("decoded", found.append)
    try:
        decoder.add(data)
    except sioc.ParseError:
        assert not found
    finally:
        decoder.off("decoded", found.append)
    return found[0] if found else None


def spell(wire: tuple[str | bytes, ...]) -> bytes:
    """Return the input that is the same packet as this one in JSON, if it is valid."""
    decoder = json.Decoder(sioc.Limits())
    found: list[sioc.Packet] = []
    decoder.on("decoded", found.append)
    try:
        for chunk in wire:
            decoder.add(chunk)
        (data,) = ENCODER.encode(found[0])
    except (ValueError, IndexError):
        data = b"".join(
            c.encode(errors="replace") if isinstance(c, str) else c for c in wire
        )
    return header.USUAL + data


SEEDS = [header.USUAL + seed for p in PACKETS for seed in ENCODER.encode(p)]
SEEDS += [header.USUAL + seed for seed in RAW]


class Flow:
    """The flow that delivers events, with two namespaces that are connected.

    Args:
        byte: What chooses the limits.
        observed: Whether it tells of packets.
    """

    def __init__(self, byte: int, observed: bool) -> None:
        self.seen: list[sioc.Packet] = []
        self.namespaces = Namespaces(byte, everything=True, packed=True)
        if observed:
            self.namespaces.router.on("packet", self.seen.append)

    def read(self, data: bytes) -> list[tuple[Any, ...]]:
        """Return what it tells of these bytes."""
        self.seen.clear()
        session = self.namespaces.session()
        for channel in self.namespaces.joined:
            channel._recoverable(True)
            channel._open()
        session._begin(25, 20)
        session._feed_payload(bytearray(b"b" + base64.b64encode(data)))
        return session.told.copy()


LOOP = StillLoop()


@cache
def readers(byte: int) -> tuple[Decoder, Flow, Flow]:
    """Return readers with the limits that a byte chooses."""
    return Decoder(header.limits(byte)), Flow(byte, True), Flow(byte, False)


def run(data: bytes) -> None:
    """Decode an input; what it means must survive encoding and decoding again.

    Raises:
        AssertionError: It does not, or the ways of reading differ.
    """
    first, _, _, data = header.split(data)
    with standing_still(LOOP):
        decoder, observed, plain = readers(first)
        packet = read(decoder, data)
        for flow in (plain, observed):
            check(packet, flow.read(data))
        if packet is not None:
            assert repr(observed.seen) == repr([packet])
            check_again(packet)


def check(packet: sioc.Packet | None, told: list[tuple[Any, ...]]) -> None:
    """Check that the flow tells of the packet, and refuses what is none."""
    if packet is None:
        # For a namespace that is not there nothing is decoded.
        assert {kind for kind, *_ in told} <= {"violation"}
    elif packet.nsp not in ("/", "/a") or packet.type == sioc.PacketType.ACK:
        # Nobody asked.
        assert told == []
    elif packet.type == sioc.PacketType.EVENT:
        # A name may be a number, and is text to who listens.
        arguments = [(nsp, *rest[1:]) for nsp, *rest in told]
        assert repr((packet.nsp, *packet.data[1:])) in map(repr, arguments)
    else:
        assert repr(told) == repr([(packet.nsp, packet.type, packet.data)])


# Spelt out again a packet may be longer.
AGAIN = Decoder(sioc.Limits())


def check_again(packet: sioc.Packet) -> None:
    """Check that what a packet is spelt as stays the same.

    The first time keys become text, as those of JavaScript are, and may coincide.
    """
    try:
        spelt = ENCODER.encode(packet)
    except TypeError as error:
        # MessagePack has maps whose keys are no text and no numbers.
        if "keys" not in str(error):
            raise
        return
    again = read(AGAIN, *spelt)
    assert again is not None
    assert ENCODER.encode(again) == spelt

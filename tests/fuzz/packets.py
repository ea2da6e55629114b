"""Fuzz target: Socket.IO packets and their attachments, in and out again.

The input is cut at every byte 0xFF, which UTF-8 does not have; a piece that begins with
"b" is an attachment, any other the text of a packet.
"""

from __future__ import annotations

import math
from typing import Any

import sioc
from sioc.parsers.json import Decoder, Encoder

SEEDS = [
    b'2["e",1,"x",{"a":[null,true,1.5e3]}]',
    b'2/nsp,17["e"]',
    b'0/nsp,{"token":"x"}\xff0{"sid":"a","pid":"b"}\xff1/nsp,\xff4{"message":"no"}',
    b'3/nsp,17["answer",{}]',
    b'51-["e",{"_placeholder":true,"num":0}]\xffb\x00\x01',
    b'62-/a,5[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]\xffbx\xffby',
    b'52-["e",[[{"k":{"_placeholder":true,"num":0}}]]]\xffb1\xffb2\xff2["after"]',
    b'2["\\ud83d",1e400,[[[[[[[[[[[[[[]]]]]]]]]]]]]]]',
    b"59999999999-[",
]

LIMITS = sioc.Limits(
    max_message_size=4096, max_packet_size=4096, max_attachments=4, max_depth=16
)


def spell(wire: tuple[str | bytes, ...]) -> bytes:
    """Return the input that is a packet and its attachments."""
    return b"\xff".join(
        b"b" + part if isinstance(part, bytes) else part.encode(errors="replace")
        for part in wire
    )


def decode(chunks: list[str | bytes]) -> tuple[list[sioc.Packet], bool]:
    """Return the packets of chunks, and whether one was refused."""
    packets: list[sioc.Packet] = []
    decoder = Decoder(LIMITS)
    decoder.on("decoded", packets.append)
    for chunk in chunks:
        before = len(packets)
        try:
            decoder.add(chunk)
        except sioc.ParseError:
            assert len(packets) == before
            return packets, True
    return packets, False


def as_json(value: Any) -> Any:
    """Return a value as JSON has it: infinity, which 1e400 is read as, is null."""
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return None if isinstance(value, float) and math.isinf(value) else value


def run(data: bytes) -> None:
    """Decode an input; what it means must survive encoding and decoding again.

    Raises:
        AssertionError: It does not.
    """
    chunks: list[str | bytes] = [
        piece[1:] if piece[:1] == b"b" else piece.decode("utf-8", "replace")
        for piece in data.split(b"\xff")
    ]
    packets, _ = decode(chunks)
    for packet in packets:
        again, refused = decode(Encoder(LIMITS).encode(packet))
        assert not refused
        assert [(p.type, p.nsp, p.id, repr(p.data)) for p in again] == [
            (packet.type, packet.nsp, packet.id, repr(as_json(packet.data)))
        ]

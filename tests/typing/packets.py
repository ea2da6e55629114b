"""Packets as objects, and the parser for tools and tests."""

from typing import Any

from typing_extensions import assert_type

import sioc
from sioc import Packet, PacketType
from sioc.parsers import json


def use() -> None:
    packet = Packet(PacketType.EVENT, data=["hello", b"binary"], id=1)
    assert_type(packet.type, int)
    assert_type(packet.nsp, str)
    assert_type(packet.data, Any)
    assert_type(packet.id, int | None)
    assert_type(packet == Packet(2), bool)
    packet.nsp = "/admin"

    assert_type(json.Encoder().encode(packet), list[str | bytes])
    decoder = json.Decoder(sioc.Limits(max_depth=10))

    @decoder.on("decoded")
    def decoded(packet: Packet) -> None: ...

    decoder.add('2["hello"]')
    decoder.add(b"attachment")
    decoder.add(bytearray(1))
    decoder.destroy()
    assert_type(sioc.parsers.json.Decoder().once("decoded", decoded), json.Decoder)
    assert_type(sioc.protocol, int)


def refuse() -> None:
    Packet("EVENT")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Packet(PacketType.EVENT, id="1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    json.Decoder().add(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    json.Encoder().encode('2["a"]')  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

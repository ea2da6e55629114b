"""Other parsers than JSON's, packet by packet: MessagePack, and objects of a program's.

What the peer sends and reads here is made by msgspec, not by sioc's own parser.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.frames import BINARY
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

CONNECT, EVENT, ACK = 0, 2, 3


class Objects:
    """MessagePack by a custom parser: one that hands over objects."""

    Encoder = sioc.parsers.msgpack.Encoder
    Decoder = sioc.parsers.msgpack.Decoder


BOTH = pytest.mark.parametrize(
    "parser", [sioc.parsers.msgpack, Objects], ids=["msgpack", "objects"]
)


def packed(kind: int, data: Any, nsp: str = "/", **more: Any) -> bytes:
    """Return a packet as socket.io-msgpack-parser writes it."""
    return msgspec.msgpack.encode({"type": kind, "data": data, "nsp": nsp, **more})


async def expect(conn: RawConnection) -> Any:
    """Return the next packet of the client."""
    frame = await conn.next_frame()
    assert frame.opcode == BINARY
    return msgspec.msgpack.decode(frame.payload)


async def begin(conn: RawConnection) -> Any:
    """Open a session and return the client's CONNECT, not answered yet."""
    await conn.accept()
    conn.open_packet()
    packet = await expect(conn)
    assert packet["type"] == CONNECT
    return packet


async def establish(conn: RawConnection, **more: Any) -> None:
    """Open a session and let the client join the namespace."""
    await begin(conn)
    conn.send_binary(packed(CONNECT, {"sid": "A", **more}))


@BOTH
async def test_events_before_the_connect_reply_are_held(
    serve: Serve, io: OpenSocket, parser: Any
) -> None:
    async def script(conn: RawConnection) -> None:
        await begin(conn)
        conn.send_binary(packed(EVENT, ["e", 1]), packed(EVENT, ["e", b"2"], id=7))
        conn.send_binary(packed(CONNECT, {"sid": "A"}), packed(EVENT, ["e", 3]))
        packet = await expect(conn)
        assert (packet["type"], packet["id"], packet["data"]) == (ACK, 7, [])

    peer = await serve(script)
    socket = io(peer.url, parser=parser)
    events = Recorder(socket, "connect", "e")
    await events.wait("e", 3)
    assert events.names == ["e", "e", "connect", "e"]
    assert events.args("e") == [(1,), (b"2",), (3,)]
    await peer.played()


@BOTH
async def test_the_offset_that_ends_the_arguments_is_sent_back(
    serve: Serve, io: OpenSocket, parser: Any
) -> None:
    async def cut(conn: RawConnection) -> None:
        await establish(conn, pid="P")
        conn.send_binary(
            packed(EVENT, ["e", {"a": [1]}, "O1"]),
            packed(EVENT, ["e", 2, 3]),
            packed(EVENT, ["e", "x" * 1000]),
            packed(EVENT, ["e", "O2"], id=0),
        )
        await expect(conn)
        conn.reset()

    async def resume(conn: RawConnection) -> None:
        packet = await begin(conn)
        assert packet["data"] == {"pid": "P", "offset": "O1"}
        conn.send_binary(packed(CONNECT, {"sid": "A", "pid": "P"}))

    peer = await serve(cut, resume)
    socket = io(peer.url, parser=parser)
    events = Recorder(socket, "e", "connect")
    await events.wait("connect", 2)
    assert events.count("e") == 4
    assert socket.recovered
    await peer.played()


@BOTH
async def test_a_catch_all_listener_gets_what_nobody_else_does(
    serve: Serve, io: OpenSocket, parser: Any
) -> None:
    async def script(conn: RawConnection) -> None:
        await establish(conn)
        conn.send_binary(
            packed(EVENT, ["unknown"]),
            packed(EVENT, ["e", 1], "/elsewhere"),
            packed(EVENT, ["e", b"2"]),
        )

    peer = await serve(script)
    socket = io(peer.url, parser=parser)
    seen: list[tuple[Any, ...]] = []
    socket.on_any(lambda *args: seen.append(args))
    packets = Recorder(socket.io, "packet")
    events = Recorder(socket, "e")
    assert await events.wait("e") == (b"2",)
    assert seen == [("unknown",), ("e", b"2")]
    shown = [args[0] for args in packets.args("packet")]
    assert [packet.nsp for packet in shown] == ["/", "/", "/elsewhere", "/"]
    assert shown[2].data == ["e", 1]
    await peer.played()


@BOTH
@pytest.mark.parametrize(
    "packet",
    [
        packed(EVENT, []),
        packed(EVENT, None),
        packed(EVENT, [["no name"], 1]),
        packed(EVENT, [None]),
        b"\xc1",
    ],
    ids=["empty", "nil", "array", "nil-name", "never-used"],
)
async def test_an_event_without_a_name_is_a_parse_error(
    serve: Serve, io: OpenSocket, parser: Any, packet: bytes
) -> None:
    async def script(conn: RawConnection) -> None:
        await establish(conn)
        conn.send_binary(packet, packed(EVENT, ["e"]))
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, parser=parser, reconnection=False)
    events = Recorder(socket, "disconnect", "e")
    assert (await events.wait("disconnect"))[0] == "parse error"
    assert events.names == ["disconnect"]
    await peer.played()


@BOTH
async def test_a_number_may_be_a_name(
    serve: Serve, io: OpenSocket, parser: Any
) -> None:
    async def script(conn: RawConnection) -> None:
        await establish(conn)
        conn.send_binary(packed(EVENT, [7, "x"]))

    peer = await serve(script)
    socket = io(peer.url, parser=parser)
    events = Recorder(socket, "7")
    assert await events.wait("7") == ("x",)
    await peer.played()


@BOTH
async def test_a_message_too_large_is_a_parse_error(
    serve: Serve, io: OpenSocket, parser: Any
) -> None:
    async def script(conn: RawConnection) -> None:
        await establish(conn)
        conn.send_binary(packed(EVENT, ["e", "x" * 2000]))
        await conn.until_end()

    peer = await serve(script)
    limits = sioc.Limits(max_packet_size=1500)
    socket = io(peer.url, parser=parser, limits=limits, reconnection=False)
    events = Recorder(socket, "disconnect", "e")
    reason, details = await events.wait("disconnect")
    assert reason == "parse error"
    assert "max_packet_size" in f"{details.description} {details.context}"
    assert events.names == ["disconnect"]
    await peer.played()


async def test_text_is_no_messagepack(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await establish(conn)
        conn.send_text('42["e"]')
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, parser=sioc.parsers.msgpack, reconnection=False)
    events = Recorder(socket, "disconnect", "e")
    assert (await events.wait("disconnect"))[0] == "parse error"
    assert events.names == ["disconnect"]
    await peer.played()


async def test_whatever_a_decoder_raises_is_a_parse_error(
    serve: Serve, io: OpenSocket
) -> None:
    class Broken(Objects):
        class Decoder(sioc.parsers.msgpack.Decoder):
            def add(self, chunk: Any) -> None:
                if chunk == b"broken":
                    raise LookupError("no such thing")
                super().add(chunk)

    async def script(conn: RawConnection) -> None:
        await establish(conn)
        conn.send_binary(b"broken")
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, parser=Broken, reconnection=False)
    events = Recorder(socket, "disconnect")
    reason, details = await events.wait("disconnect")
    assert reason == "parse error"
    assert "no such thing" in f"{details.description} {details.context}"
    await peer.played()


@BOTH
async def test_each_try_of_an_event_is_encoded_with_its_id(
    serve: Serve, io: OpenSocket, parser: Any
) -> None:
    async def script(conn: RawConnection) -> None:
        await establish(conn)
        for number in range(2):
            packet = await expect(conn)
            assert packet == {
                "type": EVENT, "data": ["a", b"1"], "nsp": "/", "id": number
            }  # fmt: skip
        conn.send_binary(packed(ACK, ["ok"], id=1))
        packet = await expect(conn)
        assert (packet["data"], packet["id"]) == (["b", 2], 2)
        conn.send_binary(packed(ACK, [], id=2))

    peer = await serve(script)
    socket = await io(peer.url, parser=parser, retries=3, ack_timeout=0.2)
    assert await socket.emit_with_ack("a", b"1") == "ok"
    socket.emit_prepared(sioc.prepare("b", 2))
    await peer.played()


async def test_more_event_names_than_are_remembered(
    serve: Serve, io: OpenSocket
) -> None:
    numbers = (*range(1030), 0, 1029)

    async def script(conn: RawConnection) -> None:
        await establish(conn)
        for number in numbers:
            assert (await expect(conn))["data"] == [f"e{number}", number]

    peer = await serve(script)
    socket = await io(peer.url, parser=sioc.parsers.msgpack)
    for number in numbers:
        socket.emit(f"e{number}", number)
    await peer.played()


async def test_without_binary_frames_a_packet_is_base64(
    serve: Serve, io: OpenSocket
) -> None:
    """The observer of the connection is told of it as it was before."""

    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        for kind, data in ((CONNECT, None), (EVENT, ["e", 1])):
            text = await conn.next_text()
            assert text.startswith("b")
            packet = msgspec.msgpack.decode(base64.b64decode(text[1:]))
            assert (packet["type"], packet.get("data")) == (kind, data)
            if kind == CONNECT:
                conn.send_binary(packed(CONNECT, {"sid": "A"}))

    peer = await serve(script)
    socket = await io(peer.url, parser=sioc.parsers.msgpack, force_base64=True)
    assert socket.io.engine is not None
    created = Recorder(socket.io.engine, "packetCreate")
    socket.emit("e", 1)
    await peer.played()
    ((packet,),) = created.args("packetCreate")
    assert msgspec.msgpack.decode(packet.data)["data"] == ["e", 1]

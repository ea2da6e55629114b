"""Parsers of the program's own, and of its own types, against real servers."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timezone
from typing import Any

import pytest

import sioc
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket, Serve, StartJs
from peers.js_server import JsServer
from peers.raw_connection import RawConnection
from peers.recorder import Recorder
from sioc import parsers


class Plain:
    """JSON as a custom parser: the compiled classes, wrapped."""

    class Encoder:
        def __init__(self) -> None:
            self.inner = parsers.json.Encoder()

        def encode(self, packet: sioc.Packet) -> list[str | bytes]:
            return self.inner.encode(packet)

    class Decoder(parsers.json.Decoder):
        pass


class Packed:
    """MessagePack the same way."""

    Encoder = parsers.msgpack.Encoder
    Decoder = parsers.msgpack.Decoder


class Lines:
    """A text message per part of a packet."""

    class Encoder:
        def encode(self, packet: sioc.Packet) -> list[str | bytes]:
            return [str(packet.type), packet.nsp, json.dumps([packet.data, packet.id])]

    class Decoder(sioc.EventEmitter):
        def __init__(self) -> None:
            self.parts: list[str] = []

        def add(self, chunk: str | bytes) -> None:
            assert isinstance(chunk, str)
            self.parts.append(chunk)
            if len(self.parts) == 3:
                kind, nsp, rest = self.parts
                self.parts = []
                self.emit("decoded", sioc.Packet(int(kind), nsp, *json.loads(rest)))

        def destroy(self) -> None:
            self.parts = []


@pytest.mark.parametrize("parser", [Plain, Packed], ids=["json", "msgpack"])
async def test_everything_goes_through_a_custom_parser(
    js: JsServer, msgpack_js: JsServer, io: OpenSocket, parser: Any
) -> None:
    server = js if parser is Plain else msgpack_js
    early = io(server.url + "/admin", parser=parser, auto_connect=False)
    early.emit("echo", "held", b"blob")
    socket = await io(server.url, parser=parser, auth={"token": "t"})
    events = Recorder(early, "echo")
    await early.connect()
    socket.on("add", lambda a, b: a + b)

    assert await events.wait("echo") == ("held", b"blob")
    packets = Recorder(socket.io, "packet")
    assert await socket.emit_with_ack("ack", 1, {"b": [b"x"]}) == (1, {"b": [b"x"]})
    assert await server.ask("add", b"1", b"2") == [b"12"]
    assert [join["auth"] for join in await server.joins()] == [{"token": "t"}]
    with pytest.raises(sioc.ConnectError, match="not for you"):
        await io(server.url + "/refused", parser=parser, force_new=True)
    socket.emit_prepared(sioc.prepare("ack", 1))
    await round_trip(socket)
    assert await server.received("ack") == [
        [1, {"b": [b"x"]}], [1], ["round trip"]
    ]  # fmt: skip
    assert packets.args("packet")[0][0].type == sioc.PacketType.ACK
    await server.disconnect()
    assert await socket.wait_closed() == "io server disconnect"


async def test_a_packet_may_be_several_text_messages(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        for part in ("40", "4/", "4[null, null]"):
            await conn.expect_text(part)
        conn.send_text("40", "4/", '4[{"sid":"x"},null]', "42", "4/", '4[["e",1],7]')
        for part in ("43", "4/", "4[[2], 7]"):
            await conn.expect_text(part)
        for part in ("42", "4/", '4[["a", 1], 0]'):
            await conn.expect_text(part)
        conn.send_text("43", "4/", "4[[5],0]")

    peer = await serve(script)
    socket = io(peer.url, parser=Lines)
    socket.on("e", lambda n: n + 1)
    await socket
    assert await socket.emit_with_ack("a", 1) == 5
    await peer.played()


async def test_half_a_packet_is_forgotten_with_its_connection(
    serve: Serve, io: OpenSocket
) -> None:
    async def cut(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        conn.send_text("42", "4/")
        await conn.expect_text("40")
        conn.reset()

    async def join(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        conn.send_text("40", "4/", '4[{"sid":"x"},null]')

    peer = await serve(cut, join)
    socket = io(peer.url, parser=Lines)
    assert await socket.wait_connected(5) is socket


MALFORMED = [
    ("9", "/", "[[],null]"),
    ("2", "/", "[null,null]"),
    ("2", "/", "[[],null]"),
    ("2", "/", '[["connect"],null]'),
    ("2", "/", "[[true],null]"),
    ("2", "/", '[["a"],-1]'),
    ("2", "/", '[["a"],"1"]'),
    ("3", "/", "[[],null]"),
    ("3", "/", "[{},1]"),
    ("0", "/", "[[],null]"),
    ("1", "/", "[1,null]"),
    ("2", "/", "no json"),
    ("x", "/", "[[],null]"),
]


@pytest.mark.parametrize("parts", MALFORMED, ids=repr)
async def test_what_no_packet_can_be_is_a_parse_error(
    serve: Serve, io: OpenSocket, parts: tuple[str, ...]
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        conn.send_text("40", "4/", '4[{"sid":"x"},null]')
        conn.send_text(*["4" + part for part in parts])
        await conn.expect_close()

    peer = await serve(script)
    socket = io(peer.url, parser=Lines, reconnection=False)
    events = Recorder(socket, "disconnect")
    reason, details = await events.wait("disconnect")
    assert reason == "parse error"
    assert details is not None
    await peer.played()


async def test_a_listener_that_raises_is_none_of_the_parsers_business(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io(js.url, parser=Plain)

    @socket.on("echo")
    def broken() -> None:
        raise ValueError("mine")

    socket.emit("echo")
    await round_trip(socket)
    assert socket.connected
    assert len(loop_errors) == 1


@pytest.mark.parametrize("result", [[1], [None], [], "", 5])
async def test_an_encoder_that_returns_nonsense_raises_at_emit(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]], result: Any
) -> None:
    class Nonsense(Plain):
        class Encoder(Plain.Encoder):
            def encode(self, packet: sioc.Packet) -> Any:
                return super().encode(packet) if packet.type == 0 else result

    socket = await io(js.url, parser=Nonsense)
    with pytest.raises((TypeError, ValueError)):
        socket.emit("a")
    assert socket.connected
    # Leaving cannot fail for want of a DISCONNECT packet.
    await socket.disconnect()
    assert not socket.connected
    assert len(loop_errors) == 1


@pytest.mark.parametrize("value", [7, object(), "json", {"Encoder": int}])
def test_what_is_no_parser_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="parser must have an Encoder and a Decoder"):
        sioc.Manager("http://localhost", parser=value, auto_connect=False)


async def test_typed_and_raw_listeners_with_messagepack(
    msgpack_js: JsServer, io: OpenSocket
) -> None:
    socket = await io(msgpack_js.url, parser=parsers.msgpack)
    typed: list[Any] = []
    raw: list[bytes] = []
    plain: list[Any] = []
    socket.on("echo", lambda *args: typed.append(args), types=(datetime, bytes, float))
    socket.on("echo", raw.append, raw=True)
    socket.on("echo", lambda *args: plain.append(args))
    now = datetime(2026, 1, 2, tzinfo=timezone.utc)
    socket.emit("echo", now, b"x", 1)
    await round_trip(socket)
    assert typed == [(now, b"x", 1.0)]
    assert plain == [(now, b"x", 1)]
    assert raw[0][:1] == b"\x93"
    assert socket.io.stats.events_delivered == 1


async def test_an_event_nobody_listens_to_is_not_decoded(
    msgpack_js: JsServer, io: OpenSocket
) -> None:
    socket = await io(msgpack_js.url, parser=parsers.msgpack)
    socket.emit("echo", "x")
    await round_trip(socket)
    assert socket.io.stats.events_skipped == 1


def test_raw_is_not_for_custom_parsers() -> None:
    socket = sioc.io("http://localhost", parser=Plain, auto_connect=False)
    with pytest.raises(ValueError, match="raw=True"):
        socket.on("e", print, raw=True)


class Money:
    """A type that msgspec does not know."""

    def __init__(self, cents: int, seal: bytes = b"") -> None:
        self.cents = cents
        self.seal = seal

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


def encode_money(value: Any) -> Any:
    if isinstance(value, Money):
        return {"cents": value.cents, "seal": value.seal}
    raise NotImplementedError


def decode_money(kind: type, value: Any) -> Any:
    assert kind is Money
    return Money(value["cents"], value["seal"])


@pytest.mark.parametrize("name", ["json", "msgpack"])
async def test_hooks_serve_types_of_the_programs_own(
    js: JsServer, msgpack_js: JsServer, io: OpenSocket, name: str
) -> None:
    module = getattr(parsers, name)
    parser = module.with_options(enc_hook=encode_money, dec_hook=decode_money)
    server = js if name == "json" else msgpack_js
    socket = await io(server.url, parser=parser)
    paid: asyncio.Queue[Any] = asyncio.Queue()
    socket.on("echo", paid.put_nowait, types=Money)
    money = Money(250, b"seal")
    socket.emit("echo", money)
    assert await asyncio.wait_for(paid.get(), 5) == money

    socket.on("question", lambda: {"deep": [money]})
    answer = {"deep": [{"cents": 250, "seal": b"seal"}]}
    assert await server.ask("question") == [answer]
    assert await socket.emit_with_ack("ack", {"deep": [money]}) == answer
    with pytest.raises(TypeError):
        socket.emit("echo", object())
    assert parser.Encoder().encode(sioc.Packet(2, "/", ["e", money]))


def test_a_hook_must_be_a_function() -> None:
    with pytest.raises(TypeError, match="enc_hook must be a function"):
        parsers.json.with_options(enc_hook=7)  # type: ignore[arg-type]
    assert repr(parsers.msgpack.with_options()) == "<parser msgpack>"


async def test_messagepack_recovers_a_session(
    start_js: StartJs, io: OpenSocket
) -> None:
    recovery = {"connectionStateRecovery": {"maxDisconnectionDuration": 60_000}}
    server = await start_js(parser="msgpack", io=recovery)
    socket = await io(
        server.url,
        parser=parsers.msgpack,
        reconnection_delay=0.3,
        reconnection_delay_max=0.3,
    )
    events = Recorder(socket, "news", "connect", "disconnect")
    await server.emit("news", 0)
    await events.wait("news")
    await server.close_engines()
    await events.wait("disconnect")
    await server.emit("news", 1)
    await events.wait("connect")
    assert socket.recovered
    assert [args[0] for args in events.args("news")] == [0, 1]


@pytest.mark.parametrize("transports", [("polling",), ("polling", "websocket")])
async def test_messagepack_goes_by_every_transport(
    msgpack_js: JsServer, io: OpenSocket, transports: tuple[str, ...]
) -> None:
    socket = await io(msgpack_js.url, parser=parsers.msgpack, transports=transports)
    value = {"binary": b"\x00" * 3000, "text": "x" * 3000}
    answers = [socket.emit_with_ack("ack", number, value) for number in range(50)]
    assert await asyncio.gather(*answers) == [(number, value) for number in range(50)]


async def test_a_packet_of_several_messages_goes_by_polling(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url, parser=Plain, transports=("polling",))
    value = [b"one", {"two": b"two"}]
    assert await socket.emit_with_ack("ack", value) == value

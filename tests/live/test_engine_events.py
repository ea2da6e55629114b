"""What an engine tells those who listen: packets, flushes, the upgrade."""

from __future__ import annotations

from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.recorder import Recorder
from sioc._outlet import EnginePacket
from sioc.engine import Engine

BOTH = {"transports": ("polling", "websocket"), "force_new": True}
OUTWARD = ("packetCreate", "flush", "drain")
INWARD = ("packet", "message")


def engine_of(socket: sioc.Socket) -> Engine:
    """Return the engine of a socket's Manager."""
    assert socket.io.engine is not None
    return socket.io.engine


def packets(events: Recorder, event: str) -> list[tuple[Any, ...]]:
    """Return the packets an event has told of, as (type, data)."""
    return [(packet.type, packet.data) for (packet,) in events.args(event)]


async def test_the_transport_s_name_changes_with_the_upgrade(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, **BOTH)
    names: list[str] = []
    socket.on("connect", lambda: names.append(engine_of(socket).transport.name))
    events = Recorder(engine_of(socket), "upgrading", "upgrade", "upgradeError")
    await socket
    (transport,) = await events.wait("upgrade")
    assert names == ["polling"]
    assert transport.name == "websocket"
    assert events.names == ["upgrading", "upgrade"]
    assert engine_of(socket).transport is transport


async def test_polling_goes_on_where_the_upgrade_fails(
    js: JsServer, io: OpenSocket
) -> None:
    elsewhere = {"websocket": {"path": "/elsewhere"}}
    socket = io(js.url, transport_options=elsewhere, **BOTH)
    events = Recorder(engine_of(socket), "upgrading", "upgrade", "upgradeError")
    await socket
    (error,) = await events.wait("upgradeError")
    assert isinstance(error, sioc.TransportError)
    assert str(error).startswith("probe error: ")
    assert isinstance(error.__cause__, sioc.ConnectError)
    assert await socket.emit_with_ack("ack", 1) == 1
    assert engine_of(socket).transport.name == "polling"
    await socket.disconnect()
    assert events.names == ["upgradeError"]


@pytest.mark.parametrize("event", ["open", "upgrading", "upgrade"])
async def test_closing_during_an_upgrade(
    js: JsServer, io: OpenSocket, event: str
) -> None:
    socket = io(js.url, **BOTH)
    engine = engine_of(socket)
    for number in range(3):
        socket.emit("number", number)
    ended = Recorder(engine, "close")
    engine.on(event, lambda *_: socket.disconnect())
    await ended.wait("close")
    await socket.io.close()
    await js.until_connections(0)


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_packets_both_ways(js: JsServer, io: OpenSocket, transport: str) -> None:
    socket = io(js.url, transports=[transport], force_new=True)
    events = Recorder(engine_of(socket), *INWARD, "packetCreate")
    await socket
    assert await socket.emit_with_ack("ack", "x", b"\x01") == ("x", b"\x01")
    sent = '51-0["ack","x",{"_placeholder":true,"num":0}]'
    assert packets(events, "packetCreate") == [
        ("message", "0"),
        ("message", sent),
        ("message", b"\x01"),
    ]
    answer = '61-0["x",{"_placeholder":true,"num":0}]'
    came = packets(events, "packet")
    assert [kind for kind, _ in came] == ["open"] + ["message"] * 3
    assert came[-2:] == [("message", answer), ("message", b"\x01")]
    assert events.args("message")[-2:] == [(answer,), (b"\x01",)]


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_flush_and_drain(js: JsServer, io: OpenSocket, transport: str) -> None:
    socket = await io(js.url, transports=[transport], force_new=True)
    events = Recorder(engine_of(socket), *OUTWARD)
    for number in range(3):
        socket.emit("number", number)
    await events.wait("drain")
    assert events.names == ["packetCreate"] * 3 + ["flush", "drain"]


async def test_whoever_stops_listening_is_told_no_more(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url, force_new=True)
    engine = engine_of(socket)
    events = Recorder(engine, *INWARD, *OUTWARD)
    for event in (*INWARD, *OUTWARD):
        engine.off(event)
    assert await socket.emit_with_ack("ack", 1) == 1
    assert events.calls == []


async def test_a_listener_goes_along_with_the_upgrade(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, **BOTH)
    events = Recorder(engine_of(socket), "upgrade", "packetCreate")
    await socket
    await events.wait("upgrade")
    assert await socket.emit_with_ack("ack", 1) == 1
    assert ("message", '20["ack",1]') in packets(events, "packetCreate")


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_a_listener_may_emit(
    js: JsServer, io: OpenSocket, transport: str
) -> None:
    socket = await io(js.url, transports=[transport], force_new=True)

    def emit_another(packet: EnginePacket) -> None:
        engine_of(socket).off("packetCreate")
        socket.emit("inner", "x" * 10_000)

    engine_of(socket).on("packetCreate", emit_another)
    assert await socket.emit_with_ack("ack", "outer", [1, "é"]) == ("outer", [1, "é"])
    assert [name for name, *_ in await js.received()] == ["inner", "ack"]


async def test_write_sends_a_message_of_its_own(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url, force_new=True)
    engine_of(socket).write('2["number",7]')
    assert await socket.emit_with_ack("ack", 1) == 1
    assert await js.received("number") == [[7]]


def test_a_packet_says_what_it_is() -> None:
    assert repr(EnginePacket("message", "2[1]")) == "EnginePacket('message', '2[1]')"

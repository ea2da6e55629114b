"""The option hooks: packets, acks and states, told as they happen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from sioc import PacketInfo, PacketType
from sioc.engine import Engine

EVENT, ACK, CONNECT = PacketType.EVENT, PacketType.ACK, PacketType.CONNECT


class Notes(sioc.Hooks):
    """Note everything."""

    def __init__(self) -> None:
        self.packets: list[tuple[str, PacketInfo]] = []
        self.acks: list[tuple[str, str, type[Exception] | None]] = []
        self.states: list[tuple[str, str, str]] = []
        self.seconds: list[float] = []

    def packet_in(self, manager: sioc.Manager, packet: PacketInfo) -> None:
        assert isinstance(manager, sioc.Manager)
        self.packets.append(("in", packet))

    def packet_out(self, manager: sioc.Manager, packet: PacketInfo) -> None:
        assert isinstance(manager, sioc.Manager)
        self.packets.append(("out", packet))

    def ack(
        self, socket: sioc.Socket, event: str, seconds: float, error: Exception | None
    ) -> None:
        self.seconds.append(seconds)
        self.acks.append((socket.nsp, event, None if error is None else type(error)))

    def state(
        self, source: sioc.Manager | sioc.Socket | Engine, old: str, new: str
    ) -> None:
        self.states.append((type(source).__name__, old, new))


async def test_packets_in_both_directions(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.join("/chat")
        conn.send_text(
            '42/chat,7["que\\u0073tion",1]',
            '451-/chat,["pic",{"_placeholder":true,"num":0}]',
        )
        conn.send_binary(b"12345")
        conn.send_text("42/chat,[5]", '42["nobody"]')
        await conn.expect_text('42/chat,["a",1]')
        await conn.expect_text('451-/chat,["b",{"_placeholder":true,"num":0}]')
        await conn.expect_binary(b"xyz")
        await conn.expect_text('42/chat,["c"]')
        await conn.expect_text('43/chat,7["yes"]')
        conn.send_text('42/chat,["end"]')
        await conn.until_end()

    peer = await serve(script)
    notes = Notes()
    socket = io(f"{peer.url}/chat", hooks=notes)
    async with socket.stream("question", "end") as stream:
        await socket
        question = await anext(stream)
        socket.emit("a", 1)
        socket.emit("b", b"xyz")
        socket.emit_prepared(sioc.prepare("c"))
        question.ack("yes")
        await asyncio.wait_for(anext(stream), 5)
    chat = "/chat"
    assert [(way, p.type, p.nsp, p.event, p.id, p.attachments)
            for way, p in notes.packets] == [
        ("out", CONNECT, chat, None, None, 0),
        ("in", CONNECT, chat, None, None, 0),
        ("in", EVENT, chat, "question", 7, 0),
        ("in", EVENT, chat, "pic", None, 1),
        ("in", EVENT, chat, "5", None, 0),
        ("in", EVENT, "/", "nobody", None, 0),
        ("out", EVENT, chat, "a", None, 0),
        ("out", EVENT, chat, "b", None, 1),
        ("out", EVENT, chat, "c", None, 0),
        ("out", ACK, chat, None, 7, 0),
        ("in", EVENT, chat, "end", None, 0),
    ]  # fmt: skip
    sizes = {p.event: p.size for _, p in notes.packets}
    assert sizes["pic"] == len('["pic",{"_placeholder":true,"num":0}]') + 5
    assert sizes["a"] == len('42/chat,["a",1]')


async def test_what_is_held_is_told_when_it_goes(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["held",1]')
        await conn.expect_text('420["asked"]')
        conn.send_text("430[]")
        await conn.until_end()

    peer = await serve(script)
    notes = Notes()
    socket = io(peer.url, auto_connect=False, hooks=notes)
    socket.emit("held", 1)
    asking = asyncio.ensure_future(socket.emit_with_ack("asked", timeout=5))
    await asyncio.sleep(0)
    assert notes.packets == []
    await socket.connect()
    await asking
    out = [packet for way, packet in notes.packets if way == "out"]
    assert [(p.type, p.event, p.id) for p in out] == [
        (CONNECT, None, None),
        (EVENT, "held", None),
        (EVENT, "asked", 0),
    ]


async def test_acks_and_how_long_they_took(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["good"]')
        await conn.expect_text('421["callback"]')
        conn.send_text("430[]", "431[]")
        await conn.expect_text('422["late"]')
        await conn.expect_text('423["lost"]')
        conn.end()

    peer = await serve(script)
    notes = Notes()
    socket = await io(peer.url, hooks=notes, reconnection=False)
    good = asyncio.ensure_future(socket.emit_with_ack("good"))
    await asyncio.sleep(0)
    called = asyncio.Event()
    socket.emit("callback", ack=called.set)
    await asyncio.wait_for(called.wait(), 5)
    await good
    with pytest.raises(sioc.AckTimeoutError):
        await socket.emit_with_ack("late", timeout=0.02)
    with pytest.raises(sioc.DisconnectedError):
        await socket.emit_with_ack("lost")
    assert notes.acks == [
        ("/", "good", None),
        ("/", "callback", None),
        ("/", "late", sioc.AckTimeoutError),
        ("/", "lost", sioc.DisconnectedError),
    ]
    assert all(seconds > 0 for seconds in notes.seconds)
    assert notes.seconds[2] >= 0.015


async def test_states(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.until_end()

    notes = Notes()
    socket = await io((await serve(script)).url, hooks=notes)
    await socket.disconnect()
    assert notes.states == [
        ("Socket", "idle", "waiting"),
        ("Manager", "closed", "opening"),
        ("Engine", "opening", "open"),
        ("Manager", "opening", "open"),
        ("Socket", "waiting", "connecting"),
        ("Socket", "connecting", "connected"),
        ("Socket", "connected", "idle"),
        ("Manager", "open", "closed"),
        ("Engine", "open", "closing"),
        ("Engine", "closing", "closed"),
    ]


async def test_each_attempt_has_an_engine_of_its_own(
    serve: Serve, io: OpenSocket
) -> None:
    async def refuse(conn: RawConnection) -> None:
        await conn.read_request()
        conn.end()

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["over"]')
        conn.end()

    notes = Notes()
    peer = await serve(refuse, script)
    socket = io(peer.url, hooks=notes, reconnection_attempts=1)
    await socket.wait_connected(timeout=5)
    async with socket.stream("disconnect") as over:
        socket.emit("over")
        await asyncio.wait_for(anext(over), 5)
    engines = [(old, new) for kind, old, new in notes.states if kind == "Engine"]
    assert engines == [("opening", "closed"), ("opening", "open"), ("open", "closed")]


async def test_a_hook_that_raises_is_reported_and_harms_nothing(
    serve: Serve, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    class Broken(sioc.Hooks):
        def packet_in(self, manager: sioc.Manager, packet: PacketInfo) -> None:
            raise KeyError("k")

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["e",1]')
        await conn.until_end()

    socket = io((await serve(script)).url, hooks=Broken())
    async with socket.stream("e") as stream:
        await socket
        assert (await asyncio.wait_for(anext(stream), 5)).data == 1
    assert [context["message"] for context in loop_errors] == 2 * [
        "the hook packet_in raised"
    ]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
async def test_what_ends_the_program_passes_through_a_hook(
    io: OpenSocket, loop_errors: list[dict[str, Any]], error: type[BaseException]
) -> None:
    class Stop(sioc.Hooks):
        begun = False

        def state(self, source: object, old: str, new: str) -> None:
            if not self.begun:
                self.begun = True
                raise error

    socket = io("http://localhost:1", auto_connect=False, hooks=Stop())
    with pytest.raises(error):
        socket.connect()
    assert loop_errors == []


async def test_catch_alls_come_and_go_beside_the_hooks(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(3):
            await conn.expect_text(f'42["e",{number}]')
        await conn.until_end()

    peer = await serve(script)
    notes = Notes()
    socket = await io(peer.url, hooks=notes)
    seen: list[Any] = []
    assert socket.listeners_any_outgoing() == []
    socket.emit("e", 0)
    socket.on_any_outgoing(lambda *args: seen.append(args))
    socket.emit("e", 1)
    socket.off_any_outgoing()
    socket.emit("e", 2)
    await socket.disconnect()
    await peer.played()
    assert seen == [("e", 1)]
    assert [p.event for way, p in notes.packets if way == "out"].count("e") == 3


def test_hooks_must_be_hooks() -> None:
    with pytest.raises(TypeError, match=r"sioc\.Hooks"):
        sioc.Manager("http://a", hooks=print, auto_connect=False)  # type: ignore[arg-type]


async def test_the_base_class_can_be_used_as_it_is(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["e"]')
        conn.send_text("430[1]")
        await conn.until_end()

    socket = await io((await serve(script)).url, hooks=sioc.Hooks())
    assert await socket.emit_with_ack("e") == 1

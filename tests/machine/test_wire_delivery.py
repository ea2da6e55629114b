"""What goes out once, and what goes out at the next connection (G3, G4)."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.http_peer import HttpPeer, open_packet
from peers.polled import POLLING
from peers.raw_connection import RawConnection
from peers.recorder import Recorder


async def test_what_was_sent_is_not_sent_again(serve: Serve, io: OpenSocket) -> None:
    """Neither an event nor a question: nobody knows whether they have arrived."""

    async def cut(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["e",1]')
        await conn.expect_text('420["q"]')
        conn.reset()

    async def again(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_nothing()

    peer = await serve(cut, again)
    socket = await io(peer.url)
    errors = Recorder(socket, "disconnect")
    answers: list[object] = []
    socket.emit("e", 1)
    socket.emit("q", ack=answers.append)
    await errors.wait("disconnect")
    await peer.played(1)
    assert answers == []


async def test_what_is_held_is_sent_before_connect_and_once(
    serve: Serve, io: OpenSocket
) -> None:
    async def first(conn: RawConnection) -> None:
        await conn.establish()
        conn.reset()

    async def second(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(3):
            await conn.expect_text(f'42["held",{number}]')
        await conn.expect_text('42["in connect"]')
        await conn.expect_nothing()
        conn.reset()

    async def third(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["in connect"]')
        await conn.expect_nothing()

    peer = await serve(first, second, third)
    socket = io(peer.url)
    events = Recorder(socket, "connect", "disconnect")
    await events.wait("disconnect")
    for number in range(3):
        socket.emit("held", number)
    socket.on("connect", lambda: socket.emit("in connect"))
    await peer.played(2)


async def test_a_second_answer_to_connect_sends_nothing_again(
    serve: Serve, io: OpenSocket
) -> None:
    """Neither the event in flight nor the one behind it (R20, H15)."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["first"]')
        conn.send_text('40{"sid":"another"}', '40{"sid":"another"}')
        await conn.expect_nothing()
        conn.send_text("430[]")
        await conn.expect_text('421["second"]')

    peer = await serve(script)
    socket = await io(peer.url, force_new=True, retries=3)
    socket.emit("first")
    socket.emit("second")
    await peer.played()


@pytest.mark.parametrize("ending", ["disconnect", "close the manager", "emit a lot"])
@pytest.mark.parametrize("coroutine", [False, True])
async def test_what_a_listener_may_do(
    serve: Serve, io: OpenSocket, ending: str, coroutine: bool
) -> None:
    """The event behind it is delivered only if the link is still wanted (L02)."""
    count = 2_000 if ending == "emit a lot" else 1

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["e"]')
        for number in range(count):
            await conn.expect_text(f'42["n",{number}]')
        conn.send_text('42["behind"]')
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    events = Recorder(socket, "behind", "disconnect")

    def act() -> None:
        for number in range(count):
            socket.emit("n", number)
        if ending == "disconnect":
            socket.disconnect()
        elif ending == "close the manager":
            socket.io.close()

    async def act_later() -> None:
        await asyncio.sleep(0)
        act()

    socket.on("e", act_later if coroutine else act)
    await socket
    if ending == "emit a lot":
        await events.wait("behind")
        await socket.disconnect()
    await events.wait("disconnect")
    await peer.played()
    assert events.count("behind") == (ending == "emit a lot")


@pytest.mark.parametrize("way", ["emit", "emit_prepared", "volatile"])
async def test_what_does_not_fit_is_neither_sent_nor_counted(
    serve: Serve, io: OpenSocket, way: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["fits"]')
        await conn.until_end()

    limits = sioc.Limits(write_high_water=1000, max_write_buffer=2000)
    socket = await io((await serve(script)).url, limits=limits)
    event = sioc.prepare("too long", "x" * 3000)
    emits = {
        "emit": lambda: socket.emit("too long", "x" * 3000),
        "emit_prepared": lambda: socket.emit_prepared(event),
        "volatile": lambda: socket.volatile.emit_prepared(event),
    }
    before = socket.io.stats.packets_out
    with pytest.raises(sioc.BufferFullError, match="max_write_buffer: 30"):
        emits[way]()
    assert socket.io.stats.packets_out == before
    socket.emit("fits")
    assert socket.io.stats.packets_out == before + 1


@pytest.mark.parametrize("attachment", [None, b"attached"])
async def test_what_was_held_is_sent_whatever_the_write_buffer_may_have(
    serve: Serve, io: OpenSocket, attachment: bytes | None
) -> None:
    """It had a limit of its own, and takes no more memory in the one than the other."""
    count = 10

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(count):
            start = f'["e",{number},' if attachment is None else f'-["e",{number},'
            assert start in await conn.next_text()
            if attachment is not None:
                await conn.expect_binary(attachment)
        await conn.until_end()

    limits = sioc.Limits(write_high_water=1000, max_write_buffer=2000)
    server = await serve(script)
    socket = io(server.url, limits=limits)
    for number in range(count):
        socket.emit("e", number, "x" * 1500, attachment)
    await socket
    with pytest.raises(sioc.BufferFullError, match="max_write_buffer"):
        socket.emit("e", "x" * 3000)
    await socket.disconnect()
    await server.played()


async def test_what_has_to_go_goes_however_much_is_unsent(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """Pongs, and the CONNECT and DISCONNECT of namespaces."""
    limits = sioc.Limits(write_high_water=1000, max_write_buffer=2000)
    socket = io(http_peer.url, limits=limits, auto_connect=False, **POLLING)
    for number in range(10):
        socket.emit("e", number, "x" * 1500)
    first = asyncio.ensure_future(http_peer.get())
    socket.connect()
    handshake = open_packet(maxPayload=3000)
    (await first).deliver(handshake, '40{"sid":"x"}', "2")
    await socket
    socket.io.socket("/other").connect()
    leaving = socket.disconnect()
    sent: list[str] = []
    while "41" not in sent:
        post = await http_peer.post()
        sent += post.packets
        post.answer()
    assert [packet for packet in sent if packet[:2] != "42"] == [
        "40",
        "3",
        "40/other,",
        "41",
    ]
    assert len(sent) == 14
    await asyncio.wait_for(leaving, 5)

"""The life of a session by HTTP long-polling: what is in flight, and how it ends."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.http_peer import HttpPeer
from peers.polled import BOTH, ONCE, POLLING, connect, engine_of, without_pings
from peers.recorder import Recorder

# One GET, one POST.


async def test_the_next_get_follows_at_once(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    _, waiting = await connect(http_peer, io)
    for _ in range(20):
        waiting.deliver("6")
        waiting = await http_peer.get()
    # HttpPeer sees to it that there was never a second one.
    assert http_peer.kinds.count("GET") == 23


async def test_events_come_while_a_post_is_in_flight(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting = await connect(http_peer, io)
    events = Recorder(socket, "e")
    socket.emit("out")
    post = await http_peer.post()
    waiting.deliver('42["e"]')
    await events.wait("e")
    assert post.in_flight
    post.answer()


async def test_a_pong_does_not_wait_for_a_get(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    _, waiting = await connect(http_peer, io)
    waiting.deliver("2probe")
    await http_peer.expect_post("3")
    assert (await http_peer.get()).in_flight


async def test_pings_that_pile_up_are_answered_once(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    _, waiting = await connect(http_peer, io)
    waiting.deliver(*["2"] * 1000)
    post = await http_peer.post()
    assert post.packets == ["3"]
    waiting = await http_peer.get()
    waiting.deliver(*["2"] * 1000)
    waiting = await http_peer.get()
    post.answer()
    await http_peer.expect_post("3")


async def test_drain_waits_for_the_answer(http_peer: HttpPeer, io: OpenSocket) -> None:
    limits = sioc.Limits(write_high_water=1000)
    socket, _ = await connect(http_peer, io, limits=limits)
    socket.emit("e", "x" * 2000)
    drained = asyncio.ensure_future(socket.drain())
    post = await http_peer.post()
    assert socket.buffered_amount > 2000
    assert not drained.done()
    post.answer()
    await asyncio.wait_for(drained, 4)
    assert socket.buffered_amount == 0


async def test_a_volatile_emit_needs_a_free_transport(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, _ = await connect(http_peer, io)
    socket.volatile.emit("sent")
    post = await http_peer.post()
    assert post.packets == ['42["sent"]']
    socket.volatile.emit("dropped")
    socket.emit("kept")
    post.answer()
    await http_peer.expect_post('42["kept"]')


async def test_too_much_unsent_is_refused(http_peer: HttpPeer, io: OpenSocket) -> None:
    limits = sioc.Limits(write_high_water=1000, max_write_buffer=2000)
    socket, _ = await connect(http_peer, io, limits=limits)
    socket.emit("e", "x" * 1500)
    post = await http_peer.post()
    with pytest.raises(sioc.BufferFullError):
        socket.emit("e", b"x" * 900)
    with pytest.raises(sioc.BufferFullError):
        engine_of(socket).write(b"x" * 900)
    post.answer()
    socket.emit("small")
    await http_peer.expect_post('42["small"]')


# engine.write (6.5).


async def test_writing_to_an_engine_that_is_no_more_is_ignored(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, _ = await connect(http_peer, io)
    engine = engine_of(socket)
    with pytest.raises(TypeError):
        engine.write(5)
    engine.write("before")
    engine.close()
    assert engine.ready_state == "closing"
    engine.write("after")
    await http_peer.expect_post("4before")
    await http_peer.expect_post("1")
    await asyncio.wait_for(engine.wait_ended(), 4)
    assert engine.ready_state == "closed"
    engine.write("later")


async def test_an_engine_closed_in_its_open_event_sends_nothing_but_the_close(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **POLLING, **ONCE)
    await asyncio.sleep(0)
    engine = engine_of(socket)

    def close() -> None:
        engine.close()
        engine.write("never")

    engine.on("open", close)
    await http_peer.open(upgrades=["websocket"])
    post = await http_peer.post()
    assert "4never" not in post.packets
    if post.packets == ["40"]:
        # The Manager's CONNECT came before the event.
        post.answer()
        post = await http_peer.post()
    assert post.packets == ["1"]
    post.answer()
    await asyncio.wait_for(engine.wait_ended(), 4)


# Closing (6.7, 7.1.8).


async def test_closing_sends_what_waits_and_then_goodbye(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting = await connect(http_peer, io)
    socket.emit("first")
    first = await http_peer.post()
    socket.emit("second", b"\x00")
    closed = asyncio.ensure_future(socket.disconnect())
    socket.emit("third")
    first.answer()
    post = await http_peer.post()
    assert post.packets == [
        '451-["second",{"_placeholder":true,"num":0}]',
        "bAA==",
        "41",
    ]
    assert not closed.done()
    post.answer()
    await http_peer.expect_post("1")
    await asyncio.wait_for(closed, 4)
    await waiting.aborted()
    assert http_peer.kinds.count("GET") == 3


async def test_closing_is_bounded(http_peer: HttpPeer, io: OpenSocket) -> None:
    socket, waiting = await connect(http_peer, io, close_timeout=0.1)
    socket.emit("e")
    post = await http_peer.post()
    await asyncio.wait_for(socket.disconnect(), 4)
    await post.aborted()
    await waiting.aborted()


async def test_a_goodbye_that_is_not_answered_does_not_hold(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting = await connect(http_peer, io, close_timeout=0.1)
    closed = asyncio.ensure_future(socket.disconnect())
    await http_peer.expect_post("41")
    goodbye = await http_peer.post()
    assert goodbye.body == b"1"
    await asyncio.wait_for(closed, 4)
    await goodbye.aborted()
    await waiting.aborted()


async def test_a_ping_timeout_says_goodbye_and_nothing_else(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **(POLLING | ONCE | {"close_timeout": 4}))
    # A POST may take a tenth longer: time for its answer, below.
    waiting = await http_peer.establish(pingInterval=100, pingTimeout=1900)
    events = Recorder(socket, "disconnect")
    engine = engine_of(socket)
    await socket.wait_connected(5)
    socket.emit("on its way")
    post = await http_peer.post()
    socket.emit("too late")
    assert (await events.wait("disconnect"))[0] == "ping timeout"
    post.answer()
    await http_peer.expect_post("1")
    await asyncio.wait_for(engine.wait_ended(), 3)
    await waiting.aborted()


async def test_a_goodbye_to_a_server_that_is_gone_does_not_hold(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting = await without_pings(http_peer, io)
    engine = engine_of(socket)
    await socket.wait_connected(5)
    goodbye = await http_peer.post()
    assert goodbye.body == b"1"
    await asyncio.wait_for(engine.wait_ended(), 3)
    await goodbye.aborted()
    await waiting.aborted()


async def test_disconnecting_before_the_handshake_aborts_the_request(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **POLLING)
    first = await http_peer.get()
    await asyncio.wait_for(socket.disconnect(), 4)
    await first.aborted()
    assert http_peer.kinds == ["GET"]


@pytest.mark.parametrize("packets", [("1",), ("6", "1"), ("1", "42[]", '42["behind"]')])
async def test_a_close_packet_ends_the_session(
    http_peer: HttpPeer, io: OpenSocket, packets: tuple[str, ...]
) -> None:
    socket, waiting = await connect(http_peer, io, reconnection=False)
    events = Recorder(socket, "behind", "disconnect")
    waiting.deliver(*packets)
    reason, details = await events.wait("disconnect")
    assert reason == "transport close"
    assert details.description == "transport closed by the server"
    await engine_ended(socket)
    assert events.names == ["disconnect"]
    assert http_peer.kinds.count("GET") == 3


async def engine_ended(socket: sioc.Socket) -> None:
    """Wait until nothing of the connection is left open."""
    await asyncio.wait_for(engine_of(socket).wait_ended(), 4)


@pytest.mark.parametrize("behind", ["1", "", "9", "bad", '0{"sid":"again"}'])
@pytest.mark.parametrize("upgrades", [[], ["websocket"]], ids=["", "upgradable"])
async def test_a_session_that_ends_in_the_answer_it_began_with(
    http_peer: HttpPeer, io: OpenSocket, behind: str, upgrades: list[str]
) -> None:
    socket = io(http_peer.url, **BOTH, **ONCE)
    events = Recorder(socket, "disconnect", "connect", "connect_error")
    closed = Recorder(socket.io, "open", "close")
    await http_peer.open(behind, upgrades=upgrades)
    await closed.wait("close")
    await engine_ended(socket)
    assert "connect" not in events.names
    await asyncio.wait_for(socket.disconnect(), 4)


async def test_slow_listeners_that_end_after_a_goodbye_ask_for_no_more(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    limits = sioc.Limits(max_pending_handlers=2)
    socket, waiting = await connect(http_peer, io, limits=limits)
    started, release = asyncio.Event(), asyncio.Event()

    @socket.on("e")
    async def listener(number: int) -> None:
        if number == 2:
            started.set()
        await release.wait()

    waiting.deliver('42["e",1]', '42["e",2]')
    await asyncio.wait_for(started.wait(), 5)
    before = http_peer.kinds.count("GET")
    leaving = socket.disconnect()
    post = await http_peer.post()
    release.set()
    while socket.io.wire.crowded:
        await asyncio.sleep(0)
    post.answer()
    await asyncio.wait_for(leaving, 5)
    assert http_peer.kinds.count("GET") == before


async def test_writing_to_an_engine_that_is_not_open_yet(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url)
    with pytest.raises(RuntimeError, match="not open yet"):
        engine_of(socket).write("x")

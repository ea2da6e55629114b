"""The upgrade from polling to WebSocket on the wire (6.8, golden trace 13.2)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from peers.fixture_types import OpenSocket
from peers.http_peer import HttpPeer
from peers.polled import BOTH, change_over, engine_of, probe, upgraded
from peers.recorder import Recorder


async def test_the_order_on_the_wire(http_peer: HttpPeer, io: OpenSocket) -> None:
    socket = io(http_peer.url, **BOTH)
    await asyncio.sleep(0)
    names = "open", "handshake", "upgrading", "upgrade", "upgradeError"
    events = Recorder(engine_of(socket), *names)
    waiting = await http_peer.establish(upgrades=["websocket"])
    conn = (await http_peer.upgrade()).accept()
    await conn.expect_text("2probe")
    engine = engine_of(socket)
    assert engine.transport.name == "polling"
    conn.send_text("3probe")
    (transport,) = await events.wait("upgrading")
    assert transport.name == "websocket"
    assert engine.transport.name == "polling"
    assert waiting.in_flight
    waiting.deliver("6")
    await conn.expect_text("5")
    await events.wait("upgrade")
    assert engine.transport is transport
    assert events.names == ["handshake", "open", "upgrading", "upgrade"]
    socket.emit("e", 1)
    await conn.expect_text('42["e",1]')
    conn.send_text("2")
    await conn.expect_text("3")
    assert http_peer.kinds.count("UPGRADE") == 1
    assert http_peer.kinds.count("GET") == 3


async def test_what_waits_during_the_pause_comes_behind_the_five(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting, conn = await probe(http_peer, io)
    upgrading = Recorder(engine_of(socket), "upgrading")
    conn.send_text("3probe")
    await upgrading.wait("upgrading")
    for number in range(3):
        socket.emit("e", number)
    socket.emit("b", b"\x01\x02")
    socket.emit("e", "é😀")
    waiting.deliver('42["last"]', "6")
    await conn.expect_text("5")
    for number in range(3):
        await conn.expect_text(f'42["e",{number}]')
    await conn.expect_text('451-["b",{"_placeholder":true,"num":0}]')
    await conn.expect_binary(b"\x01\x02")
    await conn.expect_text('42["e","é😀"]')
    assert http_peer.kinds.count("POST") == 1


async def test_a_post_in_flight_is_waited_for(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting, conn = await probe(http_peer, io)
    socket.emit("e", 1)
    post = await http_peer.post()
    upgrading = Recorder(engine_of(socket), "upgrading")
    conn.send_text("3probe")
    await upgrading.wait("upgrading")
    socket.emit("e", 2)
    waiting.deliver('42["in"]')
    assert engine_of(socket).transport.name == "polling"
    with pytest.raises(AssertionError):
        await conn.next_text(timeout=0.05)
    post.answer()
    # The reading of the frame was cancelled above between frames: nothing is lost.
    await conn.expect_text("5")
    await conn.expect_text('42["e",2]')


async def test_emitting_at_every_moment_of_the_change_over(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """What is emitted in any turn of the loop arrives once, in order, by either way."""
    for turns in range(12):
        socket, waiting, conn = await probe(http_peer, io, force_new=True)
        upgrading = Recorder(engine_of(socket), "upgrading")
        conn.send_text("3probe")
        await upgrading.wait("upgrading")
        count = 0
        for _ in range(turns):
            socket.emit("e", count)
            count += 1
            await asyncio.sleep(0)
        waiting.deliver("6")
        got: list[str] = []
        frames = asyncio.ensure_future(conn.next_text())
        while not frames.done():
            post = asyncio.ensure_future(http_peer.post())
            await asyncio.wait((frames, post), return_when=asyncio.FIRST_COMPLETED)
            if post.done():
                got += post.result().packets
                post.result().answer()
            else:
                post.cancel()
        assert await frames == "5"
        while len(got) < count:
            got.append(await conn.next_text())
        assert got == [f'42["e",{number}]' for number in range(count)]
        socket.disconnect()
        await conn.expect_text("41")


async def test_pongs_go_where_the_session_is(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting, conn = await probe(http_peer, io)
    upgrading = Recorder(engine_of(socket), "upgrading")
    conn.send_text("3probe")
    await upgrading.wait("upgrading")
    waiting.deliver("2", "6")
    await conn.expect_text("5")
    await conn.expect_text("3")
    conn.send_text("2")
    await conn.expect_text("3")


async def test_the_old_connections_are_closed(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    _, conn = await upgraded(http_peer, io)
    for other in http_peer.connections:
        if other is not conn:
            await other.closed()


async def test_the_heartbeat_goes_on_after_the_upgrade(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **BOTH, reconnection=False)
    waiting = await http_peer.establish(
        upgrades=["websocket"], pingInterval=200, pingTimeout=200
    )
    conn = (await http_peer.upgrade()).accept()
    await conn.expect_text("2probe")
    await change_over(socket, waiting, conn)
    reason, _ = await Recorder(socket, "disconnect").wait("disconnect")
    assert reason == "ping timeout"


@pytest.mark.parametrize("offered", [[], ["webtransport"], ["polling"], ["unknown"]])
async def test_no_probe_without_a_candidate(
    http_peer: HttpPeer, io: OpenSocket, offered: list[str]
) -> None:
    io(http_peer.url, **BOTH)
    waiting = await http_peer.establish(upgrades=offered)
    waiting.deliver("6")
    await http_peer.get()
    assert "UPGRADE" not in http_peer.kinds


@pytest.mark.parametrize(
    "offered",
    [
        ["polling", "websocket"],
        ["webtransport", "websocket"],
        ["websocket", "websocket"],
    ],
)
async def test_one_probe_for_the_candidate(
    http_peer: HttpPeer, io: OpenSocket, offered: list[str]
) -> None:
    io(http_peer.url, **BOTH)
    await http_peer.open(upgrades=offered)
    conn = (await http_peer.upgrade()).accept()
    await conn.expect_text("2probe")
    await http_peer.join()
    assert http_peer.kinds.count("UPGRADE") == 1


@pytest.mark.parametrize(
    "options", [{"upgrade": False}, {"transports": ("polling",)}], ids=str
)
async def test_no_probe_if_not_wanted(
    http_peer: HttpPeer, io: OpenSocket, options: dict[str, Any]
) -> None:
    io(http_peer.url, **(BOTH | options))
    waiting = await http_peer.establish(upgrades=["websocket"])
    waiting.deliver("6")
    await http_peer.get()
    assert "UPGRADE" not in http_peer.kinds


# Closing and upgrading (6.7).


async def test_closing_waits_for_an_upgrade_under_way(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting, conn = await probe(http_peer, io, close_timeout=4)
    engine = engine_of(socket)
    events = Recorder(engine, "upgrading", "upgrade", "close")
    conn.send_text("3probe")
    await events.wait("upgrading")
    socket.emit("e", 1)
    closed = asyncio.ensure_future(socket.disconnect())
    await asyncio.sleep(0)
    assert engine.ready_state == "closing"
    socket.emit("never")
    waiting.deliver("6")
    await conn.expect_text("5")
    await conn.expect_text('42["e",1]')
    await conn.expect_text("41")
    conn.send_close(1000)
    await conn.until_end()
    await asyncio.wait_for(closed, 4)
    assert events.names == ["upgrading", "upgrade", "close"]
    assert events.args("close")[0][0] == "forced close"


async def test_closing_during_an_upgrade_that_fails(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting, conn = await probe(http_peer, io, close_timeout=4)
    events = Recorder(engine_of(socket), "upgrading", "upgradeError", "close")
    conn.send_text("3probe")
    await events.wait("upgrading")
    socket.emit("e", 1)
    closed = asyncio.ensure_future(socket.disconnect())
    await asyncio.sleep(0)
    conn.abort()
    await http_peer.expect_post('42["e",1]', "41")
    await http_peer.expect_post("1")
    await asyncio.wait_for(closed, 4)
    await waiting.aborted()
    assert events.names == ["upgrading", "upgradeError", "close"]


async def test_closing_does_not_wait_for_a_probe(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, _, conn = await probe(http_peer, io, close_timeout=4)
    events = Recorder(engine_of(socket), "upgradeError", "close")
    closed = asyncio.ensure_future(socket.disconnect())
    await http_peer.expect_post("41")
    await http_peer.expect_post("1")
    await asyncio.wait_for(closed, 4)
    await conn.closed()
    assert sorted(events.names) == ["close", "upgradeError"]
    ((error,),) = events.args("upgradeError")
    assert str(error) == "probe error: socket closed"


async def test_the_session_ends_while_a_probe_is_under_way(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting, conn = await probe(http_peer, io, reconnection=False)
    engine = engine_of(socket)
    events = Recorder(engine, "upgradeError", "close")
    waiting.deliver("1")
    await events.wait("close")
    await conn.closed()
    await asyncio.wait_for(engine.wait_ended(), 4)
    assert sorted(events.names) == ["close", "upgradeError"]


async def test_a_reconnection_upgrades_again(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, conn = await upgraded(http_peer, io)
    events = Recorder(socket, "connect")
    conn.reset()
    waiting = await http_peer.establish(sid="two", upgrades=["websocket"])
    upgrade = await http_peer.upgrade()
    assert upgrade.query["sid"] == "two"
    conn = upgrade.accept()
    await conn.expect_text("2probe")
    await change_over(socket, waiting, conn)
    assert events.count("connect") == 1


async def test_remember_upgrade_begins_with_the_websocket_next_time(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    _, conn = await upgraded(http_peer, io, remember_upgrade=True)
    conn.reset()
    upgrade = await http_peer.upgrade()
    assert "sid" not in upgrade.query
    conn = upgrade.accept()
    conn.open_packet()
    await conn.join()


async def test_reading_that_was_paused_stays_paused(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting, conn = await probe(http_peer, io)
    events = Recorder(socket, "in")
    engine = engine_of(socket)
    engine.pause_reading(True)
    await change_over(socket, waiting, conn)
    conn.send_text('42["in"]')
    for number in range(3):
        # A way there and back, in which it would have been read.
        socket.emit("out", number)
        await conn.expect_text(f'42["out",{number}]')
    assert events.calls == []
    engine.pause_reading(False)
    await events.wait("in")


async def test_an_answer_that_comes_as_the_socket_leaves(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting, conn = await probe(http_peer, io)
    events = Recorder(engine_of(socket), "upgrading", "upgradeError")
    conn.send_text("3probe")
    leaving = socket.disconnect()
    await http_peer.expect_post("41")
    await http_peer.expect_post("1")
    waiting.deliver("6")
    await asyncio.wait_for(leaving, 5)
    assert events.names == ["upgradeError"]


@pytest.mark.parametrize("moment", ["probing", "pausing"])
async def test_an_upgrade_whose_task_somebody_cancels(
    http_peer: HttpPeer, io: OpenSocket, moment: str
) -> None:
    """Whoever ends a program cancels all tasks; here the session goes on."""
    socket, waiting, conn = await probe(http_peer, io)
    events = Recorder(engine_of(socket), "upgrading", "upgradeError")
    if moment == "pausing":
        conn.send_text("3probe")
        await events.wait("upgrading")
    (task,) = (task for task in asyncio.all_tasks() if "Upgrade.run" in repr(task))
    task.cancel()
    ((error,),) = (await events.wait("upgradeError"),)
    assert str(error) == "probe error: its task was cancelled"
    waiting.deliver('42["in"]')
    await socket.wait_for("in", timeout=5)
    assert engine_of(socket).transport.name == "polling"

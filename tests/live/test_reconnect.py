"""Reconnecting: a server that dies and comes back, and one that does not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

import sioc
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket, Serve, StartJs
from peers.js_server import JsServer
from peers.raw_connection import RawConnection
from peers.raw_peer import welcome
from peers.recorder import Recorder

MANAGER_EVENTS = (
    "open",
    "error",
    "close",
    "reconnect_attempt",
    "reconnect",
    "reconnect_error",
    "reconnect_failed",
)


def journalled(journal: Path, event: str) -> list[Any]:
    """Return the arguments of an event as servers, dead ones too, received it."""
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    return [entry["args"] for entry in entries if entry["name"] == event]


async def test_a_killed_server_comes_back(
    start_js: StartJs, io: OpenSocket, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    server = await start_js(journal=journal)
    socket = await io(server.url)
    events = Recorder(socket, "connect", "disconnect")
    socket.emit("order", "before")
    await round_trip(socket)

    server.kill()
    assert (await events.wait("disconnect"))[0] == "transport close"
    socket.emit("order", "between", 1)
    socket.emit("order", "between", 2)
    await server.start()
    await events.wait("connect")
    socket.emit("order", "after")
    await round_trip(socket)

    assert events.names == ["disconnect", "connect"]
    assert journalled(journal, "order") == [
        ["before"],
        ["between", 1],
        ["between", 2],
        ["after"],
    ]


async def test_the_manager_tells_of_a_reconnection(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js()
    socket = await io(server.url)
    manager = Recorder(socket.io, *MANAGER_EVENTS)
    server.kill()
    await manager.wait("reconnect_error")
    await server.start()
    (attempt,) = await manager.wait("reconnect")

    assert manager.names[0] == "close"
    assert manager.names[-2:] == ["open", "reconnect"]
    attempts = [args[0] for args in manager.args("reconnect_attempt")]
    assert attempts == list(range(1, attempt + 1))
    assert attempt >= 2
    await socket.wait_connected(timeout=5)
    assert socket.io.stats.reconnections == 1


async def test_the_attempts_end_with_reconnect_failed(
    dead_port: int, io: OpenSocket
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}", reconnection_attempts=2)
    manager = Recorder(socket.io, *MANAGER_EVENTS)
    errors = Recorder(socket, "connect_error")
    await manager.wait("reconnect_failed")
    await manager.wait("reconnect_error", 2)

    # Golden trace 13.6 of the behaviour document.
    assert manager.names == [
        "error",
        "reconnect_attempt",
        "error",
        "reconnect_error",
        "reconnect_attempt",
        "error",
        "reconnect_failed",
        "reconnect_error",
    ]
    assert manager.args("reconnect_attempt") == [(1,), (2,)]
    assert [type(args[0]) for args in errors.args("connect_error")] == (
        [sioc.ConnectError] * 3
    )


async def test_connecting_another_namespace_does_not_cut_a_delay_short(
    dead_port: int, io: OpenSocket
) -> None:
    delay = {"reconnection_delay": 60, "reconnection_delay_max": 60}
    root = io(f"http://127.0.0.1:{dead_port}", **delay)
    await Recorder(root.io, "error").wait("error")
    assert "waiting" in repr(root.io)
    root.io.socket("/other").connect()
    assert "waiting" in repr(root.io)


async def test_wait_connected_raises_when_no_attempt_is_left(
    dead_port: int, io: OpenSocket
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}", reconnection_attempts=2)
    attempts = Recorder(socket.io, "reconnect_attempt")
    with pytest.raises(sioc.SocketIOError):
        await asyncio.wait_for(socket.wait_connected(), 5)
    assert attempts.args("reconnect_attempt") == [(1,), (2,)]


async def test_wait_connected_waits_through_reconnections(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js()
    socket = await io(server.url)
    events = Recorder(socket, "disconnect")
    server.kill()
    await events.wait("disconnect")
    waiting = asyncio.ensure_future(socket.wait_connected(timeout=8))
    await server.start()
    await waiting
    assert socket.connected


async def test_a_first_failure_is_retried(start_js: StartJs, io: OpenSocket) -> None:
    server = await start_js()
    server.kill()
    socket = io(server.url)
    with pytest.raises(sioc.ConnectError):
        await socket
    assert socket.active
    await server.start()
    await socket.wait_connected(timeout=8)
    await round_trip(socket)


async def test_without_reconnection_a_lost_link_stays_lost(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url, reconnection=False)
    events = Recorder(socket, "connect", "disconnect")
    attempts = Recorder(socket.io, "reconnect_attempt")
    await js.close_engines()
    await events.wait("disconnect")
    await asyncio.sleep(0.3)

    assert events.names == ["disconnect"]
    assert attempts.calls == []
    await socket.connect()
    await round_trip(socket)


async def test_disconnecting_while_waiting_stops_the_attempts(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js()
    socket = await io(server.url)
    manager = Recorder(socket.io, "reconnect_attempt")
    server.kill()
    await manager.wait("reconnect_attempt", 2)
    await socket.disconnect()
    seen = manager.count("reconnect_attempt")
    await asyncio.sleep(0.3)
    assert manager.count("reconnect_attempt") == seen

    # A later connect starts afresh.
    await server.start()
    await socket.connect()
    await round_trip(socket)


async def test_reconnection_goes_on_for_the_other_namespace(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js()
    root, admin = await io(server.url), await io(server.url + "/admin")
    manager = Recorder(root.io, "reconnect_attempt")
    server.kill()
    await manager.wait("reconnect_attempt")
    await root.disconnect()
    await server.start()
    await admin.wait_connected(timeout=8)
    assert not root.active
    assert len(await server.joins()) == 0


async def test_attempts_can_be_switched_off_while_running(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "disconnect", "connect")
    socket.io.reconnection = False
    await js.close_engines()
    await events.wait("disconnect")
    await asyncio.sleep(0.3)
    assert events.names == ["disconnect"]


async def test_an_ack_waits_over_the_outage_when_it_was_not_sent(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js()
    socket = await io(server.url)
    events = Recorder(socket, "disconnect")
    server.kill()
    await events.wait("disconnect")
    waiting = asyncio.ensure_future(socket.emit_with_ack("ack", "buffered"))
    await server.start()
    assert await asyncio.wait_for(waiting, 8) == "buffered"


async def test_a_volatile_emit_in_an_outage_is_dropped(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js()
    socket = await io(server.url)
    events = Recorder(socket, "disconnect", "connect")
    server.kill()
    await events.wait("disconnect")
    socket.volatile.emit("gone", 1)
    await server.start()
    await events.wait("connect")
    await round_trip(socket)
    assert await server.received("gone") == []


async def test_no_two_attempts_overlap(serve: Serve, io: OpenSocket) -> None:
    peer = await serve(welcome)
    socket = await io(peer.url, reconnection_delay=0.01, reconnection_delay_max=0.02)
    attempts = Recorder(socket.io, "reconnect_attempt", "reconnect_error")
    peer.connections[0].reset()
    # Every further connection is aborted by the peer.
    await attempts.wait("reconnect_error", 5)
    assert attempts.names[:10] == ["reconnect_attempt", "reconnect_error"] * 5


@pytest.mark.parametrize(("stable", "attempts"), [(0.0, 1), (60.0, 4)])
async def test_a_connection_that_has_held_lets_the_delays_begin_anew(
    serve: Serve,
    io: OpenSocket,
    monkeypatch: pytest.MonkeyPatch,
    stable: float,
    attempts: int,
) -> None:
    async def drop(conn: RawConnection) -> None:
        await conn.establish()
        conn.end()

    monkeypatch.setattr("sioc.manager.STABLE", stable)
    socket = io((await serve(drop)).url, reconnection_delay=60.0)
    backoff = socket.io._backoff
    for _ in range(3):
        backoff.duration()
    events = Recorder(socket, "disconnect")
    await events.wait("disconnect")
    assert backoff.attempts == attempts

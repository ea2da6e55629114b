"""Requests of HTTP long-polling that fail, or that nobody answers."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.http_peer import HttpPeer
from peers.polled import ONCE, POLLING, connect, send_pings, without_pings
from peers.recorder import Recorder

# Errors (7.0.4, 7.1.3).

BAD_STATUSES = ["204 No Content", "201 Created", "400 Bad Request", "500 Oops"]


@pytest.mark.parametrize("status", BAD_STATUSES)
async def test_a_get_with_a_wrong_status_ends_the_session(
    http_peer: HttpPeer, io: OpenSocket, status: str
) -> None:
    """Golden trace 13.10: error, disconnect, close, POST 1, a new session."""
    socket, waiting = await connect(http_peer, io)
    trace: list[str] = []
    socket.io.on("error", lambda error: trace.append(f"error {error.description}"))
    socket.on("disconnect", lambda reason: trace.append(reason))
    socket.io.on("close", lambda reason: trace.append("close"))
    socket.io.on("reconnect", lambda number: trace.append(f"reconnect {number}"))
    body = "" if status.startswith("204") else '{"code":1,"message":"x"}'
    waiting.answer(body, status, Content_Type="application/json")
    await http_peer.expect_post("1")
    again = await http_peer.get()
    assert "sid" not in again.query
    again.deliver(
        '0{"sid":"two","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
    )
    await http_peer.join()
    number = int(status[:3])
    assert trace[0] == f"error {number}"
    assert sorted(trace[1:3]) == ["close", "transport error"]
    assert trace[3] == "reconnect 1"


@pytest.mark.parametrize("status", BAD_STATUSES)
async def test_a_post_with_a_wrong_status_ends_the_session(
    http_peer: HttpPeer, io: OpenSocket, status: str
) -> None:
    socket, _ = await connect(http_peer, io, reconnection=False)
    events = Recorder(socket, "disconnect")
    socket.emit("e")
    (await http_peer.post()).answer("", status)
    reason, details = await events.wait("disconnect")
    assert reason == "transport error"
    error = details.context["error"]
    assert isinstance(error, sioc.TransportError)
    assert str(error).startswith("xhr post error")
    assert error.description == int(status[:3])
    await http_peer.expect_post("1")


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_connection_that_breaks_ends_the_session(
    http_peer: HttpPeer, io: OpenSocket, method: str
) -> None:
    socket, waiting = await connect(http_peer, io, reconnection=False)
    events = Recorder(socket, "disconnect")
    broken = waiting
    if method == "post":
        socket.emit("e")
        broken = await http_peer.post()
    broken.send_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n4")
    broken.take_over().reset()
    reason, details = await events.wait("disconnect")
    assert reason == "transport error"
    assert str(details.context["error"]).startswith(
        f"xhr {'poll' if method == 'get' else 'post'} error"
    )
    await asyncio.wait_for(socket.io.close(), 4)


async def test_a_handshake_that_is_refused(http_peer: HttpPeer, io: OpenSocket) -> None:
    socket = io(http_peer.url, **POLLING, **ONCE)
    first = await http_peer.get()
    first.answer(
        '{"code":4,"message":"Forbidden"}',
        "403 Forbidden",
        Content_Type="application/json",
        X_Reason="because",
    )
    with pytest.raises(sioc.ConnectError) as raised:
        await socket.wait_connected(5)
    error = raised.value
    assert (error.stage, error.status) == ("http", 403)
    assert error.headers is not None
    assert error.headers["X-Reason"] == "because"
    assert error.body == b'{"code":4,"message":"Forbidden"}'
    assert http_peer.kinds == ["GET"]


async def test_a_server_of_the_second_version_is_named(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **POLLING, **ONCE)
    (await http_peer.get()).answer(
        '{"code":5,"message":"Unsupported protocol version"}', "400 Bad Request"
    )
    with pytest.raises(sioc.UnsupportedServerError):
        await socket.wait_connected(5)


# Timeouts.


async def test_request_timeout_of_the_first_get(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **POLLING, **ONCE, request_timeout=0.05)
    with pytest.raises(sioc.ConnectError, match="request_timeout"):
        await socket.wait_connected(5)
    await (await http_peer.get()).aborted()


@pytest.mark.parametrize("method", ["get", "post"])
async def test_request_timeout_later(
    http_peer: HttpPeer, io: OpenSocket, method: str
) -> None:
    socket, waiting = await connect(
        http_peer, io, reconnection=False, request_timeout=0.3
    )
    events = Recorder(socket, "disconnect")
    late = waiting
    if method == "post":
        socket.emit("e")
        late = await http_peer.post()
        waiting.deliver("6")
    reason, details = await events.wait("disconnect")
    assert reason == "transport error"
    assert "request_timeout" in str(details.context["error"])
    await late.aborted()


async def test_no_ping_is_a_ping_timeout(http_peer: HttpPeer, io: OpenSocket) -> None:
    socket, waiting = await without_pings(http_peer, io)
    events = Recorder(socket, "e", "disconnect")
    for _ in range(3):
        waiting.deliver('42["e"]')  # only pings count (R17)
        waiting = await http_peer.get()
    reason, _ = await events.wait("disconnect")
    assert reason == "ping timeout"
    assert events.count("e") == 3
    await waiting.aborted()


async def test_a_post_that_is_never_answered_ends_the_session(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """The server reads and pings, and answers no POST: nothing of ours arrives."""
    socket, waiting = await without_pings(http_peer, io)
    events = Recorder(socket, "disconnect")
    socket.emit("e")
    post = await http_peer.post()
    pinging = asyncio.ensure_future(send_pings(http_peer, waiting))
    reason, _ = await events.wait("disconnect")
    pinging.cancel()
    await asyncio.wait([pinging])
    assert reason == "transport error"
    await post.aborted()


async def test_a_get_is_not_made_again_when_its_connection_breaks(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """The lost answer may have carried packets, which the server sends only once."""
    socket, waiting = await connect(http_peer, io, **ONCE)
    events = Recorder(socket, "disconnect")
    gets = http_peer.kinds.count("GET")
    waiting.take_over().reset()
    reason, details = await events.wait("disconnect")
    assert reason == "transport error"
    assert str(details.context["error"]).startswith("xhr poll error")
    await asyncio.wait_for(socket.io.close(), 4)
    assert http_peer.kinds.count("GET") == gets

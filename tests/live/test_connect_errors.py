"""Connections that do not come about, and what ConnectError tells of them."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.js_server import JsServer
from peers.raw_connection import RawConnection
from peers.raw_peer import stall
from peers.recorder import Recorder

# Well below the 20 s of the option timeout: the failure was noticed, not waited for.
AT_ONCE = 3.0


def text(body: bytes | str | None) -> str:
    """Return a response's body as text."""
    return body.decode() if isinstance(body, bytes) else body or ""


async def connect_error(socket: sioc.Socket) -> sioc.ConnectError:
    """Return what awaiting a Socket raises."""
    started = time.monotonic()
    with pytest.raises(sioc.ConnectError) as caught:
        await socket
    assert time.monotonic() - started < AT_ONCE
    return caught.value


async def test_nobody_listens(dead_port: int, io: OpenSocket) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}", reconnection=False)
    error = await connect_error(socket)
    assert error.stage == "tcp"
    assert isinstance(error.__cause__, OSError)
    assert isinstance(error, sioc.SocketIOError)
    assert error.status is None


async def test_the_event_carries_what_await_raises(
    dead_port: int, io: OpenSocket
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}", reconnection=False)
    events = Recorder(socket, "connect_error")
    error = await connect_error(socket)
    assert events.args("connect_error") == [(error,)]


async def test_a_wrong_path(js: JsServer, io: OpenSocket) -> None:
    error = await connect_error(io(js.url, path="/nowhere", reconnection=False))
    assert error.stage != "tcp"
    assert await js.joins() == []


async def test_a_server_that_denies_the_request(js: JsServer, io: OpenSocket) -> None:
    socket = io(js.url, query={"deny": "1"}, reconnection=False)
    error = await connect_error(socket)
    assert error.status == 400
    assert "denied by the server" in text(error.body)
    assert error.stage != "tcp"


@pytest.mark.parametrize(
    "status",
    ["400 Bad Request", "401 Unauthorized", "404 Not Found", "502 Bad Gateway"],
)
async def test_the_http_response_is_kept(
    serve: Serve, io: OpenSocket, status: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.read_request()
        conn.refuse(status, b"<h1>sorry</h1>", kind="text/html")

    peer = await serve(script)
    error = await connect_error(io(peer.url, reconnection=False))
    assert error.status == int(status[:3])
    assert text(error.body) == "<h1>sorry</h1>"
    headers = {name.lower(): value for name, value in dict(error.headers).items()}
    assert headers["content-type"] == "text/html"


async def test_a_redirect_is_not_followed(serve: Serve, io: OpenSocket) -> None:
    other = await serve()

    async def script(conn: RawConnection) -> None:
        await conn.read_request()
        location = f"{other.url}/socket.io/?EIO=4&transport=websocket"
        conn.reply("302 Found", {"Location": location, "Content-Length": "0"})
        conn.end()

    peer = await serve(script)
    headers = {"Authorization": "Bearer secret"}
    socket = io(peer.url, extra_headers=headers, reconnection=False)
    error = await connect_error(socket)
    assert error.status == 302
    assert other.connections == []


async def test_a_silent_server_is_given_up_after_the_timeout(
    serve: Serve, io: OpenSocket
) -> None:
    peer = await serve(stall)
    started = time.monotonic()
    error = await connect_error(io(peer.url, timeout=0.2, reconnection=False))
    assert 0.15 < time.monotonic() - started < 1.0
    assert "timeout" in str(error).lower() or "timed out" in str(error).lower()
    await peer.connections[0].until_end()


async def test_a_server_silent_after_the_http_response_is_given_up(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        await conn.until_end()

    peer = await serve(script)
    await connect_error(io(peer.url, timeout=0.2, reconnection=False))
    await peer.played()


async def test_a_connection_closed_before_the_handshake_fails_at_once(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.send_close(1000)
        conn.end()

    peer = await serve(script)
    await connect_error(io(peer.url, reconnection=False))


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 101 Switching Pro"])
async def test_a_connection_cut_in_the_http_response_fails_at_once(
    serve: Serve, io: OpenSocket, sent: bytes
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.read_request()
        conn.send_raw(sent)
        conn.end()

    peer = await serve(script)
    await connect_error(io(peer.url, reconnection=False))


async def test_a_connection_reset_between_handshake_and_join_is_made_again(
    serve: Serve, io: OpenSocket
) -> None:
    async def cut(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        conn.reset()

    async def healthy(conn: RawConnection) -> None:
        await conn.establish()

    peer = await serve(cut, healthy)
    socket = io(peer.url)
    await socket.wait_connected(timeout=5)
    assert socket.id == "socket-1"


async def test_an_engine_io_3_server_that_says_so(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.read_request()
        body = b'{"code":5,"message":"Unsupported protocol version"}'
        conn.refuse("400 Bad Request", body, kind="application/json")

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    error = await connect_error(socket)
    assert isinstance(error, sioc.UnsupportedServerError)
    assert error.status == 400


async def test_an_engine_io_3_server_that_polls(serve: Serve, io: OpenSocket) -> None:
    """Version 3 puts a length before every packet of a payload."""

    async def script(conn: RawConnection) -> None:
        await conn.read_request()
        packet = b'0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
        body = b"%d:%b2:40" % (len(packet), packet)
        conn.refuse("200 OK", body, kind="text/plain; charset=UTF-8")

    peer = await serve(script)
    socket = io(peer.url, transports=["polling"], reconnection=False)
    error = await connect_error(socket)
    assert isinstance(error, sioc.UnsupportedServerError)
    assert error.stage == "handshake"


async def test_a_socket_io_2_server_that_joins_unasked(
    serve: Serve, io: OpenSocket
) -> None:
    """Version 2 sends a CONNECT without a payload right after the handshake."""

    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        conn.send_text("40")
        await conn.expect_connect()

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    events = Recorder(socket, "connect", "connect_error")
    error = await connect_error(socket)
    assert isinstance(error, sioc.UnsupportedServerError)
    assert "Engine.IO 3" in str(error) or "v2" in str(error)
    assert events.names == ["connect_error"]
    assert not socket.connected


async def test_the_backoff_grows_while_the_server_refuses(
    serve: Serve, io: OpenSocket
) -> None:
    async def refuse(conn: RawConnection) -> None:
        await conn.read_request()
        conn.refuse("503 Service Unavailable")

    peer = await serve(*[refuse] * 5)
    loop = asyncio.get_running_loop()
    times: list[float] = []
    socket = io(
        peer.url,
        reconnection_delay=0.05,
        reconnection_delay_max=1.0,
        randomization_factor=0,
        reconnection_attempts=4,
    )
    socket.on("connect_error", lambda: times.append(loop.time()))
    failed = Recorder(socket.io, "reconnect_failed")
    await failed.wait("reconnect_failed")

    delays = [after - before for before, after in pairwise(times)]
    for delay, expected in zip(delays, [0.05, 0.1, 0.2, 0.4], strict=True):
        assert expected - 0.01 < delay < expected + 0.3

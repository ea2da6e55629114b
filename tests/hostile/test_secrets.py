"""No log line, at any level, and no error tells a secret."""

from __future__ import annotations

import logging
import traceback

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.http_peer import HttpPeer
from peers.polled import ONCE, POLLING
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

CANARY = "canary-5f1d"
SECRETS = {
    "extra_headers": {
        "Authorization": f"Bearer {CANARY}",
        "Cookie": f"session={CANARY}",
        "X-Api-Key": CANARY,
    },
    "query": {"token": CANARY},
    "auth": {"password": CANARY},
}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Record every log line of every logger."""
    caplog.set_level(1)
    logging.getLogger("sioc.test").debug("this one is seen")
    assert "this one is seen" in caplog.text
    return caplog


async def test_a_connection_s_whole_life(
    serve: Serve, io: OpenSocket, log: pytest.LogCaptureFixture
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet(sid=f"engine-{CANARY}")
        await conn.expect_connect()
        conn.connect_reply(sid=f"socket-{CANARY}", pid=f"pid-{CANARY}")
        conn.send_text(f'42["e","offset-{CANARY}"]', "49bad")
        await conn.until_end()

    peer = await serve(script, script)
    socket = io(peer.url, **SECRETS)
    events = Recorder(socket, "e", "disconnect")
    await events.wait("disconnect", 2)
    await socket.disconnect()
    assert CANARY not in log.text


async def test_a_refused_connection(
    serve: Serve, io: OpenSocket, log: pytest.LogCaptureFixture
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.read_request()
        conn.refuse("401 Unauthorized", f"not you, {CANARY}".encode())

    peer = await serve(script)
    socket = io(peer.url, reconnection=False, **SECRETS)
    with pytest.raises(sioc.ConnectError) as caught:
        await socket
    assert CANARY not in log.text
    assert CANARY not in str(caught.value)


async def test_what_objects_say_of_themselves(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()

    peer = await serve(script)
    socket = await io(peer.url, **SECRETS)
    for thing in (socket, socket.io, socket.io.engine):
        assert CANARY not in repr(thing)


BAD_ANSWERS = {
    "header": b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
    "status": b"NOPE\r\n\r\n",
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "long": b"HTTP/1.1 200 OK\r\nA: " + b"x" * 20_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("bad", BAD_ANSWERS)
@pytest.mark.parametrize("established", [False, True])
async def test_what_is_no_http(
    http_peer: HttpPeer, io: OpenSocket, established: bool, bad: str
) -> None:
    """Aiohttp's error has the whole request in it."""
    options = POLLING | ONCE | SECRETS | {"auto_connect": False}
    socket = io(http_peer.url, **options)
    event = "disconnect" if established else "connect_error"
    events = Recorder(socket, event)
    socket.connect()
    if established:
        socket.auth = None  # which the peer does not expect
        waiting = await http_peer.establish(sid=f"engine-{CANARY}")
    else:
        waiting = await http_peer.get()
    waiting.send_raw(BAD_ANSWERS[bad])
    *_, told = await events.wait(event)
    error = told.context["error"] if established else told
    # Read by a person, as a traceback does it, and with what came of it.
    text = "".join(traceback.format_exception(error))
    assert "did not answer like an HTTP server" in text
    assert CANARY not in f"{told} {told!r} {text}"

"""No log line, at any level, tells a secret."""

from __future__ import annotations

import logging

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
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

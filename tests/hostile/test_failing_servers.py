"""Servers that fail every time: the attempts slow down, and stay slow."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from peers.raw_peer import Script

# Seconds before each attempt, without jitter.
DELAYS = [0.02, 0.04, 0.08, 0.16, 0.16, 0.16]


async def accept_and_reset(conn: RawConnection) -> None:
    """Take the connection and reset it."""
    conn.reset()


async def accept_and_end(conn: RawConnection) -> None:
    """Take the connection, read the request, and end it."""
    await conn.read_request()
    conn.end()


async def join_and_end(conn: RawConnection) -> None:
    """Let the client in, and end the connection."""
    await conn.establish()
    conn.end()


async def open_and_end(conn: RawConnection) -> None:
    """Open the session, and end the connection."""
    await conn.accept()
    conn.open_packet()
    conn.end()


async def status_400(conn: RawConnection) -> None:
    """Answer as Engine.IO does to a session it does not know."""
    await conn.read_request()
    conn.refuse("400 Bad Request", b'{"code":1,"message":"Session ID unknown"}')


async def status_502(conn: RawConnection) -> None:
    """Answer as a reverse proxy does without a server."""
    await conn.read_request()
    conn.refuse("502 Bad Gateway", b"<h1>Bad Gateway</h1>", "text/html")


async def status_503(conn: RawConnection) -> None:
    """Answer as a server does that has too much to do."""
    await conn.read_request()
    conn.refuse("503 Service Unavailable")


HTTP = [accept_and_reset, accept_and_end, status_400, status_502, status_503]
CASES = [("polling", script) for script in HTTP]
CASES += [("websocket", script) for script in HTTP]
CASES += [("websocket", open_and_end), ("websocket", join_and_end)]


@pytest.mark.parametrize(
    ("way", "script"), CASES, ids=[f"{way}-{fail.__name__}" for way, fail in CASES]
)
async def test_the_attempts_slow_down(
    serve: Serve, io: OpenSocket, way: str, script: Script
) -> None:
    peer = await serve(*[script] * (len(DELAYS) + 1))
    socket = io(
        peer.url,
        transports=(way,),
        reconnection_delay=DELAYS[0],
        reconnection_delay_max=DELAYS[-1],
        randomization_factor=0,
    )
    await peer.arrived(len(DELAYS) + 1)
    await peer.played(len(DELAYS))
    await socket.disconnect()
    assert_slowing([conn.opened for conn in peer.connections[: len(DELAYS) + 1]])


async def test_asking_a_namespace_again_slows_down(
    serve: Serve, io: OpenSocket
) -> None:
    times: list[float] = []

    async def refuse(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        for _ in range(len(DELAYS) + 1):
            await conn.expect_connect()
            times.append(asyncio.get_running_loop().time())
            conn.send_text('44{"message":"not now"}')

    peer = await serve(refuse)
    socket = io(
        peer.url,
        reconnection_delay=DELAYS[0],
        reconnection_delay_max=DELAYS[-1],
        randomization_factor=0,
        retry_on_reject=lambda error: error.message == "not now",
    )
    await peer.played()
    await socket.disconnect()
    assert_slowing(times)


def assert_slowing(times: list[float]) -> None:
    """Assert that attempts at these times are as far apart as they are to be."""
    gaps = [after - before for before, after in pairwise(times)]
    # A busy machine only adds to them, but may also see one attempt a little late.
    for gap, delay in zip(gaps, DELAYS, strict=True):
        assert gap > 0.6 * delay, gaps

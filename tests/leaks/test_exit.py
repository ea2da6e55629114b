"""Programs that end without disconnecting: they end, and in good order."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from peers.child import outcome
from peers.fixture_types import Serve
from peers.raw_connection import RawConnection

PROGRAM = """
import asyncio, sys
import sioc

kept = []

async def main():
    socket = sioc.io(sys.argv[1], transports=("websocket",))
    kept.append(socket)
    {steps}

{run}(main())
"""

STEPS = {
    "connected": "await socket",
    "just emitted": "await socket; socket.emit('e', b'x' * 100_000)",
    "connecting": "await asyncio.sleep(0)",
    "waiting for an ack": (
        "await socket; asyncio.ensure_future(socket.emit_with_ack('q'))"
    ),
}


# Where else than in a listener the program may be ended; `fail` ends it.
FUNCTIONS = {
    "on_exception": "socket.on('end', lambda: 1 / 0)",
    "retry_on_reject": "",
    "auth": "",
    "query": "",
}


async def greet(conn: RawConnection) -> None:
    """Let the client join, unless it has gone."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        await conn.establish()


async def greet_and_emit(conn: RawConnection) -> None:
    """Let the client join, and emit to it."""
    await conn.establish()
    conn.send_text('42["end"]', '42["end"]')
    await conn.until_end()


@pytest.mark.parametrize("run", ["sioc.run", "asyncio.run"])
@pytest.mark.parametrize("steps", STEPS)
async def test_a_program_that_just_ends(serve: Serve, steps: str, run: str) -> None:
    peer = await serve(greet)
    program = PROGRAM.format(steps=STEPS[steps], run=run)
    assert await outcome("-c", program, peer.url) == (0, b"", b"")


@pytest.mark.parametrize("run", ["sioc.run", "asyncio.run"])
async def test_a_listener_that_ends_the_program(serve: Serve, run: str) -> None:
    peer = await serve(greet_and_emit)
    steps = "socket.on('end', lambda: sys.exit(7)); await socket.wait_closed()"
    program = PROGRAM.format(steps=steps, run=run)
    assert await outcome("-c", program, peer.url) == (7, b"", b"")


@pytest.mark.parametrize("option", FUNCTIONS)
async def test_a_function_given_as_an_option_ends_the_program(
    serve: Serve, option: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        if option != "auth":
            await conn.expect_connect()
            reject = option == "retry_on_reject"
            conn.send_text('44{"message":"no"}' if reject else '40{"sid":"1"}')
            conn.send_text('42["end"]')
        await conn.until_end()

    peer = await serve(script)
    program = f"""
import sys
import sioc

def fail(*args):
    sys.exit(7)

async def main():
    socket = sioc.io(sys.argv[1], transports=("websocket",), {option}=fail)
    {FUNCTIONS[option]}
    await socket
    await socket.wait_closed()

sioc.run(main())
"""
    assert await outcome("-c", program, peer.url) == (7, b"", b"")

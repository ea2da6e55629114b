"""The option `retries` against a server that is killed, freezes, or keeps silent."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

import sioc
from peers.effort import effort
from peers.fixture_types import OpenSocket, StartJs
from peers.js_server import JsServer


async def test_events_arrive_in_order_and_once(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url, retries=3, ack_timeout=5)
    answers = [socket.emit_with_ack("ack", number, b"blob") for number in range(50)]
    assert await asyncio.gather(*answers) == [(n, b"blob") for n in range(50)]
    assert [args[0] for args in await js.received("ack")] == list(range(50))


async def test_silence_is_an_error_in_the_end(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url, retries=2, ack_timeout=0.05)
    with pytest.raises(sioc.AckTimeoutError):
        await socket.emit_with_ack("silent", 1)
    assert await socket.emit_with_ack("ack", 2, timeout=5) == 2
    assert await js.received("silent") == [[1]] * 3


async def test_a_server_may_start_late_and_hears_all(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js()
    url = server.url
    server.kill()
    socket = io(url, retries=1, ack_timeout=5)
    answers = asyncio.gather(*[socket.emit_with_ack("ack", n) for n in range(5)])
    await asyncio.sleep(0)
    assert socket.retries_pending == 5
    await server.start()
    assert await answers == list(range(5))
    assert [args for (args,) in await server.received("ack")] == list(range(5))


@pytest.mark.long
@pytest.mark.timeout(effort(30, 600))
async def test_kills_of_the_server_lose_nothing_and_keep_the_order(
    start_js: StartJs, io: OpenSocket, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    server = await start_js(journal=journal)
    socket = await io(
        server.url, retries=1_000_000, ack_timeout=5, reconnection_delay=0.01
    )
    acknowledged: list[int] = []

    def answered(error: Exception | None, number: int = -1) -> None:
        assert error is None
        acknowledged.append(number)

    emitted = 0
    for _ in range(effort(3, 100)):
        aim = len(acknowledged) + 20
        while len(acknowledged) < aim:
            while socket.retries_pending < 10:
                socket.emit("ack", emitted, ack=answered)
                emitted += 1
            await asyncio.sleep(0)
        server.kill()
        await server.start()
    while socket.retries_pending:
        await asyncio.sleep(0.001)
    socket.disconnect()

    assert acknowledged == list(range(emitted))
    lines = journal.read_text().splitlines()
    seen = [json.loads(line)["args"][0] for line in lines]
    assert seen == sorted(seen)
    assert set(acknowledged) == set(seen)

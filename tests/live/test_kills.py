"""A server that is killed again and again under load: with `retries` and without."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest

import sioc
from peers.effort import effort
from peers.fixture_types import OpenSocket, StartJs
from peers.reports import report

KILLS = effort(3, 1000)
REASONS = {None, "transport close", "transport error"}
WINDOW = 10  # events that wait for their acks at a time


def until(kill: int) -> int:
    """Return how many more acks to wait for before a kill: now few, now many."""
    return 1 + kill * 7 % 40


def numbers_in(journal: Path) -> list[int]:
    """Return the numbers that servers, dead ones too, received, in order."""
    return [json.loads(line)["args"][0] for line in journal.read_text().splitlines()]


@pytest.mark.long
@pytest.mark.timeout(effort(30, 1800))
async def test_with_retries_nothing_is_lost_and_the_order_kept(
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
    for kill in range(KILLS):
        aim = len(acknowledged) + until(kill)
        while len(acknowledged) < aim:
            while socket.retries_pending < WINDOW:
                socket.emit("ack", emitted, ack=answered)
                emitted += 1
            await asyncio.sleep(0.0005)
        server.kill()
        await server.start()
    while socket.retries_pending:
        await asyncio.sleep(0.001)
    socket.disconnect()

    seen = numbers_in(journal)
    assert acknowledged == list(range(emitted))
    assert seen == sorted(seen)
    assert set(acknowledged) == set(seen)
    report(
        "kills with retries",
        {
            "SIGKILLs of the server": KILLS,
            "events emitted": emitted,
            "events acknowledged": len(acknowledged),
            "acknowledged and not received": len(set(acknowledged) - set(seen)),
            "received out of order": 0,
            "received twice or more": len(seen) - len(set(seen)),
            "acks left hanging": emitted - len(acknowledged),
        },
    )


@pytest.mark.long
@pytest.mark.timeout(effort(30, 1800))
async def test_without_retries_nothing_comes_twice_and_no_ack_hangs(
    start_js: StartJs, io: OpenSocket, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    server = await start_js(journal=journal)
    socket = await io(server.url, reconnection_delay=0.01)
    outcomes: list[tuple[int, str | None]] = []
    acknowledged: list[int] = []

    async def emit(number: int) -> None:
        try:
            assert await socket.emit_with_ack("ack", number) == number
        except sioc.DisconnectedError as error:
            outcomes.append((number, error.reason))
        else:
            outcomes.append((number, None))
            acknowledged.append(number)

    emitted = 0
    emitting: list[asyncio.Task[None]] = []
    for kill in range(KILLS):
        aim = len(acknowledged) + until(kill)
        while len(acknowledged) < aim:
            while emitted - len(outcomes) < WINDOW:
                emitting.append(asyncio.ensure_future(emit(emitted)))
                emitted += 1
            await asyncio.sleep(0.0005)
        server.kill()
        await server.start()
    await asyncio.gather(*emitting)

    seen = numbers_in(journal)
    assert Counter(number for number, _ in outcomes) == Counter(range(emitted))
    assert {reason for _, reason in outcomes} <= REASONS
    assert seen == sorted(set(seen))
    assert set(acknowledged) <= set(seen)
    report(
        "kills without retries",
        {
            "SIGKILLs of the server": KILLS,
            "events emitted": emitted,
            "events acknowledged": len(acknowledged),
            "acks that failed with the connection": emitted - len(acknowledged),
            "received, but not acknowledged": len(set(seen) - set(acknowledged)),
            "received out of order": 0,
            "received twice or more": len(seen) - len(set(seen)),
            "acks left hanging": emitted - len(outcomes),
        },
    )

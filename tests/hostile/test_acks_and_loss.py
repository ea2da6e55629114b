"""Acks, deadlines and lost connections at the same moment: each is told once."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from typing import Any

import pytest

import sioc
from peers.effort import effort
from peers.fixture_types import OpenSocket, Serve
from peers.frames import TEXT, encode_frame
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

SEED = 20_240_607
PENDING = 10_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", ["futures", "callbacks"])
async def test_thousands_of_acks_fail_at_a_reset(
    serve: Serve, io: OpenSocket, kind: str
) -> None:
    emitted = asyncio.Event()

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await emitted.wait()
        conn.reset()

    # Else every task would keep the traceback of where it was made.
    asyncio.get_running_loop().set_debug(False)
    socket = await io((await serve(script)).url, reconnection=False)
    outcomes: Counter[int] = Counter()
    errors: Counter[Any] = Counter()

    def note(number: int, error: BaseException | None) -> None:
        outcomes[number] += 1
        errors[type(error), getattr(error, "reason", None)] += 1

    futures = []
    for number in range(PENDING):
        if kind == "futures":
            future = asyncio.ensure_future(socket.emit_with_ack("e", number))
            future.add_done_callback(lambda f, n=number: note(n, f.exception()))
            futures.append(future)
        else:
            view = socket.timeout(60)
            view.emit("e", number, ack=lambda error, n=number: note(n, error))
    await asyncio.sleep(0)
    assert socket.acks_pending == PENDING
    lost = asyncio.Event()
    socket.on("disconnect", lambda *_: lost.set())
    emitted.set()
    await lost.wait()
    await asyncio.gather(*futures, return_exceptions=True)
    await asyncio.sleep(0)

    assert outcomes == Counter(range(PENDING))
    ((error, reason),) = errors
    assert error is sioc.DisconnectedError
    assert reason in ("transport close", "transport error")
    assert socket.acks_pending == 0


ROUNDS, RACES = effort(5, 50), 2_000
SPAN = 0.05  # seconds in which everything happens


@pytest.mark.timeout(effort(60, 300))
async def test_deadlines_late_acks_and_the_end_race(
    serve: Serve, io: OpenSocket
) -> None:
    chance = random.Random(SEED)
    emitted = [asyncio.Event() for _ in range(ROUNDS)]

    async def answer_and_end(conn: RawConnection) -> None:
        """Answer some in time, some late, some twice, some never; then go."""
        await conn.establish()
        await emitted[conn.number].wait()
        ids = list(range(RACES))
        chance.shuffle(ids)
        for start in range(0, RACES - RACES // 5, 50):
            some = ids[start : start + 50] + chance.sample(ids, 10)
            frames = [encode_frame(TEXT, f'43{n}["{n}"]'.encode()) for n in some]
            conn.send_raw(b"".join(frames))
            await asyncio.sleep(chance.uniform(0, SPAN * 50 / RACES))
        conn.reset()

    peer = await serve(*[answer_and_end] * ROUNDS)
    kinds: Counter[str] = Counter()
    for turn in range(ROUNDS):
        socket = await io(peer.url, reconnection=False, force_new=True)
        calls: Counter[int] = Counter()

        def answered(number: int, error: Exception | None, *answer: Any) -> None:
            calls[number] += 1  # noqa: B023
            kinds[type(error).__name__] += 1

        for number in range(RACES):
            deadline = chance.choice([0, chance.uniform(0, 2 * SPAN), 60])
            socket.timeout(deadline).emit(
                "e", number, ack=lambda *args, n=number: answered(n, *args)
            )
        emitted[turn].set()
        lost = asyncio.Event()
        socket.on("disconnect", lambda *_, event=lost: event.set())
        await lost.wait()
        await asyncio.sleep(0)
        assert calls == Counter(range(RACES))
        assert socket.acks_pending == 0
    # All three have happened.
    assert set(kinds) == {"NoneType", "AckTimeoutError", "DisconnectedError"}, kinds


async def test_an_answer_of_a_former_session_is_not_sent(
    serve: Serve, io: OpenSocket
) -> None:
    async def ask(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('427["ask"]')
        await conn.expect_nothing()
        conn.reset()

    async def listen(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["after"]')

    peer = await serve(ask, listen)
    socket = io(peer.url)
    connections = Recorder(socket, "connect")
    answers: list[sioc.Ack] = []
    socket.on("ask", answers.append, ack=True)
    await connections.wait("connect", 2)
    answers[0]("late")
    socket.emit("after")
    await peer.played()


async def test_an_ack_of_what_was_held_outlives_the_connection(
    serve: Serve, io: OpenSocket
) -> None:
    """An emit that finds the heartbeat overdue is held, and asked anew (6.4.5)."""

    async def silent(conn: RawConnection) -> None:
        await conn.establish(pingInterval=50, pingTimeout=50)
        await conn.until_end()

    async def lively(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["e"]')
        conn.send_text('430["late"]')

    peer = await serve(silent, lively)
    socket = await io(peer.url, reconnection_delay=0.01)
    lost = Recorder(socket, "disconnect")
    answer = asyncio.get_running_loop().create_future()
    time.sleep(0.15)  # noqa: ASYNC251  no timer can run: the heartbeat is overdue
    socket.timeout(60).emit("e", ack=lambda *args: answer.set_result(args))
    assert len(socket.send_buffer) == 1
    assert await asyncio.wait_for(answer, 5) == (None, "late")
    assert [args[0] for args in lost.args("disconnect")] == ["ping timeout"]
    await peer.played()

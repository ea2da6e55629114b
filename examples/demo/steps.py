"""The steps of the demo. Each proves one claim, and returns the figures it saw."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import sioc
from examples.demo.figures import milliseconds, percentile, thousands
from examples.demo.job import Job, SkippedError, StepError
from examples.demo.traffic import TICK, traffic

ECHOES = 5_000
ONE_WAY = 100_000
QUESTIONS = 2_000
HELD = 1_000
BLOB = 1_000_000  # bytes: the most a Socket.IO server takes by default
PATIENCE = 3.0  # seconds to wait for a server that may not know the event
DRAIN_EVERY = 500


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: What the view calls it.
        claim: What it proves.
        take: Do it, and return its figures.
        own_peer: Whether only the demo's own peer can do its part.
        lasts: Whether it goes on for the seconds asked for.
    """

    name: str
    claim: str
    take: Callable[[Job], Awaitable[str]]
    own_peer: bool = False
    lasts: bool = False


async def connect(job: Job) -> str:
    """Open a WebSocket and join the namespace."""
    started = time.perf_counter()
    job.sockets.append(
        sioc.io(
            job.url,
            timeout=5,
            reconnection_delay=0.1,
            reconnection_delay_max=0.5,
            on_exception=job.note_exception,
        )
    )
    await job.socket
    taken = time.perf_counter() - started
    engine = job.socket.io.engine
    assert engine is not None
    assert engine.transport is not None
    return (
        f"{milliseconds(taken)} until joined over {engine.transport.name}; the server "
        f"pings every {engine.ping_interval:g} s"
    )


async def echo(job: Job) -> str:
    """Have every event come back."""
    socket = job.socket
    echoes: list[tuple[Any, ...]] = []
    complete = asyncio.Event()

    def on_echo(*args: Any) -> None:
        echoes.append(args)
        if len(echoes) == ECHOES:
            complete.set()

    socket.on("echo", on_echo)
    started = time.perf_counter()
    for n in range(ECHOES):
        socket.emit("echo", n, TICK)
        if n % DRAIN_EVERY == 0:
            await socket.drain()
    while not complete.is_set():
        await progress(job, echoes, complete)
    taken = time.perf_counter() - started
    socket.off("echo", on_echo)
    for n, args in enumerate(echoes):
        if args != (n, TICK):
            raise StepError(f"event {n} came back as {args!r}")
    return f"{ECHOES:,} events of 9 values each, {thousands(ECHOES / taken)} a second"


async def progress(job: Job, echoes: list[Any], complete: asyncio.Event) -> None:
    """Wait for more echoes."""
    before = len(echoes)
    job.view.progress(f"{before:,} of {ECHOES:,} events are back")
    try:
        await asyncio.wait_for(complete.wait(), PATIENCE)
    except (TimeoutError, asyncio.TimeoutError):
        if len(echoes) == before:
            raise StepError(
                f"{before:,} of {ECHOES:,} events came back, then none for "
                f"{PATIENCE:g} seconds; --help shows the event the server needs"
            ) from None


async def one_way(job: Job) -> str:
    """Send a lot, then receive a lot."""
    socket = job.socket
    before = await peer_events(socket)
    job.view.progress(f"sending {ONE_WAY:,} events")
    started = time.perf_counter()
    for n in range(ONE_WAY):
        socket.emit("sink", TICK)
        if n % DRAIN_EVERY == 0:
            await socket.drain()
    # Its answer comes when the peer has taken everything before it.
    after = await peer_events(socket)
    job.one_way["out"] = ONE_WAY / (time.perf_counter() - started)
    if after - before != ONE_WAY + 1:
        raise StepError(f"the peer got {after - before - 1:,} of {ONE_WAY:,} events")

    job.view.progress(f"receiving {ONE_WAY:,} events")
    received = 0

    def tick(values: dict[str, Any]) -> None:
        nonlocal received
        received += values["bid"] == TICK["bid"]

    socket.on("tick", tick)
    started = time.perf_counter()
    socket.emit("flood", ONE_WAY, "tick", TICK)
    await socket.wait_for("flood:done")
    job.one_way["in"] = ONE_WAY / (time.perf_counter() - started)
    socket.off("tick", tick)
    if received != ONE_WAY:
        raise StepError(f"{received:,} of {ONE_WAY:,} events came")
    rates = {way: thousands(rate) for way, rate in job.one_way.items()}
    return f"{ONE_WAY:,} out at {rates['out']} a second, in at {rates['in']} a second"


async def peer_events(socket: sioc.Socket) -> int:
    """Return how many events the peer has received, this one included."""
    stats = await socket.emit_with_ack("stats")
    return int(stats["events"])


async def acks(job: Job) -> str:
    """Have the server answer, and answer the server."""
    socket = job.socket
    for n in range(QUESTIONS):
        started = time.perf_counter()
        try:
            answer = await socket.emit_with_ack(job.question, n, timeout=PATIENCE)
        except sioc.AckTimeoutError:
            if job.peer is None and n == 0:
                job.acks = False
                raise SkippedError("skipped: the server does not acknowledge") from None
            raise
        job.latencies.append(time.perf_counter() - started)
        if answer != n:
            raise StepError(f"the ack of {n} was {answer!r}")
    figures = (
        f"{QUESTIONS:,} questions, one at a time: half of them in "
        f"{milliseconds(percentile(job.latencies, 50))}, 99 % in "
        f"{milliseconds(percentile(job.latencies, 99))}"
    )
    if job.peer is not None:
        socket.once("question", lambda a, b: a + b)
        socket.emit("ask", "question", 40, 2)
        answered = await socket.wait_for("answered")
        if answered.data != 42:
            raise StepError(f"the peer got {answered.data!r} for 40 + 2")
        figures += "\nasked by the server, a listener returned 42, and it arrived"
    return figures


async def binary(job: Job) -> str:
    """Send a megabyte and get it back."""
    message = {"name": "blob", "parts": [os.urandom(BLOB), b"end"]}
    async with job.socket.stream("echo") as echoes:
        started = time.perf_counter()
        job.socket.emit("echo", message)
        event = await anext(echoes)
        while isinstance(event.data, int):  # of the step before: it sends both
            event = await anext(echoes)
        taken = time.perf_counter() - started
    if event.data != message:
        raise StepError("other bytes came back")
    rate = 2 * BLOB / taken / 1e6
    return f"{milliseconds(taken)} there and back, {rate:,.0f} MB a second"


async def namespace(job: Job) -> str:
    """Join a second namespace on the same connection."""
    news = job.socket.io.socket("/news")
    job.sockets.append(news)
    await news
    await news.emit_with_ack("ack")
    stats = await job.socket.emit_with_ack("stats")
    if news.io is not job.socket.io or stats["connections"] != 1:
        raise StepError(f"the peer has {stats['connections']} connections")
    return f"/ is {job.socket.id}, /news is {news.id}, and the peer has 1 connection"


async def restart(job: Job) -> str:
    """Kill the server, emit, start it again, and see everything arrive once."""
    peer, socket = job.peer, job.socket
    assert peer is not None
    gone = asyncio.Event()
    attempts: list[int] = []
    socket.once("disconnect", gone.set)
    socket.io.on("reconnect_attempt", attempts.append)
    async with socket.stream("echo", maxsize=2 * HELD) as echoes:
        started = time.perf_counter()
        peer.kill()
        await gone.wait()
        for n in range(HELD):
            socket.emit("echo", n, TICK)
        held = socket.buffered_amount
        job.view.progress(f"the peer is dead, {HELD:,} events are held")
        await peer.start_async()
        await asyncio.gather(*(each.wait_connected() for each in job.sockets))
        away = time.perf_counter() - started
        for n in range(HELD):
            event = await anext(echoes)
            if event.args != (n, TICK):
                raise StepError(f"event {n} came back as {event.args[:1]!r}")
    socket.io.off("reconnect_attempt")
    received = await peer_events(socket)
    if received != HELD + 1:
        raise StepError(f"the new peer got {received - 1:,} events, not {HELD:,}")
    return (
        f"{HELD:,} events ({held / 1000:,.0f} kB) held for {away:.2f} s, "
        f"sent at attempt {len(attempts)}: none lost, none twice, in order"
    )


STEPS = (
    Step("connect", "a WebSocket is open and the namespace is joined", connect),
    Step("events", "all events come back, in order, as they were sent", echo),
    Step("one way", "not one event is lost at full speed", one_way, own_peer=True),
    Step("acks", "every question gets its own answer", acks),
    Step("binary", "1 MB inside of an object comes back, byte for byte", binary),
    Step("namespaces", "two share one connection", namespace, own_peer=True),
    Step("restart", "killing the server loses nothing held", restart, own_peer=True),
    Step("traffic", "echoes both ways, as fast as they go", traffic, lasts=True),
)

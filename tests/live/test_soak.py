"""Many events and many connections, one after the other: memory stays where it is."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from collections.abc import Awaitable, Callable

import pytest

import sioc
from peers.effort import WHOLE, effort
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.memory import resident
from peers.reports import ROOT, report

CHUNK = 20_000  # events that the server sends in one go
CHUNKS = effort(4, 500)
CYCLES = effort(100, 10_000)
TRACED = effort(20, 1000)  # cycles under tracemalloc
SAMPLES = 20
WARM_UP = 50  # cycles before tracemalloc looks

# Bytes by which a life may grow the process: one KiB by 1,000 connections, and by so
# little an event that it is none. A short run says less: an arena is a megabyte.
BY_EVENT, BY_CONNECTION = 0.01, 1.024
ARENAS = 2 * 2**20


def slope(sizes: list[float]) -> float:
    """Return by how much each size exceeds the one before, by least squares."""
    middle, mean = (len(sizes) - 1) / 2, sum(sizes) / len(sizes)
    above = sum((i - middle) * (size - mean) for i, size in enumerate(sizes))
    return above / sum((i - middle) ** 2 for i in range(len(sizes)))


async def sampled(count: int, once: Callable[[], Awaitable[None]]) -> list[float]:
    """Do something often; return the sizes of the process at equal distances, KiB."""
    sizes = []
    for number in range(count):
        await once()
        if (number + 1) * SAMPLES // count > number * SAMPLES // count:
            gc.collect()
            sizes.append(resident() / 1024)
    return sizes


def growth(sizes: list[float]) -> float:
    """Return the growth from half-way to the end, in KiB."""
    half = sizes[len(sizes) // 2 :]
    return slope(half) * (len(half) - 1)


def allowed(count: int, each: float) -> float:
    """Return the growth from half-way to the end that is none, in KiB."""
    return (each * count / 2 if WHOLE else ARENAS) / 1024


async def grown_lines(count: int, once: Callable[[], Awaitable[None]]) -> list[str]:
    """Return the ten lines of Python whose memory has grown the most."""
    tracemalloc.start()
    try:
        for _ in range(WARM_UP):
            await once()
        gc.collect()
        before = tracemalloc.take_snapshot()
        for _ in range(count):
            await once()
        gc.collect()
        lines = tracemalloc.take_snapshot().compare_to(before, "lineno")
    finally:
        tracemalloc.stop()
    named = [str(line).replace(f"{ROOT}/", "") for line in lines[:10]]
    return [line.replace(f"{sys.base_prefix}/lib/", "") for line in named]


def figures(sizes: list[float]) -> dict[str, object]:
    """Return what a report says of memory."""
    return {
        "RSS at the start, half-way and at the end": ", ".join(
            f"{sizes[i]:,.0f} KiB" for i in (0, len(sizes) // 2, -1)
        ),
        "growth from half-way to the end": f"{growth(sizes):,.1f} KiB",
    }


@pytest.mark.long
@pytest.mark.timeout(effort(60, 3600))
async def test_memory_stays_over_many_events(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    numbers = 0
    in_order = True
    done = asyncio.Event()

    @socket.on("row")
    def row(number: int) -> None:
        nonlocal numbers, in_order
        in_order = in_order and number == numbers % CHUNK
        numbers += 1
        if number == CHUNK - 1:
            done.set()

    async def chunk() -> None:
        done.clear()
        socket.emit("burst", "row", CHUNK)
        await done.wait()

    sizes = await sampled(CHUNKS, chunk)
    report("soak events", {"events": f"{numbers:,}"} | figures(sizes))
    assert numbers == CHUNK * CHUNKS
    assert in_order
    assert growth(sizes) <= allowed(numbers, BY_EVENT)


@pytest.mark.long
@pytest.mark.timeout(effort(60, 3600))
async def test_memory_stays_over_many_connections(js: JsServer) -> None:
    async def cycle() -> None:
        async with sioc.io(js.url, transports=["websocket"]) as socket:
            assert await socket.emit_with_ack("ack", b"b") == b"b"

    sizes = await sampled(CYCLES, cycle)
    lines = await grown_lines(TRACED, cycle)
    per_thousand = growth(sizes) * 1000 / (CYCLES / 2)
    report(
        "soak connections",
        {"connections": f"{CYCLES:,}"}
        | figures(sizes)
        | {"growth by 1,000 connections": f"{per_thousand:,.2f} KiB"},
        f"What grew the most over {TRACED:,} more, by tracemalloc:\n\n"
        + "\n".join(f"    {line}" for line in lines),
    )
    assert growth(sizes) <= allowed(CYCLES, BY_CONNECTION)

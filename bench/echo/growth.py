"""Growth: what an event costs sioc among many of something, against the same alone."""

import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

import payloads
import sioc
from echo.contender import Job, ignore

NAMESPACES = 1_000
EVENTS = 10_000
ACKS = 10_000
CONNECTIONS = 5_000
TURNS = 7
CROWDS = 5

Flood = Callable[[sioc.Socket, Job], Awaitable[Any]]


async def compare(
    flood: Flood, job: Job, alone: sioc.Socket, among: sioc.Socket
) -> dict[str, Any]:
    """Flood one and the other in turn; return the ratio of their CPU times."""
    ratios = []
    for turn in range(TURNS + 1):
        took = []
        for socket in (alone, among):
            start = time.process_time()
            await flood(socket, job)
            took.append(time.process_time() - start)
        if turn:  # the first one warms up
            ratios.append(took[1] / took[0])
    return {"ratio": median(ratios)}


async def among_events(flood: Flood, job: Job, open_socket: Any) -> dict[str, Any]:
    """Other events that are listened to."""
    async with open_socket(job) as alone, open_socket(job) as among:
        for socket in (alone, among):
            socket.on(payloads.EVENT, ignore)
        for number in range(EVENTS):
            among.on(f"event {number}", ignore)
        return await compare(flood, job, alone, among)


async def among_namespaces(flood: Flood, job: Job, open_socket: Any) -> dict[str, Any]:
    """Other namespaces on the same connection."""
    async with open_socket(job) as alone, open_socket(job) as among:
        for socket in (alone, among):
            socket.on(payloads.EVENT, ignore)
        others = [among.io.socket(f"/{number}") for number in range(NAMESPACES)]
        for other in others:
            await other.connect()
        return await compare(flood, job, alone, among)


async def among_acks(flood: Flood, job: Job, open_socket: Any) -> dict[str, Any]:
    """Acks that the server owes."""
    async with open_socket(job) as alone, open_socket(job) as among:
        for socket in (alone, among):
            socket.on(payloads.EVENT, ignore)
        for _ in range(ACKS):
            among.emit("silence", ack=ignore)
        return await compare(flood, job, alone, among)


async def among_connections(flood: Flood, job: Job, open_socket: Any) -> dict[str, Any]:
    """Other connections of the process."""

    async def measure() -> float:
        times = []
        for turn in range(TURNS + 1):
            start = time.process_time()
            await flood(socket, job)
            if turn:
                times.append(time.process_time() - start)
        return median(times)

    ratios = []
    async with open_socket(job) as socket:
        socket.on(payloads.EVENT, ignore)
        for _ in range(CROWDS):
            alone = await measure()
            async with AsyncExitStack() as others:
                for _ in range(CONNECTIONS):
                    await others.enter_async_context(open_socket(job))
                ratios.append(await measure() / alone)
    return {"ratio": median(ratios)}

"""python-socketio's AsyncClient on uvloop, its defaults otherwise."""

import asyncio
from typing import Any

import socketio  # type: ignore[import-untyped]
import uvloop
from engineio.payload import Payload  # type: ignore[import-untyped]

import payloads
from echo.contender import (
    BURST,
    Job,
    Laps,
    Stopwatch,
    burst,
    ignore,
    in_flight,
    one_by_one,
    serve,
    verified,
)
from echo.crowd import crowd


async def connect(job: Job) -> socketio.AsyncClient:
    """Return a client that has joined the main namespace."""
    client = socketio.AsyncClient(
        reconnection=False, handle_sigint=False, ssl_verify=not job.secure
    )
    await client.connect(job.url, transports=[job.transport])
    return client


def ending(client: socketio.AsyncClient, event: str) -> asyncio.Future[tuple[Any, ...]]:
    """Return a future of the arguments of the event that ends the job."""
    done = asyncio.get_running_loop().create_future()
    client.on(event, lambda *args: done.set_result(args))
    return done


class PythonSocketio:
    """The measures."""

    async def check(self, job: Job) -> dict[str, Any]:
        received: list[Any] = []
        client = await connect(job)
        client.on(payloads.EVENT, lambda value: received.append(value))
        done = ending(client, "done")
        await client.emit("flood", (job.count, job.payload))
        await done
        verified(received, job)
        sunk = ending(client, "sunk")
        await client.emit("sink", (job.count, job.payload))
        await self.emit_bursts(client, job)
        count, _size, equal = await sunk
        await client.disconnect()
        return {"count": count, "equal": equal}

    async def receive(self, job: Job) -> dict[str, Any]:
        return await self.flood(job, listening=True)

    async def unheard(self, job: Job) -> dict[str, Any]:
        return await self.flood(job, listening=False)

    async def flood(self, job: Job, *, listening: bool) -> dict[str, Any]:
        client = await connect(job)
        if listening:
            client.on(payloads.EVENT, ignore)
        done = ending(client, "done")
        with Stopwatch() as watch:
            await client.emit("flood", (job.count, job.payload))
            await done
        await client.disconnect()
        return watch.result(job.count)

    async def emit(self, job: Job) -> dict[str, Any]:
        client = await connect(job)
        sunk = ending(client, "sunk")
        with Stopwatch() as watch:
            await client.emit("sink", job.count)
            await self.emit_bursts(client, job)
            await sunk
        await client.disconnect()
        return watch.result(job.count)

    async def emit_bursts(self, client: socketio.AsyncClient, job: Job) -> None:
        values = burst(job.values)
        event = payloads.EVENT
        for _ in range(job.count // BURST):
            for value in values:
                await client.emit(event, value)
            await asyncio.sleep(0)

    async def ack(self, job: Job) -> dict[str, Any]:
        client = await connect(job)
        result = await one_by_one(lambda: client.call("echo", 1), job.count)
        await client.disconnect()
        return result

    async def acks(self, job: Job) -> dict[str, Any]:
        client = await connect(job)
        lost = asyncio.Event()
        client.on("disconnect", lambda _reason: lost.set())
        asked = asyncio.ensure_future(
            in_flight(lambda: client.call("echo", 1), job.count)
        )
        ended = asyncio.ensure_future(lost.wait())
        await asyncio.wait((asked, ended), return_when=asyncio.FIRST_COMPLETED)
        if lost.is_set():
            # What was asked is never answered: each call would end after a minute.
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            most = Payload.max_decode_packets
            return {"fails": f"it gives up at over {most} packets in one answer"}
        ended.cancel()
        await client.disconnect()
        return await asked

    async def blob(self, job: Job) -> dict[str, Any]:
        attachment = payloads.blob(job.blob)
        laps = Laps(job.count)

        async def echoed(_data: bytes) -> None:
            if laps.lap():
                await client.emit("blob", attachment)

        client = await connect(job)
        client.on("blob", echoed)
        with Stopwatch() as watch:
            laps.start()
            await client.emit("blob", attachment)
            await laps.done
        await client.disconnect()
        return watch.result(job.count, laps.seconds())

    async def crowd(self, job: Job) -> dict[str, Any]:
        def beat(client: socketio.AsyncClient, count: int) -> None:
            task = asyncio.ensure_future(client.emit("beat", count))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        tasks: set[asyncio.Future[None]] = set()
        # aiohttp complains of each connection that is open when the process ends.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        return await crowd(job.count, lambda: connect(job), beat)


if __name__ == "__main__":
    packages = ("python-socketio", "python-engineio", "aiohttp", "uvloop")
    uvloop.run(serve(PythonSocketio(), packages))

"""sioc, through nothing but its public API."""

import asyncio
from typing import Any

import msgspec

import payloads
import sioc
from echo import growth
from echo.contender import (
    BURST,
    LISTENERS,
    Job,
    Laps,
    Stopwatch,
    burst,
    emit_bursts,
    ignore,
    in_flight,
    one_by_one,
    serve,
    verified,
)
from echo.crowd import crowd


class Tick(msgspec.Struct):
    """The payload tick as a type."""

    symbol: str
    bid: float
    ask: float
    last: float
    volume: float
    time: int
    seq: int
    live: bool


def open_socket(job: Job) -> sioc.Socket:
    """Return a Socket on a connection of its own, to be entered."""
    return sioc.io(
        job.url,
        transports=(job.transport,),
        upgrade=False,
        ssl=False if job.secure else None,
        force_new=True,
        reconnection=False,
    )


def ending(socket: sioc.Socket, event: str) -> asyncio.Future[tuple[Any, ...]]:
    """Return a future of the arguments of the event that ends the job."""
    done = asyncio.get_running_loop().create_future()
    socket.once(event, lambda *args: done.set_result(args))
    return done


class Sioc:
    """The measures."""

    async def check(self, job: Job) -> dict[str, Any]:
        received: list[Any] = []
        async with open_socket(job) as socket:
            socket.on(payloads.EVENT, lambda value: received.append(value))
            done = ending(socket, "done")
            socket.emit("flood", job.count, job.payload)
            await done
            verified(received, job)
            sunk = ending(socket, "sunk")
            socket.emit("sink", job.count, job.payload)
            await emit_bursts(socket.emit, socket.drain, job)
            count, _size, equal = await sunk
        return {"count": count, "equal": equal}

    async def receive(self, job: Job) -> dict[str, Any]:
        async with open_socket(job) as socket:
            socket.on(payloads.EVENT, ignore)
            return await self.flood(socket, job)

    async def typed(self, job: Job) -> dict[str, Any]:
        async with open_socket(job) as socket:
            socket.on(payloads.EVENT, ignore, types=Tick)
            return await self.flood(socket, job)

    async def many_listeners(self, job: Job) -> dict[str, Any]:
        async with open_socket(job) as socket:
            for _ in range(LISTENERS):
                socket.on(payloads.EVENT, ignore)
            return await self.flood(socket, job)

    async def unheard(self, job: Job) -> dict[str, Any]:
        async with open_socket(job) as socket:
            return await self.flood(socket, job)

    async def flood(self, socket: sioc.Socket, job: Job) -> dict[str, Any]:
        done = ending(socket, "done")
        with Stopwatch() as watch:
            socket.emit("flood", job.count, job.payload)
            await done
        return watch.result(job.count)

    async def emit(self, job: Job) -> dict[str, Any]:
        async with open_socket(job) as socket:
            sunk = ending(socket, "sunk")
            with Stopwatch() as watch:
                socket.emit("sink", job.count)
                await emit_bursts(socket.emit, socket.drain, job)
                await sunk
        return watch.result(job.count)

    async def prepared(self, job: Job) -> dict[str, Any]:
        prepared = [sioc.prepare(payloads.EVENT, value) for value in job.values]
        events = burst(prepared)
        async with open_socket(job) as socket:
            sunk = ending(socket, "sunk")
            with Stopwatch() as watch:
                socket.emit("sink", job.count)
                for _ in range(job.count // BURST):
                    for event in events:
                        socket.emit_prepared(event)
                    await asyncio.sleep(0)
                    await socket.drain()
                await sunk
        return watch.result(job.count)

    async def ack(self, job: Job) -> dict[str, Any]:
        async with open_socket(job) as socket:
            return await one_by_one(lambda: socket.emit_with_ack("echo", 1), job.count)

    async def ack_callback(self, job: Job) -> dict[str, Any]:
        laps = Laps(job.count)

        def answered(_value: int) -> None:
            if laps.lap():
                socket.emit("echo", 1, ack=answered)

        async with open_socket(job) as socket:
            with Stopwatch() as watch:
                laps.start()
                socket.emit("echo", 1, ack=answered)
                await laps.done
        return watch.result(job.count, laps.seconds())

    async def acks(self, job: Job) -> dict[str, Any]:
        async with open_socket(job) as socket:
            return await in_flight(lambda: socket.emit_with_ack("echo", 1), job.count)

    async def blob(self, job: Job) -> dict[str, Any]:
        attachment = payloads.blob(job.blob)
        laps = Laps(job.count)

        def echoed(_data: bytes) -> None:
            if laps.lap():
                socket.emit("blob", attachment)

        async with open_socket(job) as socket:
            socket.on("blob", echoed)
            with Stopwatch() as watch:
                laps.start()
                socket.emit("blob", attachment)
                await laps.done
        return watch.result(job.count, laps.seconds())

    async def crowd(self, job: Job) -> dict[str, Any]:
        async def connect() -> sioc.Socket:
            return await open_socket(job)

        return await crowd(
            job.count, connect, lambda socket, count: socket.emit("beat", count)
        )

    async def among_events(self, job: Job) -> dict[str, Any]:
        return await growth.among_events(self.flood, job, open_socket)

    async def among_namespaces(self, job: Job) -> dict[str, Any]:
        return await growth.among_namespaces(self.flood, job, open_socket)

    async def among_acks(self, job: Job) -> dict[str, Any]:
        return await growth.among_acks(self.flood, job, open_socket)

    async def among_connections(self, job: Job) -> dict[str, Any]:
        return await growth.among_connections(self.flood, job, open_socket)


if __name__ == "__main__":
    sioc.run(serve(Sioc(), ("sioc", "picows", "aiofastnet", "msgspec", "uvloop")))

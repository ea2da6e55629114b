"""The floor: per job the least that can do it. See floor/_floor.pyx."""

import ssl
from typing import Any, TypeVar

import picows
import uvloop

import payloads
from echo.contender import (
    IN_FLIGHT,
    Job,
    Stopwatch,
    emit_bursts,
    ignore,
    serve,
    verified,
)
from echo.crowd import crowd
from floor._floor import BlobEcho, Echo, Emitter, Idler, Receiver, Session, Skipper

SessionT = TypeVar("SessionT", bound=Session)


def trusting_context() -> ssl.SSLContext:
    """Return a context that verifies nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def connect(session_type: type[SessionT], job: Job) -> SessionT:
    """Return a session that has joined the main namespace."""
    url = job.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    context = trusting_context() if job.secure else None
    _, session = await picows.ws_connect(session_type, url, ssl_context=context)
    assert isinstance(session, session_type)
    await session.joined
    return session


class Floor:
    """The measures."""

    transports = ("websocket",)

    async def check(self, job: Job) -> dict[str, Any]:
        received: list[Any] = []
        receiver = await connect(Receiver, job)
        receiver.start(job.count, received.append)
        receiver.request("flood", job.count, job.payload)
        await receiver.done
        receiver.close()
        verified(received, job)

        emitter = await connect(Emitter, job)
        emitter.request("sink", job.count, job.payload)
        await emit_bursts(emitter.emit, emitter.drain, job)
        count, _size, equal = await emitter.done
        emitter.close()
        return {"count": count, "equal": equal}

    async def receive(self, job: Job) -> dict[str, Any]:
        session = await connect(Receiver, job)
        session.start(job.count, ignore)
        with Stopwatch() as watch:
            session.request("flood", job.count, job.payload)
            await session.done
        session.close()
        return watch.result(job.count)

    async def unheard(self, job: Job) -> dict[str, Any]:
        session = await connect(Skipper, job)
        session.start(job.count)
        with Stopwatch() as watch:
            session.request("flood", job.count, job.payload)
            await session.done
        session.close()
        return watch.result(job.count)

    async def emit(self, job: Job) -> dict[str, Any]:
        session = await connect(Emitter, job)
        with Stopwatch() as watch:
            session.request("sink", job.count)
            await emit_bursts(session.emit, session.drain, job)
            await session.done
        session.close()
        return watch.result(job.count)

    async def ack(self, job: Job) -> dict[str, Any]:
        return await self.echo(job, 1)

    async def acks(self, job: Job) -> dict[str, Any]:
        return await self.echo(job, IN_FLIGHT)

    async def echo(self, job: Job, in_flight: int) -> dict[str, Any]:
        session = await connect(Echo, job)
        with Stopwatch() as watch:
            session.start(job.count, in_flight)
            await session.done
        session.close()
        return watch.result(job.count, session.seconds() if in_flight == 1 else ())

    async def blob(self, job: Job) -> dict[str, Any]:
        session = await connect(BlobEcho, job)
        session.load(payloads.blob(job.blob))
        with Stopwatch() as watch:
            session.start(job.count, 1)
            await session.done
        session.close()
        return watch.result(job.count, session.seconds())

    async def crowd(self, job: Job) -> dict[str, Any]:
        return await crowd(
            job.count,
            lambda: connect(Idler, job),
            lambda session, count: session.request("beat", count),
        )


if __name__ == "__main__":
    uvloop.run(serve(Floor(), ("picows", "aiofastnet", "msgspec", "uvloop")))

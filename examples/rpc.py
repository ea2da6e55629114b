"""Remote calls over acknowledgements, in both directions.

A server to try it with:  python -m sioc.testing --port 3000
"""

import asyncio
import sys
from typing import Any, TypeVar

import msgspec

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"
T = TypeVar("T")


class Job(msgspec.Struct):
    number: int
    state: str = "new"


class Client:
    """Call the server: typed results, few at a time, again when the link breaks."""

    def __init__(self, socket: sioc.Socket, at_a_time: int = 16) -> None:
        self._socket = socket
        self._slots = asyncio.Semaphore(at_a_time)

    async def call(self, method: str, *args: Any, result: type[T], tries: int = 3) -> T:
        async with self._slots:
            for attempt in range(1, tries + 1):
                try:
                    answer = await self._socket.emit_with_ack(method, *args, timeout=2)
                    return msgspec.convert(answer, result)
                except (sioc.AckTimeoutError, sioc.DisconnectedError):
                    # Whether the server has done it nobody knows: only a method that
                    # may be run twice may be called again.
                    if attempt == tries:
                        raise
                    await self._socket.wait_connected()
            raise AssertionError("tries must be positive")


class Methods:
    """What the server may call: every public method."""

    async def progress(self, job: int) -> tuple[int, float]:
        await asyncio.sleep(0.05)
        return job, 0.5  # a tuple: two arguments

    def cancel(self, job: int) -> bool:
        return job > 0

    def register(self, socket: sioc.Socket) -> None:
        for name in ("progress", "cancel"):
            socket.on(name, getattr(self, name))


async def main() -> None:
    async with sioc.io(URL) as socket:
        client = Client(socket)
        Methods().register(socket)

        # A hundred calls, sixteen at a time; this peer answers with the argument.
        calls = [
            client.call("job:start", Job(n, "started"), result=Job) for n in range(100)
        ]
        jobs = await asyncio.gather(*calls)
        print(len(jobs), "jobs,", {job.state for job in jobs})

        # And what the server gets when it calls us.
        async with socket.stream("answered") as answers:
            socket.emit("ask", "progress", 7)
            socket.emit("ask", "cancel", 7)
            for _ in range(2):
                print("the server got", (await anext(answers)).args)


sioc.run(main())

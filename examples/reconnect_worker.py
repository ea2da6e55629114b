"""A worker that outlives restarts of its server: kill the server, start it again.

A server to try it with:  python -m sioc.testing --port 3000
"""

import asyncio
import sys

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"
JOBS = int(sys.argv[2]) if len(sys.argv) > 2 else 100


async def deliver(socket: sioc.Socket, job: int) -> None:
    """Deliver a result at least once.

    While the server is away, emits are held, and sent when it is back. What was sent
    just before the connection broke may or may not have arrived: only an ack tells.
    """
    while True:
        try:
            await socket.emit_with_ack("result", job)
        except sioc.DisconnectedError:
            if not socket.active:  # closed for good: nobody will ever answer
                raise
            print("unsure about", job, "- sending it again")
        else:
            print("delivered", job)
            return


def tell(socket: sioc.Socket) -> None:
    """Print what becomes of the connection."""

    @socket.on("connect")
    def connected() -> None:
        print("connected")

    @socket.on("disconnect")
    def disconnected(reason: str) -> None:
        print("disconnected:", reason)

    @socket.on("connect_error")
    def not_connected(error: Exception) -> None:
        print("no connection:", error)

    @socket.io.on("reconnect_attempt")
    def tried(number: int) -> None:
        print("attempt", number)


async def main() -> None:
    socket = sioc.io(URL, reconnection_delay=0.2, reconnection_delay_max=2)
    tell(socket)

    # Not awaited: a worker may start before its server does.
    deliveries: list[asyncio.Task[None]] = []
    for job in range(JOBS):
        await asyncio.sleep(0.05)  # the work
        deliveries.append(asyncio.create_task(deliver(socket, job)))
    await asyncio.gather(*deliveries)

    print("reconnected", socket.io.stats.reconnections, "times")
    await socket.disconnect()


sioc.run(main())

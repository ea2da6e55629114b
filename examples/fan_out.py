"""Fan-out: one event to many connections, encoded once.

A server to try it with:  python -m sioc.testing --port 3000
"""

import asyncio
import sys

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"
CONNECTIONS = 50


async def main() -> None:
    # Many connections in one process: small limits, one shared class of options.
    sockets = [
        sioc.io(URL, force_new=True, limits=sioc.Limits.small())
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*sockets)
    print(len({socket.id for socket in sockets}), "connections")

    # Encoded here, once, attachments included.
    news = sioc.prepare("echo", {"headline": "rain", "picture": b"\x89PNG"})
    streams = [socket.stream("echo") for socket in sockets]
    for socket in sockets:
        socket.emit_prepared(news)

    events = await asyncio.gather(*(anext(stream) for stream in streams))
    print(
        "came back", len([e for e in events if e.data["headline"] == "rain"]), "times"
    )

    # A slow one holds up nobody: what it has not taken is counted and bounded.
    print("unsent bytes:", sum(socket.buffered_amount for socket in sockets))
    await asyncio.gather(*(socket.disconnect() for socket in sockets))


sioc.run(main())

"""The server process: `python -m floor.server`, from the folder bench.

Prints the ports it listens on, without and with TLS, as JSON; serves until its standard
input ends.
"""

import asyncio
import json
import ssl
import struct
import sys
from typing import Any

import msgspec
import picows
import trustme
import uvloop

import payloads
from floor._server import Peer, Replay

REPLAY_BYTES = 128 * 1024
"""A flood goes out in writes of at least this size."""


def frame(text: bytes) -> bytes:
    """Return text as one frame of a server: final and not masked (RFC 6455, 5.2)."""
    size = len(text)
    if size < 126:
        return struct.pack(">BB", 0x81, size) + text
    return struct.pack(">BBH", 0x81, 126, size) + text


def replay(name: str) -> Replay:
    """Return the frames of one payload's events, the series as often as it takes."""
    texts = [
        b"42" + msgspec.json.encode([payloads.EVENT, value])
        for value in payloads.series(name)
    ]
    frames = [frame(text) for text in texts]
    cycles = -(-REPLAY_BYTES // sum(map(len, frames)))
    return Replay(frames * cycles)


class Watch:
    """Keep the loop from sleeping while anybody is connected.

    To wake a process that sleeps is dear (in a virtual machine a trip to the host), and
    the one who sends pays for it. How often that happens hangs on how fast the server
    is, and would be measured along with the client.
    """

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.connections = 0
        self.next_turn: asyncio.Handle | None = None

    def begin(self) -> None:
        """Count a connection."""
        self.connections += 1
        if self.next_turn is None:
            self._turn()

    def end(self) -> None:
        """Count a connection no longer."""
        self.connections -= 1

    def _turn(self) -> None:
        awake = self.connections > 0
        self.next_turn = self.loop.call_soon(self._turn) if awake else None


class Reader(Peer, asyncio.BufferedProtocol):
    """The peer as transports know it for one that reads into a buffer of its own."""

    def __init__(
        self, replays: dict[str, Replay], values: dict[str, list[Any]], watch: Watch
    ) -> None:
        super().__init__(replays, values)
        self.watch = watch

    def connect(self, transport: picows.WSTransport) -> None:
        """Take the connection over, and stay awake for it."""
        super().connect(transport)
        self.watch.begin()

    def connection_lost(self, error: Exception | None) -> None:
        """Be no reason to stay awake any more."""
        super().connection_lost(error)
        self.watch.end()


class Door(picows.WSListener):
    """The handshake, after which the peer itself reads from the connection."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        """Hand the connection over."""
        self.peer.connect(transport)


def secure() -> ssl.SSLContext:
    """Return a context with a certificate that nobody has to trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


async def main() -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    values = {name: payloads.series(name) for name in payloads.SHAPES}
    replays = {name: replay(name) for name in payloads.SHAPES}
    contexts = {"plain": None, "tls": secure()}
    watch = Watch()
    servers = {
        name: await picows.ws_create_server(
            lambda request: Door(Reader(replays, values, watch)),
            "127.0.0.1",
            0,
            ssl=context,
        )
        for name, context in contexts.items()
    }
    ports = {name: each.sockets[0].getsockname()[1] for name, each in servers.items()}
    print(json.dumps(ports), flush=True)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    loop.remove_reader(sys.stdin.fileno())
    for server in servers.values():
        server.close()


if __name__ == "__main__":
    uvloop.run(main())

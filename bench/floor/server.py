"""The server process: `python -m floor.server`, from the folder bench.

Prints the ports it listens on, without and with TLS, as JSON; serves until its standard
input ends.
"""

import asyncio
import json
import ssl
import struct
import sys

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


class Reader(Peer, asyncio.BufferedProtocol):
    """The peer as transports know it for one that reads into a buffer of its own."""


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
    servers = {
        name: await picows.ws_create_server(
            lambda request: Door(Reader(replays, values)),
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

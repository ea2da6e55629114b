"""A connection that is cancelled in the moment the server answers it.

uvloop then closes the socket and does not tell the protocol, which has its answer by
that time and takes itself for connected.
"""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

import sioc
from peers.raw_connection import accept_value
from sioc.options import Settings
from sioc.transports.endpoint import Endpoint
from sioc.transports.websocket import WebSocketTransport
from sioc.upgrade import Probe
from sioc.url import parse

ROUNDS = 16  # one in four comes to the point
PATIENCE = 0.02  # seconds that the loop stands still for an answer
ANSWER = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n"
)


class ThreadedPeer:
    """Answers WebSocket handshakes even while the client's loop stands still.

    Attributes:
        url: Where it listens.
        accepted: Becomes readable when a connection is there.
        answered: Set when it has been answered.
    """

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.accepted, self._accepted = socket.socketpair()
        self.accepted.setblocking(False)
        self.answered = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """Close everything."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for sock in self._listening, self.accepted, self._accepted:
            sock.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._accepted.send(b"x")
            with connection, suppress(ConnectionError):
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            received = connection.recv(4096)
            if not received:
                return
            request += received
        (key,) = re.findall(r"Sec-WebSocket-Key: (\S+)", request.decode())
        connection.sendall(ANSWER.format(accept_value(key)).encode())
        self.answered.set()
        while connection.recv(4096):
            pass


@pytest.fixture
def threaded_peer() -> Iterator[ThreadedPeer]:
    peer = ThreadedPeer()
    yield peer
    peer.stop()


async def cancel_with_the_answer(
    peer: ThreadedPeer, transport: WebSocketTransport
) -> bool:
    """Open a transport, stand still until the answer is there, and cancel.

    Returns:
        Whether the cancellation did not come too late.
    """
    loop = asyncio.get_running_loop()

    def stand_still() -> None:
        peer.accepted.recv(8)
        peer.answered.wait(PATIENCE)
        opening.cancel()

    def accepted() -> None:
        loop.remove_reader(peer.accepted)
        # Behind what the loop has to do now that the connection is there.
        loop.call_soon(stand_still)

    peer.answered.clear()
    opening = loop.create_task(transport.open())
    loop.add_reader(peer.accepted, accepted)
    await asyncio.wait([opening])
    return opening.cancelled()


async def test_the_end_is_told(threaded_peer: ThreadedPeer) -> None:
    manager = sioc.Manager(threaded_peer.url, auto_connect=False)
    probe = Probe(manager, on_answer=pytest.fail, on_failed=pytest.fail)
    endpoint = Endpoint(
        parse(threaded_peer.url), Settings.from_options({}), query={}, headers={}
    )
    for _ in range(ROUNDS):
        ended = asyncio.Event()
        transport = WebSocketTransport(probe, endpoint, lambda *_, e=ended: e.set())
        if await cancel_with_the_answer(threaded_peer, transport):
            assert transport.closed
        else:
            transport.abort()
            await asyncio.wait_for(ended.wait(), 5)

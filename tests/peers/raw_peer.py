"""A server that plays one script per connection, byte for byte.

A script is an async function of a `RawConnection`. When it returns the connection stays
open, answering a close frame and nothing else. A script that fails makes the test fail
when the peer closes. Connections beyond the last script are aborted at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from peers.raw_connection import EndingProtocol, RawConnection

Script = Callable[[RawConnection], Coroutine[Any, Any, None]]

# Frames above this many bytes stop the flow until a script reads them.
READ_LIMIT = 1 << 20


async def stall(conn: RawConnection) -> None:
    """Accept the TCP connection and stay silent."""
    await conn.closed(timeout=30)


async def welcome(conn: RawConnection) -> None:
    """Let the client join ``/`` and play no further part."""
    await conn.establish()


class RawPeer:
    """The scripted server, on a free port of 127.0.0.1.

    Args:
        scripts: One script per connection, in order.

    Attributes:
        connections: The connections so far, those beyond the scripts included.
    """

    def __init__(self, *scripts: Script) -> None:
        self._scripts = scripts
        self._server: asyncio.Server | None = None
        self._played: list[asyncio.Future[None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._arrivals = asyncio.Condition()
        self.connections: list[RawConnection] = []
        self.port = 0

    @property
    def url(self) -> str:
        """The server's origin."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._played = [loop.create_future() for _ in self._scripts]
        self._server = await loop.create_server(self._protocol, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def played(self, number: int = 0, timeout: float = 6.0) -> RawConnection:
        """Wait until a script has returned; raise what it raised.

        Returns:
            The script's connection.
        """
        await asyncio.wait_for(asyncio.shield(self._played[number]), timeout)
        return self.connections[number]

    async def arrived(self, count: int, timeout: float = 6.0) -> None:
        """Wait until so many connections have been made."""
        async with self._arrivals:
            enough = self._arrivals.wait_for(lambda: len(self.connections) >= count)
            await asyncio.wait_for(enough, timeout)

    async def close(self) -> None:
        """Stop listening, abort every connection, and raise what a script raised."""
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        for conn in self.connections:
            conn.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        for played in self._played:
            if played.done() and not played.cancelled():
                played.result()

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return EndingProtocol(asyncio.StreamReader(READ_LIMIT), self._on_connection)

    def _on_connection(self, conn: RawConnection) -> None:
        conn.number = len(self.connections)
        self.connections.append(conn)
        self._spawn(self._announce())
        if conn.number < len(self._scripts):
            self._spawn(self._play(conn))
        else:
            conn.abort()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _announce(self) -> None:
        async with self._arrivals:
            self._arrivals.notify_all()

    async def _play(self, conn: RawConnection) -> None:
        played = self._played[conn.number]
        try:
            await self._scripts[conn.number](conn)
        except Exception as error:
            conn.abort()
            played.set_exception(error)
            played.exception()  # close() and played() raise it
            return
        except asyncio.CancelledError:
            played.cancel()
            raise
        played.set_result(None)
        await conn.until_end(timeout=None)

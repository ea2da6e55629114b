"""A TCP proxy that does to a connection what broken networks do.

Each direction of each connection has faults of its own, drawn from one seed. What the
proxy has read and not yet handed on is bounded, so both ends feel a slow link.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from dataclasses import dataclass

READ = 1 << 16  # bytes at a time


@dataclass(frozen=True)
class Faults:
    """What happens to the bytes of one direction.

    Attributes:
        delay: Seconds that every piece is held.
        jitter: Seconds that chance adds or takes.
        piece: The most bytes written at once; None: as they come.
        rate: Bytes a second; None: no limit.
        flips: The chance of each byte to have one bit flipped.
        clean: Bytes at the beginning that are left alone by flips.
        cut_after: Bytes to hand on before the cut; None: never cut.
        cut: `"reset"` (RST), `"end"` (FIN, both ways), `"half"` (FIN, this way only).
    """

    delay: float = 0.0
    jitter: float = 0.0
    piece: int | None = None
    rate: float | None = None
    flips: float = 0.0
    clean: int = 0
    cut_after: int | None = None
    cut: str = "reset"


NONE = Faults()


class Link:
    """One connection through the proxy: a pump each way.

    Args:
        proxy: Whose faults it suffers.
        client: The connection from the client.
        server: The connection to the server.
    """

    def __init__(
        self,
        proxy: ChaosProxy,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server

    async def run(self) -> None:
        """Hand on both ways until both have ended."""
        (from_client, to_client), (from_server, to_server) = self._client, self._server
        try:
            for writer in (to_client, to_server):
                writer.get_extra_info("socket").setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
                )
                writer.transport.set_write_buffer_limits(READ)
            await asyncio.gather(
                self._pump(
                    from_client, to_server, self._proxy.up, self._proxy.flows_up
                ),
                self._pump(
                    from_server, to_client, self._proxy.down, self._proxy.flows_down
                ),
            )
        except (ConnectionError, CutError):
            self.reset()
        finally:
            self.end()

    def reset(self) -> None:
        """Abort both connections (RST)."""
        for _, writer in (self._client, self._server):
            if not writer.transport.is_closing():
                linger = struct.pack("ii", 1, 0)
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    def end(self) -> None:
        """Close both connections (FIN)."""
        for _, writer in (self._client, self._server):
            writer.close()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        faults: Faults,
        flows: asyncio.Event,
    ) -> None:
        done = 0
        while data := await reader.read(READ):
            await flows.wait()
            if faults.cut_after is not None:
                data = data[: faults.cut_after - done]
            await self._hand_on(self._flipped(data, done, faults), writer, faults)
            done += len(data)
            if done == faults.cut_after:
                await self._cut(faults.cut, writer)
                return
        if writer.can_write_eof() and not writer.is_closing():
            writer.write_eof()

    async def _hand_on(
        self, data: bytes, writer: asyncio.StreamWriter, faults: Faults
    ) -> None:
        size = faults.piece or READ
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            wait = faults.delay + self._proxy.random.uniform(-1, 1) * faults.jitter
            if faults.rate is not None:
                wait += len(piece) / faults.rate
            if wait > 0:
                await asyncio.sleep(wait)
            writer.write(piece)
            await writer.drain()
            if faults.piece is not None:
                await asyncio.sleep(0)  # else the loop might join the pieces again

    def _flipped(self, data: bytes, done: int, faults: Faults) -> bytes:
        if not faults.flips:
            return data
        chance, mixed = self._proxy.random, bytearray(data)
        # The gaps between flips are geometric: one draw a flip, not one a byte.
        at = max(faults.clean - done, 0) + int(chance.expovariate(faults.flips))
        while at < len(mixed):
            mixed[at] ^= 1 << chance.randrange(8)
            self._proxy.flipped += 1
            at += 1 + int(chance.expovariate(faults.flips))
        return bytes(mixed)

    async def _cut(self, how: str, writer: asyncio.StreamWriter) -> None:
        if how == "reset":
            raise CutError
        writer.write_eof()
        if how == "end":
            self.end()


class CutError(Exception):
    """The connection is to be reset now."""


class ChaosProxy:
    """The proxy, on a free port of 127.0.0.1.

    Faults may be changed at any time; connections made from then on have them.

    Args:
        port: The server's port.
        seed: Of everything that is left to chance.
        up: Faults from the client to the server.
        down: Faults from the server to the client.

    Attributes:
        up: The faults of connections from now on, from the client to the server.
        down: The same, from the server to the client.
        accepts: Whether new connections are let through, or else reset.
        flows_up: Cleared, nothing comes from the client to the server: a black hole.
        flows_down: The same, from the server to the client.
        flipped: Bits flipped so far.
        count: Connections so far, those not let through included.
    """

    def __init__(
        self, port: int, seed: int, up: Faults = NONE, down: Faults = NONE
    ) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._links: dict[asyncio.Task[None], Link | None] = {}
        self.seed = seed
        self.random = random.Random(seed)
        self.up, self.down = up, down
        self.accepts = True
        self.flows_up, self.flows_down = asyncio.Event(), asyncio.Event()
        self.flipped = self.count = 0
        self.port = 0
        self.resume()

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._on_client, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and abort every connection."""
        assert self._server is not None
        self._server.close()
        for task in self._links:
            task.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
        await self._server.wait_closed()

    def stall(self) -> None:
        """Swallow both directions until `resume`; connections stay open."""
        self.flows_up.clear()
        self.flows_down.clear()

    def resume(self) -> None:
        """Hand on again, what has come meanwhile too."""
        self.flows_up.set()
        self.flows_down.set()

    def reset(self) -> None:
        """Reset every connection (RST) as it is."""
        for link in self._links.values():
            if link is not None:
                link.reset()

    async def _on_client(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.count += 1
        self._links[task] = None
        try:
            if self.accepts:
                server = await asyncio.open_connection("127.0.0.1", self._target)
                link = self._links[task] = Link(self, (reader, writer), server)
                await link.run()
        except (OSError, RuntimeError, asyncio.CancelledError):
            pass  # the server is gone, the client (so uvloop says it), or the test over
        finally:
            writer.transport.abort()
            del self._links[task]

"""The ways into a Node server, and through them into Socket.IO."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import sioc
from peers.certificates import Authority
from peers.js_server import JsServer

# What the option `transports` is for each way to connect.
WAYS = {
    "polling": ["polling"],
    "websocket": ["websocket"],
    "upgrade": ["polling", "websocket"],
}

every_way = pytest.mark.parametrize("way", WAYS)
each_transport = pytest.mark.parametrize("way", ["polling", "websocket"])


class Doors:
    """The ways into the Node server, opened when they are first asked for.

    Args:
        server: The server.
        authority: Who issues its certificates.
        folder: Where its Unix domain sockets are.
    """

    def __init__(self, server: JsServer, authority: Authority, folder: Path) -> None:
        self.server = server
        self.authority = authority
        self._folder = folder
        self._opened: dict[str, str] = {}

    async def open(self, name: str, host: str = "127.0.0.1", **door: Any) -> str:
        """Open a way in once, and return its origin."""
        if name not in self._opened:
            port = await self.server.listen(host=host, **door)
            scheme = "https" if "tls" in door else "http"
            host = f"[{host}]" if ":" in host else host
            self._opened[name] = f"{scheme}://{host}:{port}"
        return self._opened[name]

    async def tls(self) -> str:
        """Return the origin that has a good certificate."""
        if "tls" in self._opened:
            return self._opened["tls"]
        return await self.open("tls", tls=self.authority.issue())

    async def unix(self, *, tls: bool = False) -> str:
        """Return the path of a Unix domain socket."""
        path = str(self._folder / ("tls.sock" if tls else "plain.sock"))
        if path not in self._opened:
            door = {"tls": self.authority.issue()} if tls else {}
            await self.open(path, path=path, **door)
        return path


@asynccontextmanager
async def connected(url: str, way: str, **options: Any) -> AsyncIterator[sioc.Socket]:
    """Connect in one of the three ways, and wait until the connection has ended.

    Args:
        url: The server.
        way: `polling`, `websocket`, or `upgrade` from one to the other.
        options: Further options.
    """
    options = {"reconnection": False, "force_new": True} | options
    socket = sioc.io(url, transports=WAYS[way], **options)
    upgraded = asyncio.Event()
    try:
        manager = socket.io
        manager.once(
            "open", lambda: manager.engine.on("upgrade", lambda _: upgraded.set())
        )
        await socket
        if way == "upgrade":
            await asyncio.wait_for(upgraded.wait(), 6)
        yield socket
    finally:
        engine = socket.io.engine
        await socket.disconnect()
        if engine is not None:
            await asyncio.wait_for(engine.wait_ended(), 6)


async def refused(url: str, way: str, **options: Any) -> sioc.ConnectError:
    """Return why a connection is not made."""
    with pytest.raises(sioc.ConnectError) as caught:
        async with connected(url, way, **options):
            pass
    return caught.value


async def exchange(socket: sioc.Socket) -> None:
    """Send text and binary both ways."""
    sent = "grüße", b"\x00\xff" * 500, {"n": [1, None]}
    assert await socket.emit_with_ack("ack", *sent, timeout=6) == sent

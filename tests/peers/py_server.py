"""The real python-socketio server of tests/live/servers/server.py."""

from __future__ import annotations

import sys
from typing import Any

from peers.control_values import flatten, revive
from peers.js_server import SERVERS
from peers.process import ServerProcess


class PyServer(ServerProcess):
    """A Python process with a python-socketio server on aiohttp."""

    def __init__(self) -> None:
        super().__init__([sys.executable, str(SERVERS / "server.py")])

    async def emit(self, event: str, *args: Any, nsp: str = "/") -> None:
        """Emit to every client in a namespace."""
        await self.command("emit", nsp=nsp, event=event, args=flatten(args))

    async def disconnect(self, nsp: str = "/") -> None:
        """Disconnect the clients in a namespace, with a DISCONNECT packet."""
        await self.command("disconnect", nsp=nsp)

    async def received(self, event: str, nsp: str = "/") -> list[Any]:
        """Return the arguments of the events received under a name, in order."""
        log = await self.command("log")
        return [
            revive(entry["args"])
            for entry in log
            if entry["nsp"] == nsp and entry["name"] == event
        ]

    async def reset(self) -> None:
        """Drop every client and forget what was seen."""
        await self.command("reset")

"""The real Socket.IO server of tests/live/servers/server.js."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from peers.control_values import flatten, revive
from peers.process import ControlError, ServerProcess

SERVERS = Path(__file__).parent.parent / "live" / "servers"

# A megabyte must fit into one message (the reference's default is a million bytes), and
# a request to an unknown path should fail at once instead of after a second.
DEFAULTS: dict[str, Any] = {
    "maxHttpBufferSize": 100_000_000,
    "destroyUpgradeTimeout": 50,
}


class JsServer(ServerProcess):
    """A Node process with a socket.io server.

    Args:
        io: Options of the socket.io server, over ``DEFAULTS``.
        parser: ``"msgpack"`` for socket.io-msgpack-parser.
        patience: Milliseconds the server itself waits for a pong, when they differ from
            the ``pingTimeout`` that its handshake tells.
        journal: A file that every received event is appended to, synchronously.
        cookie: A Set-Cookie header of every handshake.
    """

    def __init__(
        self,
        io: dict[str, Any] | None = None,
        *,
        parser: str | None = None,
        patience: int | None = None,
        journal: Path | None = None,
        cookie: str | None = None,
    ) -> None:
        self._options: dict[str, Any] = {
            "io": DEFAULTS | (io or {}),
            "parser": parser,
            "patience": patience,
            "journal": None if journal is None else str(journal),
            "cookie": cookie,
        }
        super().__init__([])

    async def start(self) -> None:
        """Start the server; after `kill`, on the port it had."""
        node = shutil.which("node")
        if node is None:
            raise ControlError("the live tests need node on the PATH")
        if not (SERVERS / "node_modules" / "socket.io").is_dir():
            raise ControlError(f"socket.io is missing: run 'npm ci' in {SERVERS}")
        options = json.dumps(self._options | {"port": self.port})
        self._argv = [node, str(SERVERS / "server.js"), options]
        await super().start()

    async def emit(self, event: str, *args: Any, nsp: str = "/") -> None:
        """Emit to every client in a namespace."""
        await self.command("emit", nsp=nsp, event=event, args=flatten(args))

    async def stream(self, event: str, count: int) -> None:
        """Emit events numbered from 0 to every client, some in every millisecond."""
        await self.command("stream", event=event, count=count, timeout=600)

    async def ask(
        self, event: str, *args: Any, nsp: str = "/", ms: int = 5000
    ) -> list[Any] | None:
        """Emit to the one client in a namespace and return its ack's arguments.

        Returns:
            The arguments, or None when no ack came within ``ms`` milliseconds.
        """
        (answer,) = await self.command(
            "ask", nsp=nsp, event=event, args=flatten(args), ms=ms
        )
        return None if "timeout" in answer else list(revive(answer["values"]))

    async def disconnect(self, nsp: str = "/", *, close: bool = False) -> None:
        """Disconnect the clients in a namespace, with a DISCONNECT packet."""
        await self.command("disconnect", nsp=nsp, close=close)

    async def close_engines(self) -> None:
        """Close every Engine.IO connection without a Socket.IO packet."""
        await self.command("close_engines")

    async def cut(self) -> None:
        """Reset the TCP connection of every client."""
        await self.command("cut")

    async def stats(self) -> dict[str, Any]:
        """Return the counts of connections, sockets and events."""
        counts: dict[str, Any] = await self.command("stats")
        return counts

    async def until_connections(self, count: int) -> None:
        """Wait until the server has just so many Engine.IO connections."""
        await self.command("until", connections=count)

    async def received(self, event: str | None = None, nsp: str = "/") -> list[Any]:
        """Return the arguments of the events received, in order.

        Args:
            event: The event's name; None for ``[name, *args]`` of every event.
            nsp: The namespace.
        """
        log = [entry for entry in await self.command("log") if entry["nsp"] == nsp]
        if event is None:
            return [[entry["name"], *revive(entry["args"])] for entry in log]
        return [revive(entry["args"]) for entry in log if entry["name"] == event]

    async def joins(self, nsp: str = "/") -> list[dict[str, Any]]:
        """Return the server's view of every client that joined a namespace."""
        sessions = await self.command("sessions")
        return [join for join in sessions["joins"] if join["nsp"] == nsp]

    async def listen(self, **door: Any) -> int:
        """Open a further way in; see doors.js. Return its port."""
        port: int = await self.command("listen", **door)
        return port

    async def requests(self) -> list[dict[str, Any]]:
        """Return the first thousand HTTP requests since the last reset, in order."""
        requests: list[dict[str, Any]] = await self.command("requests")
        return requests

    async def leave_reasons(self, nsp: str = "/") -> list[str]:
        """Return why clients left a namespace, in the server's words."""
        sessions = await self.command("sessions")
        return [leave["reason"] for leave in sessions["leaves"] if leave["nsp"] == nsp]

    async def reset(self) -> None:
        """Drop every client and forget what was seen."""
        await self.command("reset")

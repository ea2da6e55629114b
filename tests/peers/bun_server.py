"""The Socket.IO server on Bun of tests/live/servers/bun.js."""

from __future__ import annotations

from peers.js_server import SERVERS, JsServer
from peers.process import ControlError, ServerProcess


class BunServer(JsServer):
    """A Bun process with a socket.io server on @socket.io/bun-engine."""

    async def start(self) -> None:
        """Start the server."""
        bun = SERVERS / "node_modules" / ".bin" / "bun"
        if not bun.exists():
            raise ControlError(f"bun is missing: run 'npm ci' in {SERVERS}")
        self._argv = [str(bun), str(SERVERS / "bun.js")]
        await ServerProcess.start(self)

"""A real python-socketio server for the live tests, in a process of its own.

The namespaces / and /admin accept everybody; /refused refuses with a message and data.
Events: ``echo`` (comes back, or as the ack if one is asked for), ``ack`` (acknowledged
with the same arguments), ``silent`` (never acknowledged), ``ask`` (event, args: emits
event and acknowledges with the client's answer). Every event is recorded. The control
channel on stdin and stdout is that of server.js.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web

sys.path.append(str(Path(__file__).parent.parent.parent))

from peers.control_values import flatten, revive

NAMESPACES = ("/", "/admin")


class Echo(socketio.AsyncNamespace):
    """The behaviour of every namespace that accepts clients."""

    def __init__(self, name: str, log: list[dict[str, Any]]) -> None:
        super().__init__(name)
        self._log = log
        self.sids: set[str] = set()

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Record an event of a client and act on it."""
        sid = args[0]
        if event == "connect":
            self.sids.add(sid)
        elif event == "disconnect":
            self.sids.discard(sid)
        else:
            return await self._on_event(event, sid, list(args[1:]))
        return None

    async def _on_event(self, event: str, sid: str, args: list[Any]) -> Any:
        entry = {"nsp": self.namespace, "name": event, "args": flatten(args)}
        self._log.append(entry)
        if event == "echo":
            await self.emit("echo", tuple(args), to=sid)
        elif event == "ack":
            return tuple(args)
        elif event == "ask":
            name, values = args
            return await self.call(name, tuple(values), to=sid, timeout=3)
        return None


class Refused(socketio.AsyncNamespace):
    """A namespace that nobody may join."""

    async def on_connect(self, sid: str, environ: Any, auth: Any) -> None:
        raise socketio.exceptions.ConnectionRefusedError("not for you", {"code": 7})


class Control:
    """The commands of the control channel."""

    def __init__(self, server: socketio.AsyncServer, log: list[dict[str, Any]]) -> None:
        self._server = server
        self._log = log
        self.namespaces: dict[str, Echo] = {}

    async def answer(self, line: bytes) -> dict[str, Any]:
        """Carry out one command and return its reply."""
        command = json.loads(line)
        number = command.pop("id")
        try:
            value = await getattr(self, "do_" + command.pop("do"))(**command)
        except Exception as error:
            return {"id": number, "error": repr(error)}
        return {"id": number, "value": value}

    async def do_emit(self, nsp: str, event: str, args: list[Any]) -> None:
        await self._server.emit(event, tuple(revive(args)), namespace=nsp)

    async def do_disconnect(self, nsp: str) -> None:
        for sid in list(self.namespaces[nsp].sids):
            await self._server.disconnect(sid, namespace=nsp)

    async def do_log(self) -> list[dict[str, Any]]:
        return self._log

    async def do_reset(self) -> None:
        for nsp in self.namespaces:
            await self.do_disconnect(nsp)
        self._log.clear()


def send(message: dict[str, Any]) -> None:
    """Write one line of the control channel."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def serve_commands(control: Control) -> None:
    """Serve the control channel until stdin ends."""
    reader = asyncio.StreamReader(limit=1 << 24)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := await reader.readline():
        send(await control.answer(line))


async def main() -> None:
    """Serve on a free port of 127.0.0.1."""
    log: list[dict[str, Any]] = []
    server = socketio.AsyncServer(async_mode="aiohttp")
    control = Control(server, log)
    for name in NAMESPACES:
        control.namespaces[name] = Echo(name, log)
        server.register_namespace(control.namespaces[name])
    server.register_namespace(Refused("/refused"))
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    send({"ready": True, "port": runner.addresses[0][1]})
    await serve_commands(control)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())

"""Fixtures of the live tests: real servers, shared where a test does not harm them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from peers.fixture_types import ShareJs, StartJs
from peers.js_server import JsServer
from peers.process import ServerProcess
from peers.py_server import PyServer


class SharedServers:
    """Servers that live as long as the test session, one of each kind."""

    def __init__(self) -> None:
        self._servers: dict[str, ServerProcess] = {}

    async def js(self, kind: str, **options: Any) -> JsServer:
        """Return the Node server of a kind, as good as new."""
        server = self._servers.get(kind)
        if server is None:
            server = JsServer(**options)
            await server.start()
            self._servers[kind] = server
        assert isinstance(server, JsServer)
        await server.reset()
        return server

    async def py(self) -> PyServer:
        """Return the python-socketio server, as good as new."""
        server = self._servers.get("python")
        if server is None:
            server = PyServer()
            await server.start()
            self._servers["python"] = server
        assert isinstance(server, PyServer)
        await server.reset()
        return server

    def close(self) -> None:
        """End all servers."""
        for server in self._servers.values():
            server.close()


@pytest.fixture(scope="session")
def shared_servers() -> Iterator[SharedServers]:
    """Return the servers of this session."""
    servers = SharedServers()
    yield servers
    servers.close()


@pytest.fixture
async def share_js(shared_servers: SharedServers) -> ShareJs:
    """Return servers of other kinds: the fixture is called with a name and options."""
    return shared_servers.js


@pytest.fixture
async def js(shared_servers: SharedServers) -> JsServer:
    """Return a socket.io server with the reference's defaults."""
    return await shared_servers.js("plain")


@pytest.fixture
async def recovering_js(shared_servers: SharedServers) -> JsServer:
    """Return a socket.io server with connection state recovery."""
    recovery = {"connectionStateRecovery": {"maxDisconnectionDuration": 60_000}}
    return await shared_servers.js("recovering", io=recovery)


@pytest.fixture
async def msgpack_js(shared_servers: SharedServers) -> JsServer:
    """Return a socket.io server with socket.io-msgpack-parser."""
    return await shared_servers.js("msgpack", parser="msgpack")


@pytest.fixture
async def py(shared_servers: SharedServers) -> PyServer:
    """Return a python-socketio server."""
    return await shared_servers.py()


@pytest.fixture
async def start_js() -> AsyncIterator[StartJs]:
    """Start socket.io servers of the test's own: to kill, freeze or restart."""
    servers: list[JsServer] = []

    async def start(**options: Any) -> JsServer:
        server = JsServer(**options)
        servers.append(server)
        await server.start()
        return server

    yield start
    for server in servers:
        server.close()

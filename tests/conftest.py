"""Fixtures of every test: two event loops, nothing left behind, real and raw peers."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

import sioc

# Appended, not inserted: nothing in this folder may hide a module of another name.
sys.path.append(str(Path(__file__).parent))

from peers.fixture_types import OpenSocket, Serve
from peers.http_peer import HttpPeer
from peers.leaks import LoopWatch, ProcessWatch
from peers.raw_peer import RawPeer, Script

# Reconnection that does not make a test wait.
FAST: dict[str, Any] = {
    "transports": ("websocket",),
    "reconnection_delay": 0.05,
    "reconnection_delay_max": 0.1,
}

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, LoopFactory]:
    """Run every async test on the standard loop and, where it exists, on uvloop."""
    if sys.platform == "win32":
        return {"asyncio": asyncio.new_event_loop}
    import uvloop

    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def pytest_configure() -> None:
    """Heed SIGINT, which whoever started the tests in the background has ignored.

    Programs started by tests would inherit that, and some are to be interrupted.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what fails for no other reason than that lines are traced.

    The tracer runs Python code within compiled functions: there it takes time and
    stack, and lets other threads in where otherwise none can be.
    """
    if sys.gettrace() is None:
        return
    for item in items:
        if item.get_closest_marker("untraced") is not None:
            item.add_marker(pytest.mark.skip(reason="lines are traced"))


def pytest_collection_finish() -> None:
    """Take what the session consists of out of the garbage collector's sight.

    Each test ends with full collections, to see what it has left behind; walking all of
    pytest and its plugins every time would take longer than the tests.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves tasks, timers, descriptors, threads or loop errors."""
    if request.node.get_closest_marker("asyncio") is not None:
        request.getfixturevalue("loop_watch")
        yield
    else:
        watch = ProcessWatch()
        yield
        watch.check()


@pytest.fixture
async def loop_watch(request: pytest.FixtureRequest) -> AsyncIterator[LoopWatch]:
    """Watch the test's loop; `nothing_left` asks for it."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, asyncio.BaseEventLoop):
        loop.set_debug(True)
    watch = LoopWatch()
    yield watch
    await watch.check(errors_expected="loop_errors" in request.fixturenames)


@pytest.fixture
async def loop_errors(loop_watch: LoopWatch) -> list[dict[str, Any]]:
    """Return what the loop's exception handler is called with; errors are allowed."""
    return loop_watch.errors


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start raw peers; the fixture is called with their scripts."""
    async with AsyncExitStack() as stack:

        async def start(*scripts: Script) -> RawPeer:
            peer = RawPeer(*scripts)
            await peer.start()
            stack.push_async_callback(peer.close)
            return peer

        yield start


@pytest.fixture
async def io() -> AsyncIterator[OpenSocket]:
    """Make Sockets over WebSocket, and disconnect them in the end."""
    sockets: list[sioc.Socket] = []

    def open_socket(url: str, **options: Any) -> sioc.Socket:
        sockets.append(sioc.io(url, **(FAST | options)))
        return sockets[-1]

    yield open_socket
    closing = [socket.disconnect() for socket in sockets]
    closing += [socket.io.close() for socket in sockets]
    await asyncio.wait_for(asyncio.gather(*closing), 8)


@pytest.fixture
async def http_peer(io: OpenSocket) -> AsyncIterator[HttpPeer]:
    """Return a server whose answers the test gives; it ends before the Sockets do."""
    peer = HttpPeer()
    await peer.start()
    yield peer
    await peer.close()


@pytest.fixture
def dead_port() -> Iterator[int]:
    """Hold a port of 127.0.0.1 that refuses connections."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]

"""What an idle connection keeps, by the bytes that Python has allocated."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc

import pytest

import sioc
from peers.js_server import JsServer

COUNT = 50
MOST = 10_000
"""Bytes."""


async def connect(js: JsServer) -> sioc.Socket:
    """Open a connection of its own."""
    return await sioc.io(js.url, transports=["websocket"], force_new=True)


@pytest.mark.untraced
async def test_an_idle_connection_is_small(js: JsServer) -> None:
    # A loop that is debugged keeps a traceback with every callback.
    asyncio.get_running_loop().set_debug(False)
    # What a process needs once is no connection's own.
    sockets = [await connect(js) for _ in range(COUNT)]
    gc.collect()
    tracemalloc.start()
    try:
        sockets += [await connect(js) for _ in range(COUNT)]
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        await asyncio.gather(*(socket.disconnect() for socket in sockets))
    assert size / COUNT <= MOST

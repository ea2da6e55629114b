"""How a blocking façade ends: by fork, by close() elsewhere, with its loop, dropped."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

import sioc
from sioc.sync.background import background
from sioc.testing import PeerProcess


@pytest.fixture(scope="module", autouse=True)
def peer() -> Iterator[PeerProcess]:
    """Run a server in a process of its own."""
    with PeerProcess() as process:
        # libuv opens a pipe for itself, once per process.
        sioc.sync.io(process.url).close()
        yield process


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """The background thread ends with the last façade."""
    yield
    assert not [thread for thread in threading.enumerate() if thread.name == "sioc"]
    assert background._users == 0


FORK = """
import os, signal, sys, sioc

def child(socket, events, event):
    signal.alarm(5)
    uses = [
        lambda: socket.emit("e"),
        lambda: socket.call("question", 1, timeout=1),
        lambda: socket.on("e", print),
        lambda: next(events),
        lambda: event.ack(1),
        socket.connect,
        socket.disconnect,
    ]
    for use in uses:
        try:
            use()
        except RuntimeError as error:
            assert "forked" in str(error), error
        else:
            raise AssertionError("nothing raised")
    events.close()

with sioc.sync.io(sys.argv[1]) as socket:
    events = socket.events("asked")
    socket.emit("ask", "asked")
    event = next(events)
    pid = os.fork()
    if pid == 0:
        child(socket, events, event)
        sys.exit(7)  # by the end of the block
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status == 7, status
    assert socket.call("question", 42, timeout=5) == 42
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_is_told_so_and_may_leave_the_block(peer: PeerProcess) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, peer.url],
        capture_output=True,
        encoding="utf-8",
        timeout=9,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("reconnection", [False, True])
def test_a_facade_that_could_not_connect_is_released(
    dead_port: int, reconnection: bool
) -> None:
    url = f"http://127.0.0.1:{dead_port}"
    socket: Any = sioc.sync.io(url, reconnection=reconnection)
    (thread,) = (one for one in threading.enumerate() if one.name == "sioc")
    released = weakref.ref(socket)
    with contextlib.suppress(sioc.ConnectError):
        socket.connect()
    assert thread.is_alive()
    del socket
    assert released() is None  # without the collector, which may not run for long
    thread.join(5)

"""Fixtures of the tests of the blocking façade."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import sioc
from sioc.sync.background import background
from sioc.testing import PeerProcess


# Not within a test's own watch over descriptors, which begins with its first fixture.
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
    assert background._sockets == set()
    assert background._users == 0

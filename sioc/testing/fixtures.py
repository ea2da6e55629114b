"""The pytest plugin: fixtures that bring a Socket.IO server to a test.

pytest loads this module in every session, so it imports nothing of the peer; each
fixture imports what it needs when a test asks for it.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sioc.testing.process import PeerProcess
    from sioc.testing.server import Peer


async def _serve() -> AsyncIterator[Peer]:
    """Run a test peer on the test's loop; its options are the defaults."""
    from sioc.testing.server import serve

    async with serve() as peer:
        yield peer


@pytest.fixture
def sioc_peer_process() -> Iterator[PeerProcess]:
    """Run a test peer in a process of its own, which is gone after the test."""
    from sioc.testing.process import PeerProcess

    with PeerProcess() as peer:
        yield peer


def pytest_configure(config: pytest.Config) -> None:
    """Register the async fixture with whichever plugin runs coroutines.

    pytest-asyncio, in its strict mode, wants fixtures made by itself; its auto mode and
    anyio take any. Neither need be installed.

    Args:
        config: What pytest knows of the session.
    """
    plugin = ModuleType("sioc.testing.fixtures.peer")
    if config.pluginmanager.has_plugin("asyncio"):
        import pytest_asyncio

        fixture = pytest_asyncio.fixture(_serve, name="sioc_peer")
    else:
        fixture = pytest.fixture(_serve, name="sioc_peer")
    vars(plugin)["sioc_peer"] = fixture
    config.pluginmanager.register(plugin)

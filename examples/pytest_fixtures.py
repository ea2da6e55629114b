"""Testing a program that uses sioc: against a real server, in the test's own process.

    python -m pytest examples/pytest_fixtures.py

The fixtures come with sioc; pytest-asyncio runs the coroutines.
"""

import asyncio

import pytest

import sioc
from sioc.testing import Peer, PeerProcess


class Thermometer:
    """The program under test: sends what it measures, and remembers the target."""

    def __init__(self, url: str) -> None:
        self.socket = sioc.io(url, reconnection_delay=0.01, force_new=True)
        self.target = 20.0
        self.socket.on("target", self.set_target, types=float)

    def set_target(self, target: float) -> bool:
        self.target = target
        return True

    async def report(self, degrees: float) -> bool:
        try:
            await self.socket.emit_with_ack("temperature", degrees, timeout=1)
        except (sioc.AckTimeoutError, sioc.DisconnectedError):
            return False
        return True


@pytest.fixture
async def thermometer(sioc_peer: Peer):  # type: ignore[no-untyped-def]
    thermometer = Thermometer(sioc_peer.url)
    await thermometer.socket.wait_connected(timeout=5)
    yield thermometer
    await thermometer.socket.disconnect()


@pytest.mark.asyncio
async def test_it_reports(thermometer: Thermometer, sioc_peer: Peer) -> None:
    assert await thermometer.report(21.5)
    assert sioc_peer.stats["events"] == 1


@pytest.mark.asyncio
async def test_it_takes_a_target(thermometer: Thermometer, sioc_peer: Peer) -> None:
    async with thermometer.socket.stream("target") as targets:
        sioc_peer.broadcast("target", 18.5)
        await asyncio.wait_for(anext(targets), 5)
    assert thermometer.target == 18.5


@pytest.mark.asyncio
async def test_it_survives_a_lost_connection(
    thermometer: Thermometer, sioc_peer: Peer
) -> None:
    await sioc_peer.close_connections()
    await thermometer.socket.wait_for("connect", timeout=5)
    assert await thermometer.report(19.0)


def test_a_script_that_blocks(sioc_peer_process: PeerProcess) -> None:
    with sioc.sync.io(sioc_peer_process.url) as socket:
        assert socket.call("temperature", 20.0, timeout=5) == 20.0

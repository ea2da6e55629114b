"""A server goes down and comes back: its clients do not come back all at once."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

import sioc
from peers.effort import effort
from peers.fixture_types import StartJs
from peers.recorder import Recorder
from peers.reports import report

CLIENTS = effort(60, 500)
DOWN = effort(1, 10)  # seconds
SLICE = 0.1  # seconds

# As the defaults are, in the long run.
DELAY, LONGEST = effort(300, 1000) / 1000, float(effort(1, 5))  # seconds


class Attempts:
    """Count the attempts of a client, and note two at once.

    Args:
        socket: The client.

    Attributes:
        count: How many there were.
        most: How many there were at once.
        begun: When the last one began, however long a busy server took to answer it.
    """

    def __init__(self, socket: sioc.Socket) -> None:
        self.count = self.most = self._under_way = 0
        self.begun = 0.0
        socket.io.on("reconnect_attempt", self._begin)
        socket.io.on("reconnect_error", self._end)
        socket.io.on("reconnect", self._end)

    def _begin(self, number: int) -> None:
        self.begun = asyncio.get_running_loop().time()
        self.count += 1
        self._under_way += 1
        self.most = max(self.most, self._under_way)

    def _end(self, *_: object) -> None:
        self._under_way -= 1


def client(url: str) -> sioc.Socket:
    """Return a client of its own connection."""
    return sioc.io(
        url,
        force_new=True,
        transports=("websocket",),
        reconnection_delay=DELAY,
        reconnection_delay_max=LONGEST,
    )


@pytest.mark.long
@pytest.mark.timeout(effort(60, 300))
async def test_a_herd_spreads_when_its_server_comes_back(start_js: StartJs) -> None:
    server = await start_js()
    sockets = [client(server.url) for _ in range(CLIENTS)]
    attempts = [Attempts(socket) for socket in sockets]
    await asyncio.gather(*(socket.wait_connected(30) for socket in sockets))
    losses = [Recorder(socket, "disconnect") for socket in sockets]

    server.kill()
    await asyncio.gather(*(lost.wait("disconnect", timeout=20) for lost in losses))
    await asyncio.sleep(DOWN)
    await server.start()
    up = asyncio.get_running_loop().time()
    await asyncio.gather(*(socket.wait_connected(60) for socket in sockets))
    assert {len(lost.calls) for lost in losses} == {1}
    await asyncio.gather(*(socket.disconnect() for socket in sockets))

    assert {attempt.most for attempt in attempts} == {1}
    arrivals = [attempt.begun - up for attempt in attempts]
    busiest = max(Counter(arrival // SLICE for arrival in arrivals).values())
    counts = [attempt.count for attempt in attempts]
    report(
        "reconnect storm",
        {
            "clients": CLIENTS,
            "seconds the server was down": DOWN,
            "attempts of a client, fewest and most": f"{min(counts)} and {max(counts)}",
            "attempts of one client at once, at most": 1,
            "seconds until the last client came": f"{max(arrivals):.1f}",
            "arrivals in the busiest tenth of a second": busiest,
            "share of the herd": f"{busiest / CLIENTS:.1%}",
        },
    )
    # With shorter delays they come closer together.
    assert busiest <= CLIENTS * (0.15 if LONGEST == 5 else 0.7)

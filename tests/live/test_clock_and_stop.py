"""A wall clock that jumps, and a client that is stopped: in processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from peers.effort import effort
from peers.fixture_types import StartJs
from peers.reports import report

# In milliseconds, as the server's options are.
QUICK: dict[str, Any] = {"pingInterval": 300, "pingTimeout": 1000}
STOPPED = effort(2, 60)  # seconds

LIBRARIES = [
    "/usr/lib/x86_64-linux-gnu/faketime",
    "/usr/lib/aarch64-linux-gnu/faketime",
]
FAKETIME = [Path(folder) / "libfaketime.so.1" for folder in LIBRARIES]
JUMPS = ["+1h", "-1h", "+3d", "-3d"]

# Tells, one JSON a line, what happens and the wall clock; "stop" ends it.
PROGRAM = """
import asyncio, json, sys, time
import sioc

def tell(*what):
    print(json.dumps([*what, time.time()]), flush=True)

async def main():
    client = sioc.io(
        sys.argv[1],
        transports=("websocket",),
        reconnection_delay=0.1,
        reconnection_delay_max=0.1,
    )
    for event in "connect", "disconnect":
        client.on(event, lambda *args, event=event: tell(event, *args[:1]))
    client.on("tell", lambda: tell("told"))
    client.on("stop", client.disconnect)
    client.io.on("reconnect_attempt", lambda n: tell("attempt"))
    await client.wait_closed()

asyncio.run(main())
"""


class Client:
    """The program, running."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.told: list[list[Any]] = []

    async def until(self, what: str, count: int = 1) -> float:
        """Read until it has told of something so often; return its wall clock then."""
        assert self.process.stdout is not None
        while self.names.count(what) < count:
            line = await asyncio.wait_for(self.process.stdout.readline(), 8)
            assert line, f"the program has ended: {self.told}"
            self.told.append(json.loads(line))
        return float([told[-1] for told in self.told if told[0] == what][count - 1])

    @property
    def names(self) -> list[str]:
        """What it has told of so far."""
        return [told[0] for told in self.told]


@asynccontextmanager
async def running(url: str, **environ: str) -> AsyncIterator[Client]:
    """Run the program with additions to its environment."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", PROGRAM, url),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **environ},
    )
    try:
        yield Client(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.long
@pytest.mark.skipif(
    not any(path.exists() for path in FAKETIME), reason="libfaketime is not installed"
)
@pytest.mark.timeout(30)
async def test_jumps_of_the_wall_clock_do_nothing(
    start_js: StartJs, tmp_path: Path
) -> None:
    server = await start_js(io=QUICK)
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": next(str(path) for path in FAKETIME if path.exists()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    async with running(server.url, **faked) as client:
        before = await client.until("connect")
        for number, jump in enumerate(JUMPS, 1):
            clock.write_text(jump)
            await asyncio.sleep(0.7)  # two heartbeats
            await server.emit("tell")
            now = await client.until("told", number)
            hours = {"h": 1, "d": 24}[jump[-1]] * int(jump[:-1])
            assert abs(now - before - hours * 3600) < 60, "the clock has not jumped"
        assert "disconnect" not in client.names

        server.kill()
        for number, jump in enumerate(JUMPS, 1):
            await client.until("attempt", 2 * number)
            clock.write_text(jump)
        attempts = client.names.count("attempt")
        await client.until("attempt", attempts + 3)
        await server.start()
        await client.until("connect", 2)
        await server.emit("stop")
        await asyncio.wait_for(client.process.wait(), 8)
        await client.until("disconnect", 2)
    assert client.names.count("disconnect") == 2
    report(
        "jumps of the wall clock",
        {
            "jumps, while connected and while backing off": ", ".join(JUMPS),
            "disconnects because of them": 0,
            "attempts to reconnect, 0.1 s apart": client.names.count("attempt"),
        },
    )


@pytest.mark.long
@pytest.mark.timeout(effort(30, 120))
async def test_a_client_that_is_stopped_comes_back_once(start_js: StartJs) -> None:
    server = await start_js(io=QUICK)
    async with running(server.url) as client:
        await client.until("connect")
        client.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(STOPPED)
        await server.until_connections(0)
        client.process.send_signal(signal.SIGCONT)
        await client.until("connect", 2)
        await server.emit("tell")
        await client.until("told")
        await asyncio.sleep(0.7)  # two heartbeats
        await server.emit("stop")
        await asyncio.wait_for(client.process.wait(), 8)
        await client.until("disconnect", 2)
    assert client.names == [
        *("connect", "disconnect", "attempt", "connect", "told", "disconnect")
    ]
    report(
        "stopped client",
        {"seconds stopped": STOPPED, "disconnects": 1, "attempts": 1, "events": 1},
    )

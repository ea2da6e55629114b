"""No descriptors are left, at each stage of a connection: errors, and recovery."""

from __future__ import annotations

import asyncio
import sys

import pytest

from peers.child import outcome
from peers.effort import effort
from peers.js_server import JsServer

PROGRAM = """
import asyncio, contextlib, os, resource, sys
import sioc
from sioc.transports import named

url, stage, cycles, loop = sys.argv[1:]
FAST = {"reconnection_delay": 0.01, "reconnection_delay_max": 0.02, "force_new": True}
named("polling")
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))

@contextlib.contextmanager
def exhausted():
    taken = []
    def take(*_):
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
    take()
    try:
        yield take
    finally:
        for fd in taken:
            os.close(fd)

def fds():
    return len(os.listdir("/proc/self/fd"))

async def connecting(transports):
    with exhausted():
        client = sioc.io(url, transports=transports, reconnection=False, **FAST)
        try:
            await client
        except sioc.ConnectError:
            pass
        else:
            raise AssertionError("connected without descriptors")
        await client.disconnect()
    await client.connect()
    return client

async def reconnecting(transports):
    client = await sioc.io(url, transports=transports, **FAST)
    failed = asyncio.Event()
    errors = []
    client.io.on("reconnect_error", lambda e: (errors.append(e), failed.set()))
    with exhausted() as take:
        # The old connection has given its descriptor back by then.
        client.io.on("reconnect_attempt", take)
        client.emit("cut" if transports == ["websocket"] else "drop")
        await failed.wait()
        client.io.off("reconnect_attempt", take)
    assert isinstance(errors[0], sioc.ConnectError), errors
    await client.wait_connected(5)
    return client

async def upgrading():
    client = sioc.io(url, transports=["polling", "websocket"], **FAST)
    held = contextlib.ExitStack()
    opened = asyncio.Event()
    def exhaust():
        held.enter_context(exhausted())
        opened.set()
    client.io.once("open", exhaust)
    await opened.wait()
    # The probe needs a descriptor, and so may the first POST.
    await asyncio.sleep(0.03)
    held.close()
    await client.wait_connected(5)
    return client

STAGES = {
    "connect by polling": lambda: connecting(["polling"]),
    "connect by websocket": lambda: connecting(["websocket"]),
    "reconnect by polling": lambda: reconnecting(["polling"]),
    "reconnect by websocket": lambda: reconnecting(["websocket"]),
    "upgrade": upgrading,
}

async def main():
    before = None
    for _ in range(int(cycles)):
        client = await STAGES[stage]()
        assert await client.emit_with_ack("ack", 1, timeout=5) == 1
        await client.disconnect()
        await client.io.close()
        before = before or fds()
    for _ in range(200):
        if fds() <= before:
            break
        await asyncio.sleep(0.01)
    assert fds() <= before, (before, fds())
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, left

if loop == "uvloop":
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
"""

STAGES = [
    "connect by polling",
    "connect by websocket",
    "reconnect by polling",
    "reconnect by websocket",
    "upgrade",
]


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.timeout(effort(60, 300))
@pytest.mark.parametrize("stage", STAGES)
async def test_no_descriptors_are_left(
    js: JsServer, request: pytest.FixtureRequest, stage: str
) -> None:
    loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
    program = ["-W", "error", "-c", PROGRAM]
    cycles = str(effort(5, 100))
    ended = await outcome(
        *program, js.url, stage, cycles, loop, timeout=effort(50, 280)
    )
    assert ended == (0, b"", b"")

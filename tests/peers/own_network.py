"""A program alone with its server in a network namespace, where packets get lost.

What tests/live/test_own_network.py runs, under `unshare --net`; what came out is
printed as JSON. Arguments: the fault, the kind of loop, the transport, and how much.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent.parent))

import sioc
from peers.barrier import round_trip
from peers.js_server import JsServer
from peers.recorder import Recorder

# In milliseconds, as the server's options are.
QUICK: dict[str, Any] = {"pingInterval": 300, "pingTimeout": 300}
DETECTION = 0.6  # seconds: the two together
WINDOW = 100  # events on their way at a time
LOST = 10  # percent

FAST: dict[str, Any] = {
    "reconnection_delay": 0.01,
    "reconnection_delay_max": 0.02,
    "timeout": 1,
}

CHAIN = """
flush ruleset
table inet faults {{
    chain output {{
        type filter hook output priority filter
        {}
    }}
}}
"""


def drop(*matches: str) -> None:
    """Drop the packets that match, and no others."""
    rules = "\n".join(f"{match} drop" for match in matches)
    subprocess.run(["nft", "-f", "-"], input=CHAIN.format(rules).encode(), check=True)


def link(state: str) -> None:
    """Set the only network interface up or down."""
    subprocess.run(["ip", "link", "set", "lo", state], check=True)


async def black_holes(transport: str, runs: int) -> dict[str, object]:
    """Have all packets vanish, one way or both; tell how late that was noticed."""
    server = JsServer(io=QUICK)
    await server.start()
    out, back = f"tcp dport {server.port}", f"tcp sport {server.port}"
    holes = {"in": [back], "out": [out], "both": [out, back]}
    late = dict.fromkeys(holes, 0.0)
    socket = await sioc.io(server.url, transports=[transport], **FAST)
    events = Recorder(socket, "connect", "disconnect")
    loop = asyncio.get_running_loop()
    for run in range(runs):
        for hole, matches in holes.items():
            await settled(socket)
            await asyncio.sleep(run / runs * QUICK["pingInterval"] / 1000)
            lost = events.count("disconnect") + 1
            waiting = asyncio.ensure_future(socket.emit_with_ack("silent"))
            begun = loop.time()
            drop(*matches)
            await events.wait("disconnect", lost)
            late[hole] = max(late[hole], loop.time() - begun - DETECTION)
            (failed,) = await asyncio.gather(waiting, return_exceptions=True)
            assert isinstance(failed, sioc.DisconnectedError), failed
            drop()
            await events.wait("connect", lost)
    assert events.names == ["disconnect", "connect"] * (len(events.names) // 2)
    await socket.disconnect()
    server.close()
    return {f"noticed late, {hole}": seconds for hole, seconds in late.items()}


async def settled(socket: sioc.Socket) -> None:
    """Wait for a round trip; on a busy machine the server may find the client late."""
    while True:
        await socket.wait_connected(10)
        with suppress(sioc.DisconnectedError):
            return await round_trip(socket)


async def traffic(transport: str, fault: str, count: int) -> dict[str, object]:
    """Have a server echo events, in order, while packets get lost."""
    server = JsServer()
    await server.start()
    socket = await sioc.io(server.url, transports=[transport], **FAST)
    echoed: list[int] = []
    lost: list[str] = []
    socket.on("echo", echoed.append)
    socket.on("disconnect", lambda reason, *_: lost.append(reason))
    if fault == "loss":
        chance = f"numgen random mod 100 < {LOST}"
        drop(f"tcp dport {server.port} {chance}", f"tcp sport {server.port} {chance}")
    for number in range(count):
        socket.emit("echo", number)
        if fault == "down" and number == count // 2:
            await interrupted(outage(transport, count))
        if number % WINDOW == WINDOW - 1:
            assert await socket.emit_with_ack("ack", number, timeout=60) == number
    assert echoed == list(range(count)), (len(echoed), lost)
    assert lost == []
    drop()
    await socket.disconnect()
    server.close()
    return {"events there and back, in order": len(echoed), "connections lost": 0}


def outage(transport: str, count: int) -> float:
    """Return the seconds of an outage: 5 for ten thousand events, by polling 2.

    TCP is slow to try again, and Node's server resets a connection that was idle for 5.
    """
    return count / (5000 if transport == "polling" else 2000)


async def interrupted(seconds: float) -> None:
    """Take the network away for some time, with events under way."""
    await asyncio.sleep(0)
    link("down")
    await asyncio.sleep(seconds)
    link("up")


def main() -> None:
    """Run it."""
    fault, loop, transport, much = sys.argv[1:]
    link("up")
    if fault == "holes":
        doing = black_holes(transport, int(much))
    else:
        doing = traffic(transport, fault, int(much))
    if loop == "uvloop":
        import uvloop

        print(json.dumps(uvloop.run(doing)))
    else:
        print(json.dumps(asyncio.run(doing)))


if __name__ == "__main__":
    main()

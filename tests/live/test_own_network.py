"""Packets that get lost in the kernel: client and server in a network namespace."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from peers.child import outcome
from peers.effort import effort
from peers.own_network import LOST, outage
from peers.reports import report

PROGRAM = Path(__file__).parent.parent / "peers" / "own_network.py"
SECONDS = effort(25, 300)
RUNS = effort(1, 20)
EVENTS = effort(400, 10_000)

FAULTS = ("loss", "down")


def missing() -> str | None:
    """Return what is missing for a network of one's own, or None."""
    for program in "unshare", "nft", "ip":
        if shutil.which(program) is None:
            return f"{program} is missing"
    allowed = subprocess.run(["unshare", "--net", "true"], capture_output=True)
    return "no network namespace is allowed here" if allowed.returncode else None


MISSING = missing()

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(MISSING is not None, reason=str(MISSING)),
    pytest.mark.timeout(SECONDS + 20),
    pytest.mark.parametrize("transport", ["websocket", "polling"]),
]


async def run(fault: str, transport: str, much: int) -> dict[str, float]:
    """Run the program; return what came out."""
    loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
    arguments = [fault, loop, transport, str(much)]
    status, out, errors = await outcome(
        str(PROGRAM), *arguments, timeout=SECONDS, within=("unshare", "--net")
    )
    assert (status, errors) == (0, b"")
    figures: dict[str, float] = json.loads(out)
    return figures


async def test_a_black_hole_is_noticed(transport: str) -> None:
    late = await run("holes", transport, RUNS)
    report(
        f"black holes by {transport}",
        {"black holes each way": RUNS}
        | {what: f"{seconds * 1000:.0f} ms" for what, seconds in late.items()},
        "How long after pingInterval + pingTimeout, 0.6 s, from the beginning of the\n"
        "hole, at most. Pings that still come in count the time anew, as they should:\n"
        "up to 0.3 s more where only what goes out is lost.",
    )
    assert max(late.values()) < 0.3 + 1.0  # the rest is for a busy machine


@pytest.mark.parametrize("fault", FAULTS)
async def test_all_arrives_in_order(transport: str, fault: str) -> None:
    what = f"{LOST} % of the packets lost"
    if fault == "down":
        what = f"the network down for {outage(transport, EVENTS):g} s"
    came = await run(fault, transport, EVENTS)
    report(f"network {fault} by {transport}", {"fault": what} | came)

"""No memory is left, for one allocation out of each: an error, or a connection lost."""

from __future__ import annotations

import asyncio
import json
from importlib.util import find_spec
from pathlib import Path

import pytest

import sioc
from peers.child import outcome
from peers.effort import effort
from peers.js_server import JsServer
from peers.reports import report

PROGRAM = Path(__file__).parent.parent / "peers" / "starved.py"
STAGES = ("connecting", "talking", "leaving")
LAST = 1000  # about as many allocations a stage has
STEP = LAST // effort(4, 500)
SECONDS = effort(40, 1800)  # most of the children end at once

# How a child may end. msgspec takes the memory for a short string of ASCII for granted
# and crashes; picows spoils the heap where there is none for a line of its request, and
# what crashes then is anything. So it is looked at whether sioc has.
ALLOWED = {
    "went well",
    "MemoryError raised to the program",
    "connection ended, or no answer in time",
    "the event loop itself failed",
    "crashed",
    "SIGSEGV",
}
OURS = {
    path.name.partition(".")[0] for path in Path(sioc.__file__).parent.rglob("*.so")
}


def culprit(remark: str) -> str:
    """Return the library that has crashed, by the stack that was noted."""
    stack = remark.partition("crashed: ")[2].split(" < ")
    return next((name for name in stack if name not in ("libc", "libpython3")), "")


@pytest.mark.long
@pytest.mark.untraced
@pytest.mark.skipif(find_spec("_testcapi") is None, reason="CPython without its tests")
@pytest.mark.timeout(3 * SECONDS + 20)
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_an_allocation_that_fails(js: JsServer, transport: str) -> None:
    loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
    figures: dict[str, object] = {}
    remarks: list[str] = []
    for stage in STAGES:
        numbers = map(str, (1, LAST, STEP))
        status, out, errors = await outcome(
            str(PROGRAM), js.url, loop, transport, stage, *numbers, timeout=SECONDS
        )
        assert (status, errors) == (0, b"")
        *lines, ends = out.decode().splitlines()
        figures |= {f"{stage}: {end}": n for end, n in json.loads(ends).items()}
        remarks += lines
    details = "\n".join(f"    {line}" for line in remarks)
    report(f"failing allocations by {transport}", figures, details)
    assert not [remark for remark in remarks if culprit(remark) in OURS]
    assert not [end for end in figures if end.partition(": ")[2] not in ALLOWED]

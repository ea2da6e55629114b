"""Send an attachment to a server and back; print the version of picows."""

import asyncio
from importlib.metadata import version

import sioc
from sioc.testing import serve


async def main() -> None:
    """Connect, ask, compare."""
    sent = {"number": 1, "binary": b"\x00\xff"}
    async with serve() as peer, sioc.io(peer.url, force_new=True) as socket:
        answer = await socket.emit_with_ack("question", sent, timeout=5)
    if answer != sent:
        raise SystemExit(f"sent {sent}, got {answer}")


for run in (asyncio.run, sioc.run):
    run(main())
print(version("picows"))

"""A point of a connection at which everything before it has been dealt with."""

from __future__ import annotations

import sioc


async def round_trip(socket: sioc.Socket) -> None:
    """Wait until the server has got every earlier emit, and we its answers.

    Packets keep their order in both directions, so the ack of one more event comes
    after everything that the server sent because of the events before it.
    """
    assert await socket.emit_with_ack("ack", "round trip", timeout=5) == "round trip"

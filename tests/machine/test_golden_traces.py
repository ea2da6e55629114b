"""The traces of behaviour 13, event by event: Manager, Socket, and the wire.

Those of HTTP long-polling (13.2, 13.10) stand with its tests, recovery (13.9) in
test_wire_recovery.py.
"""

from __future__ import annotations

import asyncio
from typing import Any

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection

MANAGER = (
    "open", "error", "close", "reconnect_attempt", "reconnect", "reconnect_error",
    "reconnect_failed", "packet",
)  # fmt: skip
SOCKET = ("connect", "connect_error", "disconnect")


class Trace:
    """What a Manager (M) and its Sockets (S, T) emit, in one list of lines."""

    def __init__(self, *sockets: sioc.Socket) -> None:
        self.lines: list[str] = []
        self._changed = asyncio.Event()
        for event in MANAGER:
            sockets[0].io.on(event, self._noting("M", event))
        for letter, socket in zip("ST", sockets, strict=False):
            for event in SOCKET:
                socket.on(event, self._noting(letter, event))

    def note(self, line: str) -> None:
        """Add a line."""
        self.lines.append(line)
        self._changed.set()

    async def expect(self, *expected: str) -> None:
        """Expect these lines next, and forget them."""
        while len(self.lines) < len(expected):
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), 5)
        lines = self.lines[: len(expected)]
        del self.lines[: len(expected)]
        assert lines == list(expected)

    def _noting(self, source: str, event: str) -> Any:
        def note(*args: Any) -> None:
            shown = str(args[0]) if args and isinstance(args[0], (int, str)) else ""
            if event == "packet":
                shown = sioc.PacketType(args[0].type).name
            self.note(f"{source} {event} {shown}".rstrip())

        return note


async def welcome(conn: RawConnection) -> None:
    """Let the client join."""
    await conn.establish()


CONNECTED = ["M open", "M packet CONNECT", "S connect"]
AGAIN = [
    "M reconnect_attempt 1",
    "M open",
    "M reconnect 1",
    "M packet CONNECT",
    "S connect",
]


async def test_13_1_first_connect(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text("40")
        conn.send_text('42["early"]')
        conn.connect_reply()
        await conn.expect_text('42["held"]')
        await conn.expect_text('42["in connect"]')

    peer = await serve(script)
    socket = io(peer.url, auto_connect=False)
    trace = Trace(socket)
    socket.on("early", lambda: trace.note(f"S early, connected {socket.connected}"))
    socket.on_any_outgoing(lambda event: trace.note(f"-> {event}"))
    socket.emit("held")
    socket.on("connect", lambda: socket.emit("in connect"))
    socket.connect()
    await trace.expect(
        "M open",
        "M packet EVENT",
        "M packet CONNECT",
        "S early, connected True",
        "-> held",
        "S connect",
        "-> in connect",
    )
    await peer.played()


async def test_13_3_disconnect(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text("41")
        frame = await conn.expect_close()
        assert frame.payload == b""
        conn.send_frame(frame.opcode)
        conn.end()

    peer = await serve(script)
    socket = io(peer.url)
    trace = Trace(socket)
    await trace.expect(*CONNECTED)
    closing = socket.disconnect()
    assert trace.lines == ["M close forced close", "S disconnect io client disconnect"]
    await closing
    await peer.played()


async def test_13_4_disconnected_by_the_server(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text("41")

    peer = await serve(script)
    socket = io(peer.url)
    trace = Trace(socket)
    await trace.expect(*CONNECTED)
    await trace.expect(
        "M packet DISCONNECT",
        "M close forced close",
        "S disconnect io server disconnect",
    )
    assert not socket.active


async def test_13_5_the_network_is_lost(serve: Serve, io: OpenSocket) -> None:
    async def cut(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["now"]')
        conn.reset()

    peer = await serve(cut, welcome)
    socket = io(peer.url)
    trace = Trace(socket)
    await trace.expect(*CONNECTED)
    socket.emit("now")
    await trace.expect(
        "M close transport close",
        "S disconnect transport close",
        *AGAIN,
    )


async def test_13_6_nobody_is_there(dead_port: int, io: OpenSocket) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}", reconnection_attempts=2)
    trace = Trace(socket)
    await trace.expect(
        "M error",
        "S connect_error",
        "M reconnect_attempt 1",
        "M error",
        "S connect_error",
        "M reconnect_error",
    )
    await trace.expect(
        "M reconnect_attempt 2",
        "M error",
        "S connect_error",
        "M reconnect_failed",
        "M reconnect_error",
    )


async def test_13_7_refused(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text("40/no,")
        conn.send_text('44/no,{"message":"not you","data":{"code":7}}')

    peer = await serve(script)
    socket = io(peer.url + "/no")
    trace = Trace(socket)
    errors: list[sioc.ConnectError] = []
    socket.on("connect_error", errors.append)
    await trace.expect(
        "M open",
        "M packet CONNECT_ERROR",
        "M close forced close",
        "S connect_error",
    )
    assert str(errors[0]) == "not you"
    assert errors[0].data == {"code": 7}
    assert not socket.active


async def test_13_8_a_bad_packet(serve: Serve, io: OpenSocket) -> None:
    async def spoil(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text("49bad")

    peer = await serve(spoil, welcome)
    socket = io(peer.url)
    trace = Trace(socket)
    await trace.expect(*CONNECTED)
    await trace.expect(
        "M close parse error",
        "S disconnect parse error",
        *AGAIN,
    )


async def test_13_11_one_of_two_is_refused(serve: Serve, io: OpenSocket) -> None:
    async def first(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text("40")
        await conn.expect_text("40/no,")
        conn.connect_reply()
        conn.send_text('44/no,{"message":"no"}')
        await conn.expect_text('42["now"]')
        conn.reset()

    async def second(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_nothing()

    peer = await serve(first, second)
    root = io(peer.url)
    trace = Trace(root, io(peer.url + "/no"))
    await trace.expect(
        "M open",
        "M packet CONNECT",
        "S connect",
        "M packet CONNECT_ERROR",
        "T connect_error",
    )
    root.emit("now")
    await trace.expect(
        "M close transport close",
        "S disconnect transport close",
        *AGAIN,
    )
    await peer.played(1)

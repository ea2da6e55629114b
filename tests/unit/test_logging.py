"""The log `sioc`: what it tells at which level, and that it is silent by default."""

from __future__ import annotations

import asyncio
import logging

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection

Log = pytest.LogCaptureFixture


async def talk(conn: RawConnection) -> None:
    await conn.establish()
    conn.send_text('42["secret\\nname",{"password":"canary"}]')
    await conn.expect_text('42["mine","canary"]')
    conn.send_text('42["end"]')
    await conn.until_end()


async def live(serve: Serve, io: OpenSocket) -> sioc.Socket:
    """Connect, talk and disconnect."""
    socket = io((await serve(talk)).url, auth={"password": "canary"})
    async with socket.stream("end") as ends:
        await socket
        socket.emit("mine", "canary")
        await asyncio.wait_for(anext(ends), 5)
    await socket.disconnect()
    return socket


def lines(caplog: Log, level: int) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "sioc" and record.levelno == level
    ]


async def test_info_tells_of_connections(
    serve: Serve, io: OpenSocket, caplog: Log
) -> None:
    caplog.set_level(logging.INFO, "sioc")
    socket = await live(serve, io)
    origin = socket.io.url.origin
    assert lines(caplog, logging.INFO) == [f"{origin} connection closed: forced close"]
    assert lines(caplog, logging.DEBUG) == []


async def test_info_tells_why_no_connection_was_made(
    io: OpenSocket, caplog: Log, dead_port: int
) -> None:
    caplog.set_level(logging.INFO, "sioc")
    socket = io(f"http://127.0.0.1:{dead_port}", reconnection=False)
    with pytest.raises(sioc.ConnectError):
        await socket
    (line,) = lines(caplog, logging.INFO)
    assert line.startswith(f"http://127.0.0.1:{dead_port} cannot connect (tcp): ")


async def test_what_a_function_of_the_program_raised_is_not_told(
    io: OpenSocket, caplog: Log
) -> None:
    def headers() -> dict[str, str]:
        raise RuntimeError("the token is canary")

    caplog.set_level(logging.DEBUG, "sioc")
    socket = io("http://127.0.0.1:1", extra_headers=headers, reconnection=False)
    with pytest.raises(sioc.ConnectError):
        await socket
    assert lines(caplog, logging.INFO) == ["http://127.0.0.1:1 cannot connect (url)"]
    assert "canary" not in caplog.text


async def test_debug_tells_of_states_and_packets(
    serve: Serve, io: OpenSocket, caplog: Log
) -> None:
    caplog.set_level(logging.DEBUG, "sioc")
    socket = await live(serve, io)
    told = [line.removeprefix(socket.io.url.origin + " ") for line in
            lines(caplog, logging.DEBUG)]  # fmt: skip
    assert told[:5] == [
        "socket '/': idle -> waiting",
        "manager: closed -> opening",
        "engine: opening -> open",
        "manager: opening -> open",
        "socket '/': waiting -> connecting",
    ]
    packets = [line for line in told if "bytes=" in line]
    assert "out EVENT '/' event='mine' id=None attachments=0 bytes=19" in packets
    assert any(r"in  EVENT '/' event='secret\nname' id=None" in p for p in packets)
    assert "canary" not in caplog.text


async def test_acks_while_packets_are_told_of(
    serve: Serve, io: OpenSocket, caplog: Log
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["question"]')
        conn.send_text("430[42]")
        await conn.until_end()

    caplog.set_level(logging.DEBUG, "sioc")
    socket = await io((await serve(script)).url)
    assert await socket.emit_with_ack("question", timeout=5) == 42
    packets = [line for line in lines(caplog, logging.DEBUG) if " ACK " in line]
    assert len(packets) == 1


async def test_nothing_is_watched_while_nobody_asks(
    serve: Serve, io: OpenSocket, caplog: Log
) -> None:
    caplog.set_level(logging.INFO, "sioc")
    socket = await live(serve, io)
    assert socket.wire.observer is None

"""Handshakes that are none: of HTTP, of WebSocket, of Engine.IO, of Socket.IO."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.frames import BINARY, TEXT, encode_frame
from peers.raw_connection import RawConnection
from peers.raw_peer import Script

# Well below the 20 s of the option timeout: the failure was noticed, not waited for.
AT_ONCE = 3.0

GOOD: dict[str, Any] = {
    "sid": "s",
    "upgrades": [],
    "pingInterval": 25000,
    "pingTimeout": 20000,
}

# JSON texts; the numbers among them are no millisecond counts from 1 ms to a day.
BAD_TIMES = [
    "null",
    "true",
    '"25000"',
    "[]",
    "{}",
    "0",
    "-0",
    "-1",
    "0.5",
    "1e-9",
    "1e300",
    "1e999",
    "NaN",
    "Infinity",
    "2147483648",
    "9007199254740993",
    "18446744073709551616",
    "9" * 5000,
    "86400001",
]

BAD_SIDS = ["null", "7", '""', "[]", '"' + "s" * 257 + '"', '"' + "s" * 70_000 + '"']

BAD_PACKETS = [
    "0",
    "0{",
    "0[]",
    "0null",
    '0"sid"',
    "0 ",
    "0{}",
    "1",
    "2",
    "3",
    '42["e"]',
    "40",
    "6",
    "9",
    "x",
    "",
    "0" + json.dumps(GOOD) + "x",
    "4" + json.dumps(GOOD),
    "0" + "[" * 100_000,
    "0" + json.dumps(GOOD | {"padding": "x" * 70_000}),
]

GARBAGE = [
    pytest.param(b"\x00\xff garbage\r\n\r\n", id="no HTTP"),
    pytest.param(b"HTTP/1.1\r\n\r\n", id="no status"),
    pytest.param(b"HTTP/1.1 abc Nonsense\r\n\r\n", id="status no number"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", id="200"),
    pytest.param(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", id="bare 101"),
    pytest.param(b"HTTP/1.1 101 S\r\nno colon here\r\n\r\n", id="bad header"),
    pytest.param(
        b"HTTP/1.1 101 S\r\n" + b"X: y\r\n" * 5000 + b"\r\n", id="5000 headers"
    ),
    pytest.param(b"HTTP/1.1 101 S\r\nX: " + b"y" * 200_000, id="endless header"),
    pytest.param(b"x" * 200_000, id="endless line"),
]

BAD_UPGRADES: list[dict[str, str | None]] = [
    {"Sec_WebSocket_Accept": None},
    {"Sec_WebSocket_Accept": "c29tZXRoaW5nIGVsc2UgYnkgc2hhMQ=="},
    {"Upgrade": None},
    {"Upgrade": "h2c"},
    {"Connection": None},
    {"Connection": "close"},
    # RFC 6455 section 4.1: what was not asked for fails the connection.
    {"Sec_WebSocket_Extensions": "permessage-deflate"},
    {"Sec_WebSocket_Protocol": "unasked"},
]


async def check_failure(
    serve: Serve, io: OpenSocket, script: Script, match: str = "."
) -> None:
    """Check that a connection fails at once and is closed by the client."""

    async def then_nothing(conn: RawConnection) -> None:
        await script(conn)
        await conn.until_end()

    peer = await serve(then_nothing)
    started = time.monotonic()
    with pytest.raises(sioc.ConnectError, match=match):
        await io(peer.url, reconnection=False)
    await peer.played()
    assert time.monotonic() - started < AT_ONCE


@pytest.mark.parametrize("response", GARBAGE)
async def test_an_http_response_that_is_none(
    serve: Serve, io: OpenSocket, response: bytes
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.read_request()
        conn.send_raw(response)

    await check_failure(serve, io, script)


@pytest.mark.parametrize("changes", BAD_UPGRADES, ids=lambda changes: str(changes))
async def test_an_upgrade_that_is_none(
    serve: Serve, io: OpenSocket, changes: dict[str, str | None]
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.read_request()
        conn.switch_protocols(**changes)

    await check_failure(serve, io, script)


@pytest.mark.parametrize("packet", BAD_PACKETS, ids=lambda packet: packet[:20])
async def test_a_first_packet_that_is_no_handshake(
    serve: Serve, io: OpenSocket, packet: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.send_text(packet)

    await check_failure(serve, io, script)


async def test_binary_before_the_handshake(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.send_frame(BINARY, b"0" + json.dumps(GOOD).encode())

    await check_failure(serve, io, script, "binary data before the handshake")


async def test_an_empty_packet_before_the_handshake(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.send_text("")

    await check_failure(serve, io, script, "empty Engine.IO packet")


@pytest.mark.parametrize("name", ["pingInterval", "pingTimeout"])
@pytest.mark.parametrize("value", BAD_TIMES, ids=lambda value: value[:20])
async def test_absurd_heartbeat_times(
    serve: Serve, io: OpenSocket, name: str, value: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        text = json.dumps(GOOD | {name: "@"}).replace('"@"', value)
        conn.send_text("0" + text)

    await check_failure(serve, io, script)


@pytest.mark.parametrize("name", ["sid", "pingInterval", "pingTimeout"])
async def test_a_missing_value(serve: Serve, io: OpenSocket, name: str) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet(**{name: None})

    await check_failure(serve, io, script)


@pytest.mark.parametrize("value", BAD_SIDS, ids=lambda value: value[:20])
async def test_an_absurd_session_id(serve: Serve, io: OpenSocket, value: str) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        text = json.dumps(GOOD | {"sid": "@"}).replace('"@"', value)
        conn.send_text("0" + text)

    await check_failure(serve, io, script)


@pytest.mark.parametrize("value", ["0", "-1", '"1"', "1.5", "true", "[]"])
async def test_an_absurd_max_payload(serve: Serve, io: OpenSocket, value: str) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        text = json.dumps(GOOD | {"maxPayload": "@"}).replace('"@"', value)
        conn.send_text("0" + text)

    await check_failure(serve, io, script)


@pytest.mark.parametrize(
    "changes",
    [
        {"maxPayload": None},
        {"pingInterval": 25000.0},
        {"maxPayload": 2**64},
        {"upgrades": ["websocket", "unknown"]},
        {"surplus": {"a": [1]}},
        {"sid": "s" * 256},
    ],
    ids=lambda changes: str(changes)[:30],
)
async def test_an_unusual_handshake_is_fine(
    serve: Serve, io: OpenSocket, changes: dict[str, Any]
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish(**changes)

    peer = await serve(script)
    assert (await io(peer.url)).connected


async def test_a_second_handshake_ends_the_link(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        text = ("0" + json.dumps(GOOD)).encode()
        conn.send_raw(encode_frame(TEXT, text) + encode_frame(TEXT, b'42["behind"]'))
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    seen: list[Any] = []
    socket.on("behind", lambda: seen.append("behind"))
    socket.on("disconnect", lambda reason: seen.append(reason))
    await socket
    await peer.played()
    assert len(seen) == 1
    assert seen[0] in ("parse error", "transport error")

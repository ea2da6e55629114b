"""WebSocket frames that break RFC 6455."""

from __future__ import annotations

import pytest

from peers.fixture_types import OpenSocket, Serve
from peers.frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, encode_frame
from peers.raw_connection import RawConnection
from peers.recorder import Recorder
from peers.violation import FRAME_REASONS, check_violation

EVENT = b'42["e"]'
PROTOCOL_ERROR = (1002,)
INVALID_DATA = (1007,)

BAD_UTF8 = [
    b"\xff",
    b"\xc3",
    b"\xc0\xaf",
    b"\xe2\x82",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80",
]


@pytest.mark.parametrize("opcode", [TEXT, BINARY, CONTINUATION, PING])
@pytest.mark.parametrize("rsv", [1, 2, 4, 7])
async def test_reserved_bits(
    serve: Serve, io: OpenSocket, rsv: int, opcode: int
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(opcode, EVENT, rsv=rsv)

    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=PROTOCOL_ERROR
    )


@pytest.mark.parametrize("opcode", [0x3, 0x7, 0xB, 0xF])
async def test_reserved_opcodes(serve: Serve, io: OpenSocket, opcode: int) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(opcode, EVENT)

    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=PROTOCOL_ERROR
    )


async def test_a_masked_frame(serve: Serve, io: OpenSocket) -> None:
    """RFC 6455 section 5.1: a server must not mask."""

    def violate(conn: RawConnection) -> None:
        conn.send_raw(encode_frame(TEXT, EVENT, mask=b"\x01\x02\x03\x04"))

    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=PROTOCOL_ERROR
    )


@pytest.mark.parametrize("fin", [True, False])
async def test_an_orphan_continuation(serve: Serve, io: OpenSocket, fin: bool) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(CONTINUATION, EVENT, fin=fin)

    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=PROTOCOL_ERROR
    )


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
async def test_a_message_inside_a_fragmented_message(
    serve: Serve, io: OpenSocket, opcode: int
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(TEXT, EVENT[:3], fin=False)
        conn.send_frame(opcode, EVENT)

    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=PROTOCOL_ERROR
    )


async def test_a_fragmented_control_frame(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(PING, b"", fin=False)

    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=PROTOCOL_ERROR
    )


async def test_a_long_control_frame(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(PING, bytes(126))

    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=PROTOCOL_ERROR
    )


async def test_a_length_with_its_highest_bit_set(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_raw(encode_frame(BINARY, b"", length=1 << 63))

    await check_violation(serve, io, violate, reasons=FRAME_REASONS, codes=(1002, 1009))


@pytest.mark.parametrize("bad", BAD_UTF8)
async def test_text_that_is_not_utf8(serve: Serve, io: OpenSocket, bad: bytes) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(TEXT, b'42["e","' + bad + b'"]')

    await check_violation(serve, io, violate, reasons=FRAME_REASONS, codes=INVALID_DATA)


async def test_text_that_is_not_utf8_in_fragments(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(TEXT, b'42["e","\xe2\x82', fin=False)
        conn.send_frame(CONTINUATION, b'\x22"]')

    await check_violation(serve, io, violate, reasons=FRAME_REASONS, codes=INVALID_DATA)


async def test_an_event_nobody_listens_to_must_be_utf8_too(
    serve: Serve, io: OpenSocket
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(TEXT, b'42["nobody listens","\xff"]')

    await check_violation(serve, io, violate, reasons=FRAME_REASONS, codes=INVALID_DATA)


@pytest.mark.parametrize(
    "code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535]
)
async def test_a_status_code_that_none_may_send(
    serve: Serve, io: OpenSocket, code: int
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_close(code)

    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=PROTOCOL_ERROR
    )


@pytest.mark.parametrize("behind", [encode_frame(CLOSE, b"\x03\xe8"), b"\xff" * 20])
async def test_what_comes_behind_the_close_frame_does_not_count(
    serve: Serve, io: OpenSocket, behind: bytes
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_raw(encode_frame(CLOSE, b"\x03\xe9going") + behind)
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    events = Recorder(socket, "disconnect")
    await socket
    reason, details = await events.wait("disconnect")
    assert reason == "transport close"
    assert details.context == {"code": 1001, "reason": "going"}

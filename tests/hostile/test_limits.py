"""Passing a limit: the link ends, nothing behind it is delivered, memory stays low."""

from __future__ import annotations

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.frames import BINARY, CONTINUATION, TEXT, encode_frame
from peers.raw_connection import RawConnection
from peers.recorder import Recorder
from peers.violation import FRAME_REASONS, PACKET_REASONS, check_violation

PLACEHOLDER = '{"_placeholder":true,"num":%d}'
TOO_BIG = (1009, 1008, 1002)


def binary_event(count: int) -> str:
    """Return the header of an event with attachments."""
    places = ",".join(PLACEHOLDER % number for number in range(count))
    return f'45{count}-["e",{places}]'


@pytest.mark.parametrize("count", ["1025", "4294967297", "5999999999", "9" * 10_000])
async def test_more_attachments_than_the_default_limit(
    serve: Serve, io: OpenSocket, count: str
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text(f'45{count}-["e"]')

    await check_violation(serve, io, violate, reasons=PACKET_REASONS)


async def test_as_many_attachments_as_the_limit_allows(
    serve: Serve, io: OpenSocket
) -> None:
    values = [bytes([number % 256]) for number in range(1024)]

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(binary_event(1024))
        conn.send_binary(*values)

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "e")
    assert await events.wait("e") == tuple(values)


async def test_the_limit_of_attachments_is_an_option(
    serve: Serve, io: OpenSocket
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text(binary_event(3))

    limits = sioc.Limits(max_attachments=2)
    await check_violation(serve, io, violate, reasons=PACKET_REASONS, limits=limits)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
async def test_nesting_beyond_the_default_limit(
    serve: Serve, io: OpenSocket, opening: str
) -> None:
    closing = "]" if opening == "[" else "}"

    def violate(conn: RawConnection) -> None:
        conn.send_text('42["e",' + opening * 300 + "1" + closing * 300 + "]")

    await check_violation(serve, io, violate, reasons=PACKET_REASONS)


@pytest.mark.parametrize("letters", ["e", "é"])
async def test_nesting_up_to_the_limit(
    serve: Serve, io: OpenSocket, letters: str
) -> None:
    # Brackets side by side and in strings, more of them than may nest.
    many = f'{"[]," * 300}"{"[{" * 300}{letters}"'

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for depth in (254, 255):
            # Inside the array of the arguments.
            conn.send_text(f'42["e",{"[" * depth}{many}{"]" * depth}]')
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    events = Recorder(socket, "e", "disconnect")
    assert (await events.wait("disconnect"))[0] == "parse error"
    assert events.names == ["e", "disconnect"]
    await peer.played()


async def test_a_bomb_of_nesting(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text('42["e",' + "[" * 100_000)

    await check_violation(serve, io, violate, reasons=PACKET_REASONS)


async def test_a_bomb_of_nesting_in_a_binary_packet(
    serve: Serve, io: OpenSocket
) -> None:
    def violate(conn: RawConnection) -> None:
        deep = "[" * 5000 + PLACEHOLDER % 0 + "]" * 5000
        conn.send_text(f'451-["e",{deep}]')
        conn.send_binary(b"a")

    await check_violation(serve, io, violate, reasons=PACKET_REASONS)


async def test_one_frame_too_big(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text('42["e","' + "x" * 5000 + '"]')

    limits = sioc.Limits(max_message_size=4096)
    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=TOO_BIG, limits=limits
    )


async def test_a_huge_frame_is_refused_by_its_header(
    serve: Serve, io: OpenSocket
) -> None:
    """The end of the link must not wait for five gigabytes."""

    def violate(conn: RawConnection) -> None:
        conn.send_raw(encode_frame(BINARY, b"", length=5 << 30))

    await check_violation(serve, io, violate, reasons=FRAME_REASONS, codes=TOO_BIG)


async def test_fragments_too_big_together(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(TEXT, b'42["e","', fin=False)
        for _ in range(5):
            conn.send_frame(CONTINUATION, b"x" * 1000, fin=False)
        conn.send_frame(CONTINUATION, b'"]')

    limits = sioc.Limits(max_message_size=4096)
    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=TOO_BIG, limits=limits
    )


@pytest.mark.parametrize("size", [0, 1])
async def test_too_many_fragments(serve: Serve, io: OpenSocket, size: int) -> None:
    """Empty ones count as well."""

    def violate(conn: RawConnection) -> None:
        conn.send_frame(TEXT, b'42["e","', fin=False)
        fragment = encode_frame(CONTINUATION, b"x" * size, fin=False)
        conn.send_raw(fragment * 101)
        conn.send_frame(CONTINUATION, b'"]')

    limits = sioc.Limits(max_fragments=100)
    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=TOO_BIG, limits=limits
    )


async def test_too_many_fragments_by_default(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_frame(TEXT, b'42["e","', fin=False)
        conn.send_raw(encode_frame(CONTINUATION, b"", fin=False) * 20_000)

    await check_violation(serve, io, violate, reasons=FRAME_REASONS, codes=TOO_BIG)


async def test_a_packet_too_big_with_its_attachments(
    serve: Serve, io: OpenSocket
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text(binary_event(5))
        conn.send_binary(*[bytes(1000)] * 5)

    limits = sioc.Limits(max_packet_size=4096, max_message_size=4096)
    await check_violation(
        serve, io, violate, reasons=FRAME_REASONS, codes=TOO_BIG, limits=limits
    )


@pytest.mark.parametrize("head", ["42", "421", "42/,", "45"])
async def test_a_packet_too_big_by_its_text(
    serve: Serve, io: OpenSocket, head: str
) -> None:
    def violate(conn: RawConnection) -> None:
        count = "1-" if head == "45" else ""
        conn.send_text(f'{head}{count}["e","{"x" * 1000}"]')

    limits = sioc.Limits(max_packet_size=1000)
    await check_violation(serve, io, violate, reasons=PACKET_REASONS, limits=limits)


async def test_attachments_that_do_not_come(serve: Serve, io: OpenSocket) -> None:
    """Pings do not extend the time."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(binary_event(2))
        conn.send_binary(b"one")
        await conn.expect_nothing()
        await conn.until_end()

    peer = await serve(script)
    limits = sioc.Limits(attachment_timeout=0.2)
    socket = io(peer.url, limits=limits, reconnection=False)
    events = Recorder(socket, "e", "disconnect")
    await socket
    assert (await events.wait("disconnect", timeout=1.0))[0] == "parse error"
    assert events.names == ["disconnect"]
    await peer.played()


LONG = encode_frame(TEXT, b'42["e","' + b"x" * 1000 + b'"]')
ATTACHED = encode_frame(TEXT, binary_event(1).encode()) + encode_frame(
    BINARY, b"x" * 1000
)


@pytest.mark.parametrize(
    ("limit", "value", "event"),
    [
        ("max_receive_buffer", 10, encode_frame(TEXT, b'42["e"]')),
        ("max_receive_bytes", 11_000, LONG),
        ("max_receive_bytes", 11_000, ATTACHED),
    ],
)
async def test_too_much_before_the_connect_reply(
    serve: Serve, io: OpenSocket, limit: str, value: int, event: bytes
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        conn.send_raw(event * 11)
        conn.connect_reply()
        await conn.until_end()

    peer = await serve(script)
    limits = sioc.Limits(**{limit: value})
    socket = io(peer.url, limits=limits, reconnection=False)
    manager = Recorder(socket.io, "close")
    events = Recorder(socket, "connect", "e")
    reason, details = await manager.wait("close")
    assert reason == "parse error"
    assert limit in f"{details.description} {details.context}"
    assert events.calls == []
    await peer.played()


async def test_the_error_names_the_limit(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(binary_event(3))
        await conn.until_end()

    peer = await serve(script)
    limits = sioc.Limits(max_attachments=2)
    socket = io(peer.url, limits=limits, reconnection=False)
    events = Recorder(socket, "disconnect")
    await socket
    _, details = await events.wait("disconnect")
    assert "max_attachments" in f"{details.description} {details.context}"
    await peer.played()

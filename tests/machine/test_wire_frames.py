"""Frames in both directions: masks, sizes, fragments, control frames, writes."""

from __future__ import annotations

import asyncio
import sys

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, encode_frame
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

needs_tcp_info = pytest.mark.skipif(
    sys.platform != "linux", reason="TCP_INFO tells segments on Linux only"
)


async def test_every_frame_is_masked_with_a_key_of_its_own(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(64):
            await conn.expect_text(f'42["e",{number}]')
        await conn.expect_nothing()

    peer = await serve(script, script)
    keys: list[bytes | None] = []
    for number in range(2):
        socket = await io(peer.url)
        for value in range(64):
            socket.emit("e", value)
        frames = (await peer.played(number)).frames
        keys += [frame.mask for frame in frames]

    assert len(keys) == 2 * 66  # CONNECT, the events, a pong
    assert None not in keys
    assert len(set(keys)) == len(keys)
    # RFC 6455 section 5.3: from a strong source of entropy, so no bit stands still.
    for byte in range(4):
        seen = {key[byte] >> 7 for key in keys if key is not None}
        assert seen == {0, 1}


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 300_000])
async def test_a_frame_of_any_size_goes_both_ways(
    serve: Serve, io: OpenSocket, size: int
) -> None:
    data = bytes(n % 251 for n in range(size))
    header = '451-["e",{"_placeholder":true,"num":0}]'

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(header)
        conn.send_binary(data)
        await conn.expect_text(header)
        await conn.expect_binary(data)

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "e")
    await socket
    assert await events.wait("e") == (data,)
    socket.emit("e", data)
    await peer.played()


@needs_tcp_info
async def test_a_packet_and_its_attachments_are_one_write(
    serve: Serve, io: OpenSocket
) -> None:
    """Nagle's algorithm is off, so each write is a segment of its own on loopback."""
    go = asyncio.Event()
    segments: list[int] = []

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        segments.append(conn.data_segments())
        go.set()
        await conn.next_text()
        for _ in range(3):
            await conn.next_frame()
        segments.append(conn.data_segments())

    peer = await serve(script)
    socket = await io(peer.url)
    await go.wait()
    socket.emit("e", b"one", [b"two"], b"three")
    await peer.played()
    assert segments[1] - segments[0] == 1


@needs_tcp_info
async def test_a_lone_packet_does_not_wait_for_the_end_of_the_turn(
    serve: Serve, io: OpenSocket
) -> None:
    """The first after a turn with one packet goes at once, after a burst none does."""
    turns = 3, 1, 2, 2
    go = asyncio.Event()
    bursts = asyncio.Queue[int]()

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        go.set()
        for packets in turns:
            before = conn.data_segments()
            for _ in range(packets):
                await conn.next_text()
            bursts.put_nowait(conn.data_segments() - before)

    peer = await serve(script)
    socket = await io(peer.url)
    await go.wait()
    segments = []
    for packets in turns:
        for number in range(packets):
            socket.emit("e", number)
        segments.append(await bursts.get())
    assert segments == [1, 1, 2, 1]
    await peer.played()


async def test_attachments_are_never_parted_from_their_packet(
    serve: Serve, io: OpenSocket
) -> None:
    """Neither other emits of other tasks nor pongs come between.

    Pings that come in one read may have one pong in answer (R17).
    """
    rounds = 30

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for _ in range(rounds):
            conn.send_text("2")
        open_attachments = 0
        finished = pongs = 0
        while finished < 2 * rounds or not pongs:
            frame = await conn.next_frame()
            if frame.opcode == BINARY:
                open_attachments -= 1
                continue
            assert open_attachments == 0
            if frame.payload == b"3":
                pongs += 1
                continue
            finished += 1
            open_attachments = 2

    peer = await serve(script)
    socket = await io(peer.url)

    async def emit_all(name: str) -> None:
        for _ in range(rounds):
            socket.emit(name, b"x" * 5000, b"y")
            await asyncio.sleep(0)

    await asyncio.gather(emit_all("a"), emit_all("b"))
    await peer.played()


@pytest.mark.parametrize("ping", ["2", "2probe"])
async def test_a_ping_is_answered_with_a_bare_pong(
    serve: Serve, io: OpenSocket, ping: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        conn.send_text(ping)  # before the namespace is joined, too
        await conn.expect_text("3")
        conn.connect_reply()
        for _ in range(3):
            conn.send_text(ping)
            await conn.expect_text("3")

    peer = await serve(script)
    await io(peer.url)
    await peer.played()


@pytest.mark.parametrize("payload", [b"", b"payload", bytes(range(125))])
async def test_a_websocket_ping_is_answered_with_its_payload(
    serve: Serve, io: OpenSocket, payload: bytes
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_frame(PING, payload)
        frame = await conn.next_frame()
        assert (frame.opcode, frame.payload) == (PONG, payload)

    peer = await serve(script)
    await io(peer.url)
    await peer.played()


async def test_a_close_frame_is_answered(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_close(1001, b"going away")
        close = await conn.expect_close()
        assert close.close_code in (None, 1001)

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    events = Recorder(socket, "disconnect")
    await socket
    reason, details = await events.wait("disconnect")
    assert reason == "transport close"
    assert "1001" in f"{details.context}"
    await peer.played()


BEHIND_A_CLOSE_FRAME = [
    pytest.param((CLOSE, b"\x03\xe8"), id="another"),
    pytest.param((3, b"x"), id="unknown opcode"),
    pytest.param((TEXT, b"2"), id="packet"),
]


@pytest.mark.parametrize("behind", BEHIND_A_CLOSE_FRAME)
async def test_what_follows_a_close_frame_changes_nothing(
    serve: Serve, io: OpenSocket, behind: tuple[int, bytes]
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_raw(
            encode_frame(TEXT, b'42["last"]')
            + encode_frame(CLOSE, b"\x03\xe9")
            + encode_frame(*behind)
        )
        assert (await conn.expect_close()).close_code == 1001
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    events = Recorder(socket, "last", "disconnect")
    await socket
    await peer.played()
    reason, details = await events.wait("disconnect")
    assert events.names == ["last", "disconnect"]
    assert reason == "transport close"
    assert details.context["code"] == 1001


async def test_pongs_and_a_close_frame_without_room_are_not_sent(
    serve: Serve, io: OpenSocket
) -> None:
    """A peer that asks for more than may be written gets less, and what it sent."""
    limit = 256
    pong_size = 6  # bytes: a masked frame without a payload

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        # In one read, and all answers in one write.
        pings = encode_frame(PING, b"") * 128
        conn.send_raw(pings + encode_frame(TEXT, b'42["e"]') + encode_frame(CLOSE, b""))
        await conn.until_end()

    peer = await serve(script)
    limits = sioc.Limits(write_high_water=limit, max_write_buffer=limit)
    socket = io(peer.url, reconnection=False, limits=limits)
    events = Recorder(socket, "e", "disconnect")
    await socket
    await events.wait("disconnect")
    assert events.names == ["e", "disconnect"]
    pongs = (await peer.played()).frames[1:]  # CONNECT is the first
    assert {frame.opcode for frame in pongs} == {PONG}
    assert len(pongs) <= limit // pong_size


async def test_fragments_are_put_together(serve: Serve, io: OpenSocket) -> None:
    text = '42["text","ünï 😀"]'.encode()

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        # Cut inside characters, with an empty fragment and control frames between.
        conn.send_frame(TEXT, text[:14], fin=False)
        conn.send_frame(CONTINUATION, b"", fin=False)
        conn.send_frame(PING, b"between")
        conn.send_frame(CONTINUATION, text[14:20], fin=False)
        conn.send_frame(CONTINUATION, text[20:])
        conn.send_text('451-["binary",{"_placeholder":true,"num":0}]')
        conn.send_frame(BINARY, b"\xff", fin=False)
        conn.send_frame(CONTINUATION, b"\xfe" * 300, fin=False)
        conn.send_frame(CONTINUATION, b"")
        assert (await conn.next_frame()).opcode == PONG
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "text", "binary")
    await socket
    await peer.played()
    assert events.calls == [
        ("text", ("ünï 😀",)),
        ("binary", (b"\xff" + b"\xfe" * 300,)),
    ]


async def test_the_stream_may_be_cut_anywhere(serve: Serve, io: OpenSocket) -> None:
    """Byte by byte, then in every pair of pieces."""
    frames = [
        encode_frame(TEXT, b'42["one",1]'),
        encode_frame(TEXT, b'451-["two",{"_placeholder":true,"num":0}]'),
        encode_frame(BINARY, b"z" * 130),
        encode_frame(TEXT, '42["three","é"]'.encode()),
    ]
    stream = b"".join(frames)

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for byte in stream:
            conn.send_raw(bytes([byte]))
            await asyncio.sleep(0)
        for cut in range(0, len(stream), 7):
            conn.send_raw(stream[:cut])
            await asyncio.sleep(0)
            conn.send_raw(stream[cut:])
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "one", "two", "three")
    await socket
    await peer.played()
    repeats = 1 + len(range(0, len(stream), 7))
    expected = [("one", (1,)), ("two", (b"z" * 130,)), ("three", ("é",))]
    assert events.calls == expected * repeats


async def test_packets_right_behind_the_http_response_are_read(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.read_request()
        conn.switch_protocols()
        conn.open_packet()
        conn.send_text("2")
        await conn.expect_text("40")
        await conn.expect_text("3")
        conn.connect_reply()

    peer = await serve(script)
    await io(peer.url)
    await peer.played()

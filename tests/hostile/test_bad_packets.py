"""Engine.IO and Socket.IO packets that break the protocol."""

from __future__ import annotations

from itertools import pairwise

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from peers.recorder import Recorder
from peers.violation import FRAME_REASONS, PACKET_REASONS, check_violation

PLACEHOLDER = '{"_placeholder":true,"num":%s}'

# Every one is the text of an Engine.IO message, without its leading 4.
BAD_PACKETS = [
    "",
    "9bad",
    "7",
    "x",
    " 2[]",
    "-1",
    "٢[]",
    "0[]",
    "0null",
    "1{}",
    '1"x"',
    "2{}",
    "2[]",
    "2null",
    "21",
    '2["e"',
    '2["e"]]',
    '2["e"] x',
    '2["e",]',
    "2['e']",
    '2["e",NaN]',
    '2["e",Infinity]',
    '2["e",01]',
    '2["e","\x01"]',
    '2[{"toString":"e"}]',
    '2[true,"e"]',
    '2[null,"e"]',
    '2[["e"]]',
    '2["connect"]',
    '2["connect_error"]',
    '2["disconnect","123"]',
    '2["disconnecting"]',
    '2["newListener"]',
    '2["removeListener"]',
    '2 ["e"]',
    '2٣["e"]',
    '2²["e"]',
    '2-1["e"]',
    '299999999999999999999["e"]',
    '29007199254740992["e"]',
    '200000000000000001["e"]',
    '3["e"]',
    "30{}",
    '30"e"',
    "30null",
    "4[]",
    "4null",
    '5["e"]',
    '51["e"]',
    '5-["e"]',
    '50-["e"]',
    '5a-["e"]',
    '5-1-["e"]',
    '5+1-["e"]',
    '51.0-["e"]',
    '51e0-["e"]',
    '50x1-["e"]',
    '5 1-["e"]',
    '501-["e"]',
    '5٣-["e"]',
    f"51-[{PLACEHOLDER % 0}]",
    '51-["connect"]',
    "51-{}",
    '61-["x"]',
]

BAD_PLACEHOLDERS = ["-1", "1", "2", "9223372036854775808", "0.5", '"0"', "true", "null"]

ENGINE_PACKETS = ["", "7", "9", "x", " 4", "٤", '{"a":1}']


@pytest.mark.parametrize("packet", BAD_PACKETS)
async def test_a_bad_packet_is_a_parse_error(
    serve: Serve, io: OpenSocket, packet: str
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text("4" + packet)

    await check_violation(serve, io, violate, reasons=PACKET_REASONS)


@pytest.mark.parametrize("packet", ENGINE_PACKETS)
async def test_a_bad_engine_packet_ends_the_link(
    serve: Serve, io: OpenSocket, packet: str
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text(packet)

    await check_violation(serve, io, violate, reasons=FRAME_REASONS)


async def test_binary_that_nobody_announced(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_binary(b"unasked")

    await check_violation(serve, io, violate, reasons=PACKET_REASONS)


async def test_one_attachment_too_many(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text(f'451-["skipped",{PLACEHOLDER % 0}]')
        conn.send_binary(b"announced", b"not announced")

    await check_violation(serve, io, violate, reasons=PACKET_REASONS)


@pytest.mark.parametrize("packet", ['42["e"]', '430["e"]', '451-["e"]', "41", '44"e"'])
async def test_text_where_an_attachment_is_due(
    serve: Serve, io: OpenSocket, packet: str
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text(f'451-["e",{PLACEHOLDER % 0}]', packet)
        conn.send_binary(b"late")

    await check_violation(serve, io, violate, reasons=PACKET_REASONS)


@pytest.mark.parametrize("number", BAD_PLACEHOLDERS)
async def test_a_placeholder_without_an_attachment(
    serve: Serve, io: OpenSocket, number: str
) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text(f'451-["e",{PLACEHOLDER % number}]')
        conn.send_binary(b"a")

    await check_violation(serve, io, violate, reasons=PACKET_REASONS)


async def test_a_placeholder_without_a_number(serve: Serve, io: OpenSocket) -> None:
    def violate(conn: RawConnection) -> None:
        conn.send_text('451-["e",{"_placeholder":true}]')
        conn.send_binary(b"a")

    await check_violation(serve, io, violate, reasons=PACKET_REASONS)


async def test_the_details_name_the_error(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text("49bad")
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    manager = Recorder(socket.io, "close")
    events = Recorder(socket, "disconnect")
    await socket
    reason, details = await events.wait("disconnect")
    assert reason == "parse error"
    assert isinstance(details, sioc.DisconnectDetails)
    assert details.description
    assert manager.args("close")[0][0] == "parse error"
    await peer.played()


async def test_pending_acks_fail_with_the_reason(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["q"]')
        conn.send_text("49bad")
        await conn.until_end()

    peer = await serve(script)
    socket = await io(peer.url, reconnection=False)
    with pytest.raises(sioc.DisconnectedError) as caught:
        await socket.emit_with_ack("q")
    assert caught.value.reason == "parse error"
    await peer.played()


async def test_a_partial_packet_is_forgotten_with_its_link(
    serve: Serve, io: OpenSocket
) -> None:
    async def cut(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(f'452-["e",{PLACEHOLDER % 0},{PLACEHOLDER % 1}]')
        conn.send_binary(b"half")
        await conn.expect_nothing()
        conn.reset()

    async def resume(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["e","whole"]')

    peer = await serve(cut, resume)
    socket = io(peer.url)
    events = Recorder(socket, "e")
    assert await events.wait("e") == ("whole",)
    assert len(events.calls) == 1


async def test_a_poison_packet_does_not_reset_the_backoff(
    serve: Serve, io: OpenSocket
) -> None:
    """Accept, poison, again and again: the attempts must slow down all the same."""

    async def poison(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text("49bad")
        await conn.until_end()

    peer = await serve(*[poison] * 30)
    socket = io(
        peer.url,
        reconnection_delay=0.05,
        reconnection_delay_max=10.0,
        randomization_factor=0,
    )
    times: list[float] = []
    events = Recorder(socket, "disconnect")
    for number in range(1, 5):
        await events.wait("disconnect", number)
        await peer.played(number - 1)
        times.append(peer.connections[number - 1].opened)
    gaps = [after - before for before, after in pairwise(times)]
    # The third delay, four times the first. A busy machine only adds to it.
    assert gaps[2] > 0.19

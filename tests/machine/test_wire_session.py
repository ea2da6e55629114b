"""What the client makes of a server's packets: the answers, and the silence."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

PLACEHOLDER = '{"_placeholder":true,"num":%d}'

ACCEPTED = [
    pytest.param('42["e"]', (), id="no argument"),
    pytest.param('42["e",null]', (None,), id="null"),
    pytest.param('42["e",1]', (1,), id="one"),
    pytest.param('42["e", 1 , { "a" : [ ] } ]', (1, {"a": []}), id="whitespace"),
    pytest.param('42["e",{"a":1,"a":2}]', ({"a": 2},), id="duplicate keys"),
    pytest.param('42["e",9007199254740993]', (2**53 + 1,), id="exact integer"),
    pytest.param('42["e",-0.0,1e3]', (0.0, 1000.0), id="floats"),
    pytest.param('42["e","\\u0000\\u00e9\\/"]', ("\x00é/",), id="escapes"),
    pytest.param('42["e","\\ud83d\\ude00"]', ("😀",), id="surrogate pair"),
    pytest.param('42["\\u0065",1]', (1,), id="escaped event name"),
    pytest.param('42["e",' + "[" * 250 + "]" * 250 + "]", None, id="deep"),
    pytest.param(f'42["e","{"[" * 5000}"]', ("[" * 5000,), id="brackets in a text"),
    pytest.param(f'42["e",{PLACEHOLDER % 0}]', None, id="placeholder in a text packet"),
]


@pytest.mark.parametrize(("packet", "args"), ACCEPTED)
async def test_an_event_is_delivered(
    serve: Serve, io: OpenSocket, packet: str, args: tuple[Any, ...] | None
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(packet)
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "e")
    await socket
    await peer.played()
    assert len(events.calls) == 1
    assert args is None or events.calls[0].args == args


async def test_a_number_is_an_event_name(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42[1,"x"]')
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "1")
    await socket
    await peer.played()
    assert events.calls == [("1", ("x",))]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ('"\\ud83d"', "\ud83d"),
        ('"a\\ude00b"', "a\ude00b"),
        ("1e400", math.inf),
        ("-1e400", -math.inf),
    ],
)
async def test_what_only_the_tolerant_decoder_takes(
    serve: Serve, io: OpenSocket, payload: str, expected: Any
) -> None:
    """JSON.stringify sends half an emoji, and a number may be out of range."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(f'42["e",{payload},[{payload}]]', '42["e","next"]')
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "e")
    await socket
    await peer.played()
    assert events.args("e") == [(expected, [expected]), ("next",)]
    assert socket.io.stats.fallback_decodes == 1


@pytest.mark.parametrize(
    ("header", "attachments", "expected"),
    [
        (f'451-["e",{PLACEHOLDER % 0}]', [b"a"], (b"a",)),
        (f'452-["e",{PLACEHOLDER % 1},{PLACEHOLDER % 0}]', [b"a", b"b"], (b"b", b"a")),
        (f'451-["e",{PLACEHOLDER % 0},{PLACEHOLDER % 0}]', [b"a"], (b"a", b"a")),
        ('451-["e",1]', [b"unused"], (1,)),
        ('451-["e",{"num":0,"_placeholder":true,"x":1}]', [b"a"], (b"a",)),
        (
            '451-["e",{"_placeholder":1,"num":0}]',
            [b"a"],
            ({"_placeholder": 1, "num": 0},),
        ),
        ('451-["e",{"_placeholder":false}]', [b""], ({"_placeholder": False},)),
        (
            f'451-["e",{"[" * 200}{PLACEHOLDER % 0}{"]" * 200}]',
            [b"deep"],
            None,
        ),
    ],
)
async def test_attachments_take_their_places(
    serve: Serve,
    io: OpenSocket,
    header: str,
    attachments: list[bytes],
    expected: tuple[Any, ...] | None,
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(header)
        for attachment in attachments:
            conn.send_text("2")  # a ping may come in between
            conn.send_binary(attachment)
            await conn.expect_text("3")
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "e")
    await socket
    await peer.played()
    assert len(events.calls) == 1
    assert expected is None or events.calls[0].args == expected


async def test_events_before_the_connect_reply_wait_for_it(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        conn.send_text('42["e",1]', '42["e",2]')
        await conn.expect_nothing()
        conn.connect_reply()
        conn.send_text('42["e",3]')

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "connect", "e")
    connected: list[bool] = []
    socket.on("e", lambda: connected.append(socket.connected))
    await events.wait("e", 3)
    assert events.names == ["e", "e", "connect", "e"]
    assert connected == [True, True, True]


IGNORED = [
    pytest.param('42/other,["e",1]', id="event of another namespace"),
    pytest.param("41/other,", id="disconnect of another namespace"),
    pytest.param('40/other,{"sid":"x"}', id="connect of another namespace"),
    pytest.param('44/other,{"message":"x"}', id="refusal of another namespace"),
    pytest.param('4399["e"]', id="unknown ack"),
    pytest.param('43/other,0["e"]', id="ack of another namespace"),
    pytest.param('40{"sid":"another"}', id="second connect"),
    pytest.param("6", id="noop"),
    pytest.param("3", id="pong"),
    pytest.param("5", id="upgrade"),
]


@pytest.mark.parametrize("packet", IGNORED)
async def test_a_packet_out_of_place_is_ignored(
    serve: Serve, io: OpenSocket, packet: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(packet, packet, '42["e","after"]')
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "connect", "disconnect", "connect_error", "e")
    await socket
    await peer.played()
    assert events.calls == [("connect", ()), ("e", ("after",))]
    assert socket.id == "socket-0"


async def test_an_ack_is_taken_once(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["q"]')
        conn.send_text('430["first"]', '430["second"]')
        await conn.expect_nothing()

    peer = await serve(script)
    socket = await io(peer.url)
    calls: list[Any] = []
    socket.emit("q", ack=calls.append)
    await peer.played()
    assert calls == ["first"]


async def test_a_connect_error_after_connect_is_a_disconnect(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('44{"message":"changed my mind"}')

    peer = await serve(script)
    socket = io(peer.url, close_timeout=0.2)
    events = Recorder(socket, "disconnect")
    await socket
    assert (await events.wait("disconnect"))[0] == "io server disconnect"
    assert socket.disconnected
    await peer.played()


@pytest.mark.parametrize(
    ("packet", "message"), [('44{"message":"no"}', "no"), ('44"no"', "no")]
)
async def test_a_refusal_in_either_form(
    serve: Serve, io: OpenSocket, packet: str, message: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        conn.send_text(packet)

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "connect_error")
    (error,) = await events.wait("connect_error")
    assert error.message == message
    assert error.data is None
    assert not socket.active


async def test_a_goodbye_may_come_in_the_read_of_the_handshake(
    serve: Serve, io: OpenSocket
) -> None:
    async def goodbye(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        conn.send_text("1")
        await conn.until_end(None)

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_nothing()

    peer = await serve(goodbye, script)
    socket = io(peer.url)
    await socket
    await peer.played(1)
    assert socket.connected


async def test_an_engine_close_packet_closes(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text("1")
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    events = Recorder(socket, "disconnect")
    await socket
    assert (await events.wait("disconnect"))[0] == "transport close"
    await peer.played()


async def test_a_silent_peer_is_a_ping_timeout(serve: Serve, io: OpenSocket) -> None:
    loop = asyncio.get_running_loop()
    joined = loop.create_future()

    async def script(conn: RawConnection) -> None:
        await conn.establish(pingInterval=100, pingTimeout=100)
        joined.set_result(loop.time())
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    events = Recorder(socket, "disconnect")
    await socket
    assert (await events.wait("disconnect"))[0] == "ping timeout"
    assert 0.15 < loop.time() - await joined < 0.5
    await peer.played()


async def test_only_pings_keep_the_connection(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish(pingInterval=150, pingTimeout=150)
        try:
            while True:
                conn.send_text('42["e"]', "6")
                await conn.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    events = Recorder(socket, "disconnect", "e")
    await socket
    await events.wait("disconnect", timeout=1.0)
    assert events.args("disconnect")[0][0] == "ping timeout"
    assert events.count("e") >= 5


async def test_leaving_while_the_connect_reply_is_on_its_way(
    serve: Serve, io: OpenSocket
) -> None:
    """The late answer is taken back, or the server would keep a ghost."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_connect("/admin")
        left.set()
        await conn.expect_nothing()
        conn.connect_reply("/admin")
        await conn.expect_text("41/admin,")

    left = asyncio.Event()
    peer = await serve(script)
    await io(peer.url)
    admin = io(peer.url + "/admin")
    events = Recorder(admin, "connect", "disconnect", "connect_error")
    await left.wait()
    await admin.disconnect()
    await peer.played()
    assert events.calls == []


async def test_an_answer_to_who_has_left_changes_nothing(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_connect("/late")
        await conn.expect_text('42["left"]')
        # The first is the answer to the CONNECT, the others are to nothing.
        for packet in ('44/late,{"message":"no"}', "41/late,", '44/late,"no"'):
            conn.send_text(packet)
        await conn.expect_nothing()

    peer = await serve(script)
    socket = await io(peer.url)
    late = socket.io.socket("/late")
    events = Recorder(late, "connect", "connect_error", "disconnect")
    late.disconnect()
    socket.emit("left")
    await peer.played()
    assert events.calls == []
    assert not late.active
    assert socket.connected


async def test_an_event_of_a_namespace_not_joined_is_not_kept(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42/admin,["e",1]', '42["go"]')
        await conn.join("/admin")
        conn.send_text('42/admin,["e",2]')

    peer = await serve(script)
    socket = io(peer.url)
    admin = io(f"{peer.url}/admin", auto_connect=False)
    assert admin.io is socket.io
    events = Recorder(admin, "e")
    await Recorder(socket, "go").wait("go")
    await admin.connect()
    assert await events.wait("e") == (2,)
    await peer.played()

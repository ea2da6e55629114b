"""The exact text and bytes of every packet the client sends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

PLACEHOLDER = '{"_placeholder":true,"num":%d}'

CONNECTS = [
    pytest.param("", None, "40", id="root"),
    pytest.param("", {"token": "1"}, '40{"token":"1"}', id="root with auth"),
    pytest.param("", {}, "40{}", id="root with empty auth"),
    pytest.param("/admin", None, "40/admin,", id="admin"),
    pytest.param(
        "/admin", {"token": "1"}, '40/admin,{"token":"1"}', id="admin with auth"
    ),
]

EVENTS = [
    pytest.param(("foo",), '42["foo"]', id="no argument"),
    pytest.param(("foo", 1, "two"), '42["foo",1,"two"]', id="arguments"),
    pytest.param(
        ("e", {"a": [1, 2.5, None, True, False, ""]}),
        '42["e",{"a":[1,2.5,null,true,false,""]}]',
        id="no whitespace",
    ),
    pytest.param(("é", "日本😀\u2028"), '42["é","日本😀\u2028"]', id="raw UTF-8"),
    pytest.param(
        ("e", '"\\/\b\t\n\f\r\x01'),
        '42["e","\\"\\\\/\\b\\t\\n\\f\\r\\u0001"]',
        id="escapes",
    ),
    pytest.param(("e", [float("nan"), float("inf")]), '42["e",[null,null]]', id="nan"),
    pytest.param(("e", 2**70), f'42["e",{2**70}]', id="big integer"),
    pytest.param(("12", "34"), '42["12","34"]', id="digits"),
]

BINARY_EVENTS = [
    pytest.param(("baz", b"a"), f'451-["baz",{PLACEHOLDER % 0}]', [b"a"], id="one"),
    pytest.param(
        ("baz", {"k": [b"a", 1, {"n": b""}]}, b"c"),
        f'453-["baz",{{"k":[{PLACEHOLDER % 0},1,{{"n":{PLACEHOLDER % 1}}}]}},'
        f"{PLACEHOLDER % 2}]",
        [b"a", b"", b"c"],
        id="depth first",
    ),
    pytest.param(
        ("baz", *[bytes([n]) for n in range(10)]),
        '4510-["baz",' + ",".join(PLACEHOLDER % n for n in range(10)) + "]",
        [bytes([n]) for n in range(10)],
        id="two digits",
    ),
]


@pytest.mark.parametrize(("path", "auth", "expected"), CONNECTS)
async def test_connect(
    serve: Serve, io: OpenSocket, path: str, auth: Any, expected: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text(expected)
        conn.connect_reply(path or "/")

    peer = await serve(script)
    await io(peer.url + path, auth=auth)
    await peer.played()


@pytest.mark.parametrize(("args", "expected"), EVENTS)
async def test_event(
    serve: Serve, io: OpenSocket, args: tuple[Any, ...], expected: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text(expected)
        await conn.expect_nothing()

    peer = await serve(script)
    (await io(peer.url)).emit(*args)
    await peer.played()


@pytest.mark.parametrize(("args", "header", "attachments"), BINARY_EVENTS)
async def test_binary_event(
    serve: Serve,
    io: OpenSocket,
    args: tuple[Any, ...],
    header: str,
    attachments: list[bytes],
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text(header)
        for attachment in attachments:
            await conn.expect_binary(attachment)
        await conn.expect_nothing()

    peer = await serve(script)
    (await io(peer.url)).emit(*args)
    await peer.played()


async def test_ack_ids_count_up_from_zero(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["a"]')
        await conn.expect_text('42["no ack"]')
        await conn.expect_text('421["b",1]')
        await conn.expect_text(f'451-2["c",{PLACEHOLDER % 0}]')
        await conn.expect_binary(b"x")
        conn.send_text("432[]", '431["b"]', "430[1,2]")

    peer = await serve(script)
    socket = await io(peer.url)
    first = asyncio.ensure_future(socket.emit_with_ack("a"))
    await asyncio.sleep(0)
    socket.emit("no ack")
    rest = asyncio.gather(socket.emit_with_ack("b", 1), socket.emit_with_ack("c", b"x"))
    assert await asyncio.gather(first, rest) == [(1, 2), ["b", None]]
    await peer.played()


async def test_packets_of_a_namespace(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.join("/admin")
        await conn.expect_text('42/admin,["foo"]')
        await conn.expect_text('42/admin,0["foo",1]')
        await conn.expect_text(f'451-/admin,["foo",{PLACEHOLDER % 0}]')
        await conn.expect_binary(b"x")
        conn.send_text('42/admin,7["question"]')
        await conn.expect_text('43/admin,7["answer"]')
        await conn.expect_text("41/admin,")

    peer = await serve(script)
    socket = await io(peer.url + "/admin")
    socket.on("question", lambda: "answer")
    socket.emit("foo")
    socket.emit("foo", 1, ack=print)
    socket.emit("foo", b"x")
    asked = asyncio.ensure_future(socket.wait_for("question", timeout=5))
    await asked
    await socket.disconnect()
    await peer.played()


@pytest.mark.parametrize(
    ("returned", "expected", "attachments"),
    [
        (None, "4313[]", []),
        ("bar", '4313["bar"]', []),
        ((1, None), "4313[1,null]", []),
        (b"x", f"461-13[{PLACEHOLDER % 0}]", [b"x"]),
        (("bar", b"x"), f'461-13["bar",{PLACEHOLDER % 0}]', [b"x"]),
    ],
)
async def test_ack(
    serve: Serve,
    io: OpenSocket,
    returned: Any,
    expected: str,
    attachments: list[bytes],
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('4213["question"]')
        await conn.expect_text(expected)
        for attachment in attachments:
            await conn.expect_binary(attachment)

    peer = await serve(script)
    socket = io(peer.url)
    socket.on("question", lambda: returned)
    await socket
    await peer.played()


async def test_disconnect_then_close(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text("41")
        close = await conn.next_frame()
        assert close.opcode == 8
        # The reference sends no status; 1000 means the same (RFC 6455 7.4.1).
        assert close.close_code in (None, 1000)
        conn.send_close(1000)
        conn.end()

    peer = await serve(script)
    socket = await io(peer.url)
    await socket.disconnect()
    await peer.played()


async def test_a_second_namespace_connects_and_leaves_apart(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('40/admin,{"a":1}')
        conn.connect_reply("/admin")
        await conn.expect_text("41")
        await conn.expect_nothing()
        await conn.expect_text("41/admin,")

    peer = await serve(script)
    root = await io(peer.url)
    admin = await io(peer.url + "/admin", auth={"a": 1})
    pinged = next_ping(admin)
    await root.disconnect()
    assert admin.connected
    await asyncio.wait_for(pinged, 5)
    await admin.disconnect()
    await peer.played()


def next_ping(socket: sioc.Socket) -> asyncio.Future[None]:
    """Return a future of the next ping, by which a script has seen what came before."""
    pinged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    socket.io.once("ping", lambda: pinged.set_result(None))
    return pinged


async def test_auth_is_sent_once_it_is_known(serve: Serve, io: OpenSocket) -> None:
    known = asyncio.Event()

    async def auth() -> dict[str, int]:
        await known.wait()
        return {"n": 1}

    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_nothing()
        known.set()
        await conn.expect_text('40{"n":1}')
        conn.connect_reply()

    peer = await serve(script)
    await io(peer.url, auth=auth)
    await peer.played()


async def test_a_lone_surrogate_is_escaped_or_refused(
    serve: Serve, io: OpenSocket
) -> None:
    """It has no UTF-8 form; JSON can only escape it, as the reference does."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        packet = await conn.next_text()
        assert packet.lower() in ('42["e","\\ud83d"]', '42["end"]'), packet

    peer = await serve(script)
    socket = await io(peer.url)
    try:
        socket.emit("e", "\ud83d")
    except ValueError:
        socket.emit("end")
    await peer.played()


async def test_buffered_packets_follow_the_connect_reply(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        await conn.expect_nothing()
        conn.connect_reply()
        await conn.expect_text('42["one"]')
        await conn.expect_text(f'451-["two",{PLACEHOLDER % 0}]')
        await conn.expect_binary(b"x")
        await conn.expect_text('42["three"]')

    peer = await serve(script)
    socket = io(peer.url)
    socket.on("connect", lambda: socket.emit("three"))
    socket.emit("one")
    socket.emit("two", b"x")
    await peer.played()


async def test_more_event_names_than_are_remembered(
    serve: Serve, io: OpenSocket
) -> None:
    """Each name is encoded once, until there are too many of them to remember."""
    numbers = (*range(1030), 0, 1029)

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in numbers:
            await conn.expect_text(f'42["e{number}",{number}]')

    peer = await serve(script)
    socket = await io(peer.url)
    for number in numbers:
        socket.emit(f"e{number}", number)
    await peer.played()


async def test_auth_cannot_hold_binary_values(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, auth={"token": [b"x"]}, auto_connect=False)
    with pytest.raises(sioc.ConnectError, match="must not hold binary") as failed:
        await asyncio.wait_for(socket.connect(), 5)
    assert failed.value.stage == "auth"
    assert isinstance(failed.value.__cause__, TypeError)


async def test_an_outgoing_catch_all_may_end_the_sending_of_what_is_held(
    serve: Serve, io: OpenSocket
) -> None:
    """What comes behind it is held again, for the next connection."""

    async def leave(conn: RawConnection) -> None:
        await conn.establish()
        await conn.until_end()

    async def come_back(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["two"]')

    peer = await serve(leave, come_back)
    socket = io(peer.url, auto_connect=False)
    left = Recorder(socket, "disconnect")

    def catch_all(event: str) -> None:
        socket.off_any_outgoing(catch_all)
        socket.close()

    socket.on_any_outgoing(catch_all)
    socket.emit("one")
    socket.emit("two")
    socket.open()
    await left.wait("disconnect")
    assert socket.buffered_amount == len('42["two"]')
    await socket.connect()
    await peer.played(1)


async def test_an_outgoing_catch_all_may_take_back_what_is_held(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["one"]')
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url, auto_connect=False)
    socket.on_any_outgoing(lambda event: wait.close())
    socket.emit("one")
    wait = socket.emit_with_ack("two")
    wait.send(None)  # its packet is held
    await socket.connect()
    await peer.played()

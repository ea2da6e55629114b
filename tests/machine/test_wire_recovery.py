"""Connection state recovery, packet by packet (behaviour 4.7 and 13.9)."""

from __future__ import annotations

import json

import pytest

from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from peers.raw_peer import Script
from peers.recorder import Recorder


async def begin(conn: RawConnection) -> None:
    """Let the client join with a recovery pid, send one event, and cut the link."""
    await conn.accept()
    conn.open_packet()
    await conn.expect_text("40")
    conn.connect_reply(sid="A", pid="P")
    conn.send_text('42["e",1,"O1"]')
    await conn.expect_nothing()
    conn.reset()


async def test_pid_and_offset_are_sent_back(serve: Serve, io: OpenSocket) -> None:
    async def resume(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text('40{"pid":"P","offset":"O1"}')
        conn.send_text('42["e",2,"O2"]', '42["e",3,"O3"]')
        conn.connect_reply(sid="A", pid="P")
        conn.send_text('42["e",4,"O4"]')

    peer = await serve(begin, resume)
    socket = io(peer.url)
    events = Recorder(socket, "e", "connect", "disconnect")
    await events.wait("e", 4)

    assert events.names == ["connect", "e", "disconnect", "e", "e", "connect", "e"]
    assert [args[0] for args in events.args("e")] == [1, 2, 3, 4]
    assert socket.recovered
    assert socket.id == "A"


async def test_the_offset_is_left_out_while_there_is_none(
    serve: Serve, io: OpenSocket
) -> None:
    async def cut(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text("40")
        conn.connect_reply(pid="P")
        await conn.expect_nothing()
        conn.reset()

    async def resume(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text('40{"pid":"P"}')
        conn.connect_reply(pid="Q")

    peer = await serve(cut, resume)
    socket = io(peer.url)
    events = Recorder(socket, "connect")
    await events.wait("connect", 2)
    assert not socket.recovered
    await peer.played(1)


async def test_auth_is_sent_along(serve: Serve, io: OpenSocket) -> None:
    async def first(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text('40{"token":"t"}')
        conn.connect_reply(pid="P")
        conn.send_text('42["e","O1"]')
        await conn.expect_nothing()
        conn.reset()

    async def resume(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        auth = await conn.expect_connect()
        assert auth == {"pid": "P", "offset": "O1", "token": "t"}
        conn.connect_reply(pid="P")

    peer = await serve(first, resume)
    socket = io(peer.url, auth={"token": "t"})
    events = Recorder(socket, "connect")
    await events.wait("connect", 2)
    await peer.played(1)


async def test_another_pid_is_another_session(serve: Serve, io: OpenSocket) -> None:
    async def renew(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text('40{"pid":"P","offset":"O1"}')
        conn.connect_reply(sid="B", pid="Q")
        await conn.expect_nothing()
        conn.reset()

    async def resume(conn: RawConnection) -> None:
        # The old session's offset means nothing to the new one.
        await conn.accept()
        conn.open_packet()
        await conn.expect_text('40{"pid":"Q"}')
        conn.connect_reply(sid="B", pid="Q")

    peer = await serve(begin, renew, resume)
    socket = io(peer.url)
    recovered: list[bool] = []
    socket.on("connect", lambda: recovered.append(bool(socket.recovered)))
    events = Recorder(socket, "connect")
    await events.wait("connect", 3)
    assert recovered == [False, False, True]
    await peer.played(2)


async def test_an_event_with_an_ack_moves_no_offset(
    serve: Serve, io: OpenSocket
) -> None:
    async def first(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text("40")
        conn.connect_reply(pid="P")
        conn.send_text('42["e",1,"O1"]', '420["e",2,"no offset"]')
        await conn.expect_text("430[]")
        await conn.expect_nothing()
        conn.reset()

    async def resume(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text('40{"pid":"P","offset":"O1"}')
        conn.connect_reply(pid="P")

    peer = await serve(first, resume)
    socket = io(peer.url)
    events = Recorder(socket, "connect", "e")
    await events.wait("connect", 2)
    await peer.played(1)


async def test_a_server_without_recovery_ends_it(serve: Serve, io: OpenSocket) -> None:
    async def renew(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text('40{"pid":"P","offset":"O1"}')
        conn.connect_reply(sid="B")
        await conn.expect_nothing()
        conn.reset()

    async def plain(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text("40")
        conn.connect_reply(sid="C")

    peer = await serve(begin, renew, plain)
    socket = io(peer.url)
    events = Recorder(socket, "connect")
    await events.wait("connect", 3)
    assert not socket.recovered
    await peer.played(2)


def resumed(payload: str) -> Script:
    """Return a script that expects this CONNECT, and has the session go on."""

    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text(f"40{payload}")
        conn.connect_reply(sid="A", pid="P")
        await conn.expect_nothing()

    return script


@pytest.mark.parametrize(
    ("packets", "offset"),
    [
        # An offset may be all that an event carries, and come to an only listener.
        (['42["only","O1"]'], "O1"),
        (['42["only","O1"]', '42["only","O2"]'], "O2"),
        (['42["e",1,"O1"]', '42["unheard","O2"]'], "O2"),
        (['42["e",1,"O1"]', '42["e",1,"with \\"quotes\\" and \\u00e9"]'], None),
        (['42["e",1,"O1"]', '42["e"]'], "O1"),
        (['42["e",1,"O1"]', '42["e",1]'], "O1"),
        (['42["e",1,"O1"]', '42["e",["O2"]]'], "O1"),
        (['42["e",1,"O1"]', '42["e",1,"' + "x" * 256 + '"]'], "x" * 256),
        # Longer than an offset may be (R22).
        (['42["e",1,"O1"]', '42["e",1,"' + "x" * 257 + '"]'], "O1"),
    ],
)
async def test_what_is_an_offset(
    serve: Serve, io: OpenSocket, packets: list[str], offset: str | None
) -> None:
    expected = 'with "quotes" and é' if offset is None else offset

    async def first(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text("40")
        conn.connect_reply(sid="A", pid="P")
        conn.send_text(*packets)
        await conn.expect_nothing()
        conn.reset()

    payload = json.dumps({"pid": "P", "offset": expected}, ensure_ascii=False)
    peer = await serve(
        first, resumed(payload.replace('": "', '":"').replace(", ", ","))
    )
    socket = io(peer.url)
    socket.on("only", lambda argument: None)
    events = Recorder(socket, "connect", "e")
    await events.wait("connect", 2)
    assert socket.recovered
    await peer.played(1)


async def test_a_pid_too_long_is_none(serve: Serve, io: OpenSocket) -> None:
    async def first(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text("40")
        conn.connect_reply(pid="P" * 257)
        conn.send_text('42["e",1,"O1"]')
        await conn.expect_nothing()
        conn.reset()

    peer = await serve(first, resumed(""))
    socket = io(peer.url)
    events = Recorder(socket, "connect")
    await events.wait("connect", 2)
    assert not socket.recovered
    await peer.played(1)


async def test_a_poison_packet_is_not_replayed_for_ever(
    serve: Serve, io: OpenSocket
) -> None:
    async def poison(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text('40{"pid":"P","offset":"O1"}')
        conn.send_text("49bad")
        await conn.expect_close()

    peer = await serve(begin, poison, resumed(""))
    socket = io(peer.url)
    events = Recorder(socket, "connect")
    await events.wait("connect", 2)
    assert not socket.recovered
    await peer.played(2)


async def test_leaving_keeps_the_session_for_the_server_to_judge(
    serve: Serve, io: OpenSocket
) -> None:
    async def first(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_text("40")
        conn.connect_reply(sid="A", pid="P")
        conn.send_text('42["e",1,"O1"]')
        await conn.expect_text("41")

    peer = await serve(first, resumed('{"pid":"P","offset":"O1"}'))
    socket = io(peer.url)
    events = Recorder(socket, "e")
    await events.wait("e")
    await socket.disconnect()
    await socket.connect()
    await peer.played(1)

"""Streams and wait_for on a Socket that is closed for good: an end, and no waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection

REFUSAL = '44{"message":"no"}'


async def welcome(conn: RawConnection) -> None:
    await conn.establish()
    await conn.until_end()


async def kick(conn: RawConnection) -> None:
    await conn.establish()
    conn.send_text("41")
    await conn.until_end()


async def drop(conn: RawConnection) -> None:
    await conn.establish()
    conn.end()


async def refuse(conn: RawConnection) -> None:
    await conn.accept()
    conn.open_packet()
    await conn.expect_text("40")
    conn.send_text(REFUSAL)
    await conn.until_end()


async def leave(socket: sioc.Socket) -> None:
    await socket.disconnect()


async def close_manager(socket: sioc.Socket) -> None:
    await socket.io.close()


async def nothing(socket: sioc.Socket) -> None:
    pass


ENDS = {
    "disconnect": (welcome, leave, "io client disconnect"),
    "manager": (welcome, close_manager, "forced close"),
    "kicked": (kick, nothing, "io server disconnect"),
    "dropped": (drop, nothing, "transport close"),
    "refused": (refuse, nothing, "refused"),
}


@pytest.mark.parametrize("name", ENDS)
async def test_waiting_raises_at_once(serve: Serve, io: OpenSocket, name: str) -> None:
    script: Callable[[RawConnection], Any]
    end: Callable[[sioc.Socket], Awaitable[None]]
    script, end, reason = ENDS[name]
    socket = io((await serve(script)).url, reconnection=False)
    try:
        await socket
    except sioc.ConnectError:
        assert name == "refused"
    await end(socket)
    await asyncio.wait_for(socket.wait_closed(), 5)
    with pytest.raises(sioc.DisconnectedError, match=r"'tick'.*connect\(\)") as caught:
        await socket.wait_for("tick", timeout=60)
    assert caught.value.reason == reason
    assert reason in str(caught.value)
    assert [event async for event in socket.stream("tick")] == []
    assert [event async for event in socket.stream()] == []
    assert not socket.has_listeners("tick")
    assert socket.listeners_any() == []


async def test_a_stream_made_while_closed_takes_part_in_the_next_life(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["tick",1]')
        await conn.until_end()

    peer = await serve(welcome, script)
    socket = await io(peer.url)
    await socket.disconnect()
    async with socket.stream("tick") as stream:
        socket.connect()
        assert (await asyncio.wait_for(anext(stream), 5)).data == 1


async def test_a_socket_that_was_never_connected_may_be_waited_on(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["tick",1]')
        await conn.until_end()

    socket = io((await serve(script)).url, auto_connect=False)
    waiting = asyncio.ensure_future(socket.wait_for("tick", timeout=5))
    await asyncio.sleep(0)
    assert not waiting.done()
    socket.connect()
    assert (await waiting).data == 1


async def test_a_manager_that_opens_again_makes_its_sockets_wait_again(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["tick",1]')
        await conn.until_end()

    socket = await io((await serve(drop, script)).url, reconnection=False)
    await socket.wait_closed()
    socket.io.open()
    assert (await socket.wait_for("tick", timeout=5)).data == 1

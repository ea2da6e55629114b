"""What a listener of the Manager, or a function that is asked, may do meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.frames import TEXT
from peers.raw_connection import RawConnection
from peers.recorder import Recorder


async def open_only(conn: RawConnection) -> None:
    """Open the session, and answer no CONNECT."""
    await conn.accept()
    conn.open_packet()
    await conn.until_end()


async def test_closing_in_reconnect_attempt_stops_the_attempt(
    io: OpenSocket, dead_port: int
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}")
    events = Recorder(socket.io, "reconnect_attempt", "reconnect_error", "error")
    socket.io.on("reconnect_attempt", lambda _: socket.io.close())
    await events.wait("reconnect_attempt")
    await asyncio.wait_for(socket.io.close(), 5)
    assert socket.io.engine is not None
    assert socket.io.engine.ready_state == "closed"
    assert events.names == ["error", "reconnect_attempt"]


async def test_without_reconnection_nobody_waits_for_the_delay(
    io: OpenSocket, dead_port: int
) -> None:
    """The option is turned off while the next attempt is a minute away."""
    url = f"http://127.0.0.1:{dead_port}"
    socket = io(url, reconnection_delay=60.0, reconnection_delay_max=60.0)
    events = Recorder(socket.io, "error")
    opening = asyncio.ensure_future(socket.io.opened())
    await events.wait("error")
    socket.io.reconnection = False
    with pytest.raises(sioc.DisconnectedError):
        await asyncio.wait_for(opening, 5)


async def test_auth_that_will_not_be_cancelled(serve: Serve, io: OpenSocket) -> None:
    """It answers after the Socket has left: nothing must be sent for it."""
    asked, answered = asyncio.Event(), asyncio.Event()

    async def auth() -> dict[str, str]:
        asked.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            answered.set()
        return {"token": "late"}

    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect("/other")
        conn.connect_reply("/other")
        await conn.expect_nothing()
        left.set()
        await answered.wait()
        await conn.expect_nothing()

    left = asyncio.Event()
    peer = await serve(script)
    manager = sioc.Manager(peer.url, transports=("websocket",))
    socket = manager.socket("/", auth=auth)
    other = manager.socket("/other")
    await other
    await asyncio.wait_for(asked.wait(), 5)
    await asyncio.wait_for(left.wait(), 5)
    await socket.disconnect()
    await peer.played()
    await manager.close()


async def test_closing_in_handshake_opens_nothing(serve: Serve, io: OpenSocket) -> None:
    peer = await serve(open_only)
    socket = io(peer.url)
    engine = socket.io.engine
    assert engine is not None
    events = Recorder(socket.io, "open", "error", "close")
    engine.on("handshake", lambda _: socket.io.close())
    with pytest.raises(sioc.DisconnectedError):
        await asyncio.wait_for(socket.io.opened(), 5)
    conn = await peer.played()
    await socket.io.close()
    assert events.names == []
    assert not [frame for frame in conn.frames if frame.opcode == TEXT]


async def test_closing_in_open_joins_nothing(serve: Serve, io: OpenSocket) -> None:
    peer = await serve(open_only)
    socket = io(peer.url)
    events = Recorder(socket.io, "open", "close")
    socket.io.on("open", lambda: socket.io.close())
    await events.wait("close")
    conn = await peer.played()
    await socket.io.close()
    assert events.names == ["open", "close"]
    assert not [frame for frame in conn.frames if frame.opcode == TEXT]


async def test_connecting_in_reconnect_failed_begins_anew(
    io: OpenSocket, dead_port: int
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}", reconnection_attempts=1)
    events = Recorder(socket.io, "reconnect_attempt", "reconnect_failed")
    opening = asyncio.ensure_future(socket.io.opened(5))
    waiting: list[bool] = []
    socket.io.on("reconnect_attempt", lambda _: waiting.append(not opening.done()))
    socket.io.once("reconnect_failed", lambda: socket.io.open())
    with pytest.raises(sioc.ConnectError):
        await socket.wait_connected(5)
    assert events.names == 2 * ["reconnect_attempt", "reconnect_failed"]
    assert waiting == [True, True]
    with pytest.raises(sioc.ConnectError):
        await opening


async def test_leaving_in_connect_error_hides_no_error(
    io: OpenSocket, dead_port: int
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}")
    socket.on("connect_error", lambda _: socket.disconnect())
    with pytest.raises(sioc.ConnectError, match="cannot connect to"):
        await socket
    assert not socket.active


@pytest.mark.parametrize("raised", [asyncio.CancelledError, ValueError])
@pytest.mark.parametrize("wait", [False, True])
async def test_leaving_and_coming_back_while_auth_is_asked(
    serve: Serve, io: OpenSocket, wait: bool, raised: type[BaseException]
) -> None:
    """What the first call comes to, even an exception, is no answer to the second."""
    asked = asyncio.Event()
    calls = 0

    async def auth() -> dict[str, int]:
        nonlocal calls
        calls += 1
        if calls == 1:
            asked.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                raise raised from None
        return {"call": calls}

    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.join("/other")
        assert await conn.join() == {"call": 2}
        await conn.until_end()

    peer = await serve(script)
    manager = sioc.Manager(peer.url, transports=("websocket",))
    socket = manager.socket("/", auth=auth)
    errors = Recorder(socket, "connect_error")
    await manager.socket("/other")
    await asyncio.wait_for(asked.wait(), 5)
    leaving = socket.disconnect()
    if wait:
        await leaving
    await socket.connect().wait_connected(3)
    assert errors.calls == []
    await manager.close()


async def test_auth_of_another_type_is_refused(serve: Serve, io: OpenSocket) -> None:
    peer = await serve(open_only)
    auth: Any = lambda: ["token"]  # noqa: E731
    with pytest.raises(sioc.ConnectError, match="must be a dict, not list") as raised:
        await io(peer.url, auth=auth)
    assert raised.value.stage == "auth"


@pytest.mark.parametrize("kind", [KeyError, BaseException])
async def test_retry_on_reject_that_raises_is_reported(
    serve: Serve,
    io: OpenSocket,
    loop_errors: list[dict[str, Any]],
    kind: type[BaseException],
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        conn.send_text('44{"message":"no"}')
        await conn.until_end()

    def retry(error: sioc.ConnectError) -> bool:
        raise kind(error.message)

    peer = await serve(script)
    with pytest.raises(sioc.ConnectError, match="no"):
        await io(peer.url, retry_on_reject=retry)
    assert [context["message"] for context in loop_errors] == ["retry_on_reject raised"]


@pytest.mark.parametrize("ending", ["io server disconnect", "io client disconnect"])
async def test_connecting_in_disconnect_keeps_those_who_wait(
    serve: Serve, io: OpenSocket, ending: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text("40/other,")  # it keeps the connection
        conn.send_text('40/other,{"sid":"other"}')
        await conn.expect_text('42["end"]' if "server" in ending else "41")
        if "server" in ending:
            conn.send_text("41")
        await conn.expect_text("40")
        conn.send_text('40{"sid":"again"}', '42["tick",1]')
        await conn.until_end()

    socket = io((await serve(script)).url)
    events = Recorder(socket, "disconnect")
    socket.on("disconnect", socket.connect)
    stream, closed = socket.stream("tick"), asyncio.ensure_future(socket.wait_closed())
    waiting = asyncio.ensure_future(socket.wait_for("tick", timeout=5))
    await socket
    await socket.io.socket("/other")
    if "server" in ending:
        socket.emit("end")
    else:
        socket.disconnect()
    assert (await asyncio.wait_for(anext(stream), 5)).data == 1
    assert (await waiting).data == 1
    assert events.args("disconnect")[0][0] == ending
    assert not closed.done()
    socket.off("disconnect")
    await socket.io.close()
    assert await asyncio.wait_for(closed, 5) == "forced close"


class Money:
    """What only a dec_hook can make."""


@pytest.mark.parametrize("change", ["off", "on"])
async def test_a_dec_hook_that_changes_the_listeners(
    serve: Serve, io: OpenSocket, change: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["e",1]', '42["e",2]', '42["end"]')
        await conn.until_end()

    def hook(kind: type, value: object) -> Money:
        if change == "off":
            socket.off("e", listener)
        elif value == 1:
            socket.on("e", seen.append)
        return Money()

    def listener(money: Money) -> None:
        seen.append("money")

    seen: list[object] = []
    parser = sioc.parsers.json.with_options(dec_hook=hook)
    socket = io((await serve(script)).url, parser=parser)
    ended = asyncio.ensure_future(socket.wait_for("end", timeout=5))
    socket.on("e", listener, types=Money)
    await ended
    # One that is removed still gets this event, one that is added does not.
    assert seen == (["money"] if change == "off" else ["money", "money", 2])


async def test_leaving_in_the_listener_of_a_held_event(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        conn.send_text('42["e",1]', '42["e",2]')
        conn.connect_reply()
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, auto_connect=False)
    events = Recorder(socket, "e", "connect", "disconnect")
    socket.on("e", lambda number: socket.disconnect())
    socket.emit("too late")
    with pytest.raises(sioc.DisconnectedError):
        await socket.connect()
    assert events.names == ["e", "disconnect"]
    assert len(socket.send_buffer) == 1


async def test_an_answer_to_connect_before_it_was_sent(
    serve: Serve, io: OpenSocket
) -> None:
    """While auth is asked nothing has been sent that it could answer (R20)."""
    answered = asyncio.Event()

    async def auth() -> dict[str, str]:
        await answered.wait()
        return {"token": "x"}

    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        conn.connect_reply(sid="early")
        conn.send_text('44{"message":"early"}', "2")
        await conn.expect_text("3")
        assert not socket.connected
        answered.set()
        await conn.expect_text('40{"token":"x"}')
        conn.connect_reply(sid="asked")
        await conn.expect_text('42["held"]')
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, auth=auth, auto_connect=False)
    events = Recorder(socket, "connect", "connect_error")
    socket.emit("held")
    await socket.connect()
    assert socket.id == "asked"
    assert events.names == ["connect"]
    await socket.disconnect()
    await peer.played()

"""HTTP answers that break the protocol, or never end (R7, R9, R12, F10)."""

from __future__ import annotations

import asyncio
import base64
import functools
import gzip
import resource
import zlib
from collections.abc import Callable
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.http_peer import Exchange, HttpPeer, open_packet
from peers.polled import ONCE, POLLING, send_pings, without_pings
from peers.recorder import Recorder

OPTIONS: dict[str, Any] = POLLING | ONCE
MIB = 1 << 20
LIMITS = sioc.Limits(max_polling_body=MIB)
SECRET = {"Authorization": "Bearer canary", "X-Api-Key": "canary", "Cookie": "c=canary"}


def peak_memory() -> int:
    """Return the most memory the process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def flood(exchange: Exchange, head: bytes, piece: bytes) -> None:
    """Answer without an end, until the client has had enough."""
    exchange.send_raw(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
    conn = exchange.take_over()
    while not conn.is_ended:
        conn.send_raw(piece)
        try:
            await conn.drain()
        except ConnectionError:
            return
        await asyncio.sleep(0)


ENDLESS = [
    pytest.param(b"Content-Length: 5000000000\r\n", b"6\x1e" * 5000, id="length"),
    pytest.param(
        b"Transfer-Encoding: chunked\r\n",
        b"2710\r\n" + b"6\x1e" * 5000 + b"\r\n",
        id="chunked",
    ),
    pytest.param(b"Connection: close\r\n", b"6\x1e" * 5000, id="until the end"),
]


@pytest.mark.parametrize(("head", "piece"), ENDLESS)
@pytest.mark.parametrize("when", ["handshake", "later"])
async def test_an_endless_body(
    http_peer: HttpPeer, io: OpenSocket, head: bytes, piece: bytes, when: str
) -> None:
    socket = io(http_peer.url, **OPTIONS, limits=LIMITS)
    events = Recorder(socket, "connect_error", "disconnect")
    before = peak_memory()
    if when == "handshake":
        await flood(await http_peer.get(), head, piece)
        (error,) = await events.wait("connect_error")
        assert isinstance(error.__cause__, sioc.LimitError)
        assert error.__cause__.limit == "max_polling_body"
    else:
        await flood(await http_peer.establish(), head, piece)
        reason, details = await events.wait("disconnect")
        assert reason == "parse error"
        assert details.context["error"].limit == "max_polling_body"
    assert peak_memory() - before < 20 * MIB


async def test_an_error_with_an_endless_body(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **OPTIONS)
    first = await http_peer.get()
    first.send_raw(b"HTTP/1.1 500 Oops\r\nContent-Length: 5000000000\r\n\r\n")
    first.send_raw(b"x" * MIB)
    first.take_over()
    with pytest.raises(sioc.ConnectError) as raised:
        await socket.wait_connected(5)
    assert raised.value.status == 500
    assert raised.value.body is not None
    assert len(raised.value.body) <= 16384


async def dribble(exchange: Exchange, head: bytes) -> None:
    """Answer with one byte after the other, and no end in sight."""
    exchange.send_raw(head)
    conn = exchange.take_over()
    while not conn.is_ended:
        conn.send_raw(b"6")
        await asyncio.sleep(0.01)


HEADS = [
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", id="body"),
    pytest.param(b"HTTP/1.1 200 OK\r\nX-Long: ", id="header"),
    pytest.param(b"HTTP/1.1 200 ", id="status line"),
    pytest.param(b"HTTP/1.1 500 Oops\r\nContent-Length: 100000\r\n\r\n", id="error"),
]


@pytest.mark.parametrize("head", HEADS)
async def test_a_handshake_that_dribbles(
    http_peer: HttpPeer, io: OpenSocket, head: bytes
) -> None:
    """One `timeout` over everything (R18)."""
    socket = io(http_peer.url, **OPTIONS, timeout=0.4)
    started = asyncio.get_running_loop().time()
    first = await http_peer.get()
    playing = asyncio.ensure_future(dribble(first, head))
    with pytest.raises(sioc.ConnectError):
        await socket.wait_connected(5)
    await playing
    assert asyncio.get_running_loop().time() - started < 3


@pytest.mark.parametrize("head", HEADS[:3])
async def test_a_poll_that_dribbles(
    http_peer: HttpPeer, io: OpenSocket, head: bytes
) -> None:
    """Ends with the heartbeat: the deadline is for the whole, not for a read."""
    socket, waiting = await without_pings(http_peer, io)
    events = Recorder(socket, "disconnect")
    await dribble(waiting, head)
    reason, _ = await events.wait("disconnect")
    assert reason == "ping timeout"


@pytest.mark.parametrize("head", HEADS)
async def test_a_post_that_dribbles(
    http_peer: HttpPeer, io: OpenSocket, head: bytes
) -> None:
    """What a POST is answered with is no heartbeat: pings come, and it must end."""
    socket = io(http_peer.url, **OPTIONS)
    waiting = await http_peer.establish(pingInterval=150, pingTimeout=150)
    events = Recorder(socket, "disconnect")
    socket.emit("e")
    playing = asyncio.ensure_future(dribble(await http_peer.post(), head))
    pinging = asyncio.ensure_future(send_pings(http_peer, waiting))
    reason, _ = await events.wait("disconnect")
    pinging.cancel()
    await asyncio.wait((pinging, playing))
    assert reason == "transport error"


LIES = [
    pytest.param(b"Content-Length: 3\r\n\r\n42[", id="shorter than the packet"),
    pytest.param(b"Content-Length: -1\r\n\r\n6", id="negative"),
    pytest.param(b"Content-Length: x\r\n\r\n6", id="no number"),
    pytest.param(b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n66", id="two"),
    pytest.param(b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", id="bad chunk"),
    pytest.param(b"Content-Length: 0\r\n\r\n", id="empty"),
    pytest.param(b"Content-Length: 4\r\n\r\n\xff\xfe42", id="no UTF-8"),
    pytest.param(b'Content-Length: 9\r\n\r\n42["\xed\xa0\x80"]', id="surrogate"),
    pytest.param(b"Content-Length: 5\r\n\r\nb???=", id="bad base64"),
    pytest.param(b"Content-Length: 4\r\n\r\nbAQI", id="binary nobody announced"),
    pytest.param(b"Content-Length: 3\r\n\r\n6\x1e\x1e", id="empty packet"),
    pytest.param(b"Content-Length: 2\r\n\r\n6\x1e", id="separator at the end"),
    pytest.param(b"Content-Length: 1\r\n\r\n9", id="unknown type"),
    pytest.param(b"Content-Length: 1\r\n\r\n4", id="empty message"),
    pytest.param(
        b"Content-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", id="HTML"
    ),
    pytest.param(b"Content-Length: 6\r\n\r\n<html>", id="HTML without its type"),
    pytest.param(b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\n6", id="gzip"),
    pytest.param(b"Content-Encoding: br\r\nContent-Length: 1\r\n\r\n6", id="br"),
    pytest.param(
        b"Content-Encoding: gzip, gzip\r\nContent-Length: 1\r\n\r\n6", id="stacked"
    ),
]


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("when", ["handshake", "later"])
async def test_an_answer_that_is_none(
    http_peer: HttpPeer, io: OpenSocket, lie: bytes, when: str
) -> None:
    socket = io(http_peer.url, **OPTIONS)
    events = Recorder(socket, "connect_error", "disconnect")
    exchange = await (http_peer.get() if when == "handshake" else http_peer.establish())
    exchange.send_raw(b"HTTP/1.1 200 OK\r\n" + lie)
    exchange.take_over()
    if when == "handshake":
        (error,) = await events.wait("connect_error")
        assert isinstance(error, sioc.ConnectError)
        assert error.stage in ("http", "handshake")
    else:
        reason, details = await events.wait("disconnect")
        assert reason in ("parse error", "transport error")
        assert isinstance(details.context["error"], sioc.SocketIOError)
        assert details.description
    assert len(events.calls) == 1


@functools.cache
def bomb(size: int) -> bytes:
    """Return zeros, compressed."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(MIB)
    return b"".join(packer.compress(zeros) for _ in range(size // MIB)) + packer.flush()


@pytest.mark.parametrize(
    "pack", [lambda data: data, gzip.compress], ids=["once", "twice"]
)
@pytest.mark.parametrize("when", ["handshake", "later"])
async def test_what_is_compressed_is_not_inflated(
    http_peer: HttpPeer, io: OpenSocket, pack: Callable[[bytes], bytes], when: str
) -> None:
    body = pack(bomb(256 * MIB))
    socket = io(http_peer.url, **OPTIONS)
    events = Recorder(socket, "connect_error", "disconnect")
    exchange = await (http_peer.get() if when == "handshake" else http_peer.establish())
    before = peak_memory()
    exchange.answer(body, Content_Encoding="gzip")
    while not events.calls:
        await asyncio.sleep(0.01)
    assert peak_memory() - before < 20 * MIB


async def test_a_million_packets_in_a_body(http_peer: HttpPeer, io: OpenSocket) -> None:
    """There is a limit for bytes, none for packets: 10**6 of them are honest."""
    socket = io(http_peer.url, **OPTIONS)
    waiting = await http_peer.establish()
    count = 0

    def on_event() -> None:
        nonlocal count
        count += 1

    socket.on("e", on_event)
    end = Recorder(socket, "end")
    body = '42["e"]\x1e' * 333_333 + "6\x1e" * 333_333 + "2\x1e" * 333_333
    waiting.answer(body + '42["end"]')
    await end.wait("end")
    assert count == 333_333
    await http_peer.expect_post("3")


async def test_nothing_behind_a_violation_is_delivered(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **OPTIONS)
    waiting = await http_peer.establish()
    events = Recorder(socket, "before", "behind", "disconnect")
    waiting.deliver('42["before"]', "x", '42["behind"]', "1")
    await events.wait("disconnect")
    assert events.names == ["before", "disconnect"]
    assert events.args("disconnect")[0][0] == "parse error"
    await http_peer.expect_post("1")


async def test_a_session_that_the_server_has_forgotten(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """The 400 of an unknown sid ends the session; the next one is a new one."""
    socket = io(http_peer.url, **POLLING)
    waiting = await http_peer.establish()
    events = Recorder(socket, "connect", "disconnect")
    waiting.answer('{"code":1,"message":"Session ID unknown"}', "400 Bad Request")
    await http_peer.expect_post("1")
    await http_peer.establish(sid="two")
    await events.wait("connect")
    assert events.names == ["disconnect", "connect"]
    reason, details = events.args("disconnect")[0]
    assert reason == "transport error"
    assert details.context["status"] == 400


REDIRECTS = [301, 302, 303, 307, 308]


@pytest.mark.parametrize("origin", ["same", "other"])
@pytest.mark.parametrize("where", ["first", "poll", "post", "websocket", "upgrade"])
@pytest.mark.parametrize("status", REDIRECTS)
async def test_no_redirect_is_followed(
    http_peer: HttpPeer, io: OpenSocket, status: int, origin: str, where: str
) -> None:
    """No byte reaches the place it leads to, with or without the caller's secrets."""
    other = HttpPeer()
    await other.start()
    target = (http_peer if origin == "same" else other).url + "/elsewhere/"
    transports = ("websocket",) if where == "websocket" else ("polling", "websocket")
    socket = io(
        http_peer.url, **(OPTIONS | {"transports": transports}), extra_headers=SECRET
    )
    events = Recorder(socket, "connect_error", "disconnect", "e")
    if where == "first":
        exchange = await http_peer.get()
    elif where == "websocket":
        exchange = await http_peer.upgrade()
    else:
        upgrades = ["websocket"] if where == "upgrade" else []
        waiting = exchange = await http_peer.establish(upgrades=upgrades)
        if where == "post":
            socket.emit("e")
            exchange = await http_peer.post()
        elif where == "upgrade":
            exchange = await http_peer.upgrade()
    exchange.answer("", f"{status} Elsewhere", Location=target)
    if where in ("first", "websocket"):
        (error,) = await events.wait("connect_error")
        assert error.status == status
        assert {key.lower(): error.headers[key] for key in error.headers}[
            "location"
        ] == target
        assert "canary" not in str(error)
    elif where == "upgrade":
        waiting.deliver('42["e"]')  # polling goes on
        await events.wait("e")
    else:
        reason, _ = await events.wait("disconnect")
        assert reason == "transport error"
    assert not [e for e in http_peer.exchanges if "elsewhere" in e.request.target]
    assert other.connections == []
    await other.close()


async def test_the_order_of_sessions_is_not_mixed(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """An answer of the session before, come late, is not taken."""
    socket = io(http_peer.url, **POLLING)
    old = await http_peer.establish()
    events = Recorder(socket, "e", "connect")
    socket.emit("x")
    (await http_peer.post()).answer("", "500 Oops")
    new = await http_peer.get()
    while "sid" in new.query:
        new = await http_peer.get()
    old.deliver('42["e","old"]')
    new.deliver(open_packet(sid="two"))
    post = await http_peer.post()
    while post.query["sid"] != "two":
        post.answer()
        post = await http_peer.post()
    post.answer()
    waiting = await http_peer.get()
    waiting.deliver('40{"sid":"socket"}', '42["e","new"]')
    await events.wait("e")
    assert events.args("e") == [("new",)]


async def test_attachments_too_large_together(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """What counts is what base64 stands for, over several answers (H02)."""
    limits = sioc.Limits(max_packet_size=100_000)
    socket = io(http_peer.url, **OPTIONS, limits=limits)
    waiting = await http_peer.establish()
    events = Recorder(socket, "e", "behind", "disconnect")
    places = ",".join(f'{{"_placeholder":true,"num":{i}}}' for i in range(2))
    attachment = "b" + base64.b64encode(bytes(60_000)).decode()
    waiting.deliver(f'452-["e",{places}]', attachment)
    waiting = await http_peer.get()
    waiting.deliver(attachment, '42["behind"]')
    reason, details = await events.wait("disconnect")
    assert reason == "parse error"
    assert details.context["error"].limit == "max_packet_size"
    assert events.names == ["disconnect"]


async def test_base64_that_is_none_where_an_attachment_is_due(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **OPTIONS)
    waiting = await http_peer.establish()
    events = Recorder(socket, "e", "disconnect")
    waiting.deliver('451-["e",{"_placeholder":true,"num":0}]', "bAQ?ID")
    assert (await events.wait("disconnect"))[0] == "parse error"
    assert events.names == ["disconnect"]


async def test_a_web_page_is_no_handshake(http_peer: HttpPeer, io: OpenSocket) -> None:
    """Whatever it says."""
    socket = io(http_peer.url, **OPTIONS)
    body = open_packet().encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}"
    (await http_peer.get()).send_raw(f"{head}\r\n\r\n".encode() + body)
    with pytest.raises(sioc.ConnectError) as raised:
        await socket.wait_connected(5)
    assert raised.value.stage == "http"

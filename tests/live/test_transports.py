"""Each way to a real server: polling, WebSocket, and from one to the other."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import pytest

import sioc
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket, ShareJs, StartJs
from peers.js_server import JsServer
from peers.polled import BOTH, POLLING, engine_of
from peers.recorder import Recorder

MEGABYTE = bytes(range(256)) * 4096
UPGRADES = 100
AT_ONCE = 20
MESSAGES = 100
BURST = 10


class Way(NamedTuple):
    """A server's transports, the client's, and the one a session ends up with."""

    server: tuple[str, ...]
    client: tuple[str, ...]
    ends: str
    upgrade: bool = True


WAYS = {
    "polling": Way(("polling", "websocket"), ("polling",), "polling"),
    "websocket": Way(("polling", "websocket"), ("websocket",), "websocket"),
    "upgrade": Way(("polling", "websocket"), ("polling", "websocket"), "websocket"),
    "no upgrade": Way(
        ("polling", "websocket"),
        ("polling", "websocket"),
        "polling",
        upgrade=False,
    ),
    "a server without WebSocket": Way(
        ("polling",), ("polling", "websocket"), "polling"
    ),
    "a server without polling": Way(
        ("websocket",), ("polling", "websocket"), "websocket"
    ),
}


@pytest.fixture(params=WAYS.values(), ids=WAYS.keys())
async def way(request: pytest.FixtureRequest) -> Way:
    """Return one way after the other."""
    way: Way = request.param
    return way


@pytest.fixture
async def socket(way: Way, share_js: ShareJs, io: OpenSocket) -> sioc.Socket:
    """Return a Socket that has connected in a way."""
    kind = "plain" if len(way.server) == 2 else f"{way.server[0]} only"
    options = {} if kind == "plain" else {"io": {"transports": way.server}}
    server = await share_js(kind, **options)
    socket = io(server.url, transports=way.client, upgrade=way.upgrade)
    await socket.wait_connected(5)
    return socket


async def settled(socket: sioc.Socket, transport: str) -> None:
    """Wait until a session has got to its last transport, and check it."""
    engine = engine_of(socket)
    if engine.transport.name != transport:
        await Recorder(engine, "upgrade").wait("upgrade")
    await round_trip(socket)
    assert engine.transport.name == transport


async def test_events_and_acks(socket: sioc.Socket, way: Way) -> None:
    echoes = Recorder(socket, "echo")
    socket.emit("echo", "日😀", {"k": [1, None]})
    assert await echoes.wait("echo") == ("日😀", {"k": [1, None]})
    assert await socket.emit_with_ack("ack", 1, "x", timeout=5) == (1, "x")
    socket.on("question", lambda number: number + 1)
    assert await socket.emit_with_ack("ask", "question", [1], 4000, timeout=5) == {
        "values": [2]
    }
    await settled(socket, way.ends)
    assert await socket.emit_with_ack("ack", 2, timeout=5) == 2


async def test_a_megabyte_both_ways(socket: sioc.Socket, way: Way) -> None:
    """Beside text, on the way through an upgrade and after it."""
    for _ in range(2):
        echoes = Recorder(socket, "echo")
        socket.emit("echo", "before")
        socket.emit("echo", {"blob": MEGABYTE, "n": 1}, b"")
        socket.emit("echo", "behind")
        await echoes.wait("echo", 3)
        assert echoes.args("echo") == [
            ("before",),
            ({"blob": MEGABYTE, "n": 1}, b""),
            ("behind",),
        ]
        await settled(socket, way.ends)


async def test_the_order_is_kept(socket: sioc.Socket, way: Way) -> None:
    echoes = Recorder(socket, "echo", "more")
    for number in range(200):
        if number % 20 == 0:
            await asyncio.sleep(0.002)
        socket.emit("echo", number, b"x" * (number % 3))
    socket.emit("burst", "more", 100)
    await echoes.wait("more", 100)
    assert [args[0] for args in echoes.args("echo")] == list(range(200))
    assert [args[0] for args in echoes.args("more")] == list(range(100))
    await settled(socket, way.ends)


@pytest.mark.parametrize("namespace", ["/", "/admin"])
async def test_forty_events_of_one_burst_arrive_as_forty(
    js: JsServer, io: OpenSocket, namespace: str
) -> None:
    socket = await io(js.url + namespace, **POLLING)
    received = Recorder(socket, "burst")
    for number in range(40):
        socket.emit("n", number)
    socket.emit("burst", "burst", 40)
    await received.wait("burst", 40)
    assert received.args("burst") == [(number,) for number in range(40)]
    assert await js.received("n", namespace) == [[number] for number in range(40)]


async def test_leaving_tells_the_server(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url, **POLLING)
    socket.emit("last", 1)
    await socket.disconnect()
    await js.until_connections(0)
    assert await js.received("last") == [[1]]
    assert await js.leave_reasons() == ["client namespace disconnect"]


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_base_64_by_force(js: JsServer, io: OpenSocket, transport: str) -> None:
    socket = await io(js.url, transports=(transport,), force_base64=True)
    answer = await socket.emit_with_ack("ack", b"\x00\xff", "é😀", b"", timeout=5)
    assert answer == (b"\x00\xff", "é😀", b"")


async def talk(socket: sioc.Socket, index: int) -> None:
    """Emit numbers while the session changes over, and have the server do so."""
    numbers = Recorder(socket, "m")
    await socket.wait_connected(5)
    for number in range(MESSAGES):
        socket.emit("n", index, number)
        if number % BURST == 0:
            socket.emit("burst", "m", BURST)
        await asyncio.sleep(0.001)
    await settled(socket, "websocket")
    await numbers.wait("m", MESSAGES)
    got = [args[0] for args in numbers.args("m")]
    assert got == [*range(BURST)] * (MESSAGES // BURST)
    await socket.disconnect()


@pytest.mark.timeout(60)
async def test_many_upgrades_lose_and_double_nothing(
    js: JsServer, io: OpenSocket
) -> None:
    """10,000 numbered messages each way while 100 sessions change over."""
    for first in range(0, UPGRADES, AT_ONCE):
        sockets = [io(js.url, force_new=True, **BOTH) for _ in range(AT_ONCE)]
        await asyncio.gather(
            *[talk(socket, first + index) for index, socket in enumerate(sockets)]
        )
    numbers: dict[int, list[int]] = {index: [] for index in range(UPGRADES)}
    for index, number in await js.received("n"):
        numbers[index].append(number)
    assert set(map(tuple, numbers.values())) == {tuple(range(MESSAGES))}


# What goes wrong on the way.


async def test_a_server_that_starts_again(start_js: StartJs, io: OpenSocket) -> None:
    server = await start_js()
    socket = await io(server.url, **POLLING)
    events = Recorder(socket, "connect", "disconnect")
    server.kill()
    reason, details = await events.wait("disconnect")
    assert reason == "transport error"
    assert "xhr poll error" in str(details.context["error"])
    socket.emit("kept", 1)
    await server.start()
    await events.wait("connect")
    await round_trip(socket)
    assert await server.received("kept") == [[1]]


async def test_a_frozen_server_is_a_ping_timeout(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js(io={"pingInterval": 300, "pingTimeout": 200})
    socket = await io(server.url, **POLLING)
    events = Recorder(socket, "connect", "disconnect")
    pings = Recorder(socket.io, "ping")
    await pings.wait("ping", 2)
    assert events.calls == []
    server.freeze()
    assert (await events.wait("disconnect"))[0] == "ping timeout"
    server.thaw()
    await events.wait("connect")
    await round_trip(socket)


async def test_a_session_the_server_has_closed(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url, **POLLING)
    events = Recorder(socket, "connect", "disconnect")
    await js.close_engines()
    reason, details = await events.wait("disconnect")
    assert reason == "transport close"
    assert details.description == "transport closed by the server"
    await events.wait("connect")
    await round_trip(socket)


async def test_recovery(recovering_js: JsServer, io: OpenSocket) -> None:
    server = recovering_js
    slow = {"reconnection_delay": 0.3, "reconnection_delay_max": 0.3}
    socket = await io(server.url, **POLLING, **slow)
    first_id = socket.id
    events = Recorder(socket, "connect", "disconnect", "news")
    await server.emit("news", "first")
    await events.wait("news")
    await server.close_engines()
    await events.wait("disconnect")
    for number in range(3):
        await server.emit("news", number, b"blob")
    await events.wait("connect")
    assert socket.recovered
    assert socket.id == first_id
    missed = [args[:2] for args in events.args("news")[1:]]
    assert missed == [(number, b"blob") for number in range(3)]


async def test_what_is_too_large_for_the_server(
    share_js: ShareJs, io: OpenSocket
) -> None:
    """The server's 413, with its status in the details."""
    small = await share_js("small", io={"maxHttpBufferSize": 100})
    socket = await io(small.url, **POLLING, reconnection=False)
    events = Recorder(socket, "disconnect")
    socket.emit("e", "x" * 200)
    reason, details = await events.wait("disconnect")
    assert reason == "transport error"
    assert details.context["status"] == 413
    assert details.context["error"].description == 413


async def test_what_is_too_large_for_the_server_by_websocket(
    share_js: ShareJs, io: OpenSocket
) -> None:
    small = await share_js("small", io={"maxHttpBufferSize": 100})
    socket = await io(small.url, reconnection=False)
    events = Recorder(socket, "disconnect")
    socket.emit("e", "x" * 200)
    reason, details = await events.wait("disconnect")
    assert reason == "transport close"
    assert details.context["code"] == 1009


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_a_session_id_that_the_server_does_not_know(
    js: JsServer, io: OpenSocket, transport: str
) -> None:
    """A `sid` of the caller's own reaches the server, which refuses it (2.7)."""
    socket = io(
        js.url,
        transports=(transport,),
        query={"sid": "unknown"},
        reconnection=False,
    )
    with pytest.raises(sioc.ConnectError) as raised:
        await socket.wait_connected(5)
    assert raised.value.status == 400
    assert raised.value.body is not None
    assert b"Session ID unknown" in raised.value.body


@pytest.mark.parametrize("size", [1, 40])
async def test_batches_of_the_size_the_server_wants(
    share_js: ShareJs, io: OpenSocket, size: int
) -> None:
    small = await share_js("small", io={"maxHttpBufferSize": 100})
    socket = await io(small.url, **POLLING)
    for number in range(50):
        socket.emit("n", number, "€" * (size // 3))
    await round_trip(socket)
    assert [args[0] for args in await small.received("n")] == list(range(50))

"""The test peer on the wire: its answers, byte for byte."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from sioc.testing import Peer, serve

TIMEOUT = 5.0  # seconds
CONNECT = "EIO=4&transport=websocket"
ONE, TWO = ({"_placeholder": True, "num": number} for number in (0, 1))
LARGE = bytes(range(256)) * 1000


class Client:
    """A WebSocket that speaks in Engine.IO messages: str, or bytes for binary.

    Args:
        socket: The open WebSocket.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, *messages: str | bytes) -> None:
        for message in messages:
            if isinstance(message, str):
                await self.socket.send_str(message)
            else:
                await self.socket.send_bytes(message)

    async def receive(self) -> Any:
        message = await asyncio.wait_for(self.socket.receive(), TIMEOUT)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY)
        return message.data

    async def expect(self, *messages: str | bytes) -> None:
        assert [await self.receive() for _ in messages] == list(messages)

    async def expect_nothing_before(self, answer: str = "43999[]") -> None:
        await self.send('42999["last"]')
        await self.expect(answer)

    async def closed(self) -> tuple[int | None, str]:
        """Wait for the end; return the code and the reason of the close frame."""
        message = await asyncio.wait_for(self.socket.receive(), TIMEOUT)
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        return self.socket.close_code, str(message.extra or "")

    async def join(self, namespace: str = "") -> str:
        """Join a namespace and return its sid."""
        name = namespace and namespace + ","
        await self.send(f"40{name}")
        answer = await self.receive()
        assert answer.startswith(f"40{name}" + '{"sid":"')
        return str(json.loads(answer[2 + len(name) :])["sid"])


Open = Callable[..., Awaitable[Client]]


@pytest.fixture
async def open_client() -> AsyncIterator[Open]:
    """Open WebSockets and join the root namespace."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def connect(
            peer: Peer, query: str = CONNECT, *, join: bool = True
        ) -> Client:
            socket = await session.ws_connect(f"{peer.url}{peer.path}/?{query}")
            stack.push_async_callback(socket.close)
            client = Client(socket)
            handshake = await client.receive()
            assert handshake[0] == "0"
            if join:
                await client.join()
            return client

        yield connect


@pytest.fixture
async def client(sioc_peer: Peer, open_client: Open) -> Client:
    return await open_client(sioc_peer)


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("EIO=4&transport=polling", 0, "Transport unknown"),
        ("EIO=4", 0, "Transport unknown"),
        (CONNECT + "&sid=abc", 1, "Session ID unknown"),
        (CONNECT, 3, "Bad request"),
        ("EIO=3&transport=websocket", 5, "Unsupported protocol version"),
        ("transport=websocket", 5, "Unsupported protocol version"),
    ],
)
async def test_http_refusals(
    sioc_peer: Peer, query: str, code: int, message: str
) -> None:
    headers = {} if code == 3 else {"Upgrade": "websocket", "Connection": "Upgrade"}
    url = f"{sioc_peer.url}/socket.io/?{query}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers=headers) as answer,
    ):
        assert (answer.status, answer.content_type) == (400, "application/json")
        assert await answer.json() == {"code": code, "message": message}


async def test_another_path_is_not_found(sioc_peer: Peer) -> None:
    url = f"{sioc_peer.url}/socket.iou/?{CONNECT}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 404


async def test_the_handshake_tells_the_options() -> None:
    peer = serve(path="/other/", ping_interval=1.5, ping_timeout=2, max_payload=99)
    async with peer, aiohttp.ClientSession() as session:
        assert peer.path == "/other"
        url = f"{peer.url}/other?{CONNECT}"
        async with session.ws_connect(url) as socket:
            packet = await socket.receive_str(timeout=TIMEOUT)
    handshake = json.loads(packet[1:])
    assert len(handshake.pop("sid")) == 20
    assert packet[0] == "0"
    assert handshake == {
        "upgrades": [],
        "pingInterval": 1500,
        "pingTimeout": 2000,
        "maxPayload": 99,
    }


async def test_heartbeat(open_client: Open) -> None:
    async with serve(ping_interval=0.05, ping_timeout=0.2) as peer:
        client = await open_client(peer)
        for _ in range(3):
            await client.expect("2")
            await client.send("3")
        await client.expect("2")
        assert await client.closed() == (1000, "ping timeout")


async def test_a_client_without_a_namespace_is_closed(open_client: Open) -> None:
    async with serve(connect_timeout=0.05) as peer:
        idle, busy = await open_client(peer, join=False), await open_client(peer)
        assert await idle.closed() == (1000, "no namespace joined in time")
        await busy.expect_nothing_before()


async def test_namespaces(open_client: Open) -> None:
    async with serve(namespaces=["/", "/a", "/refused"]) as peer:
        client = await open_client(peer)
        assert len(await client.join("/a")) == 20
        await client.send("40/b,", '40/refused,{"token":1}')
        await client.expect(
            '44/b,{"message":"Invalid namespace"}',
            '44/refused,{"message":"not authorized",'
            '"data":{"content":"refused by the test peer"}}',
        )
        await client.send('42/a,7["x",1]', "41/a,")
        await client.expect("43/a,7[1]")
        # Left, so it can be joined again.
        await client.join("/a")


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (['42["echo",1]'], ['42["echo",1]']),
        (['42/,["echo"]'], ['42/,["echo"]']),
        (['420["echo",1,"x"]'], ['430[1,"x"]', '42["echo",1,"x"]']),
        (['4217["anything"]'], ["4317[]"]),
        (['421["ack","ünï 😀 \\ud83d"]'], ['431["ünï 😀 \\ud83d"]']),
        (['421["quo\\"te",[1]]'], ["431[[1]]"]),
        (['421[7,"x"]'], ['431["x"]']),
        (['42[ "echo" , { "a" : 1 } ]'], ['42["echo",{"a":1}]']),
        (['42["anything",1]', '42["ack",1]', '421["sink",1]', "5", "6"], []),
        (['42["flood"]'], ['42["invalid","flood takes a count and an event"]']),
        (['42["flood",2,3]'], ['42["invalid","flood takes a count and an event"]']),
        (['42["ask",2]'], ['42["invalid","ask takes an event"]']),
        (['42["delay",-1]'], ['42["invalid","delay takes seconds"]']),
        (['42["delay","x"]'], ['42["invalid","delay takes seconds"]']),
        (['423["delay",0]'], ["433[0.0]"]),
        (
            ['42["ask","q",1]', '42["ask","q"]', "430[2]", "430[2]", "439[]", "431[ ]"],
            ['420["q",1]', '421["q"]', '42["answered",2]', '42["answered"]'],
        ),
    ],
)
async def test_answers(client: Client, sent: list[str], answers: list[str]) -> None:
    await client.send(*sent)
    # A root namespace that is written out is not repeated.
    await client.expect(*(answer.replace("/,", "") for answer in answers))
    await client.expect_nothing_before()


@pytest.mark.parametrize("data", [[b"", b"\x00\xff"], [LARGE, b"2"], [b"1", LARGE]])
@pytest.mark.parametrize("base64", [False, True])
async def test_attachments_follow_their_packet(
    sioc_peer: Peer, open_client: Open, data: list[bytes], base64: bool
) -> None:
    client = await open_client(sioc_peer, CONNECT + ("&b64=1" if base64 else ""))
    values = json.dumps([ONE, {"x": [TWO]}], separators=(",", ":"))[1:-1]
    block: list[str | bytes] = [*data]
    if base64:
        block = ["b" + b64encode(item).decode() for item in data]
    await client.send(f'452-3["echo",{values}]', *block)
    await client.send(f'452-["ask","q",{values}]', *block)
    await client.expect(f"462-3[{values}]", *block)
    await client.expect(f'452-["echo",{values}]', *block)
    await client.expect(f'452-0["q",{values}]', *block)
    # A pong may come between.
    await client.send(f"462-0[{values}]", block[0], "3", block[1])
    await client.expect(f'452-["answered",{values}]', *block)
    await client.expect_nothing_before()
    assert sioc_peer.stats["binary"] == 6


async def test_flood(client: Client) -> None:
    head = (
        '452-["tick",{"_placeholder":true,"num":0},"x",{"_placeholder":true,"num":1}]'
    )
    await client.send(head.replace('"tick"', '"flood",1500,"tick"'), LARGE[:90], b"")
    for _ in range(1500):
        await client.expect(head, LARGE[:90], b"")
    await client.expect('42["flood:done",1500]')
    await client.send('421["flood",0,"none"]', '42["flood",1,7]')
    await client.expect('431[0,"none"]', '42["flood:done",0]')
    await client.expect('42["invalid","flood takes a count and an event"]')


async def test_stats_are_of_all_connections(sioc_peer: Peer, open_client: Open) -> None:
    first, second = [await open_client(sioc_peer) for _ in range(2)]
    await first.send('451-["sink",{"_placeholder":true,"num":0}]', b"12345")
    await first.expect_nothing_before()
    await second.send('420["stats"]')
    stats = json.loads((await second.receive())[3:])
    sizes = [2, 42, 5, 13, 2, 12]
    expected = {"events": 3, "bytes": sum(sizes), "binary": 1, "connections": 2}
    assert stats == [expected]
    assert sioc_peer.stats == expected
    assert sioc_peer.connections == 2


async def test_delay_keeps_the_order(client: Client) -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    await client.send(
        '421["delay",0.1]', '422["echo",1]', '423["delay",0]', '42["echo",2]'
    )
    await client.expect("431[0.1]", "433[0.0]")
    assert loop.time() - start < 0.1
    await client.expect("432[1]", '42["echo",1]', '42["echo",2]')
    assert loop.time() - start > 0.09
    await client.send('421["delay",0.05]', '42["echo",3]')
    await client.expect("431[0.05]")
    await client.send('421["delay",0.1]', '42["echo",4]')
    await client.expect("431[0.1]", '42["echo",3]', '42["echo",4]')
    await client.send('42["delay",0]')
    await client.expect_nothing_before()


async def test_kick(client: Client) -> None:
    await client.join("/a")
    tick = '42/a,["tick","%s"]' % ("x" * 50_000)
    # The end of the namespace is the end of its floods.
    flood = tick.replace('"tick"', '"flood",100000000,"tick"')
    await client.send(flood, '42/a,1["kick"]')
    while (message := await client.receive()) == tick:
        pass
    assert message == "41/a,"
    await client.send('42["kick"]')
    await client.expect("41")
    # Whoever goes on talking is closed, as by the reference server.
    await client.send('42["x"]')
    assert (await client.closed())[0] == 1002


async def test_drop_is_abrupt(client: Client) -> None:
    await client.send('421["drop"]')
    assert await client.closed() == (1006, "")


async def test_close_is_clean(client: Client) -> None:
    await client.send('421["close"]')
    assert await client.closed() == (1000, "")


async def test_the_client_may_close(sioc_peer: Peer, open_client: Open) -> None:
    by_packet, by_frame = [await open_client(sioc_peer) for _ in range(2)]
    await by_packet.send("1")
    assert await by_packet.closed() == (1000, "")
    await by_frame.socket.close(code=4321)
    assert by_frame.socket.close_code == 4321
    assert sioc_peer.connections == 0

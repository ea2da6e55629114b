"""The bodies of HTTP long-polling, both ways (6.5, 8.3)."""

from __future__ import annotations

import base64
import json

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.http_peer import HttpPeer
from peers.polled import POLLING, connect, engine_of
from peers.recorder import Recorder

TEXTS = ["", "x", "é", "日本語", "😀", 'quote " and \\', "\x1e", "\u2028", "\x00"]


async def write(peer: HttpPeer, io: OpenSocket, *data: str | bytes) -> sioc.Socket:
    """Write Engine.IO messages in one turn, to a server that takes 100 bytes."""
    socket = io(peer.url, **POLLING)
    await peer.establish(maxPayload=100)
    await socket.wait_connected(5)
    for each in data:
        engine_of(socket).write(each)
    return socket


async def posts(peer: HttpPeer, count: int) -> list[list[str]]:
    """Return the packets of so many POSTs; a ping afterwards shows there is no more."""
    found = []
    for _ in range(count):
        post = await peer.post()
        found.append(post.packets)
        post.answer()
    return found


# Outbound.


async def test_packets_of_one_turn_share_a_request(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, _ = await connect(http_peer, io)
    socket.emit("a", 1)
    socket.emit("b", "日😀")
    socket.emit("c", b"\x01\x02\x03\x04", {"k": b""})
    post = await http_peer.post()
    assert (
        post.body
        == (
            '42["a",1]\x1e42["b","日😀"]\x1e'
            '452-["c",{"_placeholder":true,"num":0},{"k":{"_placeholder":true,"num":1}}]'
            "\x1ebAQIDBA==\x1eb"
        ).encode()
    )


@pytest.mark.parametrize("text", TEXTS)
async def test_text_out(http_peer: HttpPeer, io: OpenSocket, text: str) -> None:
    socket, _ = await connect(http_peer, io)
    socket.emit("e", text)
    (packet,) = (await http_peer.post()).packets
    assert json.loads(packet.removeprefix("42")) == ["e", text]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 100_000])
async def test_binary_out(http_peer: HttpPeer, io: OpenSocket, size: int) -> None:
    data = bytes(number % 256 for number in range(size))
    socket, _ = await connect(http_peer, io)
    socket.emit("e", memoryview(data))
    _, attachment = (await http_peer.post()).packets
    assert attachment == "b" + base64.b64encode(data).decode()


async def test_messages_of_the_engine(http_peer: HttpPeer, io: OpenSocket) -> None:
    await write(http_peer, io, "text", b"\xff\x00", "")
    assert await posts(http_peer, 1) == [["4text", "b/wA=", "4"]]


async def test_requests_are_filled_up_to_max_payload(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """The worked example of 6.5.6."""
    texts = ["a" * 99, "b" * 30, "c" * 30, "d" * 35, "€" * 33, "f" * 99]
    await write(http_peer, io, *texts)
    a, b, c, d, e, f = (f"4{text}" for text in texts)
    assert await posts(http_peer, 4) == [[a], [b, c, d], [e], [f]]


async def test_binary_counts_as_its_base64(http_peer: HttpPeer, io: OpenSocket) -> None:
    """The other worked example of 6.5.6."""
    data = [b"a" * 72, b"b" * 20, "a" * 20, b"c" * 20, b"d" * 72]
    await write(http_peer, io, *data)
    a, b, c, d, e = (
        f"4{each}" if isinstance(each, str) else "b" + base64.b64encode(each).decode()
        for each in data
    )
    assert await posts(http_peer, 3) == [[a], [b, c, d], [e]]


async def test_a_packet_beyond_max_payload_goes_alone(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    big = "b" * 500
    await write(http_peer, io, "a", big, "c", "d")
    assert await posts(http_peer, 3) == [["4a"], ["4" + big], ["4c", "4d"]]


async def test_no_max_payload_is_no_limit(http_peer: HttpPeer, io: OpenSocket) -> None:
    socket = io(http_peer.url, **POLLING)
    await http_peer.establish(maxPayload=None)
    await socket.wait_connected(5)
    for number in range(40):
        socket.emit("e", number, "x" * 50_000)
    post = await http_peer.post()
    assert [json.loads(p[2:])[1] for p in post.packets] == list(range(40))


async def test_what_is_emitted_during_a_request_goes_with_the_next(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting = await connect(http_peer, io)
    socket.emit("first")
    first = await http_peer.post()
    for number in range(5):
        socket.emit("e", number)
        waiting.deliver("6")  # so that turns go by
        waiting = await http_peer.get()
    first.answer()
    await http_peer.expect_post(*[f'42["e",{number}]' for number in range(5)])


async def test_the_answer_to_a_post_is_not_looked_at(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting = await connect(http_peer, io)
    socket.emit("e", 1)
    (await http_peer.post()).answer("<html>ok</html>", Content_Type="text/html")
    socket.emit("e", 2)
    (await http_peer.post()).answer("")
    socket.emit("e", 3)
    await http_peer.expect_post('42["e",3]')
    assert waiting.in_flight


# Inbound.


async def test_packets_of_one_answer_keep_their_order(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting = await connect(http_peer, io)
    events = Recorder(socket, "a", "b", "c", "d")
    waiting.deliver(
        '42["a","日😀"]',
        '451-["b",{"_placeholder":true,"num":0}]',
        "bAQIDBA==",
        "6",
        '42["c"]',
        "2",
        '42["d",null]',
    )
    await events.wait("d")
    assert events.calls == [
        ("a", ("日😀",)),
        ("b", (b"\x01\x02\x03\x04",)),
        ("c", ()),
        ("d", (None,)),
    ]
    await http_peer.expect_post("3")


@pytest.mark.parametrize("text", TEXTS)
async def test_text_in(http_peer: HttpPeer, io: OpenSocket, text: str) -> None:
    socket, waiting = await connect(http_peer, io)
    events = Recorder(socket, "e")
    waiting.deliver("42" + json.dumps(["e", text], ensure_ascii=True))
    assert await events.wait("e") == (text,)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 100_000])
async def test_binary_in(http_peer: HttpPeer, io: OpenSocket, size: int) -> None:
    data = bytes(number % 256 for number in range(size))
    socket, waiting = await connect(http_peer, io)
    events = Recorder(socket, "e")
    waiting.deliver(
        '451-["e",{"_placeholder":true,"num":0}]',
        "b" + base64.b64encode(data).decode(),
    )
    assert await events.wait("e") == (data,)


async def test_an_attachment_may_come_with_the_next_answer(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket, waiting = await connect(http_peer, io)
    events = Recorder(socket, "e")
    waiting.deliver('451-["e",{"_placeholder":true,"num":0}]')
    waiting = await http_peer.get()
    waiting.deliver("bAQIDBA==")
    assert await events.wait("e") == (b"\x01\x02\x03\x04",)


@pytest.mark.parametrize("size", [1, 3, 1000])
async def test_an_answer_in_pieces(
    http_peer: HttpPeer, io: OpenSocket, size: int
) -> None:
    socket, waiting = await connect(http_peer, io)
    events = Recorder(socket, "e")
    body = '42["e","日😀"]\x1e42["e",2]'.encode()
    waiting.send_raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    waiting.take_over()
    for at in range(0, len(body), size):
        piece = body[at : at + size]
        waiting.send_raw(b"%x\r\n%s\r\n" % (len(piece), piece))
        await waiting.conn.drain()
    waiting.send_raw(b"0\r\n\r\n")
    await events.wait("e", 2)
    assert events.args("e") == [("日😀",), (2,)]


async def test_events_behind_the_handshake_in_one_answer(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **POLLING)
    await http_peer.open('40{"sid":"socket"}', '42["e",1]')
    events = Recorder(socket, "e")
    await http_peer.expect_post("40")
    waiting = await http_peer.get()
    waiting.deliver('42["e",2]')
    await events.wait("e", 1)
    assert socket.connected

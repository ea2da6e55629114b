"""The HTTP request that opens the WebSocket, and what never gets into it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection, Request
from peers.raw_peer import RawPeer, welcome

INJECTED = "X-Injected"

BAD_HEADERS = [
    pytest.param({"X-Test": f"a\r\n{INJECTED}: 1"}, id="CRLF in a value"),
    pytest.param({"X-Test": f"a\n{INJECTED}: 1"}, id="LF in a value"),
    pytest.param({"X-Test": "a\rb"}, id="CR in a value"),
    pytest.param({"X-Test": "a\x00b"}, id="NUL in a value"),
    pytest.param({"X-Test\r\nX-Injected": "1"}, id="CRLF in a name"),
    pytest.param({"X Test": "1"}, id="space in a name"),
    pytest.param({"X-Test:": "1"}, id="colon in a name"),
    pytest.param({"": "1"}, id="empty name"),
    pytest.param({"X-Tést": "1"}, id="letter outside ASCII in a name"),
]

BAD_URLS = [
    pytest.param("127.0.0.1:{port}", id="no scheme"),
    pytest.param("", id="empty"),
    pytest.param("ftp://127.0.0.1:{port}", id="another scheme"),
    pytest.param("http://", id="no host"),
    pytest.param("http://127.0.0.1\r\nX-Injected: 1:{port}", id="CRLF in the host"),
    pytest.param("http://127.0.0.1 :{port}", id="space in the host"),
    pytest.param("http://127.0.0.1:{port}/a,b", id="comma in the namespace"),
    pytest.param("http://127.0.0.1:{port}/a\r\nb", id="CRLF in the namespace"),
    pytest.param("http://127.0.0.1:99999999", id="port out of range"),
]


async def request_of(
    serve: Serve, io: OpenSocket, path: str, /, **options: Any
) -> Request:
    """Connect to a peer and return the request it got."""
    peer = await serve(welcome)
    await io(peer.url + path, **options)
    return (await peer.played()).request


async def test_the_request(serve: Serve, io: OpenSocket) -> None:
    peer = await serve(welcome)
    await io(peer.url)
    request = (await peer.played()).request

    assert request.method == "GET"
    assert request.target == "/socket.io/?EIO=4&transport=websocket"
    assert request.values("Host") == [f"127.0.0.1:{peer.port}"]
    assert [value.lower() for value in request.values("Upgrade")] == ["websocket"]
    assert [value.lower() for value in request.values("Connection")] == ["upgrade"]
    assert request.values("Sec-WebSocket-Version") == ["13"]
    (key,) = request.values("Sec-WebSocket-Key")
    assert len(base64.b64decode(key, validate=True)) == 16
    assert request.values("Sec-WebSocket-Extensions") == []
    assert request.values("Sec-WebSocket-Protocol") == []
    names = [name.lower() for name, _ in request.fields]
    assert len(names) == len(set(names))


async def test_the_key_differs_from_connection_to_connection(
    serve: Serve, io: OpenSocket
) -> None:
    requests = [await request_of(serve, io, "") for _ in range(4)]
    keys = {request.values("Sec-WebSocket-Key")[0] for request in requests}
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("options", "target"),
    [
        ({"path": "/custom"}, "/custom/"),
        ({"path": "/custom/"}, "/custom/"),
        ({"path": "/a/b"}, "/a/b/"),
        ({"add_trailing_slash": False}, "/socket.io"),
        ({"path": "/custom/", "add_trailing_slash": False}, "/custom"),
    ],
)
async def test_the_path(
    serve: Serve, io: OpenSocket, options: dict[str, Any], target: str
) -> None:
    request = await request_of(serve, io, "", **options)
    assert request.target == f"{target}?EIO=4&transport=websocket"


async def test_the_query_is_percent_encoded(serve: Serve, io: OpenSocket) -> None:
    query = {"a b": "c&d=e", "ü": "/?#%", "n": 1, "k": "-_.!~*'()"}
    request = await request_of(serve, io, "", query=query)
    assert request.query == (
        "a%20b=c%26d%3De&%C3%BC=%2F%3F%23%25&n=1&k=-_.!~*'()&EIO=4&transport=websocket"
    )


async def test_the_namespace_is_not_in_the_request(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.join("/chat")

    peer = await serve(script)
    await io(peer.url + "/chat?x=1#fragment")
    request = (await peer.played()).request
    assert request.target.startswith("/socket.io/?")
    assert "chat" not in request.target
    assert "fragment" not in request.target
    assert "x=1" in request.query.split("&")


async def test_extra_headers_are_sent_as_given(serve: Serve, io: OpenSocket) -> None:
    headers = {"X-Custom": 'a; b="c", d', "Authorization": "Bearer x", "Cookie": "a=1"}
    request = await request_of(serve, io, "", extra_headers=headers)
    for name, value in headers.items():
        assert request.values(name) == [value]
        assert f"\r\n{name}: {value}\r\n".encode() in request.raw


async def test_sub_protocols_are_offered(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        request = await conn.read_request()
        offered = ", ".join(request.values("Sec-WebSocket-Protocol"))
        assert offered.replace(", ", ",") == "one,two"
        conn.switch_protocols(Sec_WebSocket_Protocol="two")
        conn.open_packet()
        await conn.join()

    peer = await serve(script)
    await io(peer.url, protocols=["one", "two"])
    await peer.played()


async def nothing_was_opened(
    peer: RawPeer, io: OpenSocket, url: str, **options: Any
) -> None:
    """Check that connecting raises ValueError before there is a connection."""
    with pytest.raises(ValueError, match=r"\S"):
        await io(url, reconnection=False, **options)
    # A later connection comes after any that had been started.
    await io(peer.url)
    assert len(peer.connections) == 1


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"reconection": True}, "reconnection"),
        ({"extraHeaders": {}}, "extra_headers"),
        ({"nonsense": 1}, "nonsense"),
        ({"timeout": "20"}, "timeout"),
        ({"extra_headers": {"X-Test": 1}}, "X-Test"),
    ],
)
async def test_a_wrong_option_is_refused_before_anything_is_opened(
    serve: Serve, io: OpenSocket, options: dict[str, Any], named: str
) -> None:
    peer = await serve(welcome)
    with pytest.raises((TypeError, ValueError), match=named):
        io(peer.url, **options)
    await io(peer.url)
    assert len(peer.connections) == 1


@pytest.mark.parametrize("headers", BAD_HEADERS)
async def test_a_header_cannot_be_injected(
    serve: Serve, io: OpenSocket, headers: dict[str, str]
) -> None:
    peer = await serve(welcome)
    await nothing_was_opened(peer, io, peer.url, extra_headers=headers)


@pytest.mark.parametrize("url", BAD_URLS)
async def test_a_bad_url_is_refused(serve: Serve, io: OpenSocket, url: str) -> None:
    peer = await serve(welcome)
    await nothing_was_opened(peer, io, url.format(port=peer.port))


@pytest.mark.parametrize(
    "headers", [{"X-Test": f"a\r\n{INJECTED}: 1"}, {"X Test": "1"}]
)
async def test_headers_from_a_function_cannot_inject_either(
    serve: Serve, io: OpenSocket, headers: dict[str, str]
) -> None:
    peer = await serve(welcome)
    with pytest.raises((ValueError, sioc.ConnectError)):
        await io(peer.url, extra_headers=lambda: headers, reconnection=False)
    await io(peer.url)
    assert len(peer.connections) == 1


@pytest.mark.parametrize("text", [f"a\r\n{INJECTED}: 1", "a b", "a\x00", "a#b", "ü"])
@pytest.mark.parametrize("place", ["query key", "query value", "path", "url query"])
async def test_nothing_gets_into_the_request_line(
    serve: Serve, io: OpenSocket, text: str, place: str
) -> None:
    """What cannot be sent as it is gets percent-encoded or raises ValueError."""
    peer = await serve(welcome)
    options: dict[str, Any] = {
        "query key": {"query": {text: "1"}},
        "query value": {"query": {"k": text}},
        "path": {"path": f"/{text}"},
        "url query": {},
    }[place]
    url = f"{peer.url}/?k={text}" if place == "url query" else peer.url
    try:
        await io(url, **options)
    except ValueError:
        assert peer.connections == []
        return
    request = (await peer.played()).request
    assert request.values(INJECTED) == []
    line = request.raw.split(b"\r\n", 1)[0]
    assert line.count(b" ") == 2
    assert line.isascii()
    assert all(byte > 0x20 for byte in line.replace(b" ", b""))

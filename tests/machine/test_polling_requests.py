"""The requests of HTTP long-polling: target, header fields, cookies (6.3, 7.1.5)."""

from __future__ import annotations

from typing import Any

import pytest

from peers.fixture_types import OpenSocket
from peers.http_peer import Exchange, HttpPeer
from peers.polled import BOTH, POLLING


async def requests_of(
    peer: HttpPeer, io: OpenSocket, path: str = "", /, **options: Any
) -> tuple[Exchange, Exchange, Exchange]:
    """Connect, and return the first GET, a POST and a later GET."""
    io(peer.url + path, **(POLLING | options))
    first = await peer.open()
    post, later = await peer.post(), await peer.get()
    post.answer()
    return first, post, later


async def test_the_requests(http_peer: HttpPeer, io: OpenSocket) -> None:
    first, post, later = await requests_of(http_peer, io, timestamp_requests=False)
    target = "/socket.io/?EIO=4&transport=polling"
    assert first.request.target == target
    assert post.request.target == f"{target}&sid=session"
    assert later.request.target == f"{target}&sid=session"
    for exchange in first, post, later:
        request = exchange.request
        assert request.values("Host") == [f"127.0.0.1:{http_peer.port}"]
        assert request.values("Accept") == ["*/*"]
        assert request.values("Accept-Encoding") == ["identity"]
        assert request.values("Cookie") == []
        names = [name.lower() for name, _ in request.fields]
        assert len(names) == len(set(names))
    assert post.body == b"40"
    assert post.request.values("Content-Type") == ["text/plain;charset=UTF-8"]
    assert post.request.values("Content-Length") == ["2"]
    assert first.request.values("Content-Type") == []


async def test_the_order_of_the_parameters(http_peer: HttpPeer, io: OpenSocket) -> None:
    first, post, later = await requests_of(http_peer, io, query={"b": 1, "a": 2})
    assert list(first.query) == ["b", "a", "EIO", "transport", "t"]
    assert list(post.query) == ["b", "a", "EIO", "transport", "t", "sid"]
    assert list(later.query) == ["b", "a", "EIO", "transport", "t", "sid"]
    assert first.query["EIO"] == "4"
    assert first.query["transport"] == "polling"


async def test_every_request_has_a_stamp_of_its_own(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    exchanges = await requests_of(http_peer, io)
    stamps = {exchange.query["t"] for exchange in exchanges}
    assert len(stamps) == 3
    assert all(stamp.isalnum() for stamp in stamps)


async def test_the_name_of_the_stamp(http_peer: HttpPeer, io: OpenSocket) -> None:
    for exchange in await requests_of(http_peer, io, timestamp_param="when"):
        assert exchange.query["when"]
        assert "t" not in exchange.query


async def test_a_websocket_is_stamped_if_asked_for(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    transports = ("websocket",)
    io(http_peer.url, transports=transports, timestamp_requests=True)
    assert (await http_peer.upgrade()).query["t"]


async def test_force_base64_is_told(http_peer: HttpPeer, io: OpenSocket) -> None:
    for exchange in await requests_of(http_peer, io, force_base64=True):
        assert exchange.query["b64"] == "1"


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"path": "/custom"}, "/custom/"),
        ({"path": "/a/b/"}, "/a/b/"),
        ({"add_trailing_slash": False}, "/socket.io"),
    ],
)
async def test_the_path(
    http_peer: HttpPeer, io: OpenSocket, options: dict[str, Any], path: str
) -> None:
    for exchange in await requests_of(http_peer, io, **options):
        assert exchange.request.target.split("?")[0] == path


async def test_what_the_caller_must_not_set_is_overwritten(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    query = {"EIO": "3", "transport": "x", "t": "y"}
    first, post, later = await requests_of(http_peer, io, query=query)
    for exchange in first, post, later:
        assert exchange.request.query.count("EIO=") == 1
        assert exchange.query["EIO"] == "4"
        assert exchange.query["transport"] == "polling"
        assert exchange.query["t"] != "y"
    assert query == {"EIO": "3", "transport": "x", "t": "y"}


async def test_the_query_of_the_url_and_the_option_are_merged(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    query = {"b": "option", "c": "3"}
    exchanges = await requests_of(http_peer, io, "/?a=1&b=url", query=query)
    for exchange in exchanges:
        assert exchange.query["a"] == "1"
        assert exchange.query["b"] == "option"
        assert exchange.query["c"] == "3"


async def test_options_for_polling_alone(http_peer: HttpPeer, io: OpenSocket) -> None:
    own: dict[str, Any] = {
        "path": "/poll",
        "query": {"b": "polling"},
        "extra_headers": {"X-Own": "polling"},
        "timestamp_requests": False,
    }
    options: dict[str, Any] = {
        "query": {"a": "1", "b": "all"},
        "extra_headers": {"X-All": "all", "X-Own": "all"},
        "transport_options": {"polling": own},
    }
    io(http_peer.url, **(BOTH | options))
    first = await http_peer.open(upgrades=["websocket"])
    target = "/poll/?a=1&b=polling&EIO=4&transport=polling"
    assert first.request.target == target
    assert first.request.values("X-All") == ["all"]
    assert first.request.values("X-Own") == ["polling"]
    upgrade = await http_peer.upgrade()
    assert upgrade.request.target == (
        "/socket.io/?a=1&b=all&EIO=4&transport=websocket&sid=session"
    )
    assert upgrade.request.values("X-Own") == ["all"]
    assert own["query"] == {"b": "polling"}
    assert own["extra_headers"] == {"X-Own": "polling"}


async def test_extra_headers_go_with_every_request(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    headers = {"X-Custom": 'a; b="c", d', "Authorization": "Bearer x", "Cookie": "a=1"}
    io(http_peer.url, **BOTH, extra_headers=headers)
    first = await http_peer.open(upgrades=["websocket"])
    post, later, upgrade = (
        await http_peer.post(),
        await http_peer.get(),
        await http_peer.upgrade(),
    )
    for exchange in first, post, later, upgrade:
        for name, value in headers.items():
            assert exchange.request.values(name) == [value]


async def test_a_caller_may_set_the_headers_that_we_set(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    headers = {"accept": "text/plain", "user-agent": "mine/1"}
    for exchange in await requests_of(http_peer, io, extra_headers=headers):
        assert exchange.request.values("Accept") == ["text/plain"]
        assert exchange.request.values("User-Agent") == ["mine/1"]


async def test_a_session_id_is_escaped(http_peer: HttpPeer, io: OpenSocket) -> None:
    """No server's id changes what the requests say (R13)."""
    sid = "a&transport=x#b\r\nX-Injected: 1 ü\x00"
    io(http_peer.url, **BOTH)
    await http_peer.open(sid=sid, upgrades=["websocket"])
    requests = await http_peer.post(), await http_peer.get(), await http_peer.upgrade()
    for exchange in requests:
        assert exchange.query["sid"] == sid
        assert exchange.request.values("X-Injected") == []
        assert "#" not in exchange.request.target
        assert exchange.request.target.isascii()


async def test_connections_are_kept_alive(http_peer: HttpPeer, io: OpenSocket) -> None:
    socket = io(http_peer.url, **POLLING)
    waiting = await http_peer.establish()
    for number in range(5):
        socket.emit("e", number)
        await http_peer.expect_post(f'42["e",{number}]')
        waiting.deliver("6")
        waiting = await http_peer.get()
    assert len(http_peer.connections) == 2


# Cookies (6.12, R15).


async def test_cookies_are_kept_only_if_asked_for(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    io(http_peer.url, **POLLING)
    first = await http_peer.get()
    first.answer(
        '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000}',
        Set_Cookie="a=1",
    )
    post, later = await http_peer.post(), await http_peer.get()
    assert post.request.values("Cookie") == []
    assert later.request.values("Cookie") == []


async def test_cookies_go_back_in_every_request_and_to_the_next_session(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    headers = {"Cookie": "own=0"}
    io(http_peer.url, **BOTH, with_credentials=True, extra_headers=headers)
    first = await http_peer.get()
    assert first.request.values("Cookie") == ["own=0"]
    first.answer(
        '0{"sid":"s","upgrades":["websocket"],"pingInterval":25000,'
        '"pingTimeout":20000}',
        Set_Cookie='a="1"; Path=/; HttpOnly; SameSite=Lax',
    )
    post = await http_peer.post()
    later, upgrade = await http_peer.get(), await http_peer.upgrade()
    for exchange in post, later, upgrade:
        assert exchange.request.values("Cookie") == ["own=0; a=1"]
    post.answer(Set_Cookie="b=2")
    later.answer("boom", "500 Internal Server Error", Set_Cookie="c=3")
    # The farewell of the first session, and the first request of the second.
    again = await http_peer.get()
    assert "sid" not in again.query
    assert again.request.values("Cookie") == ["own=0; a=1; b=2; c=3"]
    assert headers == {"Cookie": "own=0"}


@pytest.mark.parametrize(
    ("set_cookie", "sent"),
    [
        ("a=b=c=d", ["a=b=c=d"]),
        ("a=1; Path=/socket.io", ["a=1"]),
        ("a=1; Path=/socket.io/", ["a=1"]),
        ("a=1; Path=/sock", []),
        ("a=1; Path=/other", []),
        ("a=1; Domain=example.com", []),
        ("a=1; Domain=127.0.0.1", ["a=1"]),
        ("a=1; Secure", []),
        ("a=1; Max-Age=0", []),
        ("a=1; Max-Age=-1", []),
        ("a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ["a=1"]),
        ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", []),
        ("a=1; Expires=Wed, 01 Jan 2200 00:00:00 GMT", ["a=1"]),
        ("=1", []),
        ("a", []),
        ("a=\x01", []),
        ("a=" + "x" * 5000, []),
    ],
)
async def test_which_cookies_go_back(
    http_peer: HttpPeer, io: OpenSocket, set_cookie: str, sent: list[str]
) -> None:
    io(http_peer.url, **POLLING, with_credentials=True)
    first = await http_peer.get()
    first.answer(
        '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000}',
        Set_Cookie=set_cookie,
    )
    post = await http_peer.post()
    assert post.request.values("Cookie") == sent


async def test_a_flood_of_cookies_is_cut(http_peer: HttpPeer, io: OpenSocket) -> None:
    io(http_peer.url, **POLLING, with_credentials=True)
    first = await http_peer.get()
    body = b'0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
    cookies = b"".join(b"Set-Cookie: c%d=%d\r\n" % (n, n) for n in range(100))
    first.send_raw(
        b"HTTP/1.1 200 OK\r\n" + cookies + b"Content-Length: %d\r\n\r\n" % len(body)
    )
    first.send_raw(body)
    first.take_over()
    (cookie,) = (await http_peer.post()).request.values("Cookie")
    assert cookie == "; ".join(f"c{n}={n}" for n in range(50))

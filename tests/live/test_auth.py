"""What the client says of itself: auth, query and headers, asked at every attempt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.recorder import Recorder


async def reconnected(js: JsServer, events: Recorder) -> None:
    """Close the connection from the server and wait for the next one."""
    before = events.count("connect")
    await js.close_engines()
    await events.wait("connect", before + 1)


@pytest.mark.parametrize("auth", [{}, {"token": "t"}, {"a": {"b": [1, None, "ü"]}}])
async def test_auth_may_be_a_dict(
    js: JsServer, io: OpenSocket, auth: dict[str, Any]
) -> None:
    await io(js.url, auth=auth)
    assert [join["auth"] for join in await js.joins()] == [auth]


async def test_auth_may_be_a_function(js: JsServer, io: OpenSocket) -> None:
    await io(js.url, auth=lambda: {"token": "from a function"})
    assert [join["auth"] for join in await js.joins()] == [{"token": "from a function"}]


async def test_auth_may_be_an_async_function(js: JsServer, io: OpenSocket) -> None:
    async def auth() -> dict[str, str]:
        await asyncio.sleep(0.01)
        return {"token": "from a coroutine"}

    await io(js.url, auth=auth)
    joins = await js.joins()
    assert [join["auth"] for join in joins] == [{"token": "from a coroutine"}]


async def test_auth_is_asked_at_every_connection(js: JsServer, io: OpenSocket) -> None:
    numbers = iter(range(10))
    socket = io(js.url, auth=lambda: {"attempt": next(numbers)})
    events = Recorder(socket, "connect")
    await socket
    await reconnected(js, events)
    assert [join["auth"] for join in await js.joins()] == [
        {"attempt": 0},
        {"attempt": 1},
    ]


async def test_auth_can_be_set_for_the_next_connection(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, auth={"number": 1})
    events = Recorder(socket, "connect")
    await socket
    socket.auth = {"number": 2}
    await reconnected(js, events)
    assert [join["auth"] for join in await js.joins()] == [{"number": 1}, {"number": 2}]


async def test_every_namespace_has_its_own_auth(js: JsServer, io: OpenSocket) -> None:
    await io(js.url, auth={"for": "root"})
    await io(js.url + "/admin", auth={"for": "admin"})
    assert [join["auth"] for join in await js.joins()] == [{"for": "root"}]
    assert [join["auth"] for join in await js.joins("/admin")] == [{"for": "admin"}]


async def test_the_query_reaches_the_server(js: JsServer, io: OpenSocket) -> None:
    query = {"room": "a b&c=d", "ü": "ö#?/%20", "empty": ""}
    await io(js.url, query=query)
    (join,) = await js.joins()
    assert query.items() <= join["query"].items()
    assert join["query"]["EIO"] == "4"
    assert join["query"]["transport"] == "websocket"


async def test_the_query_of_the_url_and_the_option_are_merged(
    js: JsServer, io: OpenSocket
) -> None:
    await io(js.url + "/?a=url&b=url", query={"b": "option", "c": "option"})
    (join,) = await js.joins()
    expected = {"a": "url", "b": "option", "c": "option"}
    assert expected.items() <= join["query"].items()


async def test_extra_headers_reach_the_server(js: JsServer, io: OpenSocket) -> None:
    headers = {"X-Token": "t 1", "Authorization": "Bearer abc", "Cookie": "a=1; b=2"}
    await io(js.url, extra_headers=headers)
    (join,) = await js.joins()
    received = {name: join["headers"].get(name.lower()) for name in headers}
    assert received == headers


async def test_headers_and_query_are_kept_across_reconnections(
    js: JsServer, io: OpenSocket
) -> None:
    headers, query = {"Cookie": "session=1", "X-Test": "yes"}, {"q": "1"}
    socket = io(js.url, extra_headers=headers, query=query)
    events = Recorder(socket, "connect")
    await socket
    await reconnected(js, events)

    for join in await js.joins():
        assert join["headers"]["cookie"] == "session=1"
        assert join["headers"]["x-test"] == "yes"
        assert join["query"]["q"] == "1"
    # The caller's objects are the caller's.
    assert headers == {"Cookie": "session=1", "X-Test": "yes"}
    assert query == {"q": "1"}


async def test_headers_and_query_may_be_functions(js: JsServer, io: OpenSocket) -> None:
    numbers = iter(range(10))

    async def headers() -> dict[str, str]:
        await asyncio.sleep(0)
        return {"X-Attempt": str(next(numbers))}

    socket = io(js.url, extra_headers=headers, query=lambda: {"q": "asked"})
    events = Recorder(socket, "connect")
    await socket
    await reconnected(js, events)
    joins = await js.joins()
    assert [join["headers"]["x-attempt"] for join in joins] == ["0", "1"]
    assert [join["query"]["q"] for join in joins] == ["asked", "asked"]

"""Cookies against real servers: alone, and behind a load balancer that needs them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

import sioc
from peers.balancer import nginx
from peers.daemon import Daemon
from peers.doors import connected, every_way, exchange, refused
from peers.js_server import JsServer

Workers = tuple[JsServer, JsServer]
FAST: dict[str, Any] = {"reconnection": True, "reconnection_delay": 0.02}


@pytest.fixture(scope="module")
def held_workers() -> Iterator[Workers]:
    """Hold two Node servers, each of which says who it is in a cookie."""
    one, two = (JsServer(cookie=f"worker={name}; HttpOnly") for name in ("one", "two"))
    yield one, two
    one.close()
    two.close()


@pytest.fixture
async def workers(held_workers: Workers) -> Workers:
    """Return the servers, as good as new."""
    for worker in held_workers:
        if not worker.port:
            await worker.start()
        await worker.reset()
    return held_workers


@pytest.fixture(scope="module")
def held_balancer(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Daemon]]:
    """Hold nginx, once it has been started."""
    started: dict[str, Daemon] = {}
    yield started
    for daemon in started.values():
        daemon.close()


@pytest.fixture
async def url(
    workers: Workers,
    held_balancer: dict[str, Daemon],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """Return the origin of nginx before both servers."""
    if not held_balancer:
        one, two = (worker.port for worker in workers)
        folder = tmp_path_factory.mktemp("nginx")
        held_balancer["nginx"] = nginx(folder, one, two)
    return f"http://127.0.0.1:{held_balancer['nginx'].port}"


async def joined(workers: Workers) -> list[int]:
    """Return how many clients each server had."""
    return [len(await worker.joins()) for worker in workers]


@every_way
async def test_a_session_stays_with_its_server(
    url: str, workers: Workers, way: str
) -> None:
    async with connected(url, way, with_credentials=True) as client:
        await exchange(client)
        await exchange(client)
    assert sorted(await joined(workers)) == [0, 1]


@every_way
async def test_a_reconnection_comes_to_the_same_server(
    url: str, workers: Workers, way: str
) -> None:
    async with connected(url, way, with_credentials=True, **FAST) as client:
        for _ in range(3):
            again = asyncio.Event()
            client.once("connect", again.set)
            assert client.io.engine is not None
            for worker in workers:
                await worker.close_engines()
            await asyncio.wait_for(again.wait(), 6)
            await exchange(client)
    assert sorted(await joined(workers)) == [0, 4]


async def test_without_credentials_the_session_is_lost(url: str) -> None:
    errors: list[sioc.ConnectError] = []
    client = sioc.io(
        url,
        force_new=True,
        transports=["polling"],
        reconnection_attempts=1,
        reconnection_delay=0.02,
    )
    over = asyncio.Event()
    closed: list[Any] = []
    attempts: list[int] = []
    client.io.on("close", lambda reason, details: closed.append((reason, details)))
    client.io.on("reconnect_attempt", attempts.append)
    client.on("connect_error", errors.append)
    client.io.on("close", lambda *_: len(closed) >= 2 and over.set())
    await asyncio.wait_for(over.wait(), 8)
    await client.disconnect()
    await client.io.close()
    reason, details = closed[0]
    assert reason == "transport error"
    assert details.context["status"] == 400
    assert b"Session ID unknown" in details.context["body"]
    assert attempts[0] == 1  # a new session, after the delay


async def test_cookies_are_kept_only_if_asked(workers: Workers) -> None:
    one, _ = workers
    async with connected(one.url, "upgrade") as client:
        await exchange(client)
    assert not any("cookie" in r["headers"] for r in await one.requests())


async def test_cookies_go_beside_those_of_the_caller(workers: Workers) -> None:
    one, _ = workers
    headers = {"Cookie": "mine=1", "X-Own": "yes"}
    options = {"with_credentials": True, "extra_headers": headers}
    async with connected(one.url, "upgrade", **options) as client:
        await exchange(client)
    first, *others = await one.requests()
    assert first["headers"]["cookie"] == "mine=1"
    assert {r["headers"]["cookie"] for r in others} == {"mine=1; worker=one"}
    assert any("websocket" in r["url"] for r in others)
    assert headers == {"Cookie": "mine=1", "X-Own": "yes"}


@every_way
async def test_a_reconnection_is_like_the_connection(
    workers: Workers, way: str
) -> None:
    one, _ = workers
    given: dict[str, dict[str, Any]] = {
        "query": {"room": "a b"},
        "extra_headers": {"X-Token": "t"},
        "auth": {"user": {"name": "alice"}},
    }
    before = {name: dict(value) for name, value in given.items()}
    options = given | {"with_credentials": True} | FAST
    async with connected(one.url, way, **options) as client:
        again = asyncio.Event()
        client.once("connect", again.set)
        await one.close_engines()
        await asyncio.wait_for(again.wait(), 6)
        await exchange(client)
    first, second = await one.joins()
    assert first["auth"] == second["auth"] == {"user": {"name": "alice"}}
    assert first["query"]["room"] == second["query"]["room"] == "a b"
    opening = [r for r in await one.requests() if "sid=" not in r["url"]]
    assert [r["headers"]["x-token"] for r in opening] == ["t", "t"]
    assert [r["headers"].get("cookie") for r in opening] == [None, "worker=one"]
    assert given == before


@pytest.mark.parametrize("asynchronously", [False, True], ids=["plain", "async"])
async def test_functions_are_asked_at_each_attempt(
    workers: Workers, asynchronously: bool
) -> None:
    one, _ = workers
    counts = dict.fromkeys(("query", "extra_headers", "auth"), 0)

    def asking(name: str, key: str) -> Any:
        def ask() -> dict[str, str]:
            counts[name] += 1
            return {key: str(counts[name])}

        async def ask_later() -> dict[str, str]:
            await asyncio.sleep(0)
            return ask()

        return ask_later if asynchronously else ask

    options = FAST | {
        "query": asking("query", "n"),
        "extra_headers": asking("extra_headers", "X-N"),
        "auth": asking("auth", "n"),
    }
    async with connected(one.url, "websocket", **options) as client:
        again = asyncio.Event()
        client.once("connect", again.set)
        await one.close_engines()
        await asyncio.wait_for(again.wait(), 6)
    joins = await one.joins()
    assert [join["query"]["n"] for join in joins] == ["1", "2"]
    assert [join["headers"]["x-n"] for join in joins] == ["1", "2"]
    assert [join["auth"] for join in joins] == [{"n": "1"}, {"n": "2"}]


async def test_a_function_that_raises_fails_the_attempt(workers: Workers) -> None:
    def broken() -> dict[str, str]:
        raise KeyError("token")

    error = await refused(workers[0].url, "polling", extra_headers=broken)
    assert error.stage == "url"
    assert isinstance(error.__cause__, KeyError)
    assert await workers[0].requests() == []

"""Acknowledgements to the server: what a listener returns or calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from peers.barrier import round_trip
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer

Ack = Callable[..., Any]

RETURNED = [
    (None, []),
    (1, [1]),
    (0, [0]),
    (False, [False]),
    ("", [""]),
    ([], [[]]),
    ([1, 2], [[1, 2]]),
    ({"a": 1}, [{"a": 1}]),
    ((), []),
    ((None,), [None]),
    ((1, "two", None), [1, "two", None]),
    (b"bytes", [b"bytes"]),
    ((b"a", [b"b"]), [b"a", [b"b"]]),
]


@pytest.mark.parametrize(("returned", "expected"), RETURNED)
async def test_what_a_listener_returns_is_the_ack(
    js: JsServer, io: OpenSocket, returned: Any, expected: list[Any]
) -> None:
    socket = await io(js.url)
    socket.on("question", lambda: returned)
    assert await js.ask("question") == expected


@pytest.mark.parametrize(("returned", "expected"), RETURNED)
async def test_what_an_async_listener_returns_is_the_ack(
    js: JsServer, io: OpenSocket, returned: Any, expected: list[Any]
) -> None:
    socket = await io(js.url)

    @socket.on("question")
    async def answer() -> Any:
        await asyncio.sleep(0)
        return returned

    assert await js.ask("question") == expected


async def test_a_listener_gets_the_arguments_of_the_question(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    socket.on("add", lambda a, b: a + b)
    assert await js.ask("add", 40, 2) == [42]
    assert await js.ask("add", b"4", b"2") == [b"42"]


async def test_a_question_inside_an_ack_of_our_own(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    socket.on("add", lambda a, b: a + b)
    answer = await socket.emit_with_ack("ask", "add", [1, 2], 5000, timeout=5)
    assert answer == {"values": [3]}


async def test_an_ack_keeps_to_its_namespace(js: JsServer, io: OpenSocket) -> None:
    root, admin = await io(js.url), await io(js.url + "/admin")
    root.on("where", lambda: "root")
    admin.on("where", lambda: "admin")
    assert await js.ask("where") == ["root"]
    assert await js.ask("where", nsp="/admin") == ["admin"]


async def test_the_first_result_that_is_not_none_wins(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    for result in (None, "first", "second"):
        socket.on("question", lambda result=result: result)
    assert await js.ask("question") == ["first"]


async def test_an_async_result_wins_over_none(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)

    async def slow() -> str:
        await asyncio.sleep(0.01)
        return "slow"

    socket.on("question", lambda: None)
    socket.on("question", slow)
    assert await js.ask("question") == ["slow"]


async def test_the_empty_ack_waits_until_all_have_finished(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    started, finish = asyncio.Event(), asyncio.Event()

    @socket.on("question")
    async def slow() -> None:
        started.set()
        await finish.wait()

    socket.on("question", lambda: None)
    asked = asyncio.ensure_future(js.ask("question"))
    await asyncio.wait_for(started.wait(), 5)
    await round_trip(socket)
    await js.stats()  # an answer to the question would have come before this one
    assert not asked.done()
    finish.set()
    assert await asked == []


async def test_a_raising_listener_sends_no_ack(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io(js.url)

    @socket.on("question")
    def broken() -> None:
        raise RuntimeError("no answer")

    assert await js.ask("question", ms=50) is None
    assert len(loop_errors) == 1


async def test_a_raising_async_listener_sends_no_ack(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io(js.url)

    @socket.on("question")
    async def broken() -> None:
        raise RuntimeError("no answer")

    assert await js.ask("question", ms=50) is None
    assert len(loop_errors) == 1


async def test_without_a_listener_there_is_no_ack(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    assert await js.ask("question", ms=50) is None
    await round_trip(socket)


@pytest.mark.parametrize("values", [(), (1,), (1, b"two", None)])
async def test_an_ack_callable_sends_what_it_is_called_with(
    js: JsServer, io: OpenSocket, values: tuple[Any, ...]
) -> None:
    socket = await io(js.url)

    @socket.on("question", ack=True)
    def answer(number: int, ack: Ack) -> str:
        assert number == 7
        ack(*values)
        return "a return value does not count"

    assert await js.ask("question", 7) == list(values)


async def test_an_ack_callable_may_be_called_later(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    acks: list[Ack] = []
    socket.on("question", acks.append, ack=True)
    asked = asyncio.ensure_future(js.ask("question"))
    while not acks:
        await round_trip(socket)

    acks[0]("at last")
    assert await asked == ["at last"]


async def test_an_ack_callable_works_once(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)

    @socket.on("question", ack=True)
    def answer(ack: Ack) -> None:
        ack("first")
        ack("second")

    assert await js.ask("question") == ["first"]
    await round_trip(socket)
    assert socket.connected


async def test_the_ack_callable_is_none_when_no_ack_was_asked_for(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    calls: list[tuple[Any, ...]] = []
    socket.on("news", lambda *args: calls.append(args), ack=True)
    await js.emit("news", 1)
    await round_trip(socket)
    assert calls == [(1, None)]


async def test_a_listener_that_takes_nothing_gets_no_ack_callable(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    calls: list[str] = []
    socket.on("news", lambda: calls.append("called"), ack=True)
    await js.emit("news")
    await js.emit("news", 1)
    await round_trip(socket)
    assert calls == ["called", "called"]


async def test_an_async_listener_gets_the_ack_callable_too(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)

    @socket.on("question", ack=True)
    async def answer(ack: Ack) -> None:
        await asyncio.sleep(0)
        ack("from a task")

    assert await js.ask("question") == ["from a task"]


async def test_an_ack_after_its_connection_is_gone_does_nothing(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    acks: list[Ack] = []
    asked = asyncio.Event()

    @socket.on("question", ack=True)
    def keep(ack: Ack) -> None:
        acks.append(ack)
        asked.set()

    question = asyncio.ensure_future(js.ask("question", ms=400))
    await asyncio.wait_for(asked.wait(), 5)
    await socket.disconnect()
    acks[0]("while disconnected")
    await socket.connect()
    acks[0]("on the next connection")

    await round_trip(socket)
    assert await question is None


async def test_an_ack_refused_in_another_thread_can_still_be_sent(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    refused: list[str] = []

    @socket.on("question", ack=True)
    async def answer(ack: Ack) -> None:
        with pytest.raises(RuntimeError, match="call_soon_threadsafe") as raised:
            await asyncio.to_thread(ack, "there")
        refused.append(str(raised.value))
        ack("here")

    assert await js.ask("question") == ["here"]
    assert len(refused) == 1


async def test_an_ack_that_cannot_be_encoded_can_still_be_sent(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)

    @socket.on("question", ack=True)
    def answer(ack: Ack) -> None:
        with pytest.raises(TypeError):
            ack(object())
        ack("fallback")

    assert await js.ask("question") == ["fallback"]


async def test_after_a_result_that_cannot_be_encoded_the_next_is_the_ack(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io(js.url)
    socket.on("question", object)
    assert await js.ask("question", ms=50) is None
    socket.on("question", lambda: "good")
    assert await js.ask("question") == ["good"]
    assert len(loop_errors) == 2

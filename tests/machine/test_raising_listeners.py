"""What a listener raises, an exception of any kind, stays its own (G15)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection

Errors = list[dict[str, Any]]
Prepare = Callable[[sioc.Socket, Callable[..., None]], object]


class Stop(BaseException):
    """What some libraries raise so that no `except Exception` catches it."""


RAISED = [KeyError, Stop, GeneratorExit, asyncio.CancelledError]


def typed(socket: sioc.Socket, fail: Callable[..., None]) -> None:
    """Raise from the type that a listener wants its argument to be."""
    methods = {"__post_init__": fail}
    odd = msgspec.defstruct("Odd", [("value", int)], namespace=methods)
    socket.on("e", lambda odd: None, types=(odd,))


def later(socket: sioc.Socket, fail: Callable[..., None]) -> None:
    """Raise from a coroutine listener that has waited."""

    async def listener(*args: object) -> None:
        await asyncio.sleep(0)
        fail()

    socket.on("e", listener)


def in_callback(socket: sioc.Socket, fail: Callable[..., None]) -> None:
    """Ask, and raise from the ack callback."""
    socket.emit("question", ack=fail)


def in_outgoing(socket: sioc.Socket, fail: Callable[..., None]) -> None:
    """Raise from an outgoing catch-all."""
    socket.on_any_outgoing(fail)
    socket.emit("question")


PLACES: dict[str, Prepare] = {
    "a function": lambda socket, fail: socket.on("e", fail),
    "once": lambda socket, fail: socket.once("e", fail),
    "too few arguments": lambda socket, fail: socket.on("e", lambda a, *b: fail()),
    "a coroutine": later,
    "types": typed,
    "raw": lambda socket, fail: socket.on("e", fail, raw=True),
    "a catch-all": lambda socket, fail: socket.on_any(fail),
    "an outgoing catch-all": in_outgoing,
    "an ack callback": in_callback,
}


async def script(conn: RawConnection) -> None:
    """Send an event, answer the question that may come, send another event."""
    await conn.establish()
    conn.send_text('42["e",{"value":1}]', "430[]", '42["last"]')
    await conn.until_end()


@pytest.mark.parametrize("kind", RAISED)
@pytest.mark.parametrize("place", PLACES)
async def test_any_exception_harms_nothing(
    serve: Serve,
    io: OpenSocket,
    loop_errors: Errors,
    place: str,
    kind: type[BaseException],
) -> None:
    error = kind("of the test")
    socket = io((await serve(script)).url)
    seen: list[str] = []
    over = asyncio.Event()

    def fail(*args: object) -> None:
        if place != "a catch-all" or args[0] == "e":
            raise error

    def prepare() -> None:
        PLACES[place](socket, fail)
        socket.on("e", lambda *args: seen.append("next"))

    socket.on("connect", prepare)
    socket.on("last", over.set)
    await socket
    await asyncio.wait_for(over.wait(), 5)
    # A task raises in one turn of the loop; what is to happen then does in the next.
    for _ in range(3):
        await asyncio.sleep(0)
    assert seen == ["next"]
    assert socket.connected
    cancelled = place == "a coroutine" and kind is asyncio.CancelledError
    expected = [] if cancelled else [error]
    assert [context["exception"] for context in loop_errors] == expected
    assert socket.io.stats.listener_errors == len(expected)


@pytest.mark.parametrize("kind", RAISED)
async def test_the_type_of_an_only_argument_raises(
    serve: Serve, io: OpenSocket, loop_errors: Errors, kind: type[BaseException]
) -> None:
    error = kind("of the test")

    def check(odd: Any) -> None:
        if odd.value == 1:
            raise error

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(*(f'42["e",{{"value":{number}}}]' for number in range(3)))
        await conn.until_end()

    odd = msgspec.defstruct("Odd", [("value", int)], namespace={"__post_init__": check})
    socket = io((await serve(script)).url)
    values: list[int] = []
    over = asyncio.Event()

    def listener(odd: Any) -> None:
        values.append(odd.value)
        if odd.value == 2:
            over.set()

    socket.on("e", listener, types=odd)
    await asyncio.wait_for(over.wait(), 5)
    assert values == [0, 2]
    assert socket.connected
    assert [context["exception"] for context in loop_errors] == [error]
    assert socket.io.stats.listener_errors == 1


@pytest.mark.parametrize("kind", RAISED)
async def test_on_exception_that_raises_is_reported_to_the_loop(
    serve: Serve, io: OpenSocket, loop_errors: Errors, kind: type[BaseException]
) -> None:
    error = kind("of the test")

    def fail() -> None:
        raise KeyError("of the listener")

    def on_exception(exception: BaseException, context: dict[str, Any]) -> None:
        raise error

    socket = io((await serve(script)).url, on_exception=on_exception)
    over = asyncio.Event()
    socket.on("e", fail).on("last", over.set)
    await socket
    await asyncio.wait_for(over.wait(), 5)
    assert socket.connected
    (context,) = loop_errors
    assert context["message"] == "on_exception raised"
    assert context["exception"] is error
    # What it was told of is not lost.
    assert isinstance(error.__context__, KeyError)


@pytest.mark.parametrize("kind", RAISED)
async def test_a_hook_that_raises_harms_nothing(
    serve: Serve, io: OpenSocket, loop_errors: Errors, kind: type[BaseException]
) -> None:
    error = kind("of the test")

    class Broken(sioc.Hooks):
        def packet_in(self, manager: sioc.Manager, packet: sioc.PacketInfo) -> None:
            raise error

    socket = io((await serve(script)).url, hooks=Broken())
    over = asyncio.Event()
    socket.on("last", over.set)
    await socket
    await asyncio.wait_for(over.wait(), 5)
    assert socket.connected
    assert {context["message"] for context in loop_errors} == {
        "the hook packet_in raised"
    }


@pytest.mark.parametrize("kind", RAISED)
@pytest.mark.parametrize("option", ["auth", "query", "extra_headers"])
async def test_a_function_as_an_option_that_raises_is_a_connect_error(
    serve: Serve, io: OpenSocket, option: str, kind: type[BaseException]
) -> None:
    """Waiting for the connection must not take for ever."""
    error = kind("of the test")

    def fail() -> None:
        raise error

    async def opened(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.until_end()

    peer = await serve(opened)
    options = {option: fail, "reconnection": False}
    with pytest.raises(sioc.ConnectError) as raised:
        await asyncio.wait_for(io(peer.url, **options).wait_connected(), 5)
    cause = raised.value.__cause__
    assert cause is error or (cause is not None and cause.__cause__ is error)

"""The blocking façade."""

from typing import Any

import msgspec
from typing_extensions import assert_type

import sioc


class Tick(msgspec.Struct):
    price: float


def block() -> None:
    with sioc.sync.io("http://localhost", reconnection=False) as socket:
        assert_type(socket, sioc.sync.Socket)
        socket.emit("hello", "world")
        assert_type(socket.call("question", 42, timeout=5), Any)
        assert_type(socket.wait_connected(timeout=1), sioc.sync.Socket)
        assert_type(socket.wait_closed(), str)
        for event in socket.events(timeout=5):
            assert_type(event, sioc.Event)
        with socket.events("tick", types=Tick) as ticks:
            assert_type(ticks, sioc.sync.Stream[Tick])
            assert_type(next(ticks).data, Tick)
        assert_type(socket.wait_for("tick", types=Tick).data, Tick)
        assert_type(socket.on("tick", print, types=Tick), sioc.sync.Socket)
        assert_type(socket.stats, sioc.Stats)
        assert_type(socket.socket, sioc.Socket)


def listen(socket: sioc.sync.Socket) -> None:
    @socket.on("add", concurrency=1)
    def add(a: int, b: int) -> int:
        return a + b

    assert_type(add(1, 2), int)


def refuse(socket: sioc.sync.Socket) -> None:
    socket.on("add", type=int)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    sioc.sync.io("http://localhost", reconection=False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

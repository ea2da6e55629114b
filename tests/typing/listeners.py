"""Registering listeners on a Socket: as a decorator, directly, with options."""

from collections.abc import Callable

import msgspec
from typing_extensions import assert_type

import sioc


class Tick(msgspec.Struct):
    price: float


class Chart:
    def draw(self, tick: Tick) -> None: ...


def watch(socket: sioc.Socket) -> None:
    @socket.on("news")
    def news(item: str) -> int:
        return len(item)

    @socket.once("welcome")
    async def welcome(name: str, *rest: object) -> tuple[str, int]:
        return name, len(rest)

    @socket.on("question", ack=True, concurrency=4)
    async def question(text: str, answer: Callable[..., None] | None) -> None:
        if answer is not None:
            answer(text, 42)

    @socket.on("tick", types=Tick)
    @socket.on("tock", types=(Tick, int | None))
    def tick(tick: Tick) -> None: ...

    # A decorated function is still what it was.
    assert_type(news("a"), int)
    tick(Tick(1.0))
    news(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    async def call() -> None:
        assert_type(await welcome("a", 1), tuple[str, int])
        assert_type(await question("a", None), None)


def decorate(socket: sioc.Socket, fn: Callable[[str, int], bytes]) -> None:
    assert_type(socket.on("news")(fn), Callable[[str, int], bytes])
    assert_type(socket.once("news")(fn), Callable[[str, int], bytes])
    assert_type(socket.on("news", raw=True)(fn), Callable[[str, int], bytes])


def chain(socket: sioc.Socket, chart: Chart) -> None:
    assert_type(socket.on("tick", chart.draw, types=Tick), sioc.Socket)
    assert_type(socket.once("news", print, concurrency=1), sioc.Socket)
    assert_type(socket.on("raw", print, raw=True).off("raw", print), sioc.Socket)
    assert_type(socket.off("news").off(), sioc.Socket)
    assert_type(socket.listeners("news"), list[Callable[..., object]])
    assert_type(socket.has_listeners("news"), bool)


def catch_all(socket: sioc.Socket) -> None:
    def log(event: str, *args: object) -> None: ...

    assert_type(socket.on_any(log).prepend_any(log).off_any(log), sioc.Socket)
    assert_type(socket.on_any_outgoing(log).off_any_outgoing(), sioc.Socket)
    assert_type(socket.prepend_any_outgoing(log), sioc.Socket)
    assert_type(socket.listeners_any(), list[Callable[..., object]])
    assert_type(socket.listeners_any_outgoing(), list[Callable[..., object]])


def refuse(socket: sioc.Socket) -> None:
    socket.on(1, print)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    socket.on("news", 1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    socket.on("news", concurency=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    socket.on("news", concurrency="1")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    socket.once("news", print, True)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    socket.connected = True  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

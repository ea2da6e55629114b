"""Events taken one by one: streams and wait_for()."""

from typing import Any

import msgspec
from typing_extensions import assert_type

import sioc


class Tick(msgspec.Struct):
    price: float


async def take(socket: sioc.Socket) -> None:
    async with socket.stream("tick", "tock", maxsize=10, overflow="error") as events:
        assert_type(events, sioc.Stream)
        assert_type(events.dropped, int)
        async for event in events:
            assert_type(event, sioc.Event)
            assert_type(event.name, str)
            assert_type(event.args, tuple[Any, ...])
            assert_type(event.data, Any)
            event.ack("done", 1)
    assert_type(await anext(socket.stream("tick")), sioc.Event)
    assert_type(await anext(socket.stream()), sioc.Event)
    typed = socket.stream("tick", types=Tick)
    assert_type(typed, sioc.Stream[Tick])
    async for event in typed:
        assert_type(event.data, Tick)
    assert_type((await socket.wait_for("tick", types=Tick)).data, Tick)
    assert_type((await socket.wait_for("tick", types=(int, Tick))).data, Any)
    assert_type(await socket.wait_for("tick", timeout=3), sioc.Event)


def refuse(socket: sioc.Socket) -> None:
    socket.stream("a", overflow="drop")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    socket.stream(1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]

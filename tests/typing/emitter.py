"""The event emitter alone, and as a base class."""

from collections.abc import Callable

from typing_extensions import assert_type

import sioc


class Sensor(sioc.EventEmitter):
    """A subclass with a constructor of its own."""

    def __init__(self, name: str, *, rate: float = 1.0) -> None:
        self.name = name
        self.rate = rate


def use(fn: Callable[[int], str]) -> None:
    sensor = Sensor("outdoor", rate=2)
    assert_type(sensor.on("value", fn), Sensor)
    assert_type(sensor.once("value", fn).off("value", fn).off(), Sensor)
    assert_type(sensor.on("value")(fn), Callable[[int], str])
    assert_type(sensor.once("value")(fn), Callable[[int], str])
    assert_type(sensor.listeners("value"), list[Callable[..., object]])
    assert_type(sensor.has_listeners("value"), bool)
    sensor.emit("value", 1)

    emitter = sioc.EventEmitter()
    assert_type(emitter.on("value", fn), sioc.EventEmitter)

    @emitter.on("value")
    async def listener(value: int) -> str:
        return str(value)

    async def call() -> None:
        assert_type(await listener(1), str)

    # These are a Socket's alone.
    emitter.on("value", fn, types=int)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    emitter.on("value", "fn")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    emitter.emit(b"value")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def observe(manager: sioc.Manager) -> None:
    @manager.on("close")
    def close(reason: str, details: sioc.DisconnectDetails | None) -> None:
        if details is not None:
            assert_type(details.description, str)
            print(details.context.get("code"))

    assert_type(manager.on("ping", print), sioc.Manager)
    if manager.engine is not None:
        manager.engine.once("handshake", print).emit("flush")
    close("transport close", None)

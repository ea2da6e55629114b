"""Emitting events: acks, modifiers, prepared events, what waits to be sent."""

from typing import Any

from typing_extensions import assert_type

import sioc


async def emit(socket: sioc.Socket) -> None:
    socket.emit("hello")
    socket.emit("hello", "world", {"binary": b"\x00"}, [1, None], memoryview(b"a"))
    socket.send("text", 1)
    socket.emit("question", 42, ack=print)
    socket.send("text", ack=on_answer)
    assert_type(await socket.emit_with_ack("question", 42), Any)
    assert_type(await socket.emit_with_ack("question", timeout=5), Any)
    count: int = await socket.emit_with_ack("count", timeout=0.5)
    print(count)


def on_answer(error: Exception | None, *answer: object) -> None: ...


async def modify(socket: sioc.Socket) -> None:
    socket.volatile.emit("position", 1.5)
    socket.timeout(5).volatile.compress(False).emit("position", 1.5, ack=on_answer)
    socket.compress(True).timeout(0.5).send("text", ack=on_answer)
    assert_type(await socket.volatile.timeout(1).emit_with_ack("question"), Any)
    socket.timeout(3).emit_prepared(sioc.prepare("tick"))


async def prepare(socket: sioc.Socket) -> None:
    prepared = sioc.prepare("tick", 1, b"binary")
    assert_type(prepared, sioc.Prepared)
    assert_type(prepared.event, str)
    assert_type(prepared.args, tuple[Any, ...])
    socket.emit_prepared(prepared)


async def flow(socket: sioc.Socket) -> None:
    await socket.drain()
    assert_type(socket.buffered_amount, int)
    assert_type(socket.acks_pending, int)


def refuse(socket: sioc.Socket) -> None:
    socket.emit(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    socket.emit("a", ack=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    socket.emit("a", timeout=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    socket.emit_prepared("a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    socket.timeout("5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    socket.timeout(5).on("a", print)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

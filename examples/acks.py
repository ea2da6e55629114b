"""Acknowledgements: of the server, of ours, and what happens when none comes.

A server to try it with:  python -m sioc.testing --port 3000
"""

import asyncio
import sys
from collections.abc import Callable

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"


async def ask_the_server(socket: sioc.Socket) -> None:
    # Awaited: None for an empty ack, the one argument, or a tuple of several.
    print("one:", await socket.emit_with_ack("ack", "a"))
    print("several:", await socket.emit_with_ack("ack", 1, 2, 3))

    # With a callback: no waiting, the answer comes when it comes.
    def on_answer(answer: object) -> None:
        print("callback:", answer)

    socket.emit("ack", "b", ack=on_answer)

    # With a timeout, a callback gets an error, or None, as its first argument.
    def on_result(error: Exception | None, answer: object = None) -> None:
        print("callback with timeout:", error, answer)

    socket.timeout(5).emit("ack", "c", ack=on_result)

    # This peer answers half a second late from now on.
    socket.emit("delay", 0.5)
    try:
        await socket.emit_with_ack("ack", "d", timeout=0.1)
    except sioc.AckTimeoutError as error:
        print("too late:", error)


async def answer_the_server(socket: sioc.Socket) -> None:
    # What a listener returns is the acknowledgement, if the server asked for one.
    @socket.on("add")
    def add(a: int, b: int) -> int:
        return a + b

    # A coroutine's result is, too: the ack is sent when it has finished.
    @socket.on("slow")
    async def slow(seconds: float) -> tuple[str, float]:
        await asyncio.sleep(seconds)
        return "slept", seconds  # a tuple: two arguments

    # Or take the ack as a function, and call it whenever you like.
    @socket.on("later", ack=True)
    def later(text: str, ack: Callable[..., None] | None) -> None:
        if ack is not None:  # None: the server asked for no ack
            asyncio.get_running_loop().call_later(0.05, ack, text.upper())

    for question in (["add", 40, 2], ["slow", 0.05], ["later", "hi"]):
        socket.emit("ask", *question)  # has the peer ask us
        answered = await socket.wait_for("answered", timeout=5)
        print("the server got", answered.args, "for", question)


async def main() -> None:
    async with sioc.io(URL) as socket:
        await answer_the_server(socket)
        await ask_the_server(socket)


sioc.run(main())

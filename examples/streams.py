"""Streams: events as an async iterator, instead of listeners.

A server to try it with:  python -m sioc.testing --port 3000
"""

import asyncio
import sys

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"


async def main() -> None:
    async with sioc.io(URL) as socket:
        # It listens from the moment it is made, so nothing can be missed.
        async with socket.stream("tick", "flood:done") as events:
            socket.emit("flood", 3, "tick", {"price": 101})  # the peer sends 3 ticks
            async for event in events:
                print(event.name, event.data)
                if event.name == "flood:done":
                    break

        # A stream holds at most maxsize events; here the newest 10 of 1,000 win.
        async with socket.stream("tick", maxsize=10) as latest:
            socket.emit("flood", 1000, "tick", "x")
            await socket.wait_for("flood:done", timeout=5)
            print("dropped", latest.dropped)

        # One event only.
        asyncio.get_running_loop().call_later(0.05, socket.emit, "echo", "later")
        event = await socket.wait_for("echo", timeout=5)
        print("one event:", event.data)

        # An event that the server wants acknowledged can be answered from here.
        async with socket.stream("question") as questions:
            socket.emit("ask", "question", 6, 7)
            question = await anext(questions)
            question.ack(question.args[0] * question.args[1])
            answered = await socket.wait_for("answered", timeout=5)
            print("the server got", answered.data)


sioc.run(main())

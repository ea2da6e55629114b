"""Connect, listen, emit, ask.

A server to try it with:  python -m sioc.testing --port 3000
"""

import sys

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"


async def main() -> None:
    # Entering connects, leaving sends what is still to be sent and disconnects.
    async with sioc.io(URL) as socket:
        print("connected, my id is", socket.id)

        @socket.on("echo")
        def echo(text: str, number: int) -> None:
            print("the server sent echo:", text, number)

        # Fire and forget. Arguments are whatever JSON can hold, and bytes.
        socket.emit("echo", "hello", 42)

        # Ask, and wait for the server's acknowledgement.
        answer = await socket.emit_with_ack("ack", {"user": "ada"}, timeout=5)
        print("the server acknowledged with", answer)


sioc.run(main())

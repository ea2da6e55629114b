"""Connect to a URL with sioc and print what happens."""

import json
import sys

import sioc


def tell(*what):
    print(json.dumps(what), flush=True)


async def main(url, transport):
    socket = sioc.io(
        url, transports=(transport,), reconnection=False, timeout=1.0, force_new=True
    )
    for event in "before", "e", "half", "behind":
        socket.on(event, lambda *_, event=event: tell(event))
    socket.on("disconnect", lambda reason, *_: tell("disconnect", reason))
    try:
        await socket.wait_connected(2)
        tell("connected")
    except Exception as error:
        tell("refused", type(error).__name__)
        await socket.disconnect()
        return
    await socket.wait_closed()


sioc.run(main(*sys.argv[1:]))

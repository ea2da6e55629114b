"""Connect to a URL with python-socketio and print what happens."""

import asyncio
import json
import sys

import socketio


def tell(*what):
    print(json.dumps(what), flush=True)


async def main(url, transport):
    client = socketio.AsyncClient(reconnection=False, request_timeout=1)
    for event in "before", "e", "half", "behind":
        client.on(event, lambda *_, event=event: tell(event))
    client.on("disconnect", lambda reason: tell("disconnect", reason))
    try:
        await client.connect(url, transports=[transport], wait_timeout=1)
        tell("connected")
    except Exception as error:
        tell("refused", type(error).__name__)
        return
    await client.wait()


asyncio.run(main(*sys.argv[1:]))

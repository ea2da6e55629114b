"""Authentication: a fresh token for every connection, and a refusal.

A server to try it with:  python -m sioc.testing --port 3000
"""

import asyncio
import itertools
import sys

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"
numbers = itertools.count(1)


async def credentials() -> dict[str, str]:
    """Return what CONNECT carries; asked before each connection, also the next ones."""
    await asyncio.sleep(0.01)  # such as a request to your identity provider
    token = f"token-{next(numbers)}"
    print("connecting with", token)
    return {"token": token}


async def main() -> None:
    # In a server's middleware this is socket.handshake.auth.
    async with sioc.io(f"{URL}/members", auth=credentials) as members:
        print("welcome,", members.id)

        # Out and in again: the function is asked again.
        members.disconnect()
        await members.connect()

    # A server may refuse. That is an answer, not a failure: nobody tries again.
    refused = sioc.io(f"{URL}/refused", auth={"token": "stale"})
    try:
        await refused
    except sioc.ConnectError as error:
        print("refused:", error.message, error.data)
    print("still trying:", refused.active)

    # With better credentials, connect() asks once more.
    refused.auth = {"token": "fresh"}
    try:
        await refused.connect()
    except sioc.ConnectError as error:
        print("refused again:", error.message)

    # Its connection closes by itself; this waits until it is closed.
    await refused.disconnect()


sioc.run(main())

"""A web service in front of a Socket.IO server: FastAPI, one shared connection.

    python examples/fastapi_relay.py http://localhost:3000 8000
    curl http://localhost:8000/ask/question
    curl http://localhost:8000/events/tick

It needs `pip install fastapi uvicorn`. A server to try it with:

    python -m sioc.testing --port 3000
"""

import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 8000

socket = sioc.io(URL, auto_connect=False)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    # Not awaited: the service starts, and reconnects, without its upstream.
    socket.connect()
    yield
    await socket.disconnect()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
def health() -> dict[str, Any]:
    stats = msgspec.to_builtins(socket.io.stats)
    return {"connected": socket.connected, "stats": stats}


@app.get("/ask/{event}")
async def ask(event: str, value: int = 42) -> dict[str, Any]:
    """Relay a question, and the acknowledgement back."""
    try:
        return {"answer": await socket.emit_with_ack(event, value, timeout=2)}
    except (sioc.AckTimeoutError, sioc.DisconnectedError) as error:
        raise HTTPException(504, str(error)) from error
    except sioc.ReservedEventError as error:
        raise HTTPException(400, str(error)) from error


@app.get("/events/{event}")
async def events(event: str, count: int = 3) -> StreamingResponse:
    """Relay events as server-sent events; a slow reader gets the newest."""

    async def relay() -> AsyncIterator[bytes]:
        async with socket.stream(event, maxsize=100) as stream:
            socket.emit("flood", count, event, {"price": 101})  # this peer's way
            for _ in range(count):
                data = (await anext(stream)).data
                yield b"data: " + msgspec.json.encode(data) + b"\n\n"

    return StreamingResponse(relay(), media_type="text/event-stream")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")

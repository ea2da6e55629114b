"""Typed events: decoded straight into your own types, checked on the way.

A server to try it with:  python -m sioc.testing --port 3000
"""

import sys
from typing import Any

import msgspec

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"


class Tick(msgspec.Struct):
    symbol: str
    bid: float
    ask: float
    tags: list[str] = []


def on_exception(error: BaseException, context: dict[str, Any]) -> None:
    """Take what listeners raise, and what does not fit their types."""
    print(f"not delivered to {context['listener'].__name__}: {error}")


async def main() -> None:
    async with sioc.io(URL, on_exception=on_exception) as socket:

        @socket.on("echo", types=Tick)
        def on_tick(tick: Tick) -> None:
            print(f"{tick.symbol}: spread {tick.ask - tick.bid:.5f}, tags {tick.tags}")

        # A Struct can be emitted, too. Fields without a value get their defaults.
        socket.emit("echo", Tick("EURUSD", 1.08541, 1.08544, ["fx"]))
        socket.emit("echo", {"symbol": "XAUUSD", "bid": 2034.1, "ask": 2034.4})

        # Does not fit: reported, not delivered to that listener.
        socket.emit("echo", {"symbol": "EURUSD", "bid": "high"})

        # Several arguments: a tuple of types.
        @socket.once("question", types=(int, list[Tick]))
        def on_question(number: int, ticks: list[Tick]) -> str:
            return f"{number}: {ticks[0].symbol}"

        socket.emit("ask", "question", 7, [{"symbol": "DAX", "bid": 1, "ask": 2}])
        print("answered", (await socket.wait_for("answered", timeout=5)).data)


sioc.run(main())

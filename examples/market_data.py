"""A market-data bot: typed ticks, the newest ones when it cannot keep up.

A server to try it with:  python -m sioc.testing --port 3000
"""

import asyncio
import sys
from collections import deque

import msgspec

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"


class Tick(msgspec.Struct):
    symbol: str
    bid: float
    ask: float

    @property
    def mid(self) -> float:
        return (self.bid + self.ask) / 2


class Average:
    """A moving average of the last prices."""

    def __init__(self, size: int) -> None:
        self._prices: deque[float] = deque(maxlen=size)

    def add(self, price: float) -> float:
        self._prices.append(price)
        return sum(self._prices) / len(self._prices)


async def trade(ticks: sioc.Stream[Tick]) -> int:
    """Take ticks as fast as they come, act on some of them, and count them."""
    averages: dict[str, Average] = {}
    taken = 0
    async for event in ticks:
        tick = event.data
        average = averages.setdefault(tick.symbol, Average(20)).add(tick.mid)
        taken += 1
        if taken % 500 == 0:
            print(f"{tick.symbol} {tick.mid:.3f}, average {average:.3f}")
            await asyncio.sleep(0.01)  # such as an order: more ticks come meanwhile
    return taken


async def main() -> None:
    async with sioc.io(URL) as socket:
        # An old price is worth nothing: what does not fit drops the oldest.
        ticks = socket.stream("tick", maxsize=1000, types=Tick)
        trading = asyncio.create_task(trade(ticks))

        # Subscribe; this peer sends 2,000 ticks and says when it is done.
        async with socket.stream("flood:done") as done:
            quote = Tick("EURUSD", bid=1.08541, ask=1.08544)
            socket.emit("flood", 2000, "tick", quote)
            await anext(done)

        ticks.end()  # no more of them; what waits is still taken
        print("took", await trading, "ticks, dropped", ticks.dropped)


sioc.run(main())

"""The payloads every contender sends and receives.

Each payload is a series of `VARIANTS` different values of one shape: the same value
over and over would let the branch predictor learn the text by heart. The series is
drawn from a fixed seed, so every run and every contender sees the same values.
"""

import random
from collections.abc import Callable
from typing import Any

VARIANTS = 50
EVENT = "tick"
"""The name of the measured event, whatever its payload."""

BLOB_SIZES = {"1 kB": 1024, "64 kB": 64 * 1024, "1 MB": 1024 * 1024}


def small(rng: random.Random) -> int:
    return rng.randrange(1_000_000)


def tick(rng: random.Random) -> dict[str, Any]:
    # Halves and quarters survive every JSON writer, and none of the floats is whole:
    # JavaScript would write 1.0 as 1, and the texts would differ in length.
    bid = rng.randrange(60_000, 70_000) + 0.25
    return {
        "symbol": rng.choice(("BTC-USD", "ETH-USD", "SOL-USD")),
        "bid": bid,
        "ask": bid + 0.5,
        "last": bid + 0.25,
        "volume": rng.randrange(100, 10_000) + 0.75,
        "time": 1_700_000_000_000 + rng.randrange(10**9),
        "seq": rng.randrange(1_000_000, 10_000_000),
        "live": rng.random() < 0.5,
    }


def doc(rng: random.Random) -> dict[str, Any]:
    return {
        "id": f"{rng.getrandbits(128):032x}",
        "created": "2024-03-01T12:30:45.123Z",
        "customer": {
            "id": rng.randrange(10**6),
            "name": rng.choice(("Ada Lovelace", "Kurt Gödel", "Emmy Noether")),
            "email": "customer@example.com",
            "verified": True,
            "referrer": None,
            "address": {
                "street": f"{rng.randrange(1, 300)} Long Meadow Road",
                "city": rng.choice(("Zürich", "Oslo", "Lisbon")),
                "location": [
                    rng.randrange(40, 60) + 0.125,
                    rng.randrange(1, 20) + 0.375,
                ],
            },
        },
        "items": [order_line(rng) for _ in range(6)],
        "note": 'Ring twice, then "knock".\nLeave it with the neighbour otherwise.',
        "total": rng.randrange(100, 10_000) + 0.25,
        "paid": rng.random() < 0.5,
    }


def order_line(rng: random.Random) -> dict[str, Any]:
    return {
        "sku": f"{rng.getrandbits(32):08x}",
        "title": rng.choice(("Notebook, ruled", "Fountain pen", "Blotting paper")),
        "quantity": rng.randrange(1, 20),
        "price": rng.randrange(1, 200) + 0.5,
        "tags": ["paper", "office"],
    }


SHAPES: dict[str, Callable[[random.Random], Any]] = {
    "small": small,
    "tick": tick,
    "doc": doc,
}


def series(name: str) -> list[Any]:
    """Return the `VARIANTS` values of the payload called name, always the same."""
    rng = random.Random(name)
    return [SHAPES[name](rng) for _ in range(VARIANTS)]


def blob(size: int) -> bytes:
    """Return size bytes that no compression would shrink, always the same."""
    return random.Random(size).randbytes(size)

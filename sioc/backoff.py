"""The delays between attempts to reconnect: they double, and they spread.

The delay of attempt n (from 0) is `min(maximum, minimum * 2**n)`, times a random factor
from `1 - jitter` to `1 + jitter`.

This differs from the reference client on purpose. There the cap comes after the jitter,
so from the fifth attempt on every client of a fleet waits exactly the maximum, and all
of them come back in the same instant. Here the jitter comes after the cap, so a
delay may be longer than the maximum, by `jitter` times it at most.
"""

from __future__ import annotations

import random as _random
from collections.abc import Callable

import msgspec

__all__ = ["Backoff"]

# Doubling is over long before: the exponent only has to stay finite (behaviour 3.6.4).
_MAX_EXPONENT = 62


class Backoff(msgspec.Struct, gc=False):
    """Counts attempts and says how long to wait before the next one.

    Attributes:
        minimum: Seconds before the first attempt, before jitter; not negative.
        maximum: Seconds that doubling stops at, before jitter; not negative; wins where
            it is below the minimum.
        jitter: Share of a delay, from 0 to 1, that chance may add or take.
        random: Source of numbers from 0 up to, not including, 1.
        attempts: Delays handed out since the last reset.
    """

    minimum: float = 1.0
    maximum: float = 5.0
    jitter: float = 0.5
    random: Callable[[], float] = _random.random
    attempts: int = 0

    def __repr__(self) -> str:
        return (
            f"Backoff({self.minimum}, {self.maximum}, {self.jitter}, "
            f"attempts={self.attempts})"
        )

    def duration(self) -> float:
        """Count one attempt and return the seconds to wait before it."""
        doubled = self.minimum * 2.0 ** min(self.attempts, _MAX_EXPONENT)
        self.attempts += 1
        delay = min(self.maximum, doubled)
        return delay * (1.0 + self.jitter * (2.0 * self.random() - 1.0))

    def reset(self) -> None:
        """Start again from the first attempt."""
        self.attempts = 0

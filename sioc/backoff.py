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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Backoff"]

# Doubling is over long before: the exponent only has to stay finite (behaviour 3.6.4).
_MAX_EXPONENT = 62


class Backoff:
    """Counts attempts and says how long to wait before the next one.

    Attributes:
        minimum: Seconds before the first attempt, before jitter.
        maximum: Seconds that doubling stops at, before jitter.
        jitter: Share of a delay, from 0 to 1, that chance may add or take.
        attempts: Delays handed out since the last reset.
    """

    __slots__ = ("_random", "attempts", "jitter", "maximum", "minimum")

    def __init__(
        self,
        minimum: float = 1.0,
        maximum: float = 5.0,
        jitter: float = 0.5,
        random: Callable[[], float] = _random.random,
    ) -> None:
        """Start counting.

        Args:
            minimum: Seconds, not negative.
            maximum: Seconds, not negative; wins where it is below the minimum.
            jitter: From 0 to 1.
            random: Source of numbers from 0 up to, not including, 1.
        """
        self.minimum: float = minimum
        self.maximum: float = maximum
        self.jitter: float = jitter
        self.attempts: int = 0
        self._random = random

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
        return delay * (1.0 + self.jitter * (2.0 * self._random() - 1.0))

    def reset(self) -> None:
        """Start again from the first attempt."""
        self.attempts = 0

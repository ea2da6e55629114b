"""How much a test does: little by default, a lot under `make long`."""

from __future__ import annotations

import os

SHARE = float(os.environ.get("SIOC_LONG") or 0)

# Whether all of a long run is done, so that even a slow growth would show.
WHOLE = SHARE >= 1


def effort(short: int, long: int) -> int:
    """Return the first number, or the second one times SIOC_LONG of the environment."""
    return max(short, round(long * SHARE))

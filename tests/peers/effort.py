"""How much a test does: little by default, a lot under `make long`."""

from __future__ import annotations

import os


def effort(short: int, long: int) -> int:
    """Return the first number, or the second one times SIOC_LONG of the environment."""
    return max(short, round(long * float(os.environ.get("SIOC_LONG") or 0)))

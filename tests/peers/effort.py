"""How much a test does: little by default, a lot under `make long`."""

from __future__ import annotations

import os


def effort(short: int, long: int) -> int:
    """Return the first number, or the second one with SIOC_LONG in the environment."""
    return long if os.environ.get("SIOC_LONG") else short

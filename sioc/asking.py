"""Options that may be functions: asking them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any


async def value_of(value: Any) -> Any:
    """Return an option's value, asking the function or coroutine function it may be."""
    if callable(value):
        value = value()
        if isinstance(value, Awaitable):
            value = await value
    return value

"""Options that may be functions: asking them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable
from typing import Any


async def value_of(value: Any) -> Any:
    """Return an option's value, asking the function or coroutine function it may be.

    Raises:
        RuntimeError: The function, or what it waits for, was cancelled, but not this
            task.
    """
    if not callable(value):
        return value
    waits = False
    try:
        answer = value()
        if not isinstance(answer, Awaitable):
            return answer
        waits = True
        return await answer
    except asyncio.CancelledError as error:
        # A task that waits for nothing is not told that it is cancelled.
        if waits and is_cancelled():
            raise
        raise RuntimeError("it, or what it waits for, was cancelled") from error


def is_cancelled() -> bool:
    """Tell whether somebody cancels this task; CPython 3.10 cannot tell."""
    task = asyncio.current_task()
    return task is None or sys.version_info < (3, 11) or task.cancelling() > 0

"""An event loop that stands still: nothing scheduled on it ever runs.

The compiled flow is driven by hand, so that an input always takes the same way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class StillLoop:
    """What the compiled modules and picows ask of a loop."""

    def __init__(self) -> None:
        self.errors: list[dict[str, Any]] = []

    def time(self) -> float:
        """Return the same time whenever asked."""
        return 1000.0

    def get_debug(self) -> bool:
        """Tell futures not to record where they were made."""
        return False

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future of this loop."""
        return asyncio.Future(loop=self)  # type: ignore[arg-type]

    def call_soon(self, fn: Callable[..., object], *args: Any, **kwargs: Any) -> Any:
        """Forget a callback."""
        return asyncio.Handle(fn, args, self)  # type: ignore[arg-type]

    def call_later(
        self, delay: float, fn: Callable[..., object], *args: Any, **kwargs: Any
    ) -> Any:
        """Forget a timer."""
        return asyncio.Handle(fn, args, self)  # type: ignore[arg-type]

    def call_at(
        self, when: float, fn: Callable[..., object], *args: Any, **kwargs: Any
    ) -> Any:
        """Forget a timer."""
        return asyncio.Handle(fn, args, self)  # type: ignore[arg-type]

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Note an error that reached the loop; there must be none."""
        self.errors.append(context)


@contextmanager
def standing_still(loop: StillLoop | None = None) -> Iterator[StillLoop]:
    """Make such a loop the running one; None: a new one."""
    before = asyncio._get_running_loop()
    loop = loop or StillLoop()
    asyncio._set_running_loop(loop)  # type: ignore[arg-type]
    try:
        yield loop
    finally:
        asyncio._set_running_loop(before)
    errors, loop.errors = loop.errors, []
    assert not errors, errors

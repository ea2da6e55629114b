"""What can be awaited without a task of its own."""

from __future__ import annotations

from collections.abc import Collection, Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sioc._buffer import Outlet
    from sioc.engine import Engine


class Closing:
    """What close() and disconnect() return: they act at once, this is their end.

    Nobody has to await it.

    Args:
        engines: Sessions to wait for until nothing of them is open.
        outlet: Of a connection that stays: wait until it has sent everything.
    """

    __slots__ = ("_engines", "_outlet")

    def __init__(
        self, engines: Collection[Engine], outlet: Outlet | None = None
    ) -> None:
        self._engines = tuple(engines)
        self._outlet = outlet

    def __await__(self) -> Generator[Any, None, None]:
        return self._wait().__await__()

    async def _wait(self) -> None:
        for engine in self._engines:
            await engine.wait_ended()
        if self._outlet is not None:
            # Every outlet has it; their base declares what compiled code calls.
            await self._outlet.flushed()  # type: ignore[attr-defined]

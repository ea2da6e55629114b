"""What can be awaited without a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from sioc._outlet import Outlet
    from sioc.engine import Engine


class Closing:
    """What close() and disconnect() return: they act at once, this is their end.

    Nobody has to await it.

    Args:
        timeout: Seconds that any of it may take.
        engines: Sessions to wait for until nothing of them is open.
        outlet: Of a connection that stays: wait until it has sent everything.
    """

    __slots__ = ("_engines", "_outlet", "_timeout")

    def __init__(
        self,
        timeout: float,
        engines: Collection[Engine] = (),
        outlet: Outlet | None = None,
    ) -> None:
        self._timeout = timeout
        self._engines = tuple(engines)
        self._outlet = outlet

    def __await__(self) -> Generator[Any, None, None]:
        return self._wait().__await__()

    async def _wait(self) -> None:
        if self._engines:
            ends = [engine._end_future() for engine in self._engines]
            await asyncio.wait(ends, timeout=self._timeout)
        if self._outlet is not None:
            # Every outlet has it; their base declares what compiled code calls.
            flushed = self._outlet.flushed()  # type: ignore[attr-defined]
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(flushed, self._timeout)


class Waiters(Generic[T]):
    """Those who wait for one thing to happen."""

    __slots__ = ("_futures",)

    def __init__(self) -> None:
        # None while nobody waits: an idle connection has some of these.
        self._futures: dict[asyncio.Future[T], None] | None = None

    async def wait(self, timeout: float | None, what: str) -> T:
        """Wait for the next wake() or fail().

        Args:
            timeout: Seconds; None for no limit.
            what: What did not happen, for the text of the TimeoutError.

        Raises:
            TimeoutError: The time is up; the builtin one, on CPython 3.10 as well.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._futures is None:
            self._futures = {}
        self._futures[future] = None
        try:
            if timeout is None:
                return await future
            return await asyncio.wait_for(future, timeout)
        except asyncio.TimeoutError:
            raise TimeoutError(f"{what} within {timeout} s") from None
        finally:
            if self._futures is not None:
                self._futures.pop(future, None)
            del future  # or an error would keep its own frames

    def wake(self, result: T) -> None:
        """Have them all return the result."""
        for future in self._take():
            future.set_result(result)

    def fail(self, error: Exception) -> None:
        """Have them all raise the error."""
        for future in self._take():
            future.set_exception(error)

    def _take(self) -> list[asyncio.Future[T]]:
        futures, self._futures = self._futures, None
        return [future for future in futures or () if not future.done()]

"""The upgrade of a session from polling to a better transport (6.8).

Strategy: the new transport is tried beside the session, which goes on as it was. Only
when it has answered the probe is polling paused; when no request is on its way any
more, the session changes over in one step: "5" goes out first, then what has waited.
Whatever fails before that step leaves the session on polling.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from sioc import state
from sioc._session import Session
from sioc.exceptions import ParseError, TransportError

if TYPE_CHECKING:
    from typing_extensions import Self

    from sioc._router import Router
    from sioc.transports import Better, Upgradable

PING = b"2probe"
PONG = b"3probe"
UPGRADE = b"5"


class Probe(Session):
    """What a transport feeds while it is tried: one answer, and nothing else.

    Args:
        router: Of the session; nothing is routed there.
        on_answer: Called when the right answer has come.
        on_failed: Called with the error when anything else has.
    """

    def __new__(cls, router: Router, *args: Any, **kwargs: Any) -> Self:
        """Make the compiled half."""
        return super().__new__(cls, router)

    def __init__(
        self,
        router: Router,
        on_answer: Callable[[], None],
        on_failed: Callable[[Exception], None],
    ) -> None:
        self._on_answer: Callable[[], None] | None = on_answer
        self._on_failed = on_failed

    def _on_first_packet(self, packet: bytes) -> None:
        if packet != PONG or self._on_answer is None:
            raise ParseError(f"unexpected packet {packet[:32]!r}")
        on_answer, self._on_answer = self._on_answer, None
        on_answer()

    def _on_violation(self, error: Exception) -> None:
        self._on_failed(error)


class Upgrade:
    """One attempt to go on by another transport.

    Args:
        router: Of the session.
        old: The transport the session has.
        make: Makes the new one, which feeds the session it is given.
        timeout: Seconds it may take.

    Attributes:
        transport: The new transport.
    """

    def __init__(
        self,
        router: Router,
        old: Upgradable,
        make: Callable[[Session], Better],
        timeout: float,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._old = old
        self._timeout = timeout
        self._state = state.Machine(state.UPGRADE, "probing")
        self._answered: asyncio.Future[None] = loop.create_future()
        self._failure: asyncio.Future[Exception] = loop.create_future()
        self.transport = make(Probe(router, self._answer, self.fail))

    @property
    def pausing(self) -> bool:
        """Whether the probe was answered, and the change-over is to come."""
        return self._state.state == "pausing"

    async def run(self, on_answered: Callable[[Better], None]) -> None:
        """Probe, and pause the old transport; then it is time for outcome().

        Args:
            on_answered: Called with the new transport when the probe was answered.

        Raises:
            SocketIOError: The new transport is of no use.
        """
        # Not by wait_for(): it leaves an error behind that comes as it cancels.
        task = asyncio.current_task()
        assert task is not None

        def expire() -> None:
            self.fail(TransportError(f"no answer within {self._timeout} s"))
            task.cancel()

        timer = asyncio.get_running_loop().call_later(self._timeout, expire)
        try:
            await self.transport.open()
            self.transport.outlet.send_text(PING)
            await self._unless_failed(self._answered)
            self._state.apply("answered")
            on_answered(self.transport)
            await self._unless_failed(self._old.pause())
        finally:
            timer.cancel()

    def outcome(self, task: asyncio.Task[None]) -> TransportError | None:
        """Return None if it is time to switch(), else the error: all is as it was.

        Args:
            task: The one that has run this upgrade. Others than us may have cancelled
                it: whoever ends a program cancels all tasks there are.
        """
        cause: BaseException | None = TransportError("its task was cancelled")
        if not task.cancelled():
            cause = task.exception()
        if self._failure.done():
            cause = self._failure.result()
        if cause is None:
            return None
        why = str(cause)
        self._state.apply("failed")
        self.transport.abort()
        self._old.resume()
        error = TransportError(
            f"probe error: {why}",
            description=why,
            context={"transport": self.transport.name},
        )
        error.__cause__ = cause
        return error

    def fail(self, error: Exception) -> None:
        """The new transport is of no use, or not wanted any more."""
        if not self._failure.done():
            self._failure.set_result(error)

    def switch(self, session: Session) -> None:
        """Change over: from now on the new transport carries the session."""
        self._state.apply("paused")
        self.transport.outlet.send_text(UPGRADE)
        self._old.outlet.move(self.transport.outlet)
        self.transport.hand_over(session)
        self._old.abort()

    def _answer(self) -> None:
        if not self._answered.done():
            self._answered.set_result(None)

    async def _unless_failed(self, awaitable: Awaitable[None]) -> None:
        """Wait for something, or raise as soon as the new transport has failed."""
        waiter = asyncio.ensure_future(awaitable)
        try:
            await asyncio.wait(
                (waiter, self._failure), return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            waiter.cancel()
        if self._failure.done():
            raise self._failure.result()

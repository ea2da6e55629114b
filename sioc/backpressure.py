"""Reading pauses while too many coroutine listeners run, but never for good.

Listeners may wait for acks, which lie unread behind the events that made the reading
pause. While acks are owed, one read now and then lets them through; how many listeners
that may add has an end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sioc.manager import Manager

# Seconds without reading before the next look, and those in which to read.
PAUSE = 0.05
PEEK = 0.001

# Times `max_pending_handlers` that listeners may run while acks are waited for.
MOST = 16


class Backpressure:
    """Pause and resume the reading of a Manager's connection.

    Args:
        manager: Whose connection, and whose acks.
    """

    __slots__ = ("_manager", "_timer")

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._timer: asyncio.TimerHandle | None = None

    def apply(self, crowded: bool) -> None:
        """Pause the reading, or go on with it."""
        self.stop()
        self._pause(crowded)
        if crowded:
            self._later(PAUSE, self._peek)

    def stop(self) -> None:
        """Do nothing more: the connection is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _peek(self) -> None:
        wire = self._manager.wire
        room = wire.handlers < MOST * wire.limits.max_pending_handlers
        if room and self._manager.awaits_answers:
            self._pause(False)
            self._later(PEEK, self._pause_again)
        else:
            self._later(PAUSE, self._peek)

    def _pause_again(self) -> None:
        self._pause(True)
        self._later(PAUSE, self._peek)

    def _pause(self, pause: bool) -> None:
        assert self._manager.engine is not None
        self._manager.engine.pause_reading(pause)

    def _later(self, seconds: float, step: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, step)

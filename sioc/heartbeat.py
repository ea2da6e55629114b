"""The heartbeat of one session: whether the server's pings still come."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from sioc.exceptions import BufferFullError

if TYPE_CHECKING:
    from sioc.engine import Engine

# A loop that was blocked may run a late heartbeat timer before it reads the ping that
# lies in the socket's buffer. One more look after this many seconds, with a turn of
# reading in between, tells a dead peer from a busy loop.
SECOND_LOOK = 0.01

# Seconds by which a timer must be late to tell of a blocked loop: the first look is
# cheap to repeat, the second one only if the loop was blocked again meanwhile.
LATE = 0.001
LATE_AGAIN = 0.05


class Heartbeat:
    """Look after the pings of a session, with one timer a heartbeat.

    While reading is paused, since listeners are slow, pings lie unread behind other
    data. They are answered unread, when they must have been sent: else the server would
    take us for dead, and we it. An answer to no ping does no harm.

    Args:
        session: Knows until when a ping must have come, and is lost when none has.
    """

    __slots__ = ("_loop", "_margin", "_session", "_timer", "_unread")

    def __init__(self, session: Engine) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._margin = 0.0

    def start(self, interval: float, timeout: float) -> None:
        """Expect a ping every so many seconds, and no later than so many more."""
        self._margin = timeout / 2
        self._arm(interval + timeout)

    def pause(self, paused: bool) -> None:
        """Answer pings unread, while reading is paused; from start() to stop()."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        if paused and self._margin:
            left = -self._session._overdue() - self._margin
            if left <= 0:
                with suppress(BufferFullError):
                    self._session._answer_unread()
                left = -self._session._overdue() - self._margin
            self._unread = self._loop.call_later(left, self.pause, True)

    def check(self) -> None:
        """Look soon whether the peer is still there; see SECOND_LOOK."""
        self._disarm()
        # A turn later: within this one, uvloop's clock may stand where the turn began.
        self._timer = self._loop.call_soon(self._arm, SECOND_LOOK, LATE_AGAIN)

    def stop(self) -> None:
        """Look no more."""
        self._margin = 0.0
        self.pause(False)
        self._disarm()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, seconds: float, patience: float = LATE) -> None:
        # Re-armed where it finds that a ping has come, not at every ping.
        late = self._loop.time() + seconds + patience
        self._timer = self._loop.call_later(seconds, self._look, late)

    def _look(self, late: float) -> None:
        overdue = self._session._overdue()
        if overdue < 0:
            self._session.router._trust()
            self._arm(-overdue)
        elif self._loop.time() < late:
            transport = self._session.transport
            assert transport is not None
            transport.leave()
            self._session._finish("ping timeout", None, abort=False)
        else:
            self.check()

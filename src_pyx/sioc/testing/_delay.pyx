"""Replies that wait for their time to leave.

Strategy: one queue and one timer, set for the head of the queue. A reply never passes
an older one, also where the delay was shortened between the two.
"""

from collections import deque

from sioc.testing._engine cimport EngineSession


cdef class DelayLine:
    def __cinit__(self, EngineSession session):
        self._session = session
        self._waiting = deque()
        self._timer = None

    cdef bint is_empty(self) noexcept:
        return self._timer is None

    cdef int put(self, bytes frames, double delay) except -1:
        cdef double due = self._session.hub.loop.time() + delay
        if self._waiting:
            due = max(due, self._last_due)
        self._last_due = due
        self._waiting.append((due, frames))
        if self._timer is None:
            self._timer = self._session.hub.loop.call_at(due, self._release)
        return 0

    cdef int cancel(self) except -1:
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return 0

    def _release(self):
        cdef:
            object loop = self._session.hub.loop
            double now = loop.time()
            bytes frames
        self._timer = None
        while self._waiting:
            frames = self._waiting.popleft()[1]
            self._session.write(frames, len(frames))
            if self._waiting and self._waiting[0][0] > now:
                self._timer = loop.call_at(self._waiting[0][0], self._release)
                break

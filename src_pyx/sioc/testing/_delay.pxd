# Replies that wait, in the order they were made, for their time to leave.
cimport cython

from sioc.testing._engine cimport EngineSession


@cython.final
cdef class DelayLine:
    cdef:
        EngineSession _session
        # Pairs of a loop time and bytes; the times never decrease.
        object _waiting
        double _last_due
        object _timer

    cdef bint is_empty(self) noexcept
    # Takes frames that leave after `delay` seconds, or later if others wait longer.
    cdef int put(self, bytes frames, double delay) except -1
    cdef int cancel(self) except -1

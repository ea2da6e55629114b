# Events sent as fast as the client reads them.
cimport cython

from sioc.testing._engine cimport EngineSession
from sioc.testing._namespace cimport Namespace
from sioc.testing._wire cimport FrameBuffer


@cython.final
cdef class Flood:
    cdef:
        Namespace namespace
        # The same packet several times over, so that one write carries many.
        FrameBuffer chunk
        Py_ssize_t packet_size
        Py_ssize_t packets_per_chunk
        long long left
        # The frames that end it.
        bytes done


@cython.final
cdef class FloodQueue:
    cdef:
        EngineSession _session
        object _floods
        # The rest of a flood waits for the next turn of the loop.
        object _turn

    # Takes the frames of one packet, to be sent `count` times before `done`.
    cdef int put(
        self, Namespace namespace, FrameBuffer packet, long long count, bytes done
    ) except -1
    # Sends until the client is behind or others of this loop want their turn.
    cdef int pump(self) except -1
    cdef int cancel(self) except -1

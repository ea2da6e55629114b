from libc.stdint cimport uint8_t


cdef class Frames:
    """The frames of one client, found in what its connection brings. See take()."""

    cdef:
        # What has come of a frame that is incomplete; None: nothing.
        bytearray buffer
        Py_ssize_t size

    cdef Py_ssize_t _take_all(self, uint8_t* start) except -1
    cdef int take(
        self, int opcode, uint8_t* payload, Py_ssize_t size, const uint8_t* key
    ) except -1
    cdef int taken(self) except -1

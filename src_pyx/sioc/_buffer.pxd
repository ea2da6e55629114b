# The way out by WebSocket: frames ready for the wire.

cimport cython
from picows.picows cimport WSTransport


from sioc._outlet cimport Outlet


@cython.final
cdef class WriteBuffer(Outlet):
    cdef:
        # Frames ready for the wire, header and mask included.
        char* data
        Py_ssize_t size
        Py_ssize_t capacity

        WSTransport transport       # None before the handshake and after the end
        object flush_callback       # the bound method, made once
        Py_ssize_t first            # size when it was scheduled
        bint alone                  # one packet in the last such turn: no wait for more
        bint pong_waits             # one in the buffer: a flood of pings adds no more
        bint slow                   # paused, or somebody watches
        bint paused                 # the transport has more than it wants to hold
        Py_ssize_t behind           # bytes the transport held when it paused

        bint base64                 # attachments go as text (7.2.7)
        readonly Py_ssize_t high_water

    cdef int attach(self, WSTransport transport) except -1
    cdef int put_control(self, int opcode, const char* data, Py_ssize_t size) except -1
    cdef int append(self, int opcode, const char* data, Py_ssize_t size) except -1
    cdef int append_binary(self, bytes data) except -1
    cdef int adopt(self, object packets) except -1
    cdef int take_spare(self) except -1
    cdef int schedule(self) except -1
    cdef int uncork(self) except -1
    cdef int flush(self) except -1
    cdef int flush_slowly(self) except -1
    cdef int hand_over(self) except -1
    cdef int pause(self) except -1
    cdef int resume(self) except -1
    cdef int detach(self) except -1
    cdef int release(self) except -1

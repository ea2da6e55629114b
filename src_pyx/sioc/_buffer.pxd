# The way out: what a transport offers to those who send, and WebSocket's own.

cimport cython
from picows.picows cimport WSTransport


cdef class Outlet:
    # Where packets go. A packet is given whole, text and attachments in one call, so
    # that nothing can come between them.
    cdef:
        readonly bint writable      # nothing given yet in this turn of the loop
        readonly Py_ssize_t bytes_out   # handed over so far
        double deadline             # of the heartbeat, on _clock.now(); 0: none yet
        object loop
        list drainers               # futures of those who wait for room

    cdef int put_packet(
        self, const char* head, Py_ssize_t head_size,
        const char* body, Py_ssize_t body_size, list attachments
    ) except -1
    cdef int put_binary(self, bytes data) except -1
    cdef int put_pong(self) except -1
    cdef int reserve(self, Py_ssize_t needed) except -1
    cdef Py_ssize_t buffered(self) except -1
    cdef int wake(self) except -1


@cython.final
cdef class WriteBuffer(Outlet):
    cdef:
        # Frames ready for the wire, header and mask included.
        char* data
        Py_ssize_t size
        Py_ssize_t capacity

        WSTransport transport       # None before the handshake and after the end
        object flush_callback       # the bound method, made once
        bint scheduled              # a flush is due at the end of this turn
        bint corked                 # set while a read is delivered; uncork() ends it
        bint pong_waits             # one in the buffer: a flood of pings adds no more
        bint paused                 # the transport has more than it wants to hold
        Py_ssize_t behind           # bytes the transport held when it paused

        bint base64                 # attachments go as text (7.2.7)
        readonly Py_ssize_t high_water
        readonly Py_ssize_t maximum

    cdef int attach(self, WSTransport transport) except -1
    cdef int put_control(self, int opcode, const char* data, Py_ssize_t size) except -1
    cdef int append(self, int opcode, const char* data, Py_ssize_t size) except -1
    cdef int append_binary(self, bytes data) except -1
    cdef int adopt(self, object packets) except -1
    cdef int schedule(self) except -1
    cdef int uncork(self) except -1
    cdef int flush(self) except -1
    cdef int pause(self) except -1
    cdef int resume(self) except -1
    cdef int detach(self) except -1
    cdef int release(self) except -1

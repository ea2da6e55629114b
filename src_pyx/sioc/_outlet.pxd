# The way out: what a transport offers to those who send.


cdef class EnginePacket:
    cdef:
        readonly str type
        readonly object data


cdef EnginePacket text_packet(bytes text)


cdef class Outlet:
    # Where packets go. A packet is given whole, text and attachments in one call, so
    # that nothing can come between them.
    cdef:
        readonly bint writable      # nothing given yet in this turn of the loop
        readonly Py_ssize_t bytes_out   # handed over so far
        readonly Py_ssize_t maximum     # unsent bytes above which a packet is refused
        bint scheduled              # a flush is due at the end of this turn
        bint corked                 # set while a read is delivered
        double deadline             # of the heartbeat, on _clock.now(); 0: none yet
        object loop
        list drainers               # futures of those who wait for room; None: nobody
        object watcher              # told of packets and flushes; None: nobody watches

    cdef int put_packet(
        self, const char* head, Py_ssize_t head_size,
        const char* body, Py_ssize_t body_size, list attachments
    ) except -1
    cdef int put_binary(self, bytes data) except -1
    cdef int put_pong(self) except -1
    cdef int reserve(self, Py_ssize_t needed) except -1
    cdef int send_anyway(self, bytes packet) except -1
    cdef Py_ssize_t lift_limit(self) noexcept
    cdef Py_ssize_t buffered(self) except -1
    cdef int wake(self) except -1
    cdef int watched(self) except -1
    cdef bytes tell_text(
        self, const char* head, Py_ssize_t head_size,
        const char* body, Py_ssize_t body_size, list attachments
    )

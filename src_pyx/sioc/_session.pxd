# The compiled half of an Engine: the packets of one session, whatever carries them.

from sioc._outlet cimport EnginePacket, Outlet
from sioc._emitter cimport EventEmitter
from sioc._router cimport Router


cdef class Session(EventEmitter):
    cdef:
        readonly Router router
        Outlet outlet
        bint open               # the handshake packet has come
        bint observed           # somebody listens to inbound packets
        bint fast               # open, and nobody listens to packets
        bint ended              # nothing is delivered any more
        double allowance        # seconds a ping may take to come
        double timeout          # that part of it by which a ping may be late
        bint timed              # the last ping was answered when it came
        double rtt              # of the last heartbeat, in seconds; -1: unknown
        readonly double last_inbound    # of the last read, on the clock of deadlines

    cdef int feed_text(self, char* text, Py_ssize_t size, Py_ssize_t openers) except -1
    cdef int feed_watched(
        self, char* text, Py_ssize_t size, Py_ssize_t openers
    ) except -1
    cdef int feed_binary(self, const char* data, Py_ssize_t size) except -1
    cdef int feed_packet(
        self, char* text, Py_ssize_t size, Py_ssize_t openers
    ) except -1
    cdef int feed_base64(self, const char* text, Py_ssize_t size) except -1
    cdef int violated(self) except -1
    cdef int end_with(self, object error) except -1
    cdef int on_ping(self) except -1
    cdef int observe(self, EnginePacket packet) except -1

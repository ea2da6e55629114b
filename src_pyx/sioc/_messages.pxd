# Whole WebSocket messages, without Engine.IO: for conformance suites and fuzzers.

from sioc._session cimport Session


cdef class MessageSession(Session):
    cdef object on_message

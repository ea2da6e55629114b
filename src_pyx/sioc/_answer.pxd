# The answer to one event of the server's.

from libc.stdint cimport int64_t

from sioc._sender cimport Sender


cdef class Ack:
    # The answer to one event of the server's that asked for an ack.
    cdef:
        Sender sender
        int64_t id
        Py_ssize_t session      # the sender's when the event came
        bint sent
        bint explicit           # a listener has the callable: return values don't count
        int waiting             # for coroutine listeners, and the dispatch itself
        int finished            # listeners that ended well

    cdef int take(self, object result) except -1
    cdef int settle_empty(self) except -1

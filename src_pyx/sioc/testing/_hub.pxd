# What all connections of one peer share.
cimport cython
from libc.stdint cimport uint64_t


@cython.final
cdef class Hub:
    cdef:
        # The loop it serves on; None before the peer is open.
        readonly object loop
        # Options; times in seconds, sizes in bytes.
        readonly double ping_interval
        readonly double ping_timeout
        readonly double connect_timeout
        readonly double delay
        readonly Py_ssize_t max_payload
        # Names as bytes, or None for "any".
        readonly frozenset namespaces

        # Counters: what arrived since the peer started.
        uint64_t events
        uint64_t bytes_in
        uint64_t attachments

        # The open sessions, and the future of who waits until there are none.
        readonly set sessions
        object _emptied
        bint _closed

    # False if the peer is closing and takes no more sessions.
    cdef bint enter(self, session) except -1
    cdef int leave(self, session) except -1

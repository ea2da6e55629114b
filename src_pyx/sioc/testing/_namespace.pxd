# A namespace that a session has joined.
cimport cython


@cython.final
cdef class Namespace:
    cdef:
        # Empty for the root, as on the wire.
        bytes name
        # False once either side has left; what is under way for it stops.
        bint joined
        # The ids of the events that the client has still to acknowledge.
        set asked
        long long _next_id

    # A new id, which is remembered as asked.
    cdef long long ask(self) except -1

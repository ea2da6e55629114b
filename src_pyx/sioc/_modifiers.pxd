# Views of a namespace that change how it emits.

from sioc._retries cimport RetryingSender
from sioc._sender cimport Sender


cdef class Modified:
    # A Sender whose next emits are volatile, or have an ack timeout of their own.
    cdef:
        Sender sender
        bint is_volatile
        object seconds          # None: the Sender's ack_timeout

    cdef Modified copy(self)


cdef class ModifiedSender(RetryingSender):
    pass

# Packets of a custom parser.

cimport cython
from libc.stdint cimport int64_t

from sioc._outlet cimport Outlet
from sioc._encoder cimport Encoded, PacketEncoder, Prepared


@cython.final
cdef class CustomEncoder(PacketEncoder):
    cdef:
        str nsp
        object encode           # the parser's
        # The packet prepared, and what it is: type, event, ack id.
        list chunks
        tuple about

    cdef int make(self, int type, object data, object id) except -1

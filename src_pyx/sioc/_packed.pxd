# Packets of the MessagePack parser: each one value in one binary message.

cimport cython
from libc.stdint cimport int64_t

from sioc._outlet cimport Outlet
from sioc._encoder cimport Encoded, PacketEncoder, Prepared
from sioc._msgpack cimport Msgpack
from sioc._packet cimport Header


cdef bytes pack_packet(
    int type, bytes nsp, int64_t id, const char* data, Py_ssize_t size
)
cdef int parse_packed(
    const char* data, Py_ssize_t size, Py_ssize_t max_depth, Header* header
) except -1


@cython.final
cdef class PackedEncoder(PacketEncoder):
    cdef:
        Msgpack msgpack
        bytes nsp               # as MessagePack
        dict names              # event -> its name as MessagePack, of events emitted

        # The packet prepared, and what it is.
        bytes packet
        int type
        str last_event          # None: no event
        int64_t id              # negative: none

    cdef bytes body(self, str event, tuple args)
    cdef int pack(self, int type, str event, int64_t id, bytes data) except -1

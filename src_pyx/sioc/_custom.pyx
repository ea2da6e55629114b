"""Packets of a custom parser: objects with `Encoder` and `Decoder` classes.

Such a parser gets whole packets as objects, in and out; it may be as slow as it likes.
"""

cimport cython
from libc.stdint cimport int64_t

from sioc._outlet cimport Outlet
from sioc._encoder cimport (
    Encoded,
    PacketEncoder,
    Prepared,
    check_name,
    encoded_chunks,
    put_chunks,
)
from sioc._packet cimport ACK, EVENT, Packet


@cython.final
cdef class CustomEncoder(PacketEncoder):
    """The encoder of one namespace.

    Args:
        nsp: The namespace, with its leading slash.
        encoder: The parser's.
    """

    def __cinit__(self, str nsp, object encoder):
        self.nsp = nsp
        self.encode = encoder.encode

    cdef int make(self, int type, object data, object id) except -1:
        """Have the parser encode a packet; check what it returns."""
        cdef list chunks = []

        for chunk in self.encode(Packet(type, self.nsp, data, id)):
            if isinstance(chunk, (bytes, bytearray, memoryview)):
                chunk = bytes(chunk)
            elif not isinstance(chunk, str):
                raise TypeError(
                    f"the parser's Encoder.encode() must return a list of str and "
                    f"bytes, with no {type_name(chunk)} in it"
                )
            chunks.append(chunk)
        if not chunks:
            raise ValueError("the parser's Encoder.encode() has returned nothing")
        self.chunks = chunks
        self.about = (type, data[0] if type == EVENT else None, id)
        return 0

    cdef int event(self, str event, tuple args, int64_t id) except -1:
        check_name(event)
        return self.make(EVENT, [event, *args], None if id < 0 else id)

    cdef Prepared keep(self, str event, tuple args):
        # The id is inside of what the parser makes: each packet is encoded on its own.
        cdef Prepared packet = Prepared.__new__(Prepared)

        self.event(event, args, -1)
        packet.event = event
        packet.args = args
        return packet

    cdef int prepared(self, Prepared packet, int64_t id) except -1:
        return self.event(packet.event, packet.args, id)

    cdef int ack(self, tuple args, int64_t id) except -1:
        return self.make(ACK, list(args), id)

    cdef Encoded control(self, int type, object data):
        self.make(type, data, None)
        return self.take()

    cdef int put(self, Outlet outlet) except -1:
        return put_chunks(outlet, self.chunks)

    cdef Encoded take(self):
        return encoded_chunks(self.chunks, self.about)


cdef str type_name(object value):
    return type(value).__name__

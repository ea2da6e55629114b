# The parser of packets as objects, on the parts that the flow uses without them.

from sioc._binary cimport Reassembler
from sioc._emitter cimport EventEmitter
from sioc._json cimport Json
from sioc._packet cimport Header, Packet


cdef class Encoder:
    cdef:
        Json json


cdef class Decoder(EventEmitter):
    cdef:
        Json json
        Reassembler reassembler
        Py_ssize_t max_attachments
        Py_ssize_t max_packet_size

    cdef int add_text(self, bytes text) except -1
    cdef int add_attachment(self, bytes data) except -1
    cdef Packet packet(self, Header* header)


cdef int check_id(object id) except -1
cdef int check_event(object data) except -1

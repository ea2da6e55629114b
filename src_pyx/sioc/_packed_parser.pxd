# The MessagePack parser of packets as objects.

from sioc._emitter cimport EventEmitter
from sioc._msgpack cimport Msgpack


cdef class Encoder:
    cdef:
        Msgpack msgpack


cdef class Decoder(EventEmitter):
    cdef:
        Msgpack msgpack
        Py_ssize_t max_packet_size

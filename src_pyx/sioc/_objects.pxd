# The inbound half of a namespace for parsers other than JSON's.

from libc.stdint cimport int64_t

from sioc._channel cimport Channel
from sioc._listener cimport Slot
from sioc._packet cimport Header


cdef class ObjectChannel(Channel):
    cdef int on_packed(self, Header* header) except -1
    cdef int on_object(self, list data, int64_t id) except -1
    cdef int deliver_packed(self, char* payload, Py_ssize_t size, int64_t id) except -1
    cdef int deliver_object(self, list data, int64_t id) except -1
    cdef int deliver_args(
        self, Slot slot, list args, bytes raw, int64_t id
    ) except -1
    cdef Slot packed_slot(self, const char** cursor, const char* end)
    cdef int note_packed_offset(
        self, const char* p, const char* end, Py_ssize_t count
    ) except -1

# From messages to namespaces for parsers other than JSON's.

from sioc._objects cimport ObjectChannel
from sioc._packet cimport Header
from sioc._router cimport Router


cdef class ForeignRouter(Router):
    cdef:
        list decoded            # packets of the custom parser that are to be routed
        Py_ssize_t fed          # bytes given to it since the last one

    cdef int route_packed(self, Header* header) except -1
    cdef int feed_chunk(self, object chunk) except -1
    cdef int route_decoded(self) except -1
    cdef int route_object(self, object packet) except -1
    cdef int tell_object(
        self, int type, str nsp, object data, object id, Py_ssize_t size
    ) except -1
    cdef int check_size(self, Py_ssize_t size) except -1

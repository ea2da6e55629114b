# From an event's name on the wire to its listeners.

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.string cimport memcmp

from sioc._listener cimport Slot
from sioc._registry cimport Registry


cdef inline bint opens_with(
    const char* payload, Py_ssize_t size, bytes opening
) noexcept:
    return (
        PyBytes_GET_SIZE(opening) < size
        and memcmp(payload, PyBytes_AS_STRING(opening), PyBytes_GET_SIZE(opening)) == 0
    )


cdef class Directory(Registry):
    cdef:
        Slot last               # of the event that came last
        list names              # small cache: event name on the wire -> Slot

    cdef Slot look_up(self, const char** cursor, const char* end)
    cdef Slot find_slot(self, const char* name, Py_ssize_t size)
    cdef Slot slot_of(self, str event)
    cdef Slot slot_of_literal(self, const char* start, const char* end)
    cdef Slot slot_of_value(self, object name)

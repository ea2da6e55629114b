"""From an event's name on the wire to its listeners.

Strategy: the name is looked up as the bytes it is on the wire, in a small cache of
slots; the event that came last needs no look-up.
"""

from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from libc.string cimport memcmp

from sioc._encoder cimport RESERVED
from sioc._listener cimport Slot
from sioc._packet cimport skip_blanks
from sioc._registry cimport Registry

from math import isfinite

from sioc.exceptions import ParseError

cdef enum:
    NAMES = 16                  # slots in the name cache; a power of two
    MAX_CACHED_NAME = 64        # bytes


cdef class Directory(Registry):
    """The names of one namespace's events."""

    cdef Slot look_up(self, const char** cursor, const char* end):
        """Return the slot of the name at the payload's start; move the cursor past."""
        cdef:
            const char* name = skip_blanks(cursor[0] + 1, end)
            const char* p = name
            bint plain = True
            Slot slot

        if p < end and p[0] == c'"':
            p += 1
            while p < end and p[0] != c'"':
                if p[0] == c"\\":
                    plain = False
                    p += 1
                p += 1
            p += 1
        else:
            # A number; its text ends where a number's must.
            plain = False
            while p < end and p[0] not in b",] \t\r\n":
                p += 1
        if p >= end:
            raise ParseError("invalid payload: the event's array does not end")
        slot = (
            self.find_slot(name + 1, p - name - 2) if plain
            else self.slot_of_literal(name, p)
        )
        if plain and slot.opening is None:
            slot.opening = PyBytes_FromStringAndSize(cursor[0], p - cursor[0])
        self.last = slot if plain and p - cursor[0] <= MAX_CACHED_NAME else None
        cursor[0] = p
        return slot

    cdef Slot find_slot(self, const char* name, Py_ssize_t size):
        """Return the slot of a name; one without listeners where nobody listens."""
        cdef:
            Slot slot
            Py_ssize_t i

        if self.names is None:
            self.names = [None] * NAMES
        i = 0
        if size:
            i = (size + 5 * name[0] + 3 * name[size - 1]) & (NAMES - 1)
        slot = <Slot>self.names[i]
        if (
            slot is not None
            and PyBytes_GET_SIZE(slot.key) == size
            and memcmp(PyBytes_AS_STRING(slot.key), name, size) == 0
        ):
            return slot
        slot = self.slot_of(PyBytes_FromStringAndSize(name, size).decode())
        if size <= MAX_CACHED_NAME:
            if slot.key is None:
                slot.key = PyBytes_FromStringAndSize(name, size)
            self.names[i] = slot
        return slot

    cdef Slot slot_of(self, str event):
        cdef Slot slot

        if event in RESERVED:
            raise ParseError(f"invalid payload: {event!r} is a reserved event name")
        slot = self._slots.get(event)
        return Slot(event) if slot is None else slot

    cdef Slot slot_of_literal(self, const char* start, const char* end):
        """Return the slot of a name that is escaped, or a number."""
        return self.slot_of_value(self.wire.json.decode(start, end - start))

    cdef Slot slot_of_value(self, object name):
        """Return the slot of a name, or of a number that stands for one (0.5.5)."""
        if isinstance(name, float) and name.is_integer():
            name = int(name)
        if isinstance(name, bool) or not isinstance(name, (str, int, float)):
            raise ParseError(f"invalid payload: {repr(name)[:64]} is no event name")
        if isinstance(name, float) and not isfinite(name):
            raise ParseError(f"invalid payload: {name!r} is no event name")
        return self.slot_of(str(name))

    cdef int listeners_changed(self, str event) except -1:
        # A cached slot without listeners would hide the new ones.
        self.names = None
        self.last = None
        return 0

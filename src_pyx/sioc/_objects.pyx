"""The inbound half of a namespace for parsers other than JSON's.

MessagePack events are delivered as JSON's are: the name is looked up as the bytes it is
on the wire, an event nobody listens to is not decoded, and what stands before the
arguments is overwritten so that they are an array of their own. Those of a custom
parser come as objects, decoded already.
"""

from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from libc.stdint cimport int64_t

from sioc._answer cimport Ack
from sioc._channel cimport MAX_OFFSET, Channel
from sioc._cursor cimport (
    array_head_size,
    read_array,
    read_utf8,
    skip_value,
    write_array,
)
from sioc._listener cimport Slot
from sioc._packet cimport Header

from sioc.exceptions import ParseError


cdef class ObjectChannel(Channel):
    """One namespace on a Manager, whatever the parser."""

    # MessagePack.

    cdef int on_packed(self, Header* header) except -1:
        """Take an event whose payload is MessagePack, in memory that is writable."""
        if not self.connected:
            return self.hold_event(
                PyBytes_FromStringAndSize(header.payload, header.payload_size),
                header.id, None,
            )
        return self.deliver_packed(
            <char*>header.payload, header.payload_size, header.id
        )

    cdef int deliver_held(
        self, object payload, int64_t id, list attachments
    ) except -1:
        if isinstance(payload, list):
            return self.deliver_object(payload, id)
        if self.wire.msgpack is None:
            return Channel.deliver_held(self, payload, id, attachments)
        return self.deliver_packed(
            PyBytes_AS_STRING(payload), PyBytes_GET_SIZE(payload), id
        )

    cdef int deliver_packed(self, char* payload, Py_ssize_t size, int64_t id) except -1:
        cdef:
            const char* p = payload
            const char* end = payload + size
            char* start
            Py_ssize_t count = read_array(&p, end) - 1
            bytes raw = None
            list args
            Slot slot

        if count < 0:
            raise ParseError("invalid payload: an event without a name")
        slot = self.packed_slot(&p, end)
        if self.recoverable and id < 0 and count:
            self.note_packed_offset(p, end, count)
        if not slot.listeners and self.incoming is None:
            self.wire.events_skipped += 1
            return 0
        # There is room: where the array of all began, and the name, nothing is needed.
        start = <char*>p - array_head_size(count)
        write_array(start, count)
        args = <list>self.wire.msgpack.decode(start, end - start)
        if slot.special:
            raw = PyBytes_FromStringAndSize(start, end - start)
        return self.deliver_args(slot, args, raw, id)

    cdef Slot packed_slot(self, const char** cursor, const char* end):
        """Return the slot of the name at the cursor; move the cursor past."""
        cdef:
            const char* start = cursor[0]
            const char* name
            Py_ssize_t size

        if read_utf8(cursor, end, &name, &size):
            return self.find_slot(name, size)
        cursor[0] = skip_value(start, end, self.wire.msgpack.max_depth)
        return self.slot_of_value(
            self.wire.msgpack.decode(start, cursor[0] - start)
        )

    cdef int note_packed_offset(
        self, const char* p, const char* end, Py_ssize_t count
    ) except -1:
        """Note the recovery offset: a text that ends the arguments (4.7.3)."""
        cdef:
            const char* text
            Py_ssize_t size

        while count > 1:
            p = skip_value(p, end, self.wire.msgpack.max_depth)
            count -= 1
        if read_utf8(&p, end, &text, &size) and size <= MAX_OFFSET:
            self.offset = text[:size].decode()
        return 0

    # Objects.

    cdef int on_object(self, list data, int64_t id) except -1:
        """Take an event that a custom parser has decoded: its name and arguments."""
        if not self.connected:
            return self.hold_event(data, id, None)
        return self.deliver_object(data, id)

    cdef int deliver_object(self, list data, int64_t id) except -1:
        cdef Slot slot = self.slot_of_value(data[0])

        if self.recoverable and id < 0 and len(data) > 1:
            offset = data[len(data) - 1]
            if isinstance(offset, str) and len(offset) <= MAX_OFFSET:
                self.offset = offset
        if not slot.listeners and self.incoming is None:
            self.wire.events_skipped += 1
            return 0
        return self.deliver_args(slot, data[1:], None, id)

    # Both.

    cdef int deliver_args(
        self, Slot slot, list args, bytes raw, int64_t id
    ) except -1:
        """Call an event's listeners with arguments that are decoded."""
        cdef Ack ack = None

        self.wire.events_delivered += 1
        if id >= 0:
            ack = self.new_ack(id, slot)
        if self.incoming is not None:
            self.show(slot, args, ack)
        if slot.special:
            self.dispatch_special(slot, raw, args, True, ack)
        else:
            self.dispatch(slot, args, ack)
        if ack is not None:
            ack.waiting -= 1
            ack.settle_empty()
        return 0

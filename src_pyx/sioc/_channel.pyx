"""The inbound half of a namespace: from a packet to the listeners.

Strategy: the event's name is looked up as the bytes it is on the wire, in a small cache
of slots; an event nobody listens to ends there, undecoded. Else the comma behind the
name is overwritten by "[", which makes the arguments alone a JSON array.
"""

from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from libc.stdint cimport int64_t
from libc.string cimport memcmp

from sioc._answer cimport Ack
from sioc._binary cimport restore
from sioc._emitter cimport EventEmitter
from sioc._listener cimport Listener, Slot
from sioc._encoder cimport RESERVED
from sioc._packet cimport Header, skip_blanks
from sioc._registry cimport Registry

from math import isfinite

from msgspec.structs import astuple

from sioc.exceptions import LimitError, ParseError

cdef enum:
    NAMES = 16                  # slots in the name cache; a power of two
    MAX_CACHED_NAME = 64        # bytes


cdef inline bint opens_with(
    const char* payload, Py_ssize_t size, bytes opening
) noexcept:
    return (
        PyBytes_GET_SIZE(opening) < size
        and memcmp(payload, PyBytes_AS_STRING(opening), PyBytes_GET_SIZE(opening)) == 0
    )


cdef class Channel(Registry):
    """One namespace on a Manager, both ways; Socket is its Python half."""

    def __cinit__(self, *args, **kwargs):
        self.key = self.nsp.encode()
        self.held = []

    @property
    def receive_buffer(self):
        """Events that came before CONNECT was answered; a copy.

        Each as (array, ack id or -1, attachments or None). The array is JSON or
        MessagePack in bytes; a list where a custom parser has decoded it.
        """
        return list(self.held)

    # Life, as the Python half tells it.

    def _recoverable(self, bint recoverable):
        """Note the offsets of events from now on, or no more (4.7)."""
        self.recoverable = recoverable

    def _join(self):
        """CONNECT is on its way: hold what comes before its answer."""
        self.joining = True

    def _open(self):
        """CONNECT was answered: deliver what was held, send what was held (4.6.1)."""
        self.joining = False
        self.connected = True
        self.session += 1
        held, self.held = self.held, []
        for payload, id, attachments in held:
            self.deliver_held(payload, id, attachments)
        self._send_held()

    def _close(self):
        """The connection, or the namespace on it, is gone."""
        self.joining = False
        self.connected = False
        self.session += 1
        self.held = []

    # Inbound.

    cdef int on_event(self, Header* header, list attachments) except -1:
        if not self.connected:
            return self.hold_event(
                PyBytes_FromStringAndSize(header.payload, header.payload_size),
                header.id, attachments,
            )
        # The memory is the link's read buffer or our own copy: both writable.
        return self.deliver(
            <char*>header.payload, header.payload_size, header.id, attachments
        )

    cdef int hold_event(self, object payload, int64_t id, list attachments) except -1:
        """Keep an event that came before the answer to CONNECT (4.5.2)."""
        cdef Py_ssize_t maximum = self.wire.limits.max_receive_buffer

        if not self.joining:
            return self.wire.ignore("event of a namespace not joined")
        if len(self.held) >= maximum:
            raise LimitError.exceeded(
                "max_receive_buffer", len(self.held) + 1, maximum
            )
        self.held.append((payload, id, attachments))
        return 0

    cdef int deliver_held(
        self, object payload, int64_t id, list attachments
    ) except -1:
        return self.deliver(
            PyBytes_AS_STRING(payload), PyBytes_GET_SIZE(payload), id, attachments
        )

    cdef int deliver(
        self, char* payload, Py_ssize_t size, int64_t id, list attachments
    ) except -1:
        """Find the event's listeners and call them with its arguments."""
        cdef:
            const char* end = payload + size
            const char* p
            Slot slot = self.last
            list args
            Ack ack = None

        if slot is not None and opens_with(payload, size, slot.opening):
            # The event that came last, once more.
            p = payload + PyBytes_GET_SIZE(slot.opening)
        else:
            p = payload
            slot = self.look_up(&p, end)
        p = skip_blanks(p, end)
        if self.recoverable and id < 0:
            self.note_offset(p, end)
        if not slot.listeners and self.incoming is None:
            self.wire.events_skipped += 1
            return 0
        self.wire.events_delivered += 1
        if id >= 0:
            ack = self.new_ack(id, slot)
        if slot.special:
            self.deliver_special(slot, <char*>p, end, attachments, ack)
        else:
            args = self.arguments(<char*>p, end)
            if attachments is not None:
                restore(args, attachments)
            if self.incoming is not None:
                self.show(slot, args, ack)
            self.dispatch(slot, args, ack)
        if ack is not None:
            ack.waiting -= 1
            ack.settle_empty()
        return 0

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

    cdef int show(self, Slot slot, list args, Ack ack) except -1:
        """Call the catch-alls: they answer nothing, but for streams of all events."""
        self._answering = ack
        try:
            return self.dispatch(self.incoming, [slot.event, *args], None)
        finally:
            self._answering = None

    cdef int deliver_special(
        self, Slot slot, char* payload, const char* end, list attachments, Ack ack
    ) except -1:
        """Deliver to listeners of which some want their arguments typed or raw.

        Each gets its own; the decoded ones are made once, if anybody needs them.
        """
        cdef:
            list args = None
            bytes array = b"[]"

        if end - payload > 1:
            array = b"[" + payload[1 : end - payload]
        if (
            attachments is not None
            or self.incoming is not None
            or slot.special < len(slot.listeners)
        ):
            args = self.arguments(payload, end)
        if attachments is not None:
            restore(args, attachments)
        if self.incoming is not None:
            self.show(slot, args, ack)
        return self.dispatch_special(slot, array, args, attachments is not None, ack)

    cdef int dispatch_special(
        self, Slot slot, bytes raw, list args, bint convert, Ack ack
    ) except -1:
        """Call each listener with its own arguments.

        Args:
            slot: The listeners.
            raw: The arguments undecoded.
            args: The arguments decoded; None: no listener wants them so.
            convert: Whether typed ones are made of the decoded arguments.
            ack: The ack, or None.
        """
        cdef:
            Listener listener
            list listeners = slot.listeners
            object own

        slot.busy += 1
        for listener in listeners:
            try:
                own = self.special_arguments(listener, raw, args if convert else None)
            except (ValueError, RecursionError) as error:
                # ValidationError is a ValueError.
                self.failed(error, slot.event, listener)
                continue
            self.invoke(slot, listener, args if own is None else own, ack)
        if slot.listeners is listeners and slot.busy:
            slot.busy -= 1
        return 0

    cdef object special_arguments(self, Listener listener, bytes payload, list args):
        """Return a listener's own arguments; None when it takes the decoded ones."""
        if listener.raw:
            return (payload,)
        if listener.decoder is None:
            return None
        if args is not None:
            return astuple(listener.converter(args))
        self.wire.json.check_depth(
            PyBytes_AS_STRING(payload), PyBytes_GET_SIZE(payload)
        )
        return astuple(listener.decoder(payload))

    cdef int note_offset(self, const char* p, const char* end) except -1:
        """Note the offset: a string that ends the arguments (4.7.3).

        Inside a string every quote is escaped, so the nearest one before the end that
        is not opens it. The event's name alone is no offset (Q13).
        """
        cdef const char* last = end - 2

        if last <= p or (end - 1)[0] != c"]" or last[0] != c'"':
            return 0
        last -= 1
        while last > p and (last[0] != c'"' or (last - 1)[0] == c"\\"):
            last -= 1
        if (last - 1)[0] == c"," and end - last < MAX_OFFSET:
            offset = self.wire.json.decode(last, end - 1 - last)
            if isinstance(offset, str):
                self.offset = offset
        return 0

    cdef list arguments(self, char* p, const char* end):
        """Decode what follows the event's name."""
        if p < end and p[0] == c",":
            if skip_blanks(p + 1, end)[0] == c"]":
                raise ParseError("invalid payload: a comma and no argument")
            p[0] = c"["
            return <list>self.wire.json.decode(p, end - p)
        if p < end and p[0] == c"]" and skip_blanks(p + 1, end) == end:
            return []
        raise ParseError("invalid payload: no JSON array")

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

    cdef Ack new_ack(self, int64_t id, Slot slot):
        cdef:
            Ack ack = Ack.__new__(Ack)
            Listener listener

        ack.sender = self
        ack.id = id
        ack.session = self.session
        # For the dispatch itself: coroutines may end while it runs.
        ack.waiting = 1
        for listener in slot.listeners:
            if listener.ack and not listener.observer:
                ack.explicit = True
        return ack

    # The emitter's hooks.

    cdef bint take_result(
        self, object result, str event, Listener listener, object ack
    ) except -1:
        cdef bint spawned = False

        if ack is not None:
            (<Ack>ack).waiting += 1
        if result is not None:
            spawned = EventEmitter.take_result(self, result, event, listener, ack)
        if ack is not None and not spawned:
            (<Ack>ack).waiting -= 1
            if not listener.ack:
                (<Ack>ack).take(result)
        return spawned

    cdef int settle(
        self, object ack, Listener listener, bint ok, object result
    ) except -1:
        (<Ack>ack).waiting -= 1
        try:
            if ok and not listener.ack:
                (<Ack>ack).take(result)
            (<Ack>ack).settle_empty()
        except Exception as exception:
            self.failed(exception, "ack", listener)
        return 0

    cdef int listeners_changed(self, str event) except -1:
        # A cached slot without listeners would hide the new ones.
        self.names = None
        self.last = None
        return 0

"""The inbound half of a namespace: from a packet to the listeners.

Strategy: the event's name leads to its listeners without being decoded; an event nobody
listens to ends there. An only argument for an only listener is decoded alone. Else the
comma behind the name is overwritten by "[", which makes the arguments a JSON array.
"""

from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from cpython.exc cimport PyErr_Clear, PyErr_ExceptionMatches
from cpython.object cimport PyObject
from libc.stdint cimport int64_t

from sioc._answer cimport Ack
from sioc._binary cimport restore
from sioc._call cimport call_one, propagate, steal
from sioc._directory cimport Directory, opens_with
from sioc._emitter cimport EventEmitter
from sioc._encoder cimport size_of
from sioc._listener cimport Listener, Slot
from sioc._packet cimport Header, skip_blanks

from msgspec import DecodeError, ValidationError
from msgspec.structs import astuple

from sioc.exceptions import LimitError, ParseError

cdef extern from "Python.h":
    PyObject* Py_None
    void Py_DECREF(PyObject* owned)


cdef class Channel(Directory):
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
        session = self.session
        held, self.held, self.held_size = self.held, [], 0
        for payload, id, attachments in held:
            self.deliver_held(payload, id, attachments)
            if self.session != session:
                return  # a listener has left
        self._send_held()

    def _close(self):
        """The connection, or the namespace on it, is gone."""
        self.joining = False
        self.connected = False
        self.session += 1
        self.held = []
        self.held_size = 0

    # Inbound.

    cdef int on_event(self, Header* header, list attachments) except -1:
        if not self.connected:
            return self.hold_event(
                PyBytes_FromStringAndSize(header.payload, header.payload_size),
                header.id, attachments,
            )
        # The memory is the link's read buffer or our own copy: both writable.
        return self.deliver(
            <char*>header.payload, header.payload_size, header.payload_size, header.id,
            attachments,
        )

    cdef int hold_event(self, object payload, int64_t id, list attachments) except -1:
        """Keep an event that came before the answer to CONNECT (4.5.2)."""
        cdef Py_ssize_t size

        if not self.joining:
            return self.wire.ignore("event of a namespace not joined")
        limits = self.wire.limits
        if len(self.held) >= limits.max_receive_buffer:
            raise LimitError.exceeded(
                "max_receive_buffer", len(self.held) + 1, limits.max_receive_buffer
            )
        # What a custom parser has decoded has no size: the number bounds it.
        size = size_of(payload, attachments) if isinstance(payload, bytes) else 0
        if self.held_size + size > limits.max_receive_bytes:
            raise LimitError.exceeded(
                "max_receive_bytes", self.held_size + size, limits.max_receive_bytes
            )
        self.held.append((payload, id, attachments))
        self.held_size += size
        return 0

    cdef int deliver_held(
        self, object payload, int64_t id, list attachments
    ) except -1:
        cdef Py_ssize_t size = PyBytes_GET_SIZE(payload)

        return self.deliver(PyBytes_AS_STRING(payload), size, size, id, attachments)

    cdef int deliver(
        self, char* payload, Py_ssize_t size, Py_ssize_t openers, int64_t id,
        list attachments
    ) except -1:
        """Find the event's listeners and call them with its arguments.

        At most so many brackets open in the payload.
        """
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
        if (
            slot.only is not None
            and id < 0
            and attachments is None
            and self.incoming is None
            and not self.recoverable
            and self.deliver_one(slot, <char*>p, end, openers)
        ):
            return 0
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

    cdef bint deliver_one(
        self, Slot slot, char* p, const char* end, Py_ssize_t openers
    ) except -1:
        """Deliver an only argument to an only listener, without an array around it.

        Tells whether that was it. What does not decode takes the long way, which knows
        why; an event that comes with several arguments takes it ever after.
        """
        cdef:
            Py_ssize_t size = end - p - 2
            Listener only = slot.only
            PyObject* argument

        if size <= 0 or p[0] != c"," or (end - 1)[0] != c"]":
            return False
        if openers > self.wire.json.max_depth:
            p[0] = c"["
            self.wire.json.check_depth(p, end - p)
            p[0] = c","
        if only.single is None:
            argument = self.wire.json.try_decode(p + 1, size)
        else:
            argument = call_one(only.single, PyBytes_FromStringAndSize(p + 1, size))
        if argument == NULL:
            return self.not_decoded(slot, only)
        self.wire.events_delivered += 1
        self.call_only(slot, only, steal(argument))
        return True

    cdef bint not_decoded(self, Slot slot, Listener only) except -1:
        """Leave the error to the long way, which knows whose it is: return False."""
        if only.single is None:
            if not PyErr_ExceptionMatches((ValueError, RecursionError)):
                propagate()
        elif PyErr_ExceptionMatches((KeyboardInterrupt, SystemExit)):
            propagate()
        if (
            PyErr_ExceptionMatches(DecodeError)
            and not PyErr_ExceptionMatches(ValidationError)
        ):
            slot.only = None
        PyErr_Clear()
        return False

    cdef int call_only(self, Slot slot, Listener listener, object argument) except -1:
        """Call the listener with one argument that was the slot's only one.

        Who was called to decode the argument may have removed it, or added another.
        """
        cdef:
            list listeners = slot.listeners
            PyObject* result

        slot.busy += 1
        result = call_one(listener.fn, argument)
        if result == Py_None:
            Py_DECREF(result)
        else:
            self.after_call(result, slot, listener, None)
        if slot.listeners is listeners and slot.busy:
            slot.busy -= 1
        return 0

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
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:
                # They do not fit its types, or a dec_hook has raised.
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
        if (last - 1)[0] == c"," and end - last <= MAX_OFFSET + 3:
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
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as exception:
            self.failed(exception, "ack", listener)
        return 0

"""The outbound half of a namespace: emits, what holds them, the acks they wait for.

Strategy: a packet is encoded at once, connected or not, so that what cannot be encoded
raises in the caller, and later changes of the arguments are not seen. It goes straight
into the outlet, or is held until CONNECT is answered.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t

from sioc._acks cimport AckTable, PendingAck
from sioc._binary cimport restore
from sioc._clock cimport now
from sioc._custom cimport CustomEncoder
from sioc._emitter cimport EventEmitter
from sioc._listener cimport Listener
from sioc._encoder cimport Encoded, Encoder, PacketEncoder, Prepared
from sioc._packed cimport PackedEncoder
from sioc._packet cimport DISCONNECT, EVENT, Header, event_name, parse_header
from sioc._wire cimport Wire

from asyncio import Future, get_running_loop

from sioc.exceptions import AckTimeoutError, BufferFullError, DisconnectedError

cdef extern from "Python.h":
    const Py_ssize_t PY_SSIZE_T_MAX


cdef PacketEncoder encoder_of(str nsp, Wire wire):
    """Return the encoder of the parser that a wire has."""
    if wire.encoder is not None:
        return CustomEncoder(nsp, wire.encoder)
    if wire.msgpack is not None:
        return PackedEncoder(nsp, wire.msgpack)
    return Encoder(nsp, wire.json)


cdef class Sender(EventEmitter):
    """Send to one namespace on a Manager.

    Args:
        nsp: The namespace, with its leading slash.
        wire: What it shares with the Manager's other namespaces.
        ack_timeout: Seconds every ack may take; None for no limit.
        retries: How often an event is sent again until it is acknowledged; 0: events
            are not acknowledged unless asked for.
    """

    def __cinit__(
        self, str nsp, Wire wire, object ack_timeout, int retries, *args, **kwargs
    ):
        self.nsp = nsp
        self.wire = wire
        self.ack_timeout = ack_timeout
        self.retries = retries
        self.encoder = encoder_of(nsp, wire)
        self.acks = AckTable(wire.limits.max_pending_acks, self)
        self.unsent = {}
        self.subject = "the server"

    @property
    def acks_pending(self):
        """Acks the server owes."""
        return len(self.acks.pending)

    # Emitting.

    def emit(self, str event not None, *args, object ack=None):
        """Send an event to the server; held while not connected.

        Args:
            event: The event's name.
            *args: Whatever JSON can hold, and bytes-like values at any depth.
            ack: A function to call with the server's acknowledgement. With an
                ack_timeout or retries it gets an error, or None, as its first argument.

        Raises:
            ReservedEventError: The name is the protocol's own.
            TypeError: An argument cannot be encoded. Nothing was sent.
            BufferFullError: Too much is unsent already. Nothing was sent.
        """
        if ack is None and self.retries == 0 and self.ready():
            self.encoder.send(event, args, self.wire.outlet)
            self.wire.packets_out += 1
        else:
            self.send_event(event, args, ack, self.ack_timeout, False)

    def send(self, *args, object ack=None):
        """Send an event named "message"; see emit()."""
        self.send_event("message", args, ack, self.ack_timeout, False)

    # Positional: called with no keywords to look for, which is a good part of the time.
    def emit_prepared(self, Prepared packet not None, /):
        """Send an event that prepare() has encoded; see emit().

        Raises:
            BufferFullError: Too much is unsent already. Nothing was sent.
        """
        if packet.attachments is None and self.retries == 0 and self.ready():
            self.encoder.send_prepared(packet, self.wire.outlet)
            self.wire.packets_out += 1
        else:
            self.send_prepared(packet, False)

    def emit_with_ack(self, str event not None, *args, object timeout=None):
        """Send an event and wait for the server's acknowledgement.

        Args:
            event: The event's name.
            *args: As for emit().
            timeout: Seconds to wait, for each try where there are retries; None stands
                for the ack_timeout option.

        Returns:
            None for an empty ack, the one argument, or a tuple of several.

        Raises:
            AckTimeoutError: No ack came in time. An unsent packet is never sent.
            DisconnectedError: The connection was lost after the packet was sent.
            ReservedEventError, TypeError, BufferFullError: As emit().
        """
        seconds = self.ack_timeout if timeout is None else timeout
        return self._wait_ack(event, args, seconds, False)

    async def _wait_ack(self, str event, tuple args, object timeout, bint volatile):
        cdef PendingAck entry

        future = get_running_loop().create_future()
        entry = self.send_event(event, args, future, timeout, volatile)
        try:
            return await future
        finally:
            # Cancelled: neither the ack nor an unsent packet is wanted any more.
            self.forget(entry)

    async def drain(self):
        """Wait until what is unsent has sunk below the low-water mark.

        Returns at once while there is no connection: what is held then has limits of
        its own.
        """
        self.wire.check()
        outlet = self.wire.outlet
        if outlet is not None:
            await outlet.drain()

    @property
    def send_buffer(self):
        """Packets emitted while not connected, encoded, in order; a copy."""
        return list(self.unsent)

    @property
    def buffered_amount(self):
        """Bytes emitted and not yet handed to the kernel, those held included."""
        outlet = self.wire.outlet
        sending = 0 if outlet is None else outlet.buffered()
        return self.held_bytes() + sending

    cdef PendingAck send_event(
        self, str event, tuple args, object waiter, object timeout, bint volatile
    ):
        cdef PendingAck entry = None

        self.wire.check_turn()
        if waiter is None:
            self.encoder.event(event, args, -1)
        else:
            self.encoder.event(event, args, self.acks.next_id)
            if not isinstance(waiter, Future):
                waiter = Listener(waiter, True, False)
            entry = self.acks.add(event, waiter, timeout is not None, timeout)
            if self.wire.observer is not None:
                entry.begun = now()
        if volatile and not self.can_write():
            return entry
        try:
            self.transmit(entry, event, args)
        except Exception:
            # Too much is unsent.
            if entry is not None:
                self.acks.pop(entry.id)
            raise
        return entry

    cdef inline bint ready(self) except -1:
        """Tell whether a packet can go out now, with nobody to be told."""
        return self.outgoing is None and self.connected and self.wire.usable()

    cdef bint can_write(self) except -1:
        return self.connected and self.wire.usable() and self.wire.outlet.writable

    cdef int transmit(self, PendingAck entry, str event, tuple args) except -1:
        """Send the encoder's packet, or hold it."""
        cdef Encoded packet

        if self.ready():
            self.encoder.put(self.wire.outlet)
            self.wire.packets_out += 1
            return 0
        packet = self.encoder.take()
        if self.outgoing is not None:
            packet.shown = (event, *args)
        if self.connected and self.wire.usable():
            return self.put(packet)
        return self.hold(packet, entry)

    cdef int put(self, Encoded packet, bint anyway=False) except -1:
        """Send a packet now; tell the outgoing catch-alls of an event just before."""
        if packet.shown is not None and self.outgoing is not None:
            self.dispatch(self.outgoing, packet.shown, None)
        if self.wire.outlet is not None:
            if anyway:
                packet.put_anyway(self.wire.outlet)
            else:
                packet.put(self.wire.outlet)
            self.wire.packets_out += 1
            if self.wire.observer is not None:
                self.tell(packet)
        return 0

    cdef int tell(self, Encoded packet) except -1:
        """Tell the observer of a packet that was sent."""
        cdef:
            Header header
            str event = None

        if packet.about is not None:
            type, event, id = packet.about
            return self.wire.tell(False, type, self.nsp, event, id, 0, packet.size)
        # Without the "4" of Engine.IO.
        parse_header(
            PyBytes_AS_STRING(packet.text) + 1, PyBytes_GET_SIZE(packet.text) - 1,
            PY_SSIZE_T_MAX, &header,
        )
        if header.type == EVENT:
            event = event_name(header.payload, header.payload_size)
        return self.wire.tell(
            False, header.type, self.nsp, event, None if header.id < 0 else header.id,
            header.attachments, packet.size,
        )

    cdef int send_prepared(self, Prepared packet, bint volatile) except -1:
        self.wire.check_turn()
        if volatile and not self.can_write():
            return 0
        self.encoder.prepared(packet, -1)
        return self.transmit(None, packet.event, packet.args)

    cdef Py_ssize_t held_bytes(self) except -1:
        return self.unsent_bytes

    cdef int check_room(self, Py_ssize_t held, Py_ssize_t size) except -1:
        """Refuse a packet of a size that would be one too many to be held."""
        limits = self.wire.limits
        if held >= limits.max_send_buffer:
            raise BufferFullError.exceeded(
                "max_send_buffer", held + 1, limits.max_send_buffer
            )
        size += self.held_bytes()
        if size > limits.max_send_bytes:
            raise BufferFullError.exceeded(
                "max_send_bytes", size, limits.max_send_bytes
            )
        return 0

    cdef int hold(self, Encoded packet, PendingAck entry) except -1:
        self.check_room(len(self.unsent), packet.size)
        self.unsent[packet] = entry
        self.unsent_bytes += packet.size
        if entry is not None:
            entry.packet = packet
        return 0

    cdef int send_ack(self, int64_t id, Py_ssize_t session, tuple args) except -1:
        """Answer an event; void when the session that asked is over."""
        if session != self.session or self.wire.outlet is None:
            return 0
        self.encoder.ack(args, id)
        if self.wire.observer is not None:
            return self.put(self.encoder.take())
        self.encoder.put(self.wire.outlet)
        self.wire.packets_out += 1
        return 0

    def _send_held(self):
        """Send what was emitted while it could not be sent, in order."""
        cdef:
            Encoded packet
            PendingAck entry

        while self.unsent and self.connected and self.wire.usable():
            # Not the first, time after time: a dict looks for it among those gone.
            for packet in list(self.unsent):
                if packet not in self.unsent:
                    continue  # nobody wants its ack any more
                # Out of the buffer before it is sent: a catch-all may emit.
                entry = self.unsent.pop(packet)
                self.unsent_bytes -= packet.size
                if entry is not None:
                    entry.packet = None
                self.put(packet, anyway=True)
                if not self.connected or not self.wire.usable():
                    break

    def _emit_reserved(self, str event, *args):
        """Call the listeners of an event of the protocol's own, such as `connect`."""
        self.emit_local(event, args)

    def _send_control(self, int type, object data):
        """Send a CONNECT packet, if there is a way out."""
        self.put(self.encoder.control(type, data), anyway=True)

    def _send_disconnect(self):
        """Send a DISCONNECT packet; leaving goes on where that cannot be done."""
        try:
            self.put(self.encoder.control(DISCONNECT, None), anyway=True)
        except Exception as exception:
            message = f"{self!r} could not send DISCONNECT"
            self._report(exception, {"message": message, "exception": exception})

    # Acks.

    cdef int on_ack(self, Header* header, list attachments) except -1:
        cdef list args = []

        if header.payload_size:
            args = <list>self.wire.json.decode(header.payload, header.payload_size)
            if attachments is not None:
                restore(args, attachments)
        return self.take_ack(header.id, args)

    cdef int take_ack(self, int64_t id, list args) except -1:
        """Give the one who waits for an ack its arguments."""
        cdef:
            PendingAck entry = self.acks.pending.get(id)
            object answer = args

        if entry is None or entry.packet is not None:
            return self.wire.ignore("unknown ack")
        if len(args) > 1:
            answer = tuple(args)
        self.acks.remove(entry)
        return self.settle_ack(entry, None, answer)

    cdef int settle_ack(self, PendingAck entry, object error, object args) except -1:
        """Give a waiter its answer: arguments, a tuple where many, or an error."""
        if entry.begun and self.wire.observer is not None:
            self.wire.observer.acked(self, entry.event, now() - entry.begun, error)
        if isinstance(entry.waiter, Future):
            if entry.waiter.done():
                return 0
            if error is not None:
                entry.waiter.set_exception(error)
            elif len(args) > 1:
                entry.waiter.set_result(args)
            else:
                entry.waiter.set_result(args[0] if args else None)
            return 0
        if error is not None and not entry.error_first:
            # A plain callback cannot tell an error: dropped, as in 4.9.8.
            return 0
        if entry.error_first:
            args = [error, *args]
        return self.perform(entry.event, <Listener>entry.waiter, args, None)

    cdef int forget(self, PendingAck entry) except -1:
        """Drop an ack, and its packet if that was not sent."""
        self.acks.pop(entry.id)
        if entry.packet is not None and entry.packet in self.unsent:
            del self.unsent[entry.packet]
            self.unsent_bytes -= (<Encoded>entry.packet).size
        return 0

    def _ack_expired(self, PendingAck entry):
        self.forget(entry)
        self.settle_ack(entry, AckTimeoutError(), [])

    def _fail_acks(self, str reason):
        """Settle each ack whose packet was sent; what is held can still be answered."""
        cdef PendingAck entry

        for entry in self.acks.sent():
            error = DisconnectedError(reason)
            if self.acks.pop(entry.id) is not None:
                self.settle_ack(entry, error, [])

    # The emitter's hooks.

    cdef int failed(self, object exception, str event, Listener listener) except -1:
        self.wire.listener_errors += 1
        return EventEmitter.failed(self, exception, event, listener)

    cdef int task_started(self) except -1:
        return self.wire.handler_started()

    cdef int task_ended(self) except -1:
        return self.wire.handler_ended()

"""Registering a namespace's listeners: typed and raw ones, limits, catch-alls."""

from sioc._listener cimport Listener, Slot
from sioc._modifiers cimport ModifiedSender

from functools import partial

import msgspec

from sioc.checks import check_positive


class Arguments(msgspec.Struct, array_like=True):
    """The arguments of an event, typed; surplus ones are dropped."""


def shape_of(types):
    """Return the Arguments of one type, or of a tuple of several."""
    if isinstance(types, type) and issubclass(types, Arguments):
        return types
    each = types if isinstance(types, tuple) else (types,)
    fields = [(f"argument_{i}", kind) for i, kind in enumerate(each)]
    return msgspec.defstruct("Arguments", fields, bases=(Arguments,))


cdef int set_types(Listener listener, object types, object hook) except -1:
    """Have a listener's arguments decoded into types; None: as they are."""
    if types is not None:
        shape = shape_of(types)
        listener.decoder = msgspec.json.Decoder(shape, dec_hook=hook).decode
        listener.converter = partial(msgspec.convert, type=shape, dec_hook=hook)
        if len(shape.__struct_fields__) == 1:
            (only,) = msgspec.structs.fields(shape)
            listener.single = msgspec.json.Decoder(only.type, dec_hook=hook).decode
    return 0


cdef class Registry(ModifiedSender):
    """The listeners of one namespace."""

    def on(
        self, str event not None, object fn=None, *, bint ack=False, object types=None,
        bint raw=False, object concurrency=None,
    ):
        """Call a function at each event of that name; also a decorator.

        Args:
            event: The event's name.
            fn: A function or coroutine function. It gets as many arguments as it can
                take. When the server asked for an ack, what it returns is the ack:
                None for no arguments, a tuple for several, anything else for one.
            ack: Give fn an extra last argument instead: a callable to be called once,
                whenever it likes; None when the server asked for no ack.
            types: Decode the arguments into these: one type for one argument, a tuple
                for several; any that msgspec knows. What does not fit is reported as
                a ValidationError of the listener's and not delivered to it.
            raw: Give fn the undecoded arguments: one bytes, the array as JSON or
                MessagePack.
            concurrency: How many of fn's coroutines may run at a time, in order of
                arrival; None for no limit.

        Returns:
            The Socket, or the decorator when no function is given.

        Raises:
            TypeError: fn cannot be called, a type is none that msgspec knows, or
                concurrency is no int.
            ValueError: concurrency is not positive, or raw comes with types or a
                custom parser.
        """
        return self._listen(event, fn, False, ack, types, raw, concurrency)

    def once(
        self, str event not None, object fn=None, *, bint ack=False, object types=None,
        bint raw=False, object concurrency=None,
    ):
        """Call a function at the next event of that name only; see on()."""
        return self._listen(event, fn, True, ack, types, raw, concurrency)

    def _listen(
        self, str event, object fn, bint once, bint ack, object types, bint raw,
        object concurrency,
    ):
        if fn is None:
            return partial(
                self._listen_as, event, once, ack, types, raw, concurrency
            )
        self._listen_as(event, once, ack, types, raw, concurrency, fn)
        return self

    def _listen_as(
        self, str event, bint once, bint ack, object types, bint raw,
        object concurrency, object fn,
    ):
        cdef Listener listener = Listener(fn, once, ack)

        if raw and types is not None:
            raise ValueError("raw=True leaves the arguments undecoded: take types out")
        if raw and self.wire.decoder is not None:
            raise ValueError("raw=True: a custom parser hands over decoded arguments")
        if concurrency is not None:
            listener.concurrency = check_positive("concurrency", concurrency)
        listener.raw = raw
        set_types(listener, types, self.wire.json.dec_hook)
        self._add(event, listener)
        return fn

    def _observe(self, str event not None, object fn, object types=None):
        """Call fn with the arguments and the ack callable; others may answer too."""
        cdef Listener listener = Listener(fn, False, True)

        listener.observer = True
        set_types(listener, types, self.wire.json.dec_hook)
        self._add(event, listener)

    # Catch-alls.

    def _catch(self, str direction, object fn, bint first, bint observer=False):
        cdef:
            Slot slot = self.incoming if direction == "in" else self.outgoing
            Listener listener = Listener(fn, False, False)

        if slot is None:
            slot = Slot("*")
            if direction == "in":
                self.incoming = slot
            else:
                self.outgoing = slot
        listener.observer = observer
        listener.watch(self.watch is not None)
        slot.add(listener, first)

    def _release(self, str direction, object fn):
        cdef Slot slot = self.incoming if direction == "in" else self.outgoing

        if slot is None:
            return
        if fn is None:
            slot.clear()
        else:
            slot.remove(fn)
        if not slot.listeners:
            if direction == "in":
                self.incoming = None
            else:
                self.outgoing = None
                self._watch_outgoing()

    def _watch_outgoing(self):
        """Send on the observed path while there is an observer."""
        if self.wire.observer is not None:
            if self.outgoing is None:
                self.outgoing = Slot("*")
        elif self.outgoing is not None and not self.outgoing.listeners:
            self.outgoing = None

    def _watched_slots(self):
        own = [slot for slot in (self.incoming, self.outgoing) if slot is not None]
        return super()._watched_slots() + own

    def _caught(self, str direction):
        cdef Slot slot = self.incoming if direction == "in" else self.outgoing

        return [] if slot is None else slot.functions()

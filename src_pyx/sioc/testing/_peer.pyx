"""What the peer does with each event.

Strategy: replies are made of the text of the request (see _packet.pyx); an echo of an
event without an ack id is the very text that came in. JSON is decoded only where a
value is needed, and where a client has put blanks into it.
"""

from libc.string cimport memcmp
from picows.picows cimport WSCloseCode

import msgspec

from sioc.testing._delay cimport DelayLine
from sioc.testing._flood cimport FloodQueue
from sioc.testing._hub cimport Hub
from sioc.testing._namespace cimport Namespace
from sioc.testing._packet cimport (
    Event,
    Packet,
    PacketType,
    Slice,
    empty,
    put_packet,
    slice_of,
    split_ack,
    split_event,
)
from sioc.testing._session cimport Session
from sioc.testing._wire cimport FrameBuffer


cdef:
    object decode_list = msgspec.json.Decoder(list).decode
    object decode_seconds = msgspec.json.Decoder(float).decode
    object encode_json = msgspec.json.encode

cdef enum:
    MAX_COUNT_DIGITS = 15
    # Seconds; a day.
    MAX_DELAY = 86400


cdef inline bint equal(Slice name, const char* known) noexcept:
    return memcmp(name.start, known, name.size) == 0


# The length leaves a few candidates, one comparison decides.
cdef Behaviour behaviour_of(Slice name) noexcept:
    if name.size == 4:
        if equal(name, b"echo"):
            return Behaviour.ECHO
        if equal(name, b"sink"):
            return Behaviour.SINK
        if equal(name, b"kick"):
            return Behaviour.KICK
        if equal(name, b"drop"):
            return Behaviour.DROP
    elif name.size == 5:
        if equal(name, b"flood"):
            return Behaviour.FLOOD
        if equal(name, b"stats"):
            return Behaviour.STATS
        if equal(name, b"delay"):
            return Behaviour.DELAY
        if equal(name, b"close"):
            return Behaviour.CLOSE
    elif name.size == 3:
        if equal(name, b"ask"):
            return Behaviour.ASK
    elif is_reserved(name):
        return Behaviour.RESERVED
    return Behaviour.ANSWER


cdef bint is_reserved(Slice name) noexcept:
    if name.size == 7:
        return equal(name, b"connect")
    if name.size == 10:
        return equal(name, b"disconnect")
    if name.size == 11:
        return equal(name, b"newListener")
    if name.size == 13:
        return equal(name, b"connect_error") or equal(name, b"disconnecting")
    if name.size == 14:
        return equal(name, b"removeListener")
    return False


# The payload of an event without blanks, or None if it is not an array.
cdef bytes recode(Slice payload):
    try:
        return encode_json(decode_list(payload.start[:payload.size]))
    except msgspec.DecodeError:
        return None


cdef class PeerSession(Session):
    """One client of the peer."""

    def __init__(self, Hub hub not None, bint base64):
        Session.__init__(self, hub, base64)
        self._delay = hub.delay
        self._delayed = DelayLine(self)
        self._scratch = FrameBuffer()
        self._floods = FloodQueue(self)

    # What the layers below call.

    cdef int on_writable(self) except -1:
        return self._floods.pump()

    cdef int on_closing(self) except -1:
        self._floods.cancel()
        self._delayed.cancel()
        return 0

    cdef int on_event(self, Namespace namespace, Packet* packet) except -1:
        cdef:
            Slice payload = packet.payload
            Slice id = packet.id
            Behaviour behaviour
            Event event
            bytes compact
        if not split_event(payload, &event):
            compact = recode(payload)
            if compact is None or not split_event(slice_of(compact), &event):
                return self.reject(b"EVENT with an invalid payload")
            payload = slice_of(compact)
        behaviour = behaviour_of(event.name)
        if behaviour == Behaviour.RESERVED:
            return self.reject(b"EVENT with a reserved name")
        self.hub.events += 1
        if behaviour <= Behaviour.ASK and id.size:
            self._reply(PacketType.ACK, namespace, id, Slice(b"[", 1), event.rest)
        if behaviour == Behaviour.ECHO:
            return self._reply(
                PacketType.EVENT, namespace, empty(), payload, empty()
            )
        if behaviour == Behaviour.ANSWER:
            return 0
        return self._perform(behaviour, namespace, id, event.rest)

    cdef int on_ack(self, Namespace namespace, Packet* packet) except -1:
        cdef:
            Slice args
            long long id
        if packet.id.size == 0:
            return self.reject(b"ACK without an id")
        if not split_ack(packet.payload, &args):
            return self.reject(b"ACK with an invalid payload")
        id = int(packet.id.start[:packet.id.size])
        if id not in namespace.asked:
            # Unknown, or answered before: ignored, as servers do.
            return 0
        namespace.asked.discard(id)
        # "[1,2]" becomes ["answered",1,2] and "[]" becomes ["answered"].
        return self.put_along(
            self.out, PacketType.EVENT, namespace, empty(),
            slice_of(b'["answered"' if args.size == 1 else b'["answered",'), args,
        )

    # What the events do.

    cdef int _perform(
        self, Behaviour behaviour, Namespace namespace, Slice id, Slice args
    ) except -1:
        if behaviour == Behaviour.FLOOD:
            return self._flood(namespace, args)
        if behaviour == Behaviour.ASK:
            return self._ask(namespace, args)
        if behaviour == Behaviour.DELAY:
            return self._set_delay(namespace, id, args)
        if behaviour == Behaviour.STATS:
            return self._tell_stats(namespace, id)
        if behaviour == Behaviour.KICK:
            self.put(PacketType.DISCONNECT, namespace, empty(), b"")
            return self.leave(namespace)
        if behaviour == Behaviour.DROP:
            self.abort()
        elif behaviour == Behaviour.CLOSE:
            return self.close(WSCloseCode.OK, b"")
        return 0

    cdef int _flood(self, Namespace namespace, Slice args) except -1:
        cdef:
            const char* at = args.start
            const char* end = at + args.size
            long long count = 0
            FrameBuffer packet = FrameBuffer()
            FrameBuffer done = FrameBuffer()
            bytes last
        while at < end and c"0" <= at[0] <= c"9" and at - args.start < MAX_COUNT_DIGITS:
            count = 10 * count + (at[0] - c"0")
            at += 1
        # A count, a comma and the quote of a name.
        if at == args.start or end - at < 3 or at[0] != c"," or at[1] != c'"':
            return self._complain(namespace, "flood takes a count and an event")
        at += 1
        self.put_along(
            packet, PacketType.EVENT, namespace, empty(),
            Slice(b"[", 1), Slice(at, end - at),
        )
        last = b'["flood:done",%d]' % count
        put_packet(
            done, PacketType.EVENT, 0,
            slice_of(namespace.name), empty(), slice_of(last), empty(),
        )
        return self._floods.put(namespace, packet, count, done.to_bytes())

    cdef int _ask(self, Namespace namespace, Slice args) except -1:
        if args.start[0] != c'"':
            return self._complain(namespace, "ask takes an event")
        cdef bytes id = b"%d" % namespace.ask()
        return self.put_along(
            self.out, PacketType.EVENT, namespace,
            slice_of(id), Slice(b"[", 1), args,
        )

    cdef int _set_delay(self, Namespace namespace, Slice id, Slice args) except -1:
        cdef double seconds
        try:
            seconds = decode_seconds(args.start[:args.size - 1])
        except msgspec.DecodeError:
            seconds = -1
        if not 0 <= seconds <= MAX_DELAY:
            return self._complain(namespace, "delay takes seconds")
        self._delay = seconds
        if id.size:
            self.put(PacketType.ACK, namespace, id, b"[%b]" % encode_json(seconds))
        return 0

    cdef int _tell_stats(self, Namespace namespace, Slice id) except -1:
        if id.size:
            self.put(
                PacketType.ACK, namespace, id, encode_json([self.hub.stats()])
            )
        return 0

    cdef int _complain(self, Namespace namespace, str what) except -1:
        return self.put(
            PacketType.EVENT, namespace, empty(), encode_json(["invalid", what])
        )

    # Outwards.

    cdef int _reply(
        self, PacketType type, Namespace namespace, Slice id, Slice head, Slice tail
    ) except -1:
        cdef FrameBuffer scratch = self._scratch
        if self._delay == 0 and self._delayed.is_empty():
            return self.put_along(self.out, type, namespace, id, head, tail)
        self.put_along(scratch, type, namespace, id, head, tail)
        self._delayed.put(scratch.to_bytes(), self._delay)
        scratch.clear()
        return 0

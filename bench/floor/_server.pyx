"""The server every contender talks to: source, sink and echo in one listener.

It speaks just enough Engine.IO and Socket.IO for an honest client, and is meant to be
faster than any of them: floods are replayed from frames built beforehand, emitted
events are counted by their two leading bytes, acks are answered without decoding.

    ["flood", n, payload]   n events of that payload, then ["done"]
    ["sink", n]             count the next n events, then ["sunk", n, bytes]
    ["sink", n, payload]    the same, and compare each: ["sunk", n, bytes, equal]
    ["beat", n]             n Engine.IO pings, one a turn
    ["silence"]             not acknowledged, whatever it asks for
    any other event with an ack id: the ack carries the event's arguments
    any event with an attachment comes back as it is
"""

from asyncio import get_running_loop

import msgspec

cimport cython
from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memchr, memcmp, memcpy

from picows.picows cimport WSMsgType, WSTransport

from floor._frames cimport Frames
from floor._wire cimport Wire, mask_bytes


cdef object decode = msgspec.json.Decoder().decode
cdef object encode = msgspec.json.Encoder().encode
cdef bytes SID = b'{"sid":"socket"}'


cdef bytes namespace(const char* text, Py_ssize_t size):
    """Return what names the namespace of a CONNECT packet, its comma included."""
    head, comma, _ = text[2:size].partition(b",")
    return head + comma if head.startswith(b"/") else b""


@cython.final
cdef class Replay:
    """Server frames of many events, one behind the other, to be sent again and again.

    Args:
        frames: the frames, in order.
    """

    cdef:
        readonly bytes data
        list ends

    def __init__(self, list frames):
        cdef Py_ssize_t end = 0
        self.data = b"".join(frames)
        self.ends = [0]
        for frame in frames:
            end += len(frame)
            self.ends.append(end)

    def __len__(self):
        return len(self.ends) - 1

    def head(self, Py_ssize_t count):
        """Return the bytes of the first count frames."""
        return self.data[:self.ends[count]]


cdef class Peer(Frames):
    """One connection of the server, after its handshake.

    Args:
        replays: payload name -> Replay.
        values: payload name -> the values a client emits, over and over.
    """

    cdef:
        dict replays
        dict values
        object transport
        object write
        Wire wire
        # The flood under way: how often the whole replay still goes out, then the rest.
        Replay replay
        Py_ssize_t cycles
        bytes rest
        bint paused
        # An attachment comes next.
        bint header_waits
        # The sink under way, if expected is not zero.
        Py_ssize_t expected
        Py_ssize_t counted
        Py_ssize_t counted_bytes
        list kept
        str kept_name

    def __init__(self, dict replays not None, dict values not None):
        self.replays = replays
        self.values = values

    def connect(self, WSTransport transport not None):
        """Take the connection over from picows."""
        self.transport = transport.underlying_transport
        self.write = self.transport.write
        self.wire = Wire(transport, False)
        self.transport.set_protocol(self)
        # No heartbeat falls into a measurement: a job lasts seconds.
        self.put(
            b'0{"sid":"engine","upgrades":[],"pingInterval":300000,'
            b'"pingTimeout":300000,"maxPayload":1000000}'
        )
        self.wire.flush()

    cdef int take(
        self, int opcode, uint8_t* payload, Py_ssize_t size, const uint8_t* key
    ) except -1:
        cdef:
            char* text = <char*>payload
            uint32_t word

        if (
            self.expected and self.kept is None
            and size > 1 and opcode == WSMsgType.TEXT
            and payload[0] ^ key[0] == c"4" and payload[1] ^ key[1] == c"2"
        ):
            return self.count(size)
        memcpy(&word, key, 4)
        mask_bytes(payload, size, word)
        if opcode == WSMsgType.BINARY:
            self.wire.put(WSMsgType.BINARY, text, size, b"", 0)
            self.header_waits = False
        elif opcode == WSMsgType.CLOSE:
            self.wire.put(WSMsgType.CLOSE, text, size, b"", 0)
            self.wire.flush()
            self.transport.close()
        elif size > 1 and text[0] == c"4":
            if text[1] == c"2":
                self.on_event(text, size)
            elif text[1] == c"5":
                self.wire.put(WSMsgType.TEXT, text, size, b"", 0)
                self.header_waits = True
            elif text[1] == c"0":
                self.put(b"40" + namespace(text, size) + SID)
        return 0

    cdef int taken(self) except -1:
        # Header and attachment go out in one write.
        if not self.header_waits:
            self.wire.flush()
        return 0

    def connection_made(self, transport):
        """Not called: the connection was made before it was taken over."""

    def connection_lost(self, error):
        self.replay = None

    def eof_received(self):
        """Close, as asyncio does when this returns nothing."""

    def pause_writing(self):
        self.paused = True

    def resume_writing(self):
        self.paused = False
        self.pour()

    cdef int put(self, bytes text) except -1:
        self.wire.put(
            WSMsgType.TEXT, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text), b"", 0
        )
        return 0

    cdef int on_event(self, char* text, Py_ssize_t size) except -1:
        if self.expected:
            if self.kept is not None:
                self.kept.append(PyBytes_FromStringAndSize(text + 2, size - 2))
            self.count(size)
        elif text[2] != c"[":
            self.acknowledge(text, size)
        else:
            event = decode(PyBytes_FromStringAndSize(text + 2, size - 2))
            self.command(*event)
        return 0

    cdef int count(self, Py_ssize_t size) except -1:
        self.counted += 1
        self.counted_bytes += size
        return self.sunk() if self.counted == self.expected else 0

    cdef int acknowledge(self, char* text, Py_ssize_t size) except -1:
        """Answer 42<id>["name",<arguments>] with 43<id>[<arguments>]."""
        cdef:
            char* end = text + size
            char* bracket = <char*>memchr(text, c"[", size)
            char* comma = <char*>memchr(bracket, c",", end - bracket)
            bytes head = b"43" + text[2:bracket - text + 1]
        if end - bracket > 9 and memcmp(bracket, b'["silence', 9) == 0:
            return 0
        if comma is NULL:
            comma = end - 2
        self.wire.put(
            WSMsgType.TEXT,
            PyBytes_AS_STRING(head), PyBytes_GET_SIZE(head), comma + 1, end - comma - 1
        )
        return 0

    def command(self, name, Py_ssize_t count, payload=None):
        if name == "flood":
            self.replay = self.replays[payload]
            self.cycles = count // len(self.replay)
            self.rest = self.replay.head(count % len(self.replay))
            self.pour()
        elif name == "sink":
            self.expected = count
            self.counted = self.counted_bytes = 0
            self.kept = None if payload is None else []
            self.kept_name = payload
        elif name == "beat":
            self.beat(count)
        else:
            raise ValueError(f"the server knows no event {name!r}")

    def beat(self, Py_ssize_t count):
        """Send a ping, and the others in later turns of the loop."""
        if count:
            self.put(b"2")
            self.wire.flush()
            get_running_loop().call_later(0.02, self.beat, count - 1)

    cdef int pour(self) except -1:
        """Write the flood until the transport says stop, or to its end."""
        if self.replay is None:
            return 0
        while self.cycles and not self.paused:
            self.cycles -= 1
            self.write(self.replay.data)
        if not self.cycles and not self.paused:
            self.replay = None
            self.write(self.rest)
            self.put(b'42["done"]')
            self.wire.flush()
        return 0

    cdef int sunk(self) except -1:
        cdef list answer = ["sunk", self.counted, self.counted_bytes]
        if self.kept is not None:
            answer.append(self.equal())
            self.kept = None
        self.expected = 0
        self.put(b"42" + <bytes>encode(answer))
        return 0

    def equal(self):
        """Tell whether every event kept is the one that had to come."""
        values = self.values[self.kept_name]
        wanted = [["tick", values[i % len(values)]] for i in range(self.counted)]
        return [decode(text) for text in self.kept] == wanted

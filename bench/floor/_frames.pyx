"""WebSocket frames on their way into the server (RFC 6455 section 5.2).

The server must not be what a fast client waits for. So nothing is made of a frame here,
not even its mask is taken off: of an event that is only counted two bytes are read.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING
from libc.stdint cimport uint8_t
from libc.string cimport memmove

cdef enum:
    READ = 131072               # bytes asked for at a time
    CAPACITY = 2097152          # bytes; a frame has to fit
    FIN = 0x80
    OPCODE = 0x0F
    MASKED = 0x80
    LENGTH = 0x7F
    LENGTH_16 = 126
    LENGTH_64 = 127

# Connections that wait for no rest of a frame share a buffer: a transport asks for it,
# reads and tells how much at one go.
cdef:
    bytearray shared = bytearray(CAPACITY)
    list spares = []


cdef class Frames:
    """What reads of an asyncio.BufferedProtocol; a subclass takes the frames."""

    def get_buffer(self, hint):
        buffer = shared if self.buffer is None else self.buffer
        return memoryview(buffer)[self.size:self.size + READ]

    def buffer_updated(self, Py_ssize_t count):
        global shared
        cdef:
            bytearray buffer = shared if self.buffer is None else self.buffer
            uint8_t* start = <uint8_t*>PyByteArray_AS_STRING(buffer)
            Py_ssize_t done

        self.size += count
        done = self._take_all(start)
        self.taken()
        self.size -= done
        if self.size:
            memmove(start, start + done, self.size)
            if self.buffer is None:
                self.buffer = shared
                shared = spares.pop() if spares else bytearray(CAPACITY)
        elif self.buffer is not None:
            spares.append(self.buffer)
            self.buffer = None

    cdef Py_ssize_t _take_all(self, uint8_t* start) except -1:
        """Take every whole frame; return where the first incomplete one begins."""
        cdef:
            uint8_t* at = start
            uint8_t* end = at + self.size
            uint8_t* payload
            Py_ssize_t size
            int i

        while end - at >= 2:
            if at[0] & FIN == 0 or at[1] & MASKED == 0:
                raise ValueError("a client sends frames that are final and masked")
            size = at[1] & LENGTH
            payload = at + 6
            if size == LENGTH_16:
                payload = at + 8
                if end < payload:
                    break
                size = (at[2] << 8) | at[3]
            elif size == LENGTH_64:
                payload = at + 14
                if end < payload:
                    break
                size = 0
                for i in range(2, 10):
                    size = (size << 8) | at[i]
            if size > CAPACITY - READ:
                raise ValueError(f"a frame of {size} bytes is too large")
            if end - payload < size:
                break
            self.take(at[0] & OPCODE, payload, size, payload - 4)
            at = payload + size
        return at - start

    cdef int take(
        self, int opcode, uint8_t* payload, Py_ssize_t size, const uint8_t* key
    ) except -1:
        """Called with every frame; the payload is still masked with the key."""
        raise NotImplementedError

    cdef int taken(self) except -1:
        """Called when all the frames that have come are taken."""
        raise NotImplementedError

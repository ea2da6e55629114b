"""Events sent as fast as the client reads them.

Strategy: all packets of a flood are equal, so they are laid out once, some 64 kB of
them, and the same memory is written again and again. A pause of the transport ends a
run, its resumption begins the next.
"""

from collections import deque

from sioc.testing._engine cimport EngineSession
from sioc.testing._namespace cimport Namespace
from sioc.testing._wire cimport FrameBuffer


cdef enum:
    CHUNK_BYTES = 64 * 1024
    # After so many bytes the loop may read, and serve its other connections.
    TURN_BYTES = 256 * 1024


cdef Flood lay_out(FrameBuffer packet, long long count):
    cdef:
        Flood flood = Flood()
        Py_ssize_t copies = max(1, min(count, <long long>CHUNK_BYTES // packet.size))
    flood.chunk = FrameBuffer()
    flood.packet_size = packet.size
    flood.packets_per_chunk = copies
    flood.left = count
    flood.chunk.reserve(copies * packet.size)
    while flood.chunk.size < copies * packet.size:
        flood.chunk.put_raw(packet.data, packet.size)
    return flood


cdef class FloodQueue:
    def __cinit__(self, EngineSession session):
        self._session = session
        self._floods = deque()
        self._turn = None

    cdef int put(
        self, Namespace namespace, FrameBuffer packet, long long count, bytes done
    ) except -1:
        cdef Flood flood = lay_out(packet, count)
        flood.namespace = namespace
        flood.done = done
        self._floods.append(flood)
        return self.pump()

    cdef int pump(self) except -1:
        cdef:
            EngineSession session = self._session
            Py_ssize_t budget = TURN_BYTES
            Py_ssize_t size
            Flood flood
        if self._turn is not None:
            return 0
        while self._floods and not (session.paused or session.closing):
            if budget <= 0:
                self._turn = session.hub.loop.call_soon(self._next_turn)
                break
            flood = self._floods[0]
            if flood.left and flood.namespace.joined:
                size = min(flood.left, flood.packets_per_chunk)
                flood.left -= size
                size *= flood.packet_size
                session.write(flood.chunk.data, size)
                budget -= size
            else:
                self._floods.popleft()
                if flood.namespace.joined:
                    session.write(flood.done, len(flood.done))
        return 0

    cdef int cancel(self) except -1:
        self._floods.clear()
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        return 0

    def _next_turn(self):
        self._turn = None
        self.pump()

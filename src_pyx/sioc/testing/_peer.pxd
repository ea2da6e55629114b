# What the peer does with each event; the event's name decides.
cimport cython

from sioc.testing._delay cimport DelayLine
from sioc.testing._flood cimport FloodQueue
from sioc.testing._namespace cimport Namespace
from sioc.testing._packet cimport Packet, PacketType, Slice
from sioc.testing._session cimport Session
from sioc.testing._wire cimport FrameBuffer


cdef enum Behaviour:
    # Any other name: an ack if one is asked for, nothing else.
    ANSWER
    ECHO
    FLOOD
    # The names up to here are acknowledged with their own arguments.
    ASK
    SINK
    STATS
    DELAY
    KICK
    DROP
    CLOSE
    # A name that only the library itself may use: no client sends it.
    RESERVED


@cython.final
cdef class PeerSession(Session):
    cdef:
        # Seconds before acks and echoes, and those that wait.
        double _delay
        DelayLine _delayed
        FrameBuffer _scratch
        FloodQueue _floods

    # Puts an ack or an echo, now or when its time has come.
    cdef int _reply(
        self, PacketType type, Namespace namespace, Slice id, Slice head, Slice tail
    ) except -1

    # `args` are an event's arguments, up to and with the closing bracket.
    cdef int _perform(
        self, Behaviour behaviour, Namespace namespace, Slice id, Slice args
    ) except -1
    cdef int _flood(self, Namespace namespace, Slice args) except -1
    cdef int _ask(self, Namespace namespace, Slice args) except -1
    cdef int _set_delay(self, Namespace namespace, Slice id, Slice args) except -1
    cdef int _tell_stats(self, Namespace namespace, Slice id) except -1
    # Tells the client what was wrong with the arguments of a known event.
    cdef int _complain(self, Namespace namespace, str what) except -1

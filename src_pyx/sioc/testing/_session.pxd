# Socket.IO v5 over an Engine.IO session: namespaces, and packets made whole.
from sioc.testing._engine cimport EngineSession
from sioc.testing._namespace cimport Namespace
from sioc.testing._packet cimport Packet, PacketType, Slice
from sioc.testing._wire cimport FrameBuffer


cdef class Session(EngineSession):
    cdef:
        # Of the packet being dispatched, as frames; empty for a packet without.
        FrameBuffer attachments

        # Joined namespaces; the root and the one last used need no look-up.
        dict _namespaces
        Namespace _root
        Namespace _last

        # The text of a binary packet, and how many attachments it still lacks.
        bytes _header
        Py_ssize_t _missing
        # How many attachments the packet being dispatched has.
        Py_ssize_t _count

    # Upwards. The packet's payload is a text that nobody has looked at.
    cdef int on_event(self, Namespace namespace, Packet* packet) except -1
    cdef int on_ack(self, Namespace namespace, Packet* packet) except -1

    # Puts a packet without attachments into `out`.
    cdef int put(
        self, PacketType type, Namespace namespace, Slice id, bytes payload
    ) except -1
    # Puts a packet, with the attachments of the one being dispatched, into `out` or
    # a buffer of the caller's.
    cdef int put_along(
        self, FrameBuffer out, PacketType type, Namespace namespace,
        Slice id, Slice head, Slice tail
    ) except -1
    cdef int leave(self, Namespace namespace) except -1
    # Closes the connection, as a server does with a client that breaks the protocol.
    cdef int reject(self, const char* what) except -1
    # Sends frames to a namespace if it is joined, and tells whether it is.
    cpdef bint deliver(self, bytes namespace, bytes frames) except -1

    cdef int _dispatch(self, Packet* packet) except -1
    cdef int _connect(self, Packet* packet) except -1
    cdef int _refuse(self, Slice name, bytes error) except -1
    cdef Namespace _find(self, Slice name)

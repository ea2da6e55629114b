"""What a WebSocket connection has left over from its handshake, let go of.

Thousands of idle connections are held in one process: each byte of one counts. picows
makes a connection ready for anything; what this one will not need again is taken back,
and its read buffer begins small. picows doubles that as soon as traffic fills it.
"""

cimport cython
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from picows.picows cimport MemoryBuffer, WSTransport

from gc import get_referents

cdef enum:
    SMALL_WRITE = 16            # bytes; picows writes close frames of its own there
    SMALL_READ = 512            # bytes; what CPython's allocator has at no overhead
    SLACK = 64                  # bytes of them that are not read into, for fast parsers


@cython.final
cdef class Settled:
    """What stands for a future whose outcome nobody will ask for."""

    def done(self):
        """Return True: nothing is to be set."""
        return True


cdef Settled settled = Settled()


def trim(protocol):
    """Make a connection small; its handshake is over, and all went well.

    Args:
        protocol: picows' WSProtocol, whose wait_disconnected() nobody calls any more.
    """
    cdef WSTransport transport = protocol.transport

    transport.request = None
    transport.response = None
    # For the pings that picows would send and measure.
    transport.listener_proxy = None
    # What ended the connection, the listener is told.
    transport.disconnected_future = settled
    transport._write_buffer = MemoryBuffer(SMALL_WRITE)
    # Where the protocol keeps its buffer is not picows' public interface.
    for held in get_referents(protocol):
        if type(held) is MemoryBuffer:
            shrink(<MemoryBuffer>held, protocol)


cdef int shrink(MemoryBuffer buffer, object protocol) except -1:
    """Make a read buffer small, unless there is something in it already."""
    cdef char* data

    if len(protocol.get_buffer(-1)) < buffer.size or buffer.capacity <= SMALL_READ:
        return 0
    data = <char*>PyMem_Malloc(SMALL_READ)
    if data == NULL:
        raise MemoryError("no memory for a read buffer")
    PyMem_Free(buffer.data)
    buffer.data = data
    buffer.capacity = SMALL_READ
    buffer.size = SMALL_READ - SLACK
    return 0

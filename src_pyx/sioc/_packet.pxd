# The Socket.IO packet: its type numbers, its header on the wire, its object form.

from libc.stdint cimport int64_t


# Packet types of the Socket.IO protocol, revision 5.
cdef enum Type:
    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


# What stands before the JSON payload. The pointers borrow the parsed text.
cdef struct Header:
    int type                    # EVENT or ACK for the binary types as well
    Py_ssize_t attachments      # 0 unless the type was binary
    const char* nsp             # NULL: the default namespace "/"
    Py_ssize_t nsp_size
    int64_t id                  # -1: no ack id
    const char* payload
    Py_ssize_t payload_size     # 0: no payload


cdef int parse_header(
    const char* text, Py_ssize_t size, Py_ssize_t max_attachments, Header* header
) except -1


cdef inline const char* skip_blanks(const char* p, const char* end) noexcept:
    while p < end and (p[0] == c" " or p[0] == c"\t" or p[0] == c"\n" or p[0] == c"\r"):
        p += 1
    return p


# The name that opens an event's payload, as text; None where there is none.
cdef str event_name(const char* payload, Py_ssize_t size)


cdef class Packet:
    cdef:
        public int type
        public str nsp
        public object data
        public object id

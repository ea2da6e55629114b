# Attachments: taken out of what is emitted, put back into what arrives.

cdef int check_count(list attachments) except -1
cdef object strip(object value, list attachments, Py_ssize_t max_depth)
cdef object restore(object value, list attachments)


cdef class Reassembler:
    cdef:
        Py_ssize_t max_packet_size

        # Of the packet being reassembled; text is None between packets.
        readonly bytes text         # header and payload, owned
        list attachments
        Py_ssize_t expected
        Py_ssize_t size             # bytes so far, text and attachments

    cdef int begin(self, const char* text, Py_ssize_t size, Py_ssize_t count) except -1
    cdef bint add(self, bytes attachment) except -1
    cdef list take(self)
    cdef int clear(self) except -1

# Acks the server owes: the table of one namespace.

from libc.stdint cimport int64_t


cdef class PendingAck:
    cdef:
        readonly int64_t id     # negative: not in the table
        readonly str event
        object waiter           # an asyncio.Future, or the Listener of a callback
        bint error_first        # a callback that gets an error, or None, first
        double deadline         # loop time; negative: none
        double begun            # when it was asked for; 0: nobody wants to know
        object packet           # the packet, while it waits to be sent


cdef class AckTable:
    cdef:
        dict pending            # id -> PendingAck, ids ascending
        int64_t next_id         # counts up over reconnections (4.8.4)
        Py_ssize_t maximum
        object owner            # its _ack_expired() gets those whose time is up

        # Deadlines of entries, many of them settled already; one timer for the first.
        list heap               # None: none of them has one
        Py_ssize_t timed        # entries in `pending` that have a deadline
        object timer
        dict later              # id -> seconds, of those without a loop; None: none

    cdef PendingAck add(
        self, str event, object waiter, bint error_first, object timeout
    )
    cdef int limit(self, PendingAck entry, object timeout) except -1
    cdef int begin(self) except -1
    cdef PendingAck pop(self, int64_t id)
    cdef int remove(self, PendingAck entry) except -1
    cdef list sent(self)
    cdef int arm(self) except -1


cdef PendingAck new_entry(int64_t id, str event, object waiter, bint error_first)
cdef object check_timeout(object timeout)

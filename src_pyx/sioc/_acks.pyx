"""The ack table: ids given out, waiters found again, deadlines kept.

One loop timer serves all deadlines of a table. A settled entry stays in the heap until
its deadline, or until settled ones outnumber the rest and the heap is rebuilt; either
way an ack costs amortised constant time.
"""

from asyncio import get_running_loop
from heapq import heapify, heappop, heappush

from sioc.exceptions import BufferFullError

# Seconds, some 30 years; whoever says more means that there is no limit.
cdef double LONGEST = 1e9


cdef class PendingAck:
    pass


cdef PendingAck new_entry(int64_t id, str event, object waiter, bint error_first):
    cdef PendingAck entry = PendingAck.__new__(PendingAck)

    entry.id = id
    entry.event = event
    entry.waiter = waiter
    entry.error_first = error_first
    entry.deadline = -1
    return entry


cdef object check_timeout(object timeout):
    """Return the seconds of an ack timeout, None for none; refuse a negative one."""
    if timeout is None:
        return None
    if not timeout >= 0:
        raise ValueError(f"timeout must not be negative, but is {timeout!r}")
    return None if timeout > LONGEST else timeout


cdef class AckTable:

    def __cinit__(self, Py_ssize_t maximum, object owner):
        self.pending = {}
        self.next_id = 0
        self.maximum = maximum
        self.owner = owner
        self.heap = None
        self.timed = 0
        self.timer = None
        self.later = None

    cdef PendingAck add(
        self, str event, object waiter, bint error_first, object timeout
    ):
        """Register a waiter under the next id.

        Args:
            event: The event's name, for error reports.
            waiter: An asyncio.Future or a Listener.
            error_first: Whether a Listener gets an error, or None, first.
            timeout: Seconds, or None for no limit.

        Raises:
            BufferFullError: The server owes max_pending_acks acks already.
        """
        cdef PendingAck entry

        if len(self.pending) >= self.maximum:
            raise BufferFullError.exceeded(
                "max_pending_acks", len(self.pending) + 1, self.maximum
            )
        timeout = check_timeout(timeout)
        entry = new_entry(self.next_id, event, waiter, error_first)
        if timeout is not None:
            self.limit(entry, timeout)
        # Last, as there may be no memory for one of the others.
        self.pending[entry.id] = entry
        self.next_id += 1
        self.timed += entry.deadline >= 0
        return entry

    cdef int limit(self, PendingAck entry, object timeout) except -1:
        """Have an entry's time run; where no event loop does yet, from begin() on."""
        try:
            loop = get_running_loop()
        except RuntimeError:
            if self.later is None:
                self.later = {}
            self.later[entry.id] = timeout
            return 0
        entry.deadline = loop.time() + <double>timeout
        if self.heap is None:
            self.heap = []
        heappush(self.heap, (entry.deadline, entry.id))
        if self.timer is None or (<tuple>self.heap[0])[1] == entry.id:
            self.arm()
        return 0

    cdef int begin(self) except -1:
        """An event loop runs: have the time run of entries that are older than it."""
        later, self.later = self.later, None
        for id, timeout in (later or {}).items():
            self.limit(self.pending[id], timeout)
            self.timed += 1
        return 0

    cdef PendingAck pop(self, int64_t id):
        """Take an entry out; None when the id is unknown."""
        cdef PendingAck entry = self.pending.get(id)

        if entry is not None:
            self.remove(entry)
        return entry

    cdef int remove(self, PendingAck entry) except -1:
        """Take an entry out, which is there.

        Where that raises, it stays: who waits is told when the connection has ended.
        """
        if entry.deadline >= 0:
            if self.timed == 1:
                self.heap = None
                self.arm()
            elif len(self.heap) > 64 and len(self.heap) > 2 * self.timed:
                self.heap = [item for item in self.heap if item[1] in self.pending]
                heapify(self.heap)
            self.timed -= 1
        elif self.later is not None:
            self.later.pop(entry.id, None)
        del self.pending[entry.id]
        return 0

    cdef list sent(self):
        """Return every entry whose packet has left the send buffer, ids ascending."""
        cdef:
            list sent = []
            PendingAck entry

        for entry in self.pending.values():
            if entry.packet is None:
                sent.append(entry)
        return sent

    cdef int arm(self) except -1:
        """Have the one timer fire at the first deadline."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.heap:
            self.timer = get_running_loop().call_at(
                (<tuple>self.heap[0])[0], self._expire
            )
        return 0

    def _expire(self):
        cdef:
            PendingAck entry
            double now = get_running_loop().time()

        self.timer = None
        # Timers may fire up to their resolution early.
        while self.heap and (<tuple>self.heap[0])[0] <= now + 0.001:
            entry = self.pop((<tuple>heappop(self.heap))[1])
            if entry is not None:
                self.owner._ack_expired(entry)
        self.arm()

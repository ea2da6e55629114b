# One registration of a function, and the registrations of one event.


cdef class Listener:
    # One registration of one function. Its arity is read once, here, so that a call
    # neither inspects nor retries.
    cdef:
        readonly object fn
        readonly bint once
        readonly bint ack           # gets the ack callable as an extra last argument
        bint observer               # of a stream: gets the ack, and others may answer
        bint fired                  # a once listener that was called
        Py_ssize_t number           # ascends within its slot
        Py_ssize_t capacity         # positional arguments it can take; -1: any number
        Py_ssize_t required         # positional arguments it cannot do without

        # The fast way to call it, where nothing else has to be looked after.
        bint plain                  # neither once nor ack, and nobody looks after it
        Py_ssize_t most             # capacity, or more than any count

        # How arguments are made for it: decoded by default, else one of these.
        object decoder              # decodes the JSON array of arguments into types
        object converter            # the same for arguments decoded already
        object single               # decodes the only argument, if there is one type
        bint raw                    # gets the JSON array itself

        # Coroutines of a listener with limited concurrency.
        int concurrency             # 0: no limit
        int running
        object waiting              # deque of (coroutine, event, ack)

    cdef object call(self, object args, object ack)
    cdef int watch(self, bint watched) except -1


cdef class Slot:
    # The listeners of one event, in registration order.
    cdef:
        readonly str event
        bytes key                   # the name in UTF-8, for look-ups by slice
        bytes opening               # what opens its payload: `["name"`
        list listeners              # their numbers ascend
        dict by_function            # fn -> list of Listeners; None: not needed yet
        int special                 # listeners that want their arguments typed or raw
        Listener only               # the one that can be called the short way, or None
        int busy                    # dispatches running: mutate a copy meanwhile

    cdef int writable(self) except -1
    cdef int changed(self) except -1
    cdef int add(self, Listener listener, bint first) except -1
    cdef bint remove(self, object fn) except -1
    cdef list registered(self, object fn)
    cdef int index(self) except -1
    cdef int discard(self, Listener listener) except -1
    cdef int clear(self) except -1
    cdef list functions(self)

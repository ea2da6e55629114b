# Listeners and their dispatch: what Socket, Manager and Engine build on.


cdef class Listener:
    # One registration of one function. Its arity is read once, here, so that a call
    # neither inspects nor retries.
    cdef:
        readonly object fn
        readonly bint once
        readonly bint ack           # gets the ack callable as an extra last argument
        bint fired                  # a once listener that was called
        Py_ssize_t capacity         # positional arguments it can take; -1: any number
        Py_ssize_t required         # positional arguments it cannot do without

    cdef object call(self, object args, object ack)


cdef class Slot:
    # The listeners of one event, in registration order.
    cdef:
        readonly str event
        bytes key                   # the name in UTF-8, for look-ups by slice
        list listeners
        int busy                    # dispatches running: mutate a copy meanwhile

    cdef int writable(self) except -1
    cdef int add(self, Listener listener) except -1
    cdef bint remove(self, object fn) except -1
    cdef int discard(self, Listener listener) except -1


cdef class EventEmitter:
    cdef:
        object __weakref__
        dict _slots                 # event -> Slot with at least one listener
        set _tasks                  # coroutine listeners still running

    cdef int dispatch(self, Slot slot, object args, object ack) except -1
    cdef int emit_local(self, str event, tuple args) except -1
    cdef bint take_result(
        self, object result, str event, Listener listener, object ack
    ) except -1
    cdef int spawn(
        self, object coroutine, str event, Listener listener, object ack
    ) except -1
    cdef int failed(self, object exception, str event, Listener listener) except -1

    # Hooks for the layers above.
    cdef int listeners_changed(self, str event) except -1
    cdef int settle(
        self, object ack, Listener listener, bint ok, object result
    ) except -1
    cdef int task_started(self) except -1
    cdef int task_ended(self) except -1

# Listeners and their dispatch: what Socket, Manager and Engine build on.

from cpython.object cimport PyObject

from sioc._listener cimport Listener, Slot


cdef class EventEmitter:
    cdef:
        object __weakref__
        dict _slots                 # event -> Slot with at least one listener
        set _tasks                  # coroutine listeners still running
        object watch                # looks after listeners (sioc.watching); or None
        str subject                 # who has sent the arguments, for error texts

    cdef int dispatch(self, Slot slot, object args, object ack) except -1
    cdef int after_call(
        self, PyObject* result, Slot slot, Listener listener, object ack
    ) except -1
    cdef int invoke(
        self, Slot slot, Listener listener, object args, object ack
    ) except -1
    cdef int perform(
        self, str event, Listener listener, object args, object ack
    ) except -1
    cdef object call(self, str event, Listener listener, object args, object ack)
    cdef int start_task(
        self, object coroutine, str event, Listener listener, object ack
    ) except -1
    cdef int emit_local(self, str event, tuple args) except -1
    cdef bint take_result(
        self, object result, str event, Listener listener, object ack
    ) except -1
    cdef int spawn(
        self, object coroutine, str event, Listener listener, object ack
    ) except -1
    cdef int task_over(
        self, object task, str event, Listener listener, object ack
    ) except -1
    cdef object explain(self, object missing)
    cdef int failed(self, object exception, str event, Listener listener) except -1

    # Hooks for the layers above.
    cdef int listeners_changed(self, str event) except -1
    cdef int settle(
        self, object ack, Listener listener, bint ok, object result
    ) except -1
    cdef int task_started(self) except -1
    cdef int task_ended(self) except -1

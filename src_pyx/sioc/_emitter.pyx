"""The event emitter: registration, and dispatch by vectorcall.

Dispatch walks a snapshot: a listener removed meanwhile still runs, one added does not
(0.5.3). No copy is made for that; a change during a dispatch replaces the list. One
listener's exception reaches neither the next listener nor the caller.
"""

from cpython.object cimport PyObject

from sioc._call cimport PyObject_Vectorcall, propagate, steal
from sioc._listener cimport Listener, Slot

import sys
from asyncio import Task, get_running_loop
from collections import deque
from collections.abc import Awaitable, Coroutine
from functools import partial
from logging import getLogger
from types import CoroutineType

from sioc._listener import MissingArguments

cdef extern from "Python.h":
    PyObject* Py_None
    void Py_DECREF(PyObject* owned)
    PyObject** PySequence_Fast_ITEMS(object sequence)
    Py_ssize_t PySequence_Fast_GET_SIZE(object sequence)

logger = getLogger("sioc")

# From CPython 3.12 on a task can run its first step while it is made; one that gets by
# without waiting never sees the loop. Earlier ones cannot: a step outside of a task has
# no asyncio.current_task(), which asyncio.timeout() and others need.
cdef bint EAGER = sys.version_info >= (3, 12)

# Dispatches of one event within one another: emitters that call each other in a circle
# would overflow the C stack, which nothing else guards.
cdef enum:
    MAX_NESTED = 100


cdef class EventEmitter:
    """Register listeners for named events, and call them.

    Example:
        >>> emitter = EventEmitter()
        >>> emitter.on("tick", print)
        >>> emitter.emit("tick", 1)
        1
    """

    def __cinit__(self):
        self._slots = {}
        self._tasks = None
        self.subject = "the emitter"

    # Registration.

    def on(self, str event not None, object fn=None):
        """Call a function at each event of that name; also a decorator.

        Args:
            event: The event's name.
            fn: A function or coroutine function. It gets as many arguments as it can
                take; surplus ones are dropped.

        Returns:
            The emitter, or the decorator when no function is given.

        Raises:
            TypeError: fn cannot be called.
        """
        return self._register(event, fn, False, False)

    def once(self, str event not None, object fn=None):
        """Call a function at the next event of that name only; also a decorator."""
        return self._register(event, fn, True, False)

    def _register(self, str event, object fn, bint once, bint ack):
        if fn is None:
            return partial(self._decorate, event, once, ack)
        self._add(event, Listener(fn, once, ack))
        return self

    def _decorate(self, str event, bint once, bint ack, object fn):
        self._add(event, Listener(fn, once, ack))
        return fn

    def _add(self, str event, Listener listener):
        cdef Slot slot = self._slots.get(event)

        if slot is None:
            slot = Slot(event)
            self._slots[event] = slot
        listener.watch(self.watch is not None)
        slot.add(listener, False)
        self.listeners_changed(event)

    def off(self, object event=None, object fn=None):
        """Remove listeners.

        Streams go on: close() ends them.

        Args:
            event: The event's name; None removes every listener of every event.
            fn: Remove its first registration only; None removes all of the event.

        Returns:
            The emitter.

        Raises:
            TypeError: There is a function, but no event that it listens to.
        """
        cdef Slot slot

        if event is None:
            if fn is not None:
                raise TypeError(f"off(): name the event that {fn!r} listens to")
            for name in list(self._slots):
                self.off(name)
            return self
        slot = self._slots.get(event)
        if slot is None:
            return self
        if fn is None:
            slot.clear()
        else:
            slot.remove(fn)
        self._drop_if_empty(slot)
        self.listeners_changed(event)
        return self

    def _drop_if_empty(self, Slot slot):
        if not slot.listeners and self._slots.get(slot.event) is slot:
            del self._slots[slot.event]

    def _drop(self, Slot slot, Listener listener):
        """Remove this very registration."""
        slot.discard(listener)
        self._drop_if_empty(slot)
        self.listeners_changed(slot.event)

    def listeners(self, str event not None):
        """Return the functions registered for an event, in order."""
        cdef Slot slot = self._slots.get(event)

        return [] if slot is None else slot.functions()

    def has_listeners(self, str event not None):
        """Tell whether anything listens to an event."""
        return event in self._slots

    # Dispatch.

    def emit(self, str event not None, *args):
        """Call the listeners of an event, in registration order.

        A listener's exception goes to the event loop's exception handler.
        """
        self.emit_local(event, args)

    cdef int emit_local(self, str event, tuple args) except -1:
        cdef Slot slot = self._slots.get(event)

        if slot is not None:
            self.dispatch(slot, args, None)
        return 0

    cdef int dispatch(self, Slot slot, object args, object ack) except -1:
        cdef:
            list listeners = slot.listeners
            Listener listener
            Py_ssize_t i, count = len(listeners)
            Py_ssize_t size = PySequence_Fast_GET_SIZE(args)
            PyObject** items = PySequence_Fast_ITEMS(args)
            PyObject* result

        if slot.busy > MAX_NESTED:
            raise RecursionError(
                f"listeners of {slot.event!r} emit it again, {MAX_NESTED} times over"
            )
        slot.busy += 1
        for i in range(count):
            listener = <Listener>listeners[i]
            if listener.plain and listener.required <= size <= listener.most:
                # Nothing to look after but what it returns and raises.
                result = PyObject_Vectorcall(listener.fn, items, size, NULL)
                if result == Py_None and ack is None:
                    Py_DECREF(result)
                else:
                    self.after_call(result, slot, listener, ack)
            else:
                self.invoke(slot, listener, args, ack)
        if slot.listeners is listeners and slot.busy:
            slot.busy -= 1
        return 0

    cdef int after_call(
        self, PyObject* result, Slot slot, Listener listener, object ack
    ) except -1:
        """Take a call's result, NULL when it raised; what it raised is reported."""
        try:
            if result == NULL:
                propagate()
            else:
                self.take_result(steal(result), slot.event, listener, ack)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as exception:
            self.failed(exception, slot.event, listener)
        return 0

    cdef int invoke(
        self, Slot slot, Listener listener, object args, object ack
    ) except -1:
        """Call one listener, if it is not one of once that was called already."""
        if listener.once:
            # Gone before the call, so that a nested event does not call it again.
            if listener.fired:
                return 0
            listener.fired = True
            self._drop(slot, listener)
        return self.perform(slot.event, listener, args, ack)

    cdef int perform(
        self, str event, Listener listener, object args, object ack
    ) except -1:
        """Call a listener; report what it raises, if that does not end the program."""
        try:
            result = self.call(event, listener, args, ack)
            if result is not None or ack is not None:
                self.take_result(result, event, listener, ack)
        except MissingArguments as missing:
            self.failed(self.explain(missing), event, listener)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as exception:
            self.failed(exception, event, listener)
        return 0

    cdef object call(self, str event, Listener listener, object args, object ack):
        """Call a listener; have it looked after if somebody wants that."""
        if self.watch is None or listener.observer:
            return listener.call(args, ack)
        with self.watch.calling(self, event, listener.fn):
            return listener.call(args, ack)

    def _set_watch(self, object watch):
        """Have a sioc.watching.Watch look after the listeners; None: nobody."""
        cdef Slot slot
        cdef Listener listener

        self.watch = watch
        for slot in self._watched_slots():
            for listener in slot.listeners:
                listener.watch(watch is not None)
            slot.changed()

    def _watched_slots(self):
        return list(self._slots.values())

    cdef object explain(self, object missing):
        """Return the TypeError for a listener that needs more arguments."""
        count, needed = missing.args
        words = f"{count} argument" if count == 1 else f"{count} arguments"
        return TypeError(f"{self.subject} sent {words}, the listener needs {needed}")

    cdef bint take_result(
        self, object result, str event, Listener listener, object ack
    ) except -1:
        """Run what a listener returned, if it can be awaited; tell whether it was."""
        if type(result) is CoroutineType or isinstance(result, Awaitable):
            self.spawn(result, event, listener, ack)
            return True
        return False

    cdef int spawn(
        self, object coroutine, str event, Listener listener, object ack
    ) except -1:
        """Run a coroutine listener as a task, now or when it is its turn."""
        if not isinstance(coroutine, Coroutine):
            coroutine = wait_for(coroutine)
        try:
            get_running_loop()
        except RuntimeError:
            coroutine.close()
            raise
        if self.watch is not None:
            coroutine = self.watch.running(self, event, listener.fn, coroutine)
        self.task_started()
        if listener.concurrency and (
            listener.waiting or listener.running >= listener.concurrency
        ):
            if listener.waiting is None:
                listener.waiting = deque()
            listener.waiting.append((coroutine, event, ack))
            return 0
        self.start_task(coroutine, event, listener, ack)
        if listener.waiting:
            self._start_next(listener)
        return 0

    cdef int start_task(
        self, object coroutine, str event, Listener listener, object ack
    ) except -1:
        """Run a coroutine as a task, held until it is done."""
        listener.running += 1
        try:
            task = new_task(coroutine)
        except BaseException:
            # An eager task hands on what ends the program.
            listener.running -= 1
            self.task_ended()
            raise
        if task.done():
            return self.task_over(task, event, listener, ack)
        if self._tasks is None:
            self._tasks = set()
        self._tasks.add(task)
        task.add_done_callback(partial(self._task_done, event, listener, ack))
        return 0

    def _task_done(self, str event, Listener listener, object ack, object task):
        self._tasks.discard(task)
        self.task_over(task, event, listener, ack)
        if listener.waiting:
            self._start_next(listener)

    def _start_next(self, Listener listener):
        """Start one of those that wait; others later, heartbeats come in between."""
        if listener.waiting and listener.running < listener.concurrency:
            coroutine, event, ack = listener.waiting.popleft()
            self.start_task(coroutine, event, listener, ack)
            if listener.waiting and listener.running < listener.concurrency:
                get_running_loop().call_soon(self._start_next, listener)

    cdef int task_over(
        self, object task, str event, Listener listener, object ack
    ) except -1:
        """Take what a coroutine listener has returned or raised."""
        listener.running -= 1
        self.task_ended()
        exception = None if task.cancelled() else task.exception()
        if exception is not None:
            self.failed(exception, event, listener)
        if ack is not None:
            ok = exception is None and not task.cancelled()
            self.settle(ack, listener, ok, task.result() if ok else None)
        return 0

    cdef int failed(self, object exception, str event, Listener listener) except -1:
        """Report what a listener raised, with all that tells which one it was."""
        context = {
            "message": f"listener {listener.fn!r} of event {event!r} raised",
            "exception": exception,
            "event": event,
            "listener": listener.fn,
            "emitter": self,
        }
        self._report(exception, context)
        return 0

    def _report(self, object exception, dict context):
        try:
            loop = get_running_loop()
        except RuntimeError:
            logger.error(context["message"], exc_info=exception)
        else:
            loop.call_exception_handler(context)

    # Hooks.

    cdef int listeners_changed(self, str event) except -1:
        return 0

    cdef int settle(
        self, object ack, Listener listener, bint ok, object result
    ) except -1:
        """A coroutine listener has ended; the server waits for an ack."""
        return 0

    cdef int task_started(self) except -1:
        return 0

    cdef int task_ended(self) except -1:
        return 0


cdef object new_task(object coroutine):
    """Make a task; its first step runs at once where Python can do that."""
    loop = get_running_loop()
    if EAGER and loop.get_task_factory() is None:
        return Task(coroutine, loop=loop, eager_start=True)
    return loop.create_task(coroutine)


async def wait_for(awaitable):
    return await awaitable

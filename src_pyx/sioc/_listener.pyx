"""One registration of a function, and the registrations of one event."""

from cpython.object cimport PyObject

from sioc._call cimport PyObject_Vectorcall, propagate, steal

from inspect import Parameter, signature
from types import FunctionType, MethodType

cdef extern from "Python.h":
    const Py_ssize_t PY_SSIZE_T_MAX
    PyObject** PySequence_Fast_ITEMS(object sequence)
    Py_ssize_t PySequence_Fast_GET_SIZE(object sequence)

cdef int CO_VARARGS = 0x04

cdef enum:
    FEW = 32                    # listeners that are looked through one by one


cdef tuple arity_of(object fn):
    """Return (required, capacity) of a callable's positional arguments."""
    function, bound = fn, 0
    if type(fn) is MethodType:
        function, bound = fn.__func__, 1
    if type(function) is FunctionType:
        # What the call itself will obey; signature() would follow __wrapped__, and it
        # takes twenty times as long.
        code = function.__code__
        count = max(0, code.co_argcount - bound)
        required = max(0, count - len(function.__defaults__ or ()))
        return required, -1 if code.co_flags & CO_VARARGS else count
    try:
        parameters = signature(fn).parameters.values()
    except (TypeError, ValueError):
        return 0, -1
    required = capacity = 0
    for parameter in parameters:
        if parameter.kind is Parameter.VAR_POSITIONAL:
            return required, -1
        if parameter.kind in (
            Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD
        ):
            capacity += 1
            required += parameter.default is Parameter.empty
    return required, capacity


cdef class Listener:

    def __cinit__(self, object fn, bint once, bint ack):
        if not callable(fn):
            raise TypeError(f"a listener must be callable, not {fn!r}")
        self.fn = fn
        self.once = once
        self.ack = ack
        self.required, self.capacity = arity_of(fn)
        self.watch(False)
        self.most = PY_SSIZE_T_MAX if self.capacity < 0 else self.capacity

    cdef int watch(self, bint watched) except -1:
        """Be called where somebody looks after it, or no more."""
        self.plain = not self.once and not self.ack and not watched
        return 0

    cdef object call(self, object args, object ack):
        """Call the function with as many of the arguments as it can take."""
        cdef:
            Py_ssize_t count = PySequence_Fast_GET_SIZE(args)
            PyObject* result

        if self.ack:
            if 0 < self.capacity <= count:
                args = args[: self.capacity - 1]
            args = [*args, ack]
            count = PySequence_Fast_GET_SIZE(args)
        if 0 <= self.capacity < count:
            count = self.capacity
        if count < self.required:
            raise MissingArguments(count - self.ack, self.required - self.ack)
        result = PyObject_Vectorcall(
            self.fn, PySequence_Fast_ITEMS(args), count, NULL
        )
        return propagate() if result == NULL else steal(result)


class MissingArguments(Exception):
    """A listener needs more arguments than there are: how many of each."""


cdef inline bint is_special(Listener listener) noexcept:
    return listener.raw or listener.decoder is not None


cdef class Slot:

    def __cinit__(self, str event):
        self.event = event
        self.listeners = []

    cdef int writable(self) except -1:
        """Leave the list a dispatch is walking to it, and go on with a copy."""
        if self.busy:
            self.listeners = self.listeners.copy()
            self.busy = 0
        return 0

    cdef int changed(self) except -1:
        """Find out whether there is a listener that can be called the short way."""
        cdef Listener listener

        self.only = None
        if len(self.listeners) == 1:
            listener = <Listener>self.listeners[0]
            if (
                listener.plain
                and listener.required <= 1 <= listener.most
                and (not is_special(listener) or listener.single is not None)
            ):
                self.only = listener
        return 0

    cdef int add(self, Listener listener, bint first) except -1:
        cdef Py_ssize_t last = len(self.listeners) - 1

        self.writable()
        if last >= 0:
            listener.number = (
                (<Listener>self.listeners[0]).number - 1 if first
                else (<Listener>self.listeners[last]).number + 1
            )
        insert(self.listeners, listener, first)
        if self.by_function is not None:
            insert(self.by_function.setdefault(listener.fn, []), listener, first)
        self.special += is_special(listener)
        return self.changed()

    cdef bint remove(self, object fn) except -1:
        """Remove the first registration of the function; tell whether there was one."""
        cdef list candidates = self.registered(fn)

        # The very same object first, then one that is equal to it.
        for listener in candidates:
            if (<Listener>listener).fn is fn:
                self.discard(listener)
                return True
        for listener in candidates:
            if (<Listener>listener).fn == fn:
                self.discard(listener)
                return True
        return False

    cdef list registered(self, object fn):
        """Return the listeners among which the function is, if it is registered.

        They are found by hash once there are many, so that removing thousands one by
        one does not look at each of the others every time.
        """
        if len(self.listeners) <= FEW:
            return self.listeners
        try:
            if self.by_function is None:
                self.index()
            return self.by_function.get(fn, [])
        except TypeError:  # something that has no hash
            self.by_function = None
            return self.listeners

    cdef int index(self) except -1:
        cdef dict by_function = {}

        for listener in self.listeners:
            by_function.setdefault((<Listener>listener).fn, []).append(listener)
        self.by_function = by_function
        return 0

    cdef int clear(self) except -1:
        """Remove what the program has registered; a stream takes itself away."""
        cdef Listener listener

        self.writable()
        self.listeners = [each for each in self.listeners if (<Listener>each).observer]
        self.by_function = None
        self.special = 0
        for listener in self.listeners:
            self.special += is_special(listener)
        return self.changed()

    cdef list functions(self):
        """Return what the program has registered, in order."""
        return [
            (<Listener>each).fn for each in self.listeners
            if not (<Listener>each).observer
        ]

    cdef int discard(self, Listener listener) except -1:
        """Remove this very registration, if it is still there."""
        cdef Py_ssize_t i = position(self.listeners, listener)

        if i < 0:
            return 0
        self.writable()
        self.special -= is_special(listener)
        del self.listeners[i]
        if self.by_function is not None:
            same = self.by_function[listener.fn]
            del same[position(same, listener)]
            if not same:
                del self.by_function[listener.fn]
        return self.changed()


cdef int insert(list listeners, Listener listener, bint first) except -1:
    if first:
        listeners.insert(0, listener)
    else:
        listeners.append(listener)
    return 0


cdef Py_ssize_t position(list listeners, Listener listener) except -2:
    """Return where a listener stands among others, by their numbers; -1: nowhere."""
    cdef:
        Py_ssize_t low = 0, middle, high = len(listeners)

    while low < high:
        middle = (low + high) // 2
        if (<Listener>listeners[middle]).number < listener.number:
            low = middle + 1
        else:
            high = middle
    if low < len(listeners) and listeners[low] is listener:
        return low
    return -1

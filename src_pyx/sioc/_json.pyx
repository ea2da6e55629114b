"""JSON by msgspec, guarded before and forgiving behind.

Before: nesting is bounded without recursion, because msgspec recurses on the C stack
and a packet of 2 kB can overflow a small thread stack.

Behind: what JavaScript peers legally send and msgspec refuses (lone surrogates,
numbers beyond a double) gets a second try by the standard library; the same holds for
lone surrogates on the way out.
"""

cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_Clear, PyErr_ExceptionMatches
from cpython.object cimport PyObject
from libc.string cimport memmove

from sioc._call cimport call_one, propagate, steal
from sioc._debug cimport SIOC_DEBUG
from sioc._utf8 cimport STEP, count_openers

import json as stdlib_json
from math import isfinite

import msgspec

from sioc.exceptions import LimitError, ParseError

cdef tuple BINARY = (bytes, bytearray, memoryview)

cdef extern from "Python.h":
    void Py_SET_SIZE(object owner, Py_ssize_t size)

# Bytes: up to this a copy costs less than the buffer protocol, if it needs no object.
cdef enum:
    MAX_COPY = 4096

cdef:
    # One of each is enough for a process.
    object ENCODE = msgspec.json.Encoder().encode
    object DECODE = msgspec.json.Decoder().decode

    # Copies are made into one object, whose size is set to fit: nobody but a decoder
    # ever sees it, and that one does not keep it.
    bytes copy = PyBytes_FromStringAndSize(NULL, MAX_COPY)
    bint copy_used = False


@cython.final
cdef class View:

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        PyBuffer_FillInfo(buffer, self, <void*>self.data, self.size, 1, flags)
        self.exports += 1

    def __releasebuffer__(self, Py_buffer* buffer):
        self.exports -= 1


@cython.final
cdef class Json:
    """Encode and decode payloads.

    Args:
        max_depth: How deep arrays and objects may nest, both ways.
        enc_hook: Called with a value of a type that msgspec does not know; returns one
            of a type that it knows. None: there is none.
        dec_hook: Called with a type that msgspec does not know and a decoded value;
            returns one of that type. None: there is none.
    """

    def __cinit__(
        self, Py_ssize_t max_depth, object enc_hook=None, object dec_hook=None
    ):
        self._encode = ENCODE
        self._decode = DECODE
        self._view = View.__new__(View)
        self.max_depth = max_depth
        self.enc_hook = enc_hook
        self.dec_hook = dec_hook

    cdef object decode(self, const char* data, Py_ssize_t size):
        """Decode one JSON text; raise ParseError or LimitError."""
        cdef PyObject* result

        if size > self.max_depth:
            self.check_depth(data, size)
        result = self.try_decode(data, size)
        if result == NULL:
            return self.decode_again(data, size)
        return steal(result)

    cdef PyObject* try_decode(self, const char* data, Py_ssize_t size) noexcept:
        """Decode a text whose depth is known to be right; NULL when it raised."""
        global copy_used
        cdef PyObject* result

        if size > MAX_COPY:
            return self.decode_in_place(data, size)
        # A finalizer that runs within may come here again.
        if copy_used:
            return call_one(self._decode, PyBytes_FromStringAndSize(data, size))
        copy_used = True
        # Not memcpy: GCC sees that the size is bounded and makes of it an instruction
        # that is slow to start. memmove it leaves to the library.
        memmove(PyBytes_AS_STRING(copy), data, size)
        PyBytes_AS_STRING(copy)[size] = 0
        Py_SET_SIZE(copy, size)
        result = call_one(self._decode, copy)
        copy_used = False
        return result

    cdef object decode_again(self, const char* data, Py_ssize_t size):
        """Take the failed decoder's exception: there is a second try."""
        # msgspec's own errors are ValueErrors.
        if not PyErr_ExceptionMatches((ValueError, RecursionError)):
            return propagate()
        PyErr_Clear()
        self.fallbacks += 1
        return decode_tolerantly(PyBytes_FromStringAndSize(data, size))

    cdef PyObject* decode_in_place(self, const char* data, Py_ssize_t size) noexcept:
        """Decode without a copy; NULL when it raised."""
        cdef:
            View view = self._view
            PyObject* result

        view.data = data
        view.size = size
        result = call_one(self._decode, view)
        if SIOC_DEBUG:
            assert view.exports == 0
        view.data = NULL
        view.size = 0
        return result

    cdef bytes encode(self, object value):
        """Encode a value without binary in it; raise TypeError or ValueError."""
        cdef PyObject* result = call_one(self._encode, value)

        if result == NULL:
            return self.encode_again(value)
        return <bytes>steal(result)

    cdef object known(self, object value):
        """Return the value with the types of the program's own made known ones.

        Before binary is looked for: what the hook returns may hold some.
        """
        if self.enc_hook is None:
            return value
        return to_known(value, BINARY, self.enc_hook)

    cdef bytes encode_again(self, object value):
        """Take the failed encoder's exception: a lone surrogate has a second try."""
        if PyErr_ExceptionMatches(RecursionError):
            PyErr_Clear()
            raise too_deep()
        if not PyErr_ExceptionMatches(UnicodeEncodeError):
            return <bytes>propagate()
        PyErr_Clear()
        return encode_tolerantly(value)

    cdef int check_depth(self, const char* data, Py_ssize_t size) except -1:
        # Counting openers is one vectorised pass; only a text with more of them than
        # levels allowed is looked at string by string. Those at the end count, too: a
        # text that never closes its arrays is followed as deep as one that does.
        cdef Py_ssize_t depth

        if size < STEP or not 0 <= count_openers(data, size) <= self.max_depth:
            depth = deepest(data, size)
            if depth > self.max_depth:
                raise LimitError.exceeded("max_depth", depth, self.max_depth)
        return 0


cdef object to_known(object value, tuple kept, object hook):
    """Return a value of built-in types; those in `kept` stay, the hook does the rest.

    Raises:
        TypeError: It holds what neither msgspec nor the hook knows.
        LimitError: It contains itself, or nearly.
    """
    try:
        return msgspec.to_builtins(
            value, builtin_types=kept, str_keys=True, enc_hook=hook
        )
    except RecursionError:
        raise too_deep() from None
    except NotImplementedError as error:
        raise TypeError(f"enc_hook cannot encode a value in {type(value)}") from error


cdef object too_deep():
    return LimitError(
        "the value nests too deep to be encoded, or contains itself",
        limit="max_depth",
    )


cdef Py_ssize_t deepest(const char* data, Py_ssize_t size) noexcept:
    """Return how deep a JSON text nests, brackets inside strings not counted."""
    cdef:
        Py_ssize_t i = 0, depth = 0, maximum = 0
        char c
        bint quoted = False

    while i < size:
        c = data[i]
        if quoted:
            if c == c"\\":
                i += 1
            elif c == c'"':
                quoted = False
        elif c == c'"':
            quoted = True
        elif c == c"[" or c == c"{":
            depth += 1
            if depth > maximum:
                maximum = depth
        elif c == c"]" or c == c"}":
            depth -= 1
        i += 1
    return maximum


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


cdef object decode_tolerantly(bytes text):
    try:
        return stdlib_json.loads(text.decode(), parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"invalid payload: {error}") from None


cdef bytes encode_tolerantly(object value):
    # JSON.stringify escapes lone surrogates and writes null for NaN and Infinity.
    plain = finite(msgspec.to_builtins(value, str_keys=True))
    return stdlib_json.dumps(plain, separators=(",", ":")).encode("ascii")


def finite(value):
    """Return the built-in value with every non-finite float replaced by None."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value

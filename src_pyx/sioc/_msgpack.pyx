"""MessagePack by msgspec, with what JavaScript's notepack makes of it.

notepack, which the npm package socket.io-msgpack-parser uses, has extension types of
its own, all under type 0: one zero byte is `undefined`, eight bytes are a Date in
milliseconds, anything else an ArrayBuffer. msgspec writes a datetime as another type,
so one is replaced before a value is encoded.
"""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_Clear, PyErr_ExceptionMatches
from cpython.dict cimport PyDict_Next
from cpython.object cimport PyObject, PyTypeObject

from sioc._call cimport call_one, propagate, steal
from sioc._json cimport COPY_BELOW, View, to_known

from datetime import datetime, timedelta, timezone

import msgspec

from sioc.exceptions import LimitError, ParseError

cdef extern from "Python.h":
    PyTypeObject* Py_TYPE(PyObject* value)
    PyTypeObject PyUnicode_Type, PyFloat_Type, PyLong_Type, PyBool_Type, PyBytes_Type
    PyTypeObject PyDict_Type, PyList_Type, PyTuple_Type
    PyObject* Py_None
    PyObject** PySequence_Fast_ITEMS(PyObject* sequence)
    Py_ssize_t PySequence_Fast_GET_SIZE(PyObject* sequence)

cdef:
    object EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
    object MILLISECOND = timedelta(milliseconds=1)
    # What msgspec.to_builtins() leaves to the walk here.
    tuple KEPT = (bytes, bytearray, memoryview, datetime)


@cython.final
cdef class Msgpack:
    """Encode and decode values.

    Args:
        max_depth: How deep arrays and maps may nest, both ways.
        enc_hook: Called with a value of a type that msgspec does not know; returns one
            of a type that it knows. None: there is none.
        dec_hook: Called with a type that msgspec does not know and a decoded value;
            returns one of that type. None: there is none.
    """

    def __cinit__(self, Py_ssize_t max_depth, object enc_hook, object dec_hook):
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(ext_hook=from_extension).decode
        self._view = View.__new__(View)
        self.max_depth = max_depth
        self.enc_hook = enc_hook
        self.dec_hook = dec_hook

    cdef object decode(self, const char* data, Py_ssize_t size):
        """Decode one value that skip_value() has walked over; raise ParseError."""
        cdef PyObject* result

        if size > COPY_BELOW:
            self._view.data = data
            self._view.size = size
            result = call_one(self._decode, self._view)
            self._view.data = NULL
            self._view.size = 0
        else:
            result = call_one(self._decode, PyBytes_FromStringAndSize(data, size))
        if result == NULL:
            if not PyErr_ExceptionMatches((ValueError, RecursionError)):
                return propagate()
            PyErr_Clear()
            raise ParseError("invalid payload: no MessagePack that can be decoded")
        return steal(result)

    cdef bytes encode(self, object value):
        """Encode a value; raise TypeError, ValueError or LimitError."""
        cdef PyObject* result

        if not is_plain(<PyObject*>value, self.max_depth):
            return self.encode_again(value, False)
        result = call_one(self._encode, value)
        if result == NULL:
            if not PyErr_ExceptionMatches((UnicodeEncodeError, OverflowError)):
                return <bytes>propagate()
            PyErr_Clear()
            return self.encode_again(value, True)
        return <bytes>steal(result)

    cdef bytes encode_again(self, object value, bint mend):
        """Encode what is not made of plain types alone, or has a lone surrogate."""
        try:
            return self._encode(packable(value, self.max_depth, self.enc_hook, mend))
        except UnicodeEncodeError:
            if mend:
                raise
        except OverflowError:
            raise ValueError("an int in the value does not fit into 64 bits") from None
        return self.encode_again(value, True)


# Values on their way out.

cdef bint is_plain(PyObject* value, Py_ssize_t depth) noexcept:
    """Tell whether msgspec writes a value as notepack would, and within the depth.

    Borrowed references throughout: nothing here runs Python code.
    """
    cdef:
        PyTypeObject* kind = Py_TYPE(value)
        PyObject* key
        PyObject* item
        Py_ssize_t i, position = 0

    if (
        kind == &PyUnicode_Type
        or kind == &PyFloat_Type
        or kind == &PyLong_Type
        or kind == &PyBool_Type
        or kind == &PyBytes_Type
        or value == Py_None
    ):
        return True
    if depth <= 0:
        return False
    if kind == &PyDict_Type:
        while PyDict_Next(<object>value, &position, &key, &item):
            if Py_TYPE(key) != &PyUnicode_Type or not is_plain(item, depth - 1):
                return False
        return True
    if kind == &PyList_Type or kind == &PyTuple_Type:
        for i in range(PySequence_Fast_GET_SIZE(value)):
            if not is_plain(PySequence_Fast_ITEMS(value)[i], depth - 1):
                return False
        return True
    return False


cdef inline int check_depth(Py_ssize_t depth) except -1:
    if depth <= 0:
        raise LimitError.nested()
    return 0


cdef object packable(object value, Py_ssize_t depth, object hook, bint mend):
    """Return the value with what msgspec writes in another way than notepack replaced.

    Args:
        value: Anything.
        depth: How deep it may nest.
        hook: The enc_hook, or None.
        mend: Whether to replace lone surrogates, which UTF-8 cannot hold.
    """
    cdef type kind = type(value)

    if kind is str:
        return mended(value) if mend else value
    if (
        kind is int or kind is float or kind is bool or kind is bytes
        or kind is bytearray or value is None
    ):
        return value
    if kind is list or kind is tuple:
        check_depth(depth)
        return [packable(item, depth - 1, hook, mend) for item in value]
    if kind is dict and all([type(key) is str for key in value]):
        check_depth(depth)
        return {
            packable(key, depth, hook, mend): packable(item, depth - 1, hook, mend)
            for key, item in list(value.items())
        }
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, datetime):
        return date_extension(value)
    return packable(to_known(value, KEPT, hook), depth, hook, mend)


def mended(text):
    """Return the text with U+FFFD for each lone surrogate."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def date_extension(value):
    """Return a datetime as notepack's Date; a naive one is no point in time: text."""
    if value.tzinfo is None:
        return value.isoformat()
    milliseconds = (value - EPOCH) // MILLISECOND
    return msgspec.msgpack.Ext(0, milliseconds.to_bytes(8, "big", signed=True))


def from_extension(code, data):
    """Return what an extension type stands for, as notepack reads it."""
    data = bytes(data)
    if code != 0:
        return [code, data]
    if data == b"\0":
        return None
    if len(data) != 8:
        return data
    milliseconds = int.from_bytes(data, "big", signed=True)
    try:
        return EPOCH + milliseconds * MILLISECOND
    except OverflowError:
        # JavaScript's dates go on where Python's end.
        return milliseconds

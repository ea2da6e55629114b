"""JSON text of plain values, and the binary in them: one walk does both.

Strategy: what Socket.IO sends must be searched for binary anyway, and a search that
touches every value can as well write it down. Only JSON's own types and bytes, exactly,
are written here; anything else (subclasses, Structs, dates, other buffers) makes
write() give up, and the long way of _binary and msgspec takes the whole value.

The walk neither runs Python code nor allocates what the garbage collector tracks, so
borrowed references are safe in it, and the text can be one buffer for the process.
"""

cimport cython
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.object cimport PyObject, PyTypeObject
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy

from sioc._call cimport call_one, propagate, steal
from sioc._digits cimport MAX_DIGITS, put_easy_float, put_signed, put_unsigned

import msgspec

cdef extern from "Python.h":
    PyTypeObject* Py_TYPE(PyObject* value)
    PyTypeObject PyUnicode_Type, PyFloat_Type, PyLong_Type, PyBool_Type
    PyTypeObject PyDict_Type, PyList_Type, PyTuple_Type, PyBytes_Type
    PyObject* Py_None
    PyObject* Py_True
    PyObject* PyExc_UnicodeEncodeError
    void Py_INCREF(PyObject* value)
    void Py_DECREF(PyObject* value)
    int PyDict_Next(
        PyObject* value, Py_ssize_t* position, PyObject** key, PyObject** item
    )
    Py_ssize_t PyList_GET_SIZE(PyObject* value)
    Py_ssize_t PyTuple_GET_SIZE(PyObject* value)
    PyObject* PyList_GET_ITEM(PyObject* value, Py_ssize_t i)
    PyObject* PyTuple_GET_ITEM(PyObject* value, Py_ssize_t i)
    bint PyUnicode_IS_COMPACT_ASCII(PyObject* value)
    Py_ssize_t PyUnicode_GET_LENGTH(PyObject* value)
    void* PyUnicode_DATA(PyObject* value)
    const char* PyUnicode_AsUTF8AndSize(PyObject* value, Py_ssize_t* size)
    double PyFloat_AS_DOUBLE(PyObject* value)
    long long PyLong_AsLongLongAndOverflow(PyObject* value, int* overflow) except? -1
    char* PyBytes_AS_STRING(PyObject* value)
    Py_ssize_t PyBytes_GET_SIZE(PyObject* value)
    bint PyErr_ExceptionMatches(PyObject* kind)
    void PyErr_Clear()

cdef extern from *:
    """
    static const char sioc_hex[17] = "0123456789abcdef";
    """
    const char* HEX "sioc_hex"

cdef enum:
    KEEP = 65536                # bytes; a larger text is given back after its use
    BYTE_ONES = 0x0101010101010101
    BYTE_TOPS = 0x8080808080808080


cdef inline bint needs_escape(uint64_t word) noexcept:
    """Tell whether one of eight characters is a quote, a backslash or a control.

    Bytes beyond ASCII are none of them.
    """
    cdef:
        uint64_t quote = word ^ (<uint64_t>BYTE_ONES * c'"')
        uint64_t backslash = word ^ (<uint64_t>BYTE_ONES * c"\\")

    return (
        (
            ((quote - <uint64_t>BYTE_ONES) & ~quote)
            | ((backslash - <uint64_t>BYTE_ONES) & ~backslash)
            | ((word - <uint64_t>BYTE_ONES * 0x20) & ~word)
        ) & <uint64_t>BYTE_TOPS
    ) != 0


cdef inline bint is_clean(const char* text, Py_ssize_t size) noexcept:
    """Tell whether a string stands in JSON as it is."""
    cdef:
        Py_ssize_t i = 0
        uint64_t word

    if size >= 8:
        while i <= size - 8:
            memcpy(&word, text + i, 8)
            if needs_escape(word):
                return False
            i += 8
        if i < size:
            # The last eight, some of them once more.
            memcpy(&word, text + size - 8, 8)
            return not needs_escape(word)
        return True
    while i < size:
        if <unsigned char>text[i] < 0x20 or text[i] == c'"' or text[i] == c"\\":
            return False
        i += 1
    return True


@cython.final
cdef class Writer:

    def __cinit__(self):
        self.encode_number = msgspec.json.Encoder().encode

    def __dealloc__(self):
        self.forget()
        PyMem_Free(self.found)
        PyMem_Free(self.data)

    cdef bint write(self, object value, Py_ssize_t max_depth) except -1:
        """Write a value; tell whether it was plain enough, and within the depth.

        Raises:
            MemoryError: There is no room for its text.
        """
        self.size = 0
        if self.capacity > KEEP:
            PyMem_Free(self.data)
            self.data = NULL
            self.capacity = 0
        self.forget()
        if self.put_value(<PyObject*>value, max_depth) == WRITTEN:
            return True
        self.forget()
        return False

    cdef list take_attachments(self):
        """Return the bytes found by the last write, in order; None: there are none."""
        cdef:
            list attachments
            PyObject** found = self.found
            int i = 0, count = self.found_count

        if count == 0:
            return None
        # Taken first: making a list may run a finalizer, which may write.
        self.found = NULL
        self.found_count = self.found_capacity = 0
        attachments = []
        while i < count:
            attachments.append(<object>found[i])
            Py_DECREF(found[i])
            i += 1
        PyMem_Free(found)
        return attachments

    cdef int forget(self) except -1:
        while self.found_count:
            self.found_count -= 1
            Py_DECREF(self.found[self.found_count])
        return 0

    cdef int reserve(self, Py_ssize_t needed) except -1:
        """Make room for so many bytes more."""
        cdef:
            Py_ssize_t capacity = max(self.size + needed, 2 * self.capacity, 1024)
            char* data = <char*>PyMem_Realloc(self.data, capacity)

        if data == NULL:
            raise MemoryError(f"no memory for a JSON text of {capacity} bytes")
        self.data = data
        self.capacity = capacity
        return 0

    cdef int put_value(self, PyObject* value, Py_ssize_t depth) except -1:
        cdef PyTypeObject* kind = Py_TYPE(value)

        if kind == &PyUnicode_Type:
            return self.put_str(value)
        if kind == &PyFloat_Type:
            return self.put_float(value)
        if kind == &PyLong_Type:
            return self.put_int(value)
        if kind == &PyDict_Type:
            return self.put_dict(value, depth)
        if kind == &PyList_Type:
            return self.put_items(value, True, depth)
        if kind == &PyTuple_Type:
            return self.put_items(value, False, depth)
        if value == Py_None:
            return self.put_text(b"null", 4)
        if kind == &PyBool_Type:
            if value == Py_True:
                return self.put_text(b"true", 4)
            return self.put_text(b"false", 5)
        if kind == &PyBytes_Type:
            return self.put_bytes(value)
        return FOREIGN

    cdef int put_dict(self, PyObject* value, Py_ssize_t depth) except -1:
        cdef:
            PyObject* key
            PyObject* item
            Py_ssize_t position = 0

        if depth <= 0:
            return FOREIGN
        self.put_text(b"{", 1)
        while PyDict_Next(value, &position, &key, &item):
            if Py_TYPE(key) != &PyUnicode_Type or self.put_str(key) != WRITTEN:
                return FOREIGN
            self.put_text(b":", 1)
            if self.put_value(item, depth - 1) != WRITTEN:
                return FOREIGN
            self.put_text(b",", 1)
        return self.close(c"}")

    cdef int put_items(
        self, PyObject* value, bint is_list, Py_ssize_t depth
    ) except -1:
        cdef:
            PyObject* item
            Py_ssize_t i = 0

        if depth <= 0:
            return FOREIGN
        self.put_text(b"[", 1)
        while i < (PyList_GET_SIZE(value) if is_list else PyTuple_GET_SIZE(value)):
            item = PyList_GET_ITEM(value, i) if is_list else PyTuple_GET_ITEM(value, i)
            if self.put_value(item, depth - 1) != WRITTEN:
                return FOREIGN
            self.put_text(b",", 1)
            i += 1
        return self.close(c"]")

    cdef int close(self, char bracket) except -1:
        """End an array or object: over the last item's comma, if there is one."""
        if self.data[self.size - 1] == c",":
            self.data[self.size - 1] = bracket
            return WRITTEN
        return self.put_text(&bracket, 1)

    cdef int put_bytes(self, PyObject* value) except -1:
        """Put a placeholder, and keep the bytes (Socket.IO protocol 5, "Binary")."""
        cdef:
            char[MAX_DIGITS] digits
            char* end = &digits[MAX_DIGITS]
            char* start = put_unsigned(end, self.found_count)
            PyObject** found

        if self.found_count == self.found_capacity:
            found = <PyObject**>PyMem_Realloc(
                self.found, (2 * self.found_capacity + 8) * sizeof(PyObject*)
            )
            if found == NULL:
                raise MemoryError("no memory for the attachments of a packet")
            self.found = found
            self.found_capacity = 2 * self.found_capacity + 8
        Py_INCREF(value)
        self.found[self.found_count] = value
        self.found_count += 1
        self.put_text(b'{"_placeholder":true,"num":', 27)
        self.put_text(start, end - start)
        return self.put_text(b"}", 1)

    cdef int put_str(self, PyObject* value) except -1:
        cdef:
            const char* text
            Py_ssize_t size
            char* p

        if PyUnicode_IS_COMPACT_ASCII(value):
            text = <const char*>PyUnicode_DATA(value)
            size = PyUnicode_GET_LENGTH(value)
        else:
            text = PyUnicode_AsUTF8AndSize(value, &size)
            if text == NULL:
                # A lone surrogate; the long way knows what to do.
                if not PyErr_ExceptionMatches(PyExc_UnicodeEncodeError):
                    propagate()
                PyErr_Clear()
                return FOREIGN
        if not is_clean(text, size):
            return self.put_escaped(text, size)
        if self.capacity - self.size < size + 2:
            self.reserve(size + 2)
        p = self.data + self.size
        p[0] = c'"'
        memcpy(p + 1, text, size)
        p[size + 1] = c'"'
        self.size += size + 2
        return WRITTEN

    cdef int put_escaped(self, const char* text, Py_ssize_t size) except -1:
        cdef:
            char* p
            unsigned char c
            Py_ssize_t i

        # The longest escape takes six characters.
        if self.capacity - self.size < 6 * size + 2:
            self.reserve(6 * size + 2)
        p = self.data + self.size
        p[0] = c'"'
        p += 1
        for i in range(size):
            c = <unsigned char>text[i]
            if c >= 0x20 and c != c'"' and c != c"\\":
                p[0] = <char>c
                p += 1
                continue
            p[0] = c"\\"
            p[1] = short_escape(c)
            p += 2
            if (p - 1)[0] == c"u":
                p[0] = p[1] = c"0"
                p[2] = HEX[c >> 4]
                p[3] = HEX[c & 15]
                p += 4
        p[0] = c'"'
        self.size = p + 1 - self.data
        return WRITTEN

    cdef int put_int(self, PyObject* value) except -1:
        cdef:
            int overflow
            int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow)
            char[MAX_DIGITS] digits
            char* end = &digits[MAX_DIGITS]
            char* start

        if overflow:
            return self.put_number(value)
        start = put_signed(end, number)
        return self.put_text(start, end - start)

    cdef int put_float(self, PyObject* value) except -1:
        cdef:
            char[MAX_DIGITS] digits
            char* end = &digits[MAX_DIGITS]
            char* start = put_easy_float(end, PyFloat_AS_DOUBLE(value))

        if start == NULL:
            return self.put_number(value)
        return self.put_text(start, end - start)

    cdef int put_number(self, PyObject* value) except -1:
        """Put any int or float, by msgspec."""
        cdef:
            PyObject* result = call_one(self.encode_number, <object>value)
            bytes text

        if result == NULL:
            propagate()
        text = <bytes>steal(result)
        return self.put_text(
            PyBytes_AS_STRING(<PyObject*>text), PyBytes_GET_SIZE(<PyObject*>text)
        )

    cdef int put_text(self, const char* text, Py_ssize_t size) except -1:
        if self.capacity - self.size < size:
            self.reserve(size)
        memcpy(self.data + self.size, text, size)
        self.size += size
        return WRITTEN


cdef char short_escape(unsigned char c) noexcept:
    """Return what follows the backslash: of a control without a short form, "u"."""
    if c == c'"' or c == c"\\":
        return <char>c
    if c == c"\n":
        return c"n"
    if c == c"\r":
        return c"r"
    if c == c"\t":
        return c"t"
    if c == c"\b":
        return c"b"
    if c == c"\f":
        return c"f"
    return c"u"


writer = Writer()

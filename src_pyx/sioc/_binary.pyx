"""Binary values on their way out and in (Socket.IO protocol 5, "Binary").

Out: one typed walk finds each bytes-like value and puts its placeholder there; the
value walked is copied only along the path to one, so plain values cost the walk alone.
In: a Reassembler collects the attachments announced by a header; placeholders are
looked for in decoded values only, never in text.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_Next
from cpython.object cimport PyObject

from enum import Enum
import warnings

import msgspec

from sioc.exceptions import LimitError, ParseError

cdef enum:
    SERVER_ATTACHMENTS = 10     # socket.io-parser's default since 4.2.6


cdef object strip(object value, list attachments, Py_ssize_t max_depth):
    """Return the value with binary replaced by placeholders, appended to attachments.

    The value itself comes back when it holds none.

    Raises:
        LimitError: It nests deeper than max_depth (cyclic values do).
        TypeError: A dict has bytes for a key.
    """
    cdef type kind = type(value)

    if (
        kind is str or kind is int or kind is float or kind is bool or value is None
    ):
        return value
    if kind is dict:
        return strip_dict(<dict>value, attachments, max_depth)
    if kind is list:
        return strip_list(<list>value, attachments, max_depth)
    if kind is tuple:
        return strip_tuple(<tuple>value, attachments, max_depth)
    if kind is bytes:
        return placeholder(<bytes>value, attachments)
    return strip_other(value, attachments, max_depth)


cdef int check_count(list attachments) except -1:
    """Warn of a packet that a server with default settings answers by hanging up."""
    if len(attachments) > SERVER_ATTACHMENTS:
        warnings.warn(
            f"{len(attachments)} attachments in one packet: by default a Socket.IO "
            f"server takes {SERVER_ATTACHMENTS} (maxAttachments of its parser) and "
            f"closes the connection for more; join them, or send several events",
            RuntimeWarning,
        )
    return 0


cdef dict placeholder(bytes value, list attachments):
    attachments.append(value)
    return {"_placeholder": True, "num": len(attachments) - 1}


cdef inline int check_depth(Py_ssize_t depth) except -1:
    if depth <= 0:
        raise LimitError.nested()
    return 0


cdef object strip_dict(dict value, list attachments, Py_ssize_t depth):
    cdef:
        dict copy = None
        object new

    check_depth(depth)
    # A list of its own: reading a field of some object may run code that changes value.
    for key, item in list(value.items()):
        if type(key) is not str:
            check_key(key)
        new = strip(item, attachments, depth - 1)
        if new is not item:
            if copy is None:
                copy = value.copy()
            copy[key] = new
    return value if copy is None else copy


def check_key(key):
    """Refuse a key that would make the encoder write binary as text."""
    plain = key.value if isinstance(key, Enum) else key
    if isinstance(plain, (bytes, bytearray, memoryview)):
        raise TypeError(f"a dict key must not be binary: {key!r}")


cdef object strip_list(list original, list attachments, Py_ssize_t depth):
    cdef:
        Py_ssize_t i
        list value
        bint changed = False
        object item, new

    check_depth(depth)
    # A list of its own: reading a field of some object may run code that changes value.
    value = original.copy()
    for i in range(len(value)):
        item = value[i]
        new = strip(item, attachments, depth - 1)
        if new is not item:
            changed = True
            value[i] = new
    return value if changed else original


cdef object strip_tuple(tuple value, list attachments, Py_ssize_t depth):
    cdef:
        Py_ssize_t i
        list copy = None
        object item, new

    check_depth(depth)
    for i in range(len(value)):
        item = value[i]
        new = strip(item, attachments, depth - 1)
        if new is not item:
            if copy is None:
                copy = list(value)
            copy[i] = new
    return value if copy is None else tuple(copy)


cdef object strip_other(object value, list attachments, Py_ssize_t depth):
    """Strip what is not one of JSON's own types, exactly."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        # A snapshot: the caller may change its buffer after emit.
        return placeholder(bytes(value), attachments)
    if isinstance(value, Enum):
        new = strip(value.value, attachments, depth)
        return value if new is value.value else new
    if isinstance(value, dict):
        return strip_dict(dict(value), attachments, depth)
    if isinstance(value, (list, tuple, set, frozenset)):
        return strip_list(list(value), attachments, depth)
    fields = field_names(type(value))
    if fields is None:
        return value
    check_depth(depth)
    if not holds_binary(value, fields, depth):
        return value
    try:
        plain = msgspec.to_builtins(
            value, builtin_types=(bytes, bytearray, memoryview)
        )
    except RecursionError:
        check_depth(0)
    return strip(plain, attachments, depth)


def field_names(kind):
    """Return the field names of a Struct, dataclass or attrs type, else None."""
    if hasattr(kind, "__struct_fields__"):
        return kind.__struct_fields__
    if hasattr(kind, "__dataclass_fields__"):
        return tuple(kind.__dataclass_fields__)
    if hasattr(kind, "__attrs_attrs__"):
        return tuple([attribute.name for attribute in kind.__attrs_attrs__])
    return None


cdef bint holds_binary(object value, tuple fields, Py_ssize_t depth) except -1:
    cdef list found = []

    for name in fields:
        strip(getattr(value, name, None), found, depth - 1)
        if found:
            return True
    return False


cdef object restore(object value, list attachments):
    """Put attachments back where their placeholders stand, in place.

    An object whose `_placeholder` is exactly true is one, whatever else it holds; the
    same attachment may be named twice or never (5.6.4, 5.6.5). The depth of the value
    was bounded before it was decoded.

    Raises:
        ParseError: `num` is no index of an attachment.
    """
    cdef:
        PyObject* key
        PyObject* item
        Py_ssize_t i, position = 0
        list items
        object old, new

    if type(value) is list:
        items = <list>value
        for i in range(len(items)):
            old = items[i]
            if type(old) is dict or type(old) is list:
                new = restore(old, attachments)
                if new is not old:
                    items[i] = new
    elif type(value) is dict:
        if (<dict>value).get("_placeholder") is True:
            return attachment_of(<dict>value, attachments)
        # Assigning to keys that exist does not disturb the iteration.
        while PyDict_Next(value, &position, &key, &item):
            old = <object>item
            if type(old) is dict or type(old) is list:
                new = restore(old, attachments)
                if new is not old:
                    (<dict>value)[<object>key] = new
    return value


cdef object attachment_of(dict placeholder, list attachments):
    num = placeholder.get("num")
    if type(num) is not int or not 0 <= num < len(attachments):
        raise ParseError(
            f"illegal attachments: placeholder num {repr(num)[:64]} "
            f"of {len(attachments)}"
        )
    return attachments[num]


cdef class Reassembler:

    def __cinit__(self, Py_ssize_t max_packet_size):
        self.max_packet_size = max_packet_size
        self.text = None

    cdef int begin(
        self, const char* text, Py_ssize_t size, Py_ssize_t count
    ) except -1:
        """Own a copy of the packet's text and wait for so many attachments."""
        self.text = PyBytes_FromStringAndSize(text, size)
        self.attachments = []
        self.expected = count
        self.size = size
        return 0

    cdef bint add(self, bytes attachment) except -1:
        """Add one attachment; return True when it was the last."""
        if self.text is None:
            raise ParseError("got binary data when not reconstructing a packet")
        self.size += PyBytes_GET_SIZE(attachment)
        if self.size > self.max_packet_size:
            raise LimitError.exceeded(
                "max_packet_size", self.size, self.max_packet_size
            )
        self.attachments.append(attachment)
        return len(self.attachments) == self.expected

    cdef list take(self):
        """Hand over the attachments and be ready for the next packet."""
        cdef list attachments = self.attachments

        self.clear()
        return attachments

    cdef int clear(self) except -1:
        self.text = None
        self.attachments = None
        self.expected = 0
        self.size = 0
        return 0

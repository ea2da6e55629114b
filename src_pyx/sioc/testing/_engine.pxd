# An Engine.IO v4 session over one WebSocket, the server's side.
from picows.picows cimport WSFrame, WSListener, WSMsgType, WSTransport

from sioc.testing._hub cimport Hub
from sioc.testing._wire cimport FrameBuffer


cdef class EngineSession(WSListener):
    cdef:
        Hub hub
        # None before the WebSocket is open and after it is closed.
        WSTransport transport
        # The client asked for b64=1: attachments travel as text.
        readonly bint base64

        # What this turn has to say; leaves with flush().
        FrameBuffer out
        # The transport holds more than its high-water mark.
        bint paused
        bint _reading_paused
        # Nothing more is said or heard, but the closing handshake.
        bint closing

        # The fragments of one message, and its opcode; 0 between messages.
        FrameBuffer _message
        int _fragmented

        # Waits for the time of the next ping, or for the pong that is due.
        object _heartbeat
        double _pong_due
        # Waits for the first namespace.
        object _joining
        object _closing_timer

    # Upwards. `text` is what follows the Engine.IO type "4".
    cdef int on_message(self, const char* text, Py_ssize_t size) except -1
    cdef int on_attachment(self, const char* data, Py_ssize_t size) except -1
    cdef int on_writable(self) except -1
    cdef int on_closing(self) except -1

    # Downwards. Both keep the order of what was put into `out` before.
    cdef int flush(self) except -1
    cdef int write(self, const char* frames, Py_ssize_t size) except -1

    # The first namespace is joined.
    cdef int settle(self) except -1
    # Closes with RFC 6455's handshake; `reason` tells the reader of a failed test why.
    cdef int close(self, int code, bytes reason) except -1
    cpdef abort(self)

    cdef int _read_frame(self, WSFrame frame) except -1
    cdef int _read_fragment(self, WSFrame frame) except -1
    cdef int _read_message(
        self, int opcode, const char* payload, Py_ssize_t size
    ) except -1
    cdef int _read_control(self, const char* text, Py_ssize_t size) except -1
    cdef int _answer_close(self) except -1
    cdef int _send(self, const char* frames, Py_ssize_t size) except -1
    cdef int _cancel_timers(self) except -1

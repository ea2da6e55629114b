"""A WebSocket connection: the message layer of RFC 6455 on picows' frames.

picows gives the handshake, the frame parser and the socket. What it leaves to us is
here: reserved bits, fragments and their limits, UTF-8, the closing handshake, and that
nothing is delivered after the first violation, whatever is in the buffers.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
cimport cython
from picows.picows cimport WSFrame, WSListener, WSMsgType, WSTransport

from sioc._buffer cimport WriteBuffer
from sioc._clock cimport now
from sioc._session cimport Session
from sioc._utf8 cimport scan

from sioc.exceptions import BufferFullError, LimitError, ParseError
from sioc.reading import SmallReads

# What a long read has brought is in no near cache.
cdef extern from *:
    """
    static inline void sioc_fetch(const char *p, Py_ssize_t size)
    {
    #if defined(__GNUC__)
        const char *end = p + size;
        for (; p < end; p += 64) __builtin_prefetch(p);
    #endif
    }
    """
    void fetch "sioc_fetch"(const char* p, Py_ssize_t size) noexcept

cdef enum:
    LEAST_FETCHED = 256         # bytes; of less, and of more, the processor itself
    MOST_FETCHED = 2048         # sees what comes next

# Status codes of RFC 6455 section 7.4.1.
cdef enum:
    NORMAL_CLOSURE = 1000
    PROTOCOL_ERROR = 1002
    NO_STATUS = 1005
    ABNORMAL_CLOSURE = 1006
    INVALID_TEXT = 1007
    MESSAGE_TOO_BIG = 1009


@cython.final
cdef class Link(WSListener):
    """One WebSocket connection of a session.

    Args:
        session: Where its packets go.
        outlet: The buffer that takes what is to be sent.
        limits: sioc.Limits, for messages and fragments.
        on_closed: Called once when an established connection has ended, with the
            close code, the close reason and the error that ended it (None: the peer
            or the network did).
    """

    def __init__(
        self, Session session, WriteBuffer outlet, object limits, object on_closed
    ):
        self.session = session
        self.outlet = outlet
        self.on_closed = on_closed
        self.max_message_size = limits.max_message_size
        self.max_fragments = limits.max_fragments
        self.fragments = bytearray()

    # From picows.

    cpdef on_ws_connected(self, WSTransport transport):
        # picows sets a protocol error on this future and nobody else awaits it.
        transport.disconnected_future.add_done_callback(retrieve)
        if self.aborted:
            transport.disconnect(False)
            return
        self.transport = transport
        transport.underlying_transport.set_write_buffer_limits(
            high=self.outlet.high_water
        )
        self.outlet.attach(transport)

    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame):
        cdef Py_ssize_t openers = -1

        # A close frame that picows sent means that its parser met a violation; frames
        # parsed before or after it may still be on their way here.
        if self.failed or transport.is_close_frame_sent:
            if frame.msg_type == WSMsgType.CLOSE:
                self.on_close(frame)
            return
        self.outlet.corked = True
        if (
            frame.msg_type == WSMsgType.TEXT
            and frame.fin
            and not (frame.rsv1 | frame.rsv2 | frame.rsv3)
            and self.fragment_opcode == 0
            and frame.payload_size <= self.max_message_size
        ):
            openers = scan(frame.payload_ptr, frame.payload_size)
            if frame.payload_size > LEAST_FETCHED and not frame.last_in_buffer:
                # The next one, which may well be as long, while this one is decoded.
                fetch(
                    frame.payload_ptr + frame.payload_size,
                    min(frame.payload_size, <Py_ssize_t>MOST_FETCHED),
                )
        if openers >= 0:
            # What nearly every frame is; anything else takes the long way.
            self.session.feed_text(frame.payload_ptr, frame.payload_size, openers)
        else:
            self.on_data(frame)
        if frame.last_in_buffer:
            self.session.last_inbound = now()
            self.outlet.uncork()

    cpdef on_ws_disconnected(self, WSTransport transport):
        code, reason = ABNORMAL_CLOSURE, ""
        handshake = transport.close_handshake
        if self.transport is None:
            return
        self.transport = None
        self.outlet.detach()
        if handshake is not None and handshake.recv is not None:
            code = int(handshake.recv.code) or NO_STATUS
            reason = handshake.recv.reason or ""
        if self.cause is None and handshake is not None and handshake.sent is not None:
            self.cause = violation(int(handshake.sent.code), handshake.sent.reason)
        self.failed = True
        on_closed, self.on_closed = self.on_closed, None
        on_closed(code, reason, self.cause)

    cpdef pause_writing(self):
        if self.transport is not None:
            self.outlet.pause()

    cpdef resume_writing(self):
        if self.transport is not None:
            self.outlet.resume()

    # As picows' logger. Whatever it logs is reported as an error or event of ours, too,
    # and at its lowest level it logs whole requests: nothing of it goes further.

    def isEnabledFor(self, int level):
        return False

    def info(self, *args):
        pass

    debug = warning = exception = info

    def error(self, *args):
        """Answer the peer's close frame, if what picows refuses came behind it.

        picows looks at the frame behind before it shows the close frame, and says here
        what it met before it answers. Data that follows a close frame is to be ignored
        (RFC 6455 section 1.4), so the answer is the one to the close frame.
        """
        if self.transport is None or self.failed:
            return
        handshake = self.transport.close_handshake
        if handshake is not None and handshake.recv is not None:
            self.failed = True
            self.session._end()
            self.send_close(handshake.recv.code)
            # Then picows sends none of its own.
            self.transport.is_close_frame_sent = True

    # From above.

    @property
    def closed(self):
        """Whether there is no connection: not made yet, or ended."""
        return self.transport is None

    def hand_over(self, Session session not None):
        """Feed packets into another session from now on."""
        self.session = session

    def close(self):
        """Flush what was sent and begin the closing handshake.

        The peer answers and closes; until then the connection stays, so that what was
        flushed is not lost to a reset.
        """
        if self.transport is not None and not self.failed:
            self.failed = True
            # Like the browser's close(): without a status code (7.2.6).
            self.send_close(0)

    def fail_with(self, error):
        """Close at once: the session met a violation in what was delivered."""
        if self.transport is not None and not self.failed:
            self.fail(PROTOCOL_ERROR, error)

    def abort(self):
        """Drop the connection, or the attempt to make it, without ceremony."""
        self.aborted = True
        self.failed = True
        if self.transport is not None:
            self.transport.disconnect(False)

    def forsake(self):
        """Take a connection for ended whose protocol was not told, and never will be.

        uvloop does so when it is cancelled in the moment it has connected.
        """
        if self.transport is not None:
            self.on_ws_disconnected(self.transport)

    def pause_reading(self, bint pause):
        """Stop or go on reading from the connection, by small reads from then on."""
        if self.transport is None:
            return
        reading = self.transport.underlying_transport
        if not pause:
            reading.resume_reading()
            return
        protocol = reading.get_protocol()
        if not isinstance(protocol, SmallReads):
            reading.set_protocol(SmallReads(protocol))
        reading.pause_reading()

    # The message layer.

    cdef int on_data(self, WSFrame frame) except -1:
        cdef int opcode = frame.msg_type

        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            # No extension was negotiated (RFC 6455 section 5.2).
            return self.fail(
                PROTOCOL_ERROR, ParseError("a frame has reserved bits set")
            )
        if opcode == WSMsgType.PING:
            return self.on_ping(frame)
        if opcode == WSMsgType.PONG:
            return 0
        if opcode == WSMsgType.CLOSE:
            return self.on_close(frame)
        if frame.payload_size > self.max_message_size:
            return self.too_big(frame.payload_size)
        if frame.fin and opcode != WSMsgType.CONTINUATION and not self.fragment_opcode:
            return self.deliver(opcode, frame.payload_ptr, frame.payload_size)
        return self.on_fragment(frame)

    cdef int on_fragment(self, WSFrame frame) except -1:
        """Collect a fragmented message (RFC 6455 section 5.4)."""
        cdef:
            int opcode = frame.msg_type
            bytearray message

        if (opcode == WSMsgType.CONTINUATION) != (self.fragment_opcode != 0):
            return self.fail(
                PROTOCOL_ERROR, ParseError("a fragment stands where none may stand")
            )
        if opcode != WSMsgType.CONTINUATION:
            self.fragment_opcode = opcode
            self.fragment_count = 0
        self.fragment_count += 1
        if self.fragment_count > self.max_fragments:
            return self.fail(
                PROTOCOL_ERROR,
                LimitError.exceeded(
                    "max_fragments", self.fragment_count, self.max_fragments
                ),
            )
        size = len(self.fragments) + frame.payload_size
        if size > self.max_message_size:
            return self.too_big(size)
        self.fragments += frame.payload_ptr[: frame.payload_size]
        if not frame.fin:
            return 0
        opcode = self.fragment_opcode
        message = self.fragments
        self.fragment_opcode = 0
        self.fragments = bytearray()
        return self.deliver(
            opcode, PyByteArray_AS_STRING(message), PyByteArray_GET_SIZE(message)
        )

    cdef int deliver(self, int opcode, char* data, Py_ssize_t size) except -1:
        cdef Py_ssize_t openers

        if opcode == WSMsgType.BINARY:
            return self.session.feed_binary(data, size)
        openers = scan(data, size)
        if openers < 0:
            # RFC 6455 section 8.1.
            return self.fail(
                INVALID_TEXT, ParseError("a text message is not valid UTF-8")
            )
        return self.session.feed_text(data, size, openers)

    cdef int on_ping(self, WSFrame frame) except -1:
        # While the peer reads nothing a pong would only fill the buffer.
        if not self.outlet.paused:
            try:
                self.outlet.put_control(
                    WSMsgType.PONG, frame.payload_ptr, frame.payload_size
                )
            except BufferFullError:
                pass
        return 0

    cdef int on_close(self, WSFrame frame) except -1:
        """The peer's close frame: answer it, if it was the first, and hang up."""
        cdef int code = frame.get_close_code()

        if frame.payload_size > 0 and not self.failed and not may_be_sent(code):
            return self.fail(
                PROTOCOL_ERROR, ParseError(f"a close frame has the status code {code}")
            )
        self.session._end()
        if not self.failed:
            self.failed = True
            self.send_close(code)
        self.hang_up()
        return 0

    cdef int hang_up(self) except -1:
        """Close the socket, unless a write has just found it closed."""
        if self.transport is not None:
            self.transport.disconnect(True)
        return 0

    cdef int too_big(self, Py_ssize_t size) except -1:
        return self.fail(
            MESSAGE_TOO_BIG,
            LimitError.exceeded("max_message_size", size, self.max_message_size),
        )

    cdef int fail(self, int code, object error) except -1:
        """Stop delivering, tell the peer why, and hang up."""
        self.failed = True
        self.cause = error
        self.fragments = bytearray()
        self.session._end()
        self.send_close(code)
        self.hang_up()
        return 0

    cdef int send_close(self, int code) except -1:
        cdef char[2] status

        status[0] = <char>(code >> 8)
        status[1] = <char>(code & 0xFF)
        try:
            self.outlet.put_control(WSMsgType.CLOSE, status, 2 if code else 0)
        except BufferFullError:
            pass
        self.outlet.flush()
        return 0


def retrieve(future):
    """Take a future's exception, so that asyncio does not report it as unseen."""
    if not future.cancelled():
        future.exception()


cdef bint may_be_sent(int code) noexcept:
    """Whether a close frame may carry a status code (RFC 6455 section 7.4)."""
    return (
        1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
    )


cdef object violation(int code, str reason):
    """Return the error for a close frame that picows sent of its own accord."""
    if code == MESSAGE_TOO_BIG:
        return LimitError(reason, limit="max_message_size")
    return ParseError(f"WebSocket protocol error: {reason or f'status {code}'}")

"""An Engine.IO v4 session over one WebSocket, the server's side.

picows brings the HTTP upgrade and cuts frames. The message layer of RFC 6455 is here:
fragments, reserved bits, UTF-8, and silence after a violation (picows still delivers
what it has buffered).

Rule 1: what a read makes the peer say is collected and leaves in one write at the end
of that read. Rule 2: a peer whose client does not read stops reading itself.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from secrets import token_urlsafe

import msgspec
from picows.picows cimport WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from sioc.testing._hub cimport Hub
from sioc.testing._utf8 cimport is_utf8
from sioc.testing._wire cimport FrameBuffer, Opcode


cdef:
    object encode_json = msgspec.json.encode
    # Seconds that the client has to answer a close frame.
    double CLOSE_TIMEOUT = 2.0
    # Seconds: a timer this late shows that the loop was blocked, and the pong may lie
    # unread in the kernel. The second chance comes after one more look at the sockets.
    double LATE = 0.005
    double SECOND_CHANCE = 0.01

cdef enum:
    # Unsent bytes above which the peer stops reading.
    MAX_UNSENT = 4 * 1024 * 1024


cdef class EngineSession(WSListener):
    """One WebSocket connection: handshake, heartbeat, messages, closing."""

    def __init__(self, Hub hub not None, bint base64):
        self.hub = hub
        self.base64 = base64
        self.out = FrameBuffer()
        self._message = FrameBuffer()

    # What picows calls.

    cpdef on_ws_connected(self, WSTransport transport):
        cdef:
            Hub hub = self.hub
            bytes handshake
        self.transport = transport
        if not hub.enter(self):
            self.abort()
            return
        handshake = b"0" + encode_json({
            "sid": token_urlsafe(15),
            "upgrades": [],
            "pingInterval": round(hub.ping_interval * 1000),
            "pingTimeout": round(hub.ping_timeout * 1000),
            "maxPayload": hub.max_payload,
        })
        self.out.put_frame(Opcode.TEXT, handshake, len(handshake))
        self.flush()
        self._heartbeat = hub.loop.call_later(hub.ping_interval, self._ping)
        self._joining = hub.loop.call_later(hub.connect_timeout, self._never_joined)

    cpdef on_ws_frame(self, WSTransport transport, WSFrame frame):
        if frame.msg_type == WSMsgType.CLOSE:
            self._answer_close()
        elif not (self.closing or transport.is_close_frame_sent):
            self.hub.bytes_in += frame.payload_size
            self._read_frame(frame)
            if frame.last_in_buffer:
                self.flush()

    cpdef on_ws_disconnected(self, WSTransport transport):
        self.closing = True
        self._cancel_timers()
        self.on_closing()
        self.hub.leave(self)
        self.transport = None

    cpdef pause_writing(self):
        self.paused = True

    cpdef resume_writing(self):
        self.paused = False
        if self._reading_paused and self.transport is not None:
            self._reading_paused = False
            self.transport.underlying_transport.resume_reading()
        self.on_writable()

    # For the layer above.

    cdef int on_message(self, const char* text, Py_ssize_t size) except -1:
        return 0

    cdef int on_attachment(self, const char* data, Py_ssize_t size) except -1:
        return 0

    cdef int on_writable(self) except -1:
        return 0

    cdef int on_closing(self) except -1:
        return 0

    cdef int flush(self) except -1:
        if self.out.size:
            self._send(self.out.data, self.out.size)
            self.out.clear()
        return 0

    cdef int write(self, const char* frames, Py_ssize_t size) except -1:
        self.flush()
        self._send(frames, size)
        return 0

    cdef int settle(self) except -1:
        if self._joining is not None:
            self._joining.cancel()
            self._joining = None
        return 0

    cdef int close(self, int code, bytes reason) except -1:
        if self.closing:
            return 0
        self.flush()
        self.closing = True
        self._cancel_timers()
        self.on_closing()
        self.transport.send_close(<WSCloseCode>code, reason)
        self._closing_timer = self.hub.loop.call_later(CLOSE_TIMEOUT, self.abort)
        return 0

    cpdef abort(self):
        self.closing = True
        self._cancel_timers()
        if self.transport is not None:
            self.transport.disconnect(False)

    # Inwards.

    cdef int _read_frame(self, WSFrame frame) except -1:
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            # RFC 6455, section 5.2: no extension is negotiated here.
            return self.close(WSCloseCode.PROTOCOL_ERROR, b"reserved bit set")
        if frame.msg_type == WSMsgType.PING:
            self.flush()
            self.transport.send_pong(frame.get_payload_as_bytes())
            return 0
        if frame.msg_type == WSMsgType.PONG:
            return 0
        if (
            self._fragmented
            or not frame.fin
            or frame.msg_type == WSMsgType.CONTINUATION
        ):
            return self._read_fragment(frame)
        return self._read_message(
            frame.msg_type, frame.payload_ptr, frame.payload_size
        )

    cdef int _read_fragment(self, WSFrame frame) except -1:
        cdef int opcode = self._fragmented
        # RFC 6455, section 5.4: one message at a time, its first frame has the opcode.
        if (opcode == 0) == (frame.msg_type == WSMsgType.CONTINUATION):
            return self.close(WSCloseCode.PROTOCOL_ERROR, b"fragments out of order")
        if opcode == 0:
            opcode = self._fragmented = frame.msg_type
            self._message.clear()
        if self._message.size + frame.payload_size > self.hub.max_payload:
            return self.close(WSCloseCode.MESSAGE_TOO_BIG, b"message too big")
        self._message.put_raw(frame.payload_ptr, frame.payload_size)
        if not frame.fin:
            return 0
        self._fragmented = 0
        return self._read_message(opcode, self._message.data, self._message.size)

    cdef int _read_message(
        self, int opcode, const char* payload, Py_ssize_t size
    ) except -1:
        if opcode == WSMsgType.BINARY:
            return self.on_attachment(payload, size)
        if not is_utf8(payload, size):
            return self.close(WSCloseCode.INVALID_TEXT, b"text is not UTF-8")
        if size and payload[0] == c"4":
            return self.on_message(payload + 1, size - 1)
        return self._read_control(payload, size)

    cdef int _read_control(self, const char* text, Py_ssize_t size) except -1:
        cdef:
            char kind = text[0] if size else c" "
            bytes data
        if kind == c"3":
            self._heartbeat.cancel()
            self._heartbeat = self.hub.loop.call_later(
                self.hub.ping_interval, self._ping
            )
        elif kind == c"b":
            try:
                data = b64decode(text[1:size], validate=True)
            except Base64Error:
                return self.close(WSCloseCode.PROTOCOL_ERROR, b"illegal base64")
            return self.on_attachment(data, len(data))
        elif kind == c"1":
            return self.close(WSCloseCode.OK, b"")
        elif kind == c"2":
            # Since protocol 4 the server asks and the client answers.
            return self.close(
                WSCloseCode.PROTOCOL_ERROR, b"invalid heartbeat direction"
            )
        elif kind != c"5" and kind != c"6":
            return self.close(
                WSCloseCode.PROTOCOL_ERROR, b"unexpected Engine.IO packet"
            )
        return 0

    cdef int _answer_close(self) except -1:
        self.closing = True
        self._cancel_timers()
        self.on_closing()
        cdef int code = self.transport.close_handshake.recv.code
        # "No status" cannot be sent (RFC 6455, section 7.4.1). picows ignores this if
        # it was the peer that closed first.
        self.transport.send_close(<WSCloseCode>code if code else WSCloseCode.OK)
        self.transport.disconnect()
        return 0

    # Outwards.

    cdef int _send(self, const char* frames, Py_ssize_t size) except -1:
        cdef WSTransport transport = self.transport
        if self.closing or transport.is_close_frame_sent:
            return 0
        transport._fast_write(<char*>frames, size)
        if (
            self.paused and not self._reading_paused
            and <Py_ssize_t>transport._tr_get_write_buffer_size() > MAX_UNSENT
        ):
            self._reading_paused = True
            transport.underlying_transport.pause_reading()
        return 0

    # Timers.

    def _ping(self):
        cdef Hub hub = self.hub
        self.out.put_frame(Opcode.TEXT, b"2", 1)
        self.flush()
        self._pong_due = hub.loop.time() + hub.ping_timeout
        self._heartbeat = hub.loop.call_later(hub.ping_timeout, self._no_pong, False)

    def _no_pong(self, bint again):
        if not again and self.hub.loop.time() - self._pong_due > LATE:
            self._heartbeat = self.hub.loop.call_later(
                SECOND_CHANCE, self._no_pong, True
            )
        else:
            self.close(WSCloseCode.OK, b"ping timeout")

    def _never_joined(self):
        self.close(WSCloseCode.OK, b"no namespace joined in time")

    cdef int _cancel_timers(self) except -1:
        for timer in (self._heartbeat, self._joining, self._closing_timer):
            if timer is not None:
                timer.cancel()
        self._heartbeat = self._joining = self._closing_timer = None
        return 0

"""One connection of the scripted raw peer: what a script sends and expects."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from peers.frames import BINARY, CLOSE, TEXT, Frame, encode_frame, read_frame

T = TypeVar("T")
OnConnection = Callable[["RawConnection"], None]

TIMEOUT = 4.0  # seconds that a script waits for the client by default

# The constant of RFC 6455 section 1.3.
ACCEPT_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

# Offset of tcpi_data_segs_in in struct tcp_info (include/uapi/linux/tcp.h).
DATA_SEGMENTS_IN = 152


@dataclass(frozen=True)
class Request:
    """The client's HTTP request.

    Attributes:
        method: The method.
        target: The request target, exactly as sent.
        fields: The header fields, in order, names as sent.
        raw: Every byte, up to and with the empty line.
    """

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    raw: bytes

    def values(self, name: str) -> list[str]:
        """Return the values of a header field, in order."""
        return [value for key, value in self.fields if key.lower() == name.lower()]

    @property
    def query(self) -> str:
        """The query of the target, without the question mark."""
        return self.target.partition("?")[2]


def accept_value(key: str) -> str:
    """Return what answers a Sec-WebSocket-Key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key.encode() + ACCEPT_GUID).digest()).decode()


class EndingProtocol(asyncio.StreamReaderProtocol):
    """A stream protocol that tells the end before everything has been read."""

    def __init__(self, reader: asyncio.StreamReader, on_connection: OnConnection):
        self.ended = asyncio.Event()
        self.lost = False
        super().__init__(reader, lambda r, w: on_connection(RawConnection(self, r, w)))

    def eof_received(self) -> bool | None:
        """Note the client's FIN."""
        self.ended.set()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the connection."""
        self.lost = True
        self.ended.set()
        super().connection_lost(exc)


class RawConnection:
    """A TCP connection that a script plays the server on.

    Every ``expect_...`` fails with AssertionError when something else comes, or nothing
    within ``timeout`` seconds.

    Attributes:
        number: The connection's number at its peer, from 0.
        opened: The loop's time when the client connected.
        request: The HTTP request, once read.
        frames: Every frame received, in order.
    """

    def __init__(
        self,
        protocol: EndingProtocol,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.number = 0
        self.opened = asyncio.get_running_loop().time()
        self.frames: list[Frame] = []
        self._request: Request | None = None
        self._protocol = protocol
        self._reader = reader
        self._writer = writer

    @property
    def request(self) -> Request:
        """The HTTP request, which must have been read."""
        assert self._request is not None, "no request was read yet"
        return self._request

    # HTTP

    async def read_request(self, timeout: float | None = TIMEOUT) -> Request:
        """Read the client's HTTP request, up to its body."""
        raw = await self._within(timeout, self._reader.readuntil(b"\r\n\r\n"))
        first, *lines = raw.decode("latin-1").split("\r\n")[:-2]
        method, target, _ = first.split(" ", 2)
        pairs = [line.split(":", 1) for line in lines]
        fields = tuple((name, value.strip()) for name, value in pairs)
        self._request = Request(method, target, fields, raw)
        return self._request

    async def read_body(self, timeout: float | None = TIMEOUT) -> bytes:
        """Read the body of the request, as long as its Content-Length says."""
        (size,) = self.request.values("Content-Length") or ["0"]
        return await self._within(timeout, self._reader.readexactly(int(size)))

    def reply(
        self, status: str, fields: Mapping[str, str] | None = None, body: bytes = b""
    ) -> None:
        """Send an HTTP response, such as ``"404 Not Found"``."""
        lines = [f"HTTP/1.1 {status}"]
        lines += [f"{name}: {value}" for name, value in (fields or {}).items()]
        self.send_raw("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def refuse(self, status: str, body: bytes = b"", kind: str = "text/plain") -> None:
        """Send a complete HTTP response that is not 101."""
        length = str(len(body))
        fields = {"Content-Type": kind, "Content-Length": length, "Connection": "close"}
        self.reply(status, fields, body)

    def switch_protocols(self, **changes: str | None) -> None:
        """Send the 101 response; a field given as None is left out.

        Args:
            changes: Header fields to change or add, ``_`` standing for ``-``.
        """
        (key,) = self.request.values("Sec-WebSocket-Key")
        fields: dict[str, str | None] = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Accept": accept_value(key),
        }
        fields |= {name.replace("_", "-"): value for name, value in changes.items()}
        sent = {name: value for name, value in fields.items() if value is not None}
        self.reply("101 Switching Protocols", sent)

    async def accept(self) -> Request:
        """Read the request and accept the WebSocket."""
        request = await self.read_request()
        self.switch_protocols()
        return request

    # Sending

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are; do nothing if the client has reset the connection."""
        if not self._writer.is_closing():
            self._writer.write(data)

    def send_frame(
        self, opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0
    ) -> None:
        """Send a frame, valid or not."""
        self.send_raw(encode_frame(opcode, payload, fin=fin, rsv=rsv))

    def send_text(self, *packets: str) -> None:
        """Send Engine.IO packets, each in a text frame, in one write."""
        frames = [encode_frame(TEXT, packet.encode()) for packet in packets]
        self.send_raw(b"".join(frames))

    def send_binary(self, *attachments: bytes) -> None:
        """Send binary frames in one write."""
        self.send_raw(b"".join(encode_frame(BINARY, data) for data in attachments))

    async def drain(self) -> None:
        """Wait until the client has taken most of what was sent."""
        await self._writer.drain()

    # Socket.IO

    def open_packet(self, **changes: Any) -> None:
        """Send the Engine.IO handshake; a value given as None is left out."""
        values: dict[str, Any] = {
            "sid": f"engine-{self.number}",
            "upgrades": [],
            "pingInterval": 25000,
            "pingTimeout": 20000,
            "maxPayload": 1000000,
        }
        values |= changes
        sent = {name: value for name, value in values.items() if value is not None}
        self.send_text("0" + json.dumps(sent))

    async def expect_connect(self, nsp: str = "/") -> Any:
        """Expect a CONNECT and return its auth payload, None if it has none."""
        head = "40" if nsp == "/" else f"40{nsp},"
        packet = await self.next_text()
        assert packet.startswith(head), packet
        rest = packet[len(head) :]
        return json.loads(rest) if rest else None

    def connect_reply(self, nsp: str = "/", **values: Any) -> None:
        """Answer a CONNECT, with a ``sid`` and further values of the payload."""
        payload = json.dumps({"sid": f"socket-{self.number}"} | values)
        self.send_text("40" + ("" if nsp == "/" else f"{nsp},") + payload)

    async def join(self, nsp: str = "/") -> Any:
        """Expect a CONNECT, answer it, and return its auth payload."""
        auth = await self.expect_connect(nsp)
        self.connect_reply(nsp)
        return auth

    async def establish(self, **handshake: Any) -> None:
        """Accept the WebSocket, open the session and let the client join ``/``."""
        await self.accept()
        self.open_packet(**handshake)
        await self.join()

    # Expecting

    async def next_frame(self, timeout: float | None = TIMEOUT) -> Frame:
        """Return the next frame."""
        frame = await self._within(timeout, read_frame(self._reader))
        self.frames.append(frame)
        return frame

    async def next_text(self, timeout: float = TIMEOUT) -> str:
        """Return the next frame's text; it must be a whole text message."""
        frame = await self.next_frame(timeout)
        assert (frame.fin, frame.rsv, frame.opcode) == (True, 0, TEXT), frame
        return frame.payload.decode()

    async def expect_text(self, expected: str, timeout: float = TIMEOUT) -> None:
        """Expect exactly this text message."""
        assert await self.next_text(timeout) == expected

    async def expect_binary(self, expected: bytes, timeout: float = TIMEOUT) -> None:
        """Expect exactly this binary message."""
        frame = await self.next_frame(timeout)
        assert (frame.fin, frame.rsv, frame.opcode) == (True, 0, BINARY), frame
        assert frame.payload == expected

    async def expect_nothing(self) -> None:
        """Expect that the client sent nothing since the last frame.

        A ping is sent; the pong must be the next thing that comes.
        """
        self.send_text("2")
        await self.expect_text("3")

    async def expect_close(self, timeout: float = TIMEOUT) -> Frame:
        """Skip to the next close frame and return it."""
        while True:
            frame = await self.next_frame(timeout)
            if frame.opcode == CLOSE:
                return frame

    async def until_end(self, timeout: float | None = TIMEOUT) -> None:
        """Read, and record, until the client has ended the connection.

        A close frame is answered, as RFC 6455 section 5.5.1 wants it.
        """
        try:
            while True:
                frame = await self.next_frame(timeout)
                if frame.opcode == CLOSE:
                    self.send_frame(CLOSE, frame.payload[:2])
                    self.end()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.end()

    def pause_reading(self) -> None:
        """Read no more from the client."""
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]

    def data_segments(self) -> int:
        """Return how many TCP segments with data have come (Linux)."""
        sock: socket.socket = self._writer.get_extra_info("socket")
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        (segments,) = struct.unpack_from("=I", info, DATA_SEGMENTS_IN)
        return int(segments)

    # Ending

    def abort(self) -> None:
        """Drop the TCP connection, if it is there, without sending what is left."""
        if not self._protocol.lost:  # asyncio fails over some that are not
            self._writer.transport.abort()

    @property
    def is_ended(self) -> bool:
        """Whether the client has ended the connection."""
        return self._protocol.ended.is_set()

    async def closed(self, timeout: float = TIMEOUT) -> None:
        """Wait until the client has ended the connection, whoever reads from it."""
        await self._within(timeout, self._protocol.ended.wait())

    def send_close(self, code: int = 1000, reason: bytes = b"") -> None:
        """Send a close frame."""
        self.send_frame(CLOSE, code.to_bytes(2, "big") + reason)

    def end(self) -> None:
        """Close the TCP connection (FIN)."""
        self._writer.close()

    def end_half(self) -> None:
        """Send no more (FIN), but go on reading."""
        if not self._writer.is_closing():
            self._writer.write_eof()

    def reset(self) -> None:
        """Abort the TCP connection (RST)."""
        if self._writer.is_closing():
            return
        sock: socket.socket = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _within(self, timeout: float | None, coming: Awaitable[T]) -> T:
        try:
            return await asyncio.wait_for(coming, timeout)
        except asyncio.TimeoutError:
            self._nothing_came(timeout)

    def _nothing_came(self, timeout: float | None) -> NoReturn:
        last = self.frames[-1] if self.frames else "nothing"
        raise AssertionError(
            f"connection {self.number}: nothing came for {timeout} s after {last}"
        )

"""WebSocket frames (RFC 6455 section 5.2), exact to the bit and free to be wrong."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


@dataclass(frozen=True)
class Frame:
    """A frame as it was received.

    Attributes:
        fin: The FIN bit.
        rsv: The bits RSV1 to RSV3, as a number from 0 to 7.
        opcode: The opcode.
        mask: The mask key, None for an unmasked frame.
        payload: The payload, unmasked.
    """

    fin: bool
    rsv: int
    opcode: int
    mask: bytes | None
    payload: bytes

    @property
    def close_code(self) -> int | None:
        """The status code of a close frame, None if it carries none."""
        return int.from_bytes(self.payload[:2], "big") if self.payload else None


def apply_mask(payload: bytes, mask: bytes) -> bytes:
    """Mask or unmask a payload (RFC 6455 section 5.3)."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return mixed.to_bytes(size, "big")


def encode_frame(
    opcode: int,
    payload: bytes,
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bytes | None = None,
    length: int | None = None,
) -> bytes:
    """Encode a frame, valid or not.

    Args:
        opcode: The opcode, reserved ones included.
        payload: The payload.
        fin: The FIN bit.
        rsv: The bits RSV1 to RSV3, as a number from 0 to 7.
        mask: A mask key; servers send none.
        length: The length to claim instead of the payload's.
    """
    size = len(payload) if length is None else length
    head = bytes([fin << 7 | rsv << 4 | opcode])
    masked = 0 if mask is None else 0x80
    if size < 126:
        head += bytes([masked | size])
    elif size < 1 << 16:
        head += struct.pack("!BH", masked | 126, size)
    else:
        head += struct.pack("!BQ", masked | 127, size)
    if mask is None:
        return head + payload
    return head + mask + apply_mask(payload, mask)


async def read_frame(reader: asyncio.StreamReader) -> Frame:
    """Read one frame.

    Raises:
        asyncio.IncompleteReadError: The stream ended.
    """
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8), "big")
    mask = await reader.readexactly(4) if second & 0x80 else None
    payload = await reader.readexactly(size)
    if mask is not None:
        payload = apply_mask(payload, mask)
    return Frame(bool(first & 0x80), first >> 4 & 7, first & 0x0F, mask, payload)

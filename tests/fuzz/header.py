"""What an input says before its bytes: the limits that hold, and where it is cut."""

from __future__ import annotations

from functools import cache

import sioc

SIZE = 4  # bytes: limits, choices of the target's own, two that seed the cuts
MOST_CUTS = 8

# One byte chooses a value of each, two bits for one.
MESSAGE_SIZES = (16, 64, 256, 4096)
DEPTHS = (1, 3, 16, 64)
ATTACHMENTS = (1, 2, 4, 64)
FRAGMENTS = (1, 2, 8, 64)

# Of inputs that are written by hand: limits that few of them meet.
USUAL = bytes([0b10_10_10_11, 0, 0x5A, 0xC3])


@cache
def limits(byte: int) -> sioc.Limits:
    """Return the limits that the first byte chooses."""
    size = MESSAGE_SIZES[byte & 3]
    return sioc.Limits(
        max_message_size=size,
        max_packet_size=size,
        max_depth=DEPTHS[byte >> 2 & 3],
        max_attachments=ATTACHMENTS[byte >> 4 & 3],
        max_fragments=FRAGMENTS[byte >> 6],
    )


def split(data: bytes) -> tuple[int, int, int, bytes]:
    """Return the byte of the limits, of choices, the seed of cuts, and the rest."""
    head = data[:SIZE].ljust(SIZE, b"\0")
    return head[0], head[1], int.from_bytes(head[2:], "big"), data[SIZE:]


def cuts(seed: int, end: int) -> list[int]:
    """Return some places from 0 to `end`, in order; the same for the same seed."""
    places = []
    for _ in range(seed % MOST_CUTS + 1):
        seed = (seed * 1_103_515_245 + 12_345) & 0x7FFF_FFFF
        places.append((seed >> 8) % (end + 1))
    return sorted(places)

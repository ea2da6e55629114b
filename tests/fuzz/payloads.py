"""Fuzz target: a session's Engine.IO packets, the handshake first, as polling has them.

An input is read as one payload, as its packets one by one, and cut between packets
where it says. All must end in the same way, after the same events.
"""

from __future__ import annotations

import base64
from functools import cache
from itertools import pairwise
from typing import Any

import sioc
from fuzz import header
from fuzz.recorded import Namespaces
from fuzz.still_loop import StillLoop, standing_still

OPEN = b'0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}\x1e'
JOIN = b'40{"sid":"x","pid":"y"}\x1e'
EVERYTHING = 1  # of the choices: a listener for all events
ENDS = ("violation", "close")

SEEDS = [
    header.USUAL + seed
    for seed in (
        OPEN + JOIN + b'42["e",1]\x1e2\x1e42["all",1,"o"]\x1e421["all",{"a":[]}]',
        OPEN
        + JOIN
        + b'451-["e",{"_placeholder":true,"num":0}]\x1ebAAEC\x1e6\x1e3\x1e1',
        OPEN + b'42["e",0]\x1e' + JOIN + b'42/a,["e"]\x1e40/a,{"sid":"z"}\x1e44"no"',
        OPEN + b"bAAEC",
        OPEN + b"4\x1e\x1e5\x1e7",
        b'0{"sid":"a","upgrades":["websocket"],"pingInterval":1e300,"pingTimeout":-1}',
        b'0{"sid":7,"maxPayload":0}',
        b"0[[[[[[",
    )
]


def spell(wire: tuple[str | bytes, ...]) -> bytes:
    """Return the input that is a packet and its attachments, behind a handshake."""
    return (header.USUAL + OPEN + JOIN) + b"\x1e".join(
        b"b" + base64.b64encode(part)
        if isinstance(part, bytes)
        else b"4" + part.encode(errors="replace")
        for part in wire
    )


LOOP = StillLoop()


@cache
def namespaces(byte: int, everything: bool) -> Namespaces:
    """Return where packets go, by the limits and the choices of an input."""
    return Namespaces(byte, everything)


def read(
    reader: Namespaces, payloads: list[bytes]
) -> tuple[list[tuple[Any, ...]], tuple[Any, ...]]:
    """Return what a session tells of payloads, and what it counted."""
    session = reader.session()
    for payload in payloads:
        session._feed_payload(bytearray(payload))
    told = session.told.copy()
    if told and told[-1][0] in ENDS:
        session._feed_payload(bytearray(OPEN + JOIN + b'42["e",1]'))
        assert session.told == told, "delivered after the end"
    assert not [name for name, *_ in told[:-1] if name in ENDS]
    return told, reader.counted()


def run(data: bytes) -> None:
    """Read an input in all ways.

    Raises:
        AssertionError: They differ.
    """
    first, choices, seed, data = header.split(data)
    with standing_still(LOOP):
        check(namespaces(first, bool(choices & EVERYTHING)), data, seed)


def check(reader: Namespaces, data: bytes, seed: int) -> None:
    """Read a payload in all ways."""
    whole = read(reader, [data])
    try:
        data.decode()
    except UnicodeDecodeError:
        assert whole[0] == [("violation", sioc.ParseError)]
        return
    packets = data.split(b"\x1e")
    cuts = [0, *header.cuts(seed, len(packets)), len(packets)]
    pieces = [b"\x1e".join(packets[a:b]) for a, b in pairwise(cuts) if a < b]
    # 1e400 is infinity, which equals itself, and nothing is NaN.
    assert read(reader, pieces) == whole
    if seed % 4 == 0:
        assert read(reader, packets) == whole

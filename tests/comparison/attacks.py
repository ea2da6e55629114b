"""What a hostile server sends, as data: bytes behind an honest beginning.

The peer lets the client join "/", sends an event `before`, the bytes of the attack, and
three events `behind`. A client that holds to the protocol ends the link at the attack
and delivers nothing behind it; `e` is an event that should not be delivered at all.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass

from peers.frames import BINARY, CONTINUATION, TEXT, encode_frame

MIB = 1 << 20
PLACE = '{"_placeholder":true,"num":%s}'


def text(*packets: str) -> bytes:
    """Return text frames."""
    return b"".join(encode_frame(TEXT, packet.encode()) for packet in packets)


def binary(*attachments: bytes) -> bytes:
    """Return binary frames."""
    return b"".join(encode_frame(BINARY, attachment) for attachment in attachments)


def placed(num: str) -> bytes:
    """Return an event whose only attachment is placed by `num`."""
    return text(f'451-["e",{PLACE % num}]') + binary(b"a")


@dataclass(frozen=True)
class Attack:
    """What is sent once the client has joined.

    Attributes:
        row: The row of tests/plan.md.
        name: What it is, for people.
        data: The bytes.
        honest: Whether the client should go on all the same.
    """

    row: str
    name: str
    data: bytes
    honest: bool = False


ATTACKS = [
    Attack("H01", "4,294,967,297 attachments announced", text('454294967297-["e",1]')),
    Attack("H01", "a count with a leading zero", text('4501-["e",1]') + binary(b"a")),
    Attack("H01", "no count of attachments", text('45-["e",1]')),
    Attack(
        "H02",
        "200 MiB of attachments for one event",
        text('45200-["e",1]') + binary(bytes(MIB)) * 199,
    ),
    Attack("H03", "a placeholder of -1", placed("-1")),
    Attack("H03", "a placeholder beyond the attachments", placed("7")),
    Attack("H03", "a placeholder that is text", placed('"0"')),
    Attack(
        "H03",
        "text where an attachment is due",
        text(f'451-["e",{PLACE % 0}]', '42["e"]') + binary(b"late"),
    ),
    Attack("H03", "binary that nobody announced", binary(b"unasked")),
    Attack("H04", "a packet of an unknown type", text("49bad")),
    Attack("H04", "an unknown Engine.IO packet", text("9")),
    Attack("H04", "an event that is no array", text("42{}")),
    Attack("H04", "an event without a name", text("42[]")),
    Attack("H04", "an event with a reserved name", text('42["connect"]')),
    Attack("H04", "broken JSON", text('42["e",')),
    Attack("H04", "NaN in the JSON", text('42["e",NaN]')),
    Attack("H04", "an ack without an id", text("43[]")),
    Attack(
        "H04", "100,000 nested arrays", text('42["e",' + "[" * 100_000 + "]" * 100_001)
    ),
    Attack(
        "H05",
        "a frame of 5 GB announced, 200 MiB sent",
        encode_frame(BINARY, bytes(200 * MIB), length=5_000_000_000),
    ),
    Attack(
        "H05",
        "200 MiB in fragments without an end",
        encode_frame(TEXT, b"4", fin=False)
        + encode_frame(CONTINUATION, bytes(MIB), fin=False) * 200,
    ),
    Attack(
        "H05",
        "1,000,000 empty fragments",
        encode_frame(TEXT, b"4", fin=False)
        + encode_frame(CONTINUATION, b"", fin=False) * 1_000_000,
    ),
    Attack("H05", "a reserved bit set", encode_frame(TEXT, b'42["e"]', rsv=4)),
    Attack("H05", "a fragment of nothing", encode_frame(CONTINUATION, b'42["e"]')),
    Attack("H06", "text that is not UTF-8", encode_frame(TEXT, b'42["e","\xff"]')),
    Attack("H15", "a second answer to CONNECT", text('40{"sid":"other"}'), honest=True),
    Attack(
        "H15", "an event of a namespace not joined", text('42/x,["e"]'), honest=True
    ),
    Attack(
        "H15",
        "a second handshake",
        text('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'),
    ),
    Attack(
        "H16",
        "100,000 acks that nobody waits for",
        text("439[]") * 100_000,
        honest=True,
    ),
    Attack(
        "P09", "half of a surrogate pair", text(r'42["half","\ud83d"]'), honest=True
    ),
]

# Handshakes instead of honest ones.
GOOD = {"sid": "s", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000}
HANDSHAKES = {
    "pingInterval of -1": json.dumps(GOOD | {"pingInterval": -1}),
    "pingInterval of 1e300": json.dumps(GOOD | {"pingInterval": 1e300}),
    "pingInterval that is text": json.dumps(GOOD | {"pingInterval": "x"}),
    "no sid": '{"upgrades":[],"pingInterval":25000,"pingTimeout":20000}',
    "a sid of 1 MB": json.dumps(GOOD | {"sid": "s" * 1_000_000}),
}

BOMB = gzip.compress(b"0" + json.dumps(GOOD).encode() + bytes(300 * MIB), 9)

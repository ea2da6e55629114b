"""The MessagePack parser, against npm's socket.io-msgpack-parser."""

from __future__ import annotations

import base64
import enum
import math
import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest

import sioc
from peers.effort import effort
from peers.oracle import EPOCH, ask, same, untag
from sioc.parsers.msgpack import Decoder, Encoder


def decode(data: bytes, limits: sioc.Limits | None = None) -> sioc.Packet:
    """Return the one packet of a message."""
    packets: list[sioc.Packet] = []
    decoder = Decoder(limits)
    decoder.on("decoded", packets.append)
    decoder.add(data)
    (packet,) = packets
    return packet


def encode(data: Any, enc_hook: Any = None) -> bytes:
    """Return an event with this argument as a message."""
    (chunk,) = Encoder(enc_hook=enc_hook).encode(sioc.Packet(2, "/", ["e", data]))
    return chunk


class Colour(enum.Enum):
    RED = "red"


class Point(msgspec.Struct):
    x: int
    blob: bytes


@dataclass
class Place:
    name: str
    point: Point


DATE = datetime(2026, 11, 25, 12, 30, 45, 678000, timezone.utc)

# What is sent, and what JavaScript sees of it; the second is left out where equal.
VALUES: list[tuple[Any, ...]] = [
    (None,),
    (True,),
    (False,),
    *[(n,) for n in (0, 127, 128, 255, 256, 65535, 65536, 2**32, 2**53, -1, -32)],
    *[(n,) for n in (-33, -128, -129, -32769, -(2**31) - 1, -(2**53))],
    (2**63, float(2**63)),
    (2**64 - 1, float(2**64)),
    *[(x,) for x in (0.5, -0.0, 1e300, 5e-324, math.inf, -math.inf, math.nan)],
    *[("x" * n,) for n in (0, 1, 31, 32, 255, 256, 65535, 65536)],
    ("é日😀\u2028\0",),
    ("\ud83d", "\ufffd"),
    ({"k\ude00": "a\ud83db"}, {"k\ufffd": "a\ufffdb"}),
    *[(b"b" * n,) for n in (0, 1, 255, 256, 65535, 65536)],
    (bytearray(b"ba"), b"ba"),
    (memoryview(b"abcdef")[::2], b"ace"),
    *[([1] * n,) for n in (0, 14, 15, 16, 17, 65534, 65535, 65536)],
    *[({f"k{i}": i for i in range(n)},) for n in (0, 15, 16, 70000)],
    ((1, (2, b"x")), [1, [2, b"x"]]),
    ({1: "a", 1.5: "b"}, {"1": "a", "1.5": "b"}),
    ({Colour.RED: Colour.RED}, {"red": "red"}),
    (DATE,),
    (DATE.astimezone(timezone(timedelta(hours=5))), DATE),
    (EPOCH - timedelta(milliseconds=1),),
    (datetime(2026, 1, 2, 3), "2026-01-02T03:00:00"),
    ([DATE, {"d": DATE}],),
    ({3}, [3]),
    (frozenset({b"x"}), [b"x"]),
    (Decimal("1.50"), "1.50"),
    (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    (Point(1, b"p"), {"x": 1, "blob": b"p"}),
    (Place("here", Point(1, b"p")), {"name": "here", "point": {"x": 1, "blob": b"p"}}),
]


def test_javascript_reads_what_is_written() -> None:
    sent = [encode(value) for value, *_ in VALUES]
    asked = [("unpack", base64.b64encode(data).decode()) for data in sent]
    for (value, *expected), (packets, error) in zip(VALUES, ask(asked), strict=True):
        assert error is None
        ((kind, nsp, data, number),) = untag(packets)
        assert (kind, nsp, number) == (2, "/", None)
        assert same(data, ["e", expected[0] if expected else value]), repr(value)[:99]


@pytest.mark.parametrize("value", [v[0] for v in VALUES])
def test_what_is_written_can_be_read(value: Any) -> None:
    first = decode(encode(value)).data[1]
    assert same(decode(encode(first)).data[1], first)


# JavaScript expressions, and what is read of them.
SOURCES: list[tuple[str, Any]] = [
    ("undefined", None),
    ("[undefined, null]", [None, None]),
    ("new Date(1732537845678)", EPOCH + timedelta(milliseconds=1732537845678)),
    ("new Date(-1)", EPOCH - timedelta(milliseconds=1)),
    ("new Date(8.64e15)", 8_640_000_000_000_000),
    ("Buffer.from('abc')", b"abc"),
    ("new Uint8Array([1, 2, 3])", b"\1\2\3"),
    ("new Uint8Array(300).buffer", b"\0" * 300),
    ("new Uint16Array([1, 256])", b"\1\0\0\1"),
    ("NaN", math.nan),
    ("[Infinity, -Infinity, -0]", [math.inf, -math.inf, -0.0]),
    ("2 ** 53", 2**53),
    ("-(2 ** 40)", -(2**40)),
    ("1.5e-300", 1.5e-300),
    ("'\\u{1f600}\\u2028'", "😀\u2028"),
    ("{a: {b: [Buffer.from('x')]}, c: () => 1}", {"a": {"b": [b"x"]}}),
    ("{toJSON() { return 'j' }}", "j"),
    ("'y'.repeat(70000)", "y" * 70000),
    ("Array(70000).fill(7)", [7] * 70000),
]


def test_what_javascript_writes_is_read() -> None:
    sources = [f"{{type: 2, nsp: '/x', data: ['e', {s}], id: 3}}" for s, _ in SOURCES]
    answers = untag(ask([("pack", source) for source in sources]))
    for (source, expected), (chunk,) in zip(SOURCES, answers, strict=True):
        packet = decode(chunk)
        assert (packet.type, packet.nsp, packet.id) == (2, "/x", 3)
        assert same(packet.data, ["e", expected]), source


def test_an_event_is_on_the_wire_what_the_reference_makes_of_it() -> None:
    assert encode("you").replace(b"\xa1e\xa3", b"\xa5hello\xa3") == bytes.fromhex(
        "83a47479706502a36e7370a12fa46461746192a568656c6c6fa3796f75"
    )


PACKETS = [
    (sioc.Packet(0, "/"), "{type: 0, data: undefined, nsp: '/'}"),
    (sioc.Packet(0, "/a", {"t": 1}), "{type: 0, data: {t: 1}, nsp: '/a'}"),
    (sioc.Packet(1, "/"), "{type: 1, nsp: '/'}"),
    (
        sioc.Packet(3, "/", [], 2**53 - 1),
        "{id: 2 ** 53 - 1, type: 3, data: [], nsp:'/'}",
    ),
    (
        sioc.Packet(2, "/", ["a"], 0),
        "{type: 2, data: ['a'], options: {compress: true}, id: 0, nsp: '/'}",
    ),
    (
        sioc.Packet(4, "/", {"message": "no"}),
        "{type: 4, data: {message: 'no'}, nsp: '/', id: undefined}",
    ),
    (sioc.Packet(4, "/", "no"), "{type: 4, data: 'no', nsp: '/'}"),
    (sioc.Packet(2, "/", [7, 1]), "{type: 2, data: [7, 1], nsp: '/', 5: 1}"),
]


def test_every_type_of_packet_comes_as_it_was_sent() -> None:
    for (packet, _), (chunk,) in zip(
        PACKETS, untag(ask([("pack", source) for _, source in PACKETS])), strict=True
    ):
        assert decode(chunk) == packet
        assert decode(*Encoder().encode(packet)) == packet


# What begins a value, one of each kind.
MARKS = bytes.fromhex("808f909fa0bfc0c1c2c4c6c7c9cacfd3d4d8d9dbdddfe0")

HEAD = b"\xa4type\x02\xa3nsp\xa1/"
EVENT = b"\x83" + HEAD + b"\xa4data\x91\xa1e"

# The second: whether the reference takes it.
BAD: list[tuple[bytes, bool]] = [
    (b"", False),
    (b"\xc1", False),
    (b"\x90", False),
    (b"\x80", False),
    (EVENT + b"\x00", False),
    (EVENT[:-1], False),
    (b"\x82" + HEAD, False),
    (b"\x83" + HEAD + b"\xa4data\x80", False),
    (b"\x83" + HEAD + b"\xa4data\xc0", False),
    (b"\x83" + HEAD + b"\xa4data\x90", True),
    (b"\x83" + HEAD + b"\xa4data\x91\xc0", True),
    (b"\x83" + HEAD + b"\xa4data\x91\xc3", True),
    (b"\x83" + HEAD + b"\xa4data\x91\xa7connect", True),
    (EVENT.replace(b"type\x02", b"type\x05"), False),
    (EVENT.replace(b"type\x02", b"type\xff"), False),
    (b"\x82\xa4type\xff\xa3nsp\xa1/", False),
    (EVENT.replace(b"type\x02", b"type\xa12"), False),
    (EVENT.replace(b"\xa1/", b"\x01"), False),
    (b"\x84" + EVENT[1:] + b"\xa2id\xc0", False),
    (b"\x84" + EVENT[1:] + b"\xa2id\xa11", False),
    (b"\x84" + EVENT[1:] + b"\xa2id\xff", True),
    (b"\x84" + EVENT[1:] + b"\xa2id\xcf" + b"\xff" * 8, True),
    (b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\x90", False),
    (b"\x83\xa4type\x00\xa3nsp\xa1/\xa4data\xc0", False),
    (b"\x83\xa4type\x01\xa3nsp\xa1/\xa4data\x80", False),
    (b"\x82\xa4type\x04\xa3nsp\xa1/", False),
    (b"\x83\xa4type\x03\xa3nsp\xa1/\xa4data\x90", True),
    (b"\x83" + HEAD + b"\xa4data\x92\xa1e\xdd\xff\xff\xff\xff", False),
    (b"\x83" + HEAD + b"\xa4data\x92\xa1e\xdb\xff\xff\xff\xffx", False),
    (b"\x83" + HEAD + b"\xa4data\x92\xa1e\xa1\xff", True),
]


def test_what_is_malformed_is_refused() -> None:
    asked = [("unpack", base64.b64encode(data).decode()) for data, _ in BAD]
    for (data, taken), (_, error) in zip(BAD, ask(asked), strict=True):
        with pytest.raises(sioc.ParseError):
            decode(data)
        assert (error is None) == taken, data


def test_every_cut_of_a_packet_is_refused() -> None:
    whole = encode([1, 2**40, -5, "text" * 70, b"b" * 300, DATE, {"k": [1.5, None]}])
    assert decode(whole).type == 2
    for size in range(len(whole)):
        with pytest.raises(sioc.ParseError):
            decode(whole[:size])


@pytest.mark.long
@pytest.mark.timeout(effort(30, 600))
def test_spoilt_packets_are_refused_or_read_but_nothing_else() -> None:
    chance = random.Random(20261125)
    whole = [encode(value) for value, *_ in VALUES]
    whole = [data for data in whole if len(data) < 2000]
    whole += [*Encoder().encode(sioc.Packet(3, "/admin", [1, {"a": [b"x"]}], 7))]
    refused = 0
    rounds = effort(20_000, 2_000_000)
    for _ in range(rounds):
        data = bytearray(chance.choice(whole))
        for _ in range(chance.choice((1, 1, 2, 5))):
            at = chance.randrange(len(data))
            if chance.random() < 0.3:
                del data[at : at + chance.choice((1, 2, 8))]
                data.append(0)
            else:
                data[at] = chance.choice(MARKS) if at % 2 else chance.randrange(256)
        try:
            packet = decode(bytes(data))
        except sioc.ParseError:
            refused += 1
        else:
            assert 0 <= packet.type <= 4
    assert rounds / 10 < refused < rounds


def test_nesting_is_bounded_both_ways() -> None:
    limits = sioc.Limits(max_depth=8)
    deep: list[Any] = []
    for _ in range(7):
        deep = [deep]
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    assert Encoder(limits).encode(sioc.Packet(2, "/", deep))
    data = encode(deep)
    assert decode(data).data[1] == deep
    with pytest.raises(sioc.LimitError, match="max_depth"):
        decode(data, limits)
    for value in ([deep], cyclic, {"k": cyclic}, [{1}, cyclic]):
        with pytest.raises(sioc.LimitError, match="max_depth") as caught:
            Encoder(limits).encode(sioc.Packet(2, "/", value))
        assert (caught.value.limit, caught.value.value) == ("max_depth", None)


def test_a_packet_too_large_is_refused() -> None:
    limits = sioc.Limits(max_packet_size=1000)
    with pytest.raises(sioc.LimitError, match="max_packet_size"):
        decode(encode("x" * 1000), limits)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (object(), TypeError),
        ([{"k": object()}], TypeError),
        ({None: 1}, TypeError),
        ({b"k": 1}, TypeError),
        (2**64, ValueError),
        ([{2**64}], ValueError),
        (-(2**63) - 1, ValueError),
    ],
)
def test_what_cannot_be_encoded_raises(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        encode(value)


def test_a_hook_serves_types_of_the_programs_own() -> None:
    def hook(value: Any) -> Any:
        if isinstance(value, complex):
            return [value.real, b"i", DATE, value.imag]
        raise NotImplementedError

    data = encode({"z": {1: 1 + 2j}}, hook)
    assert decode(data).data == ["e", {"z": {"1": [1.0, b"i", DATE, 2.0]}}]
    with pytest.raises(TypeError):
        encode(object(), hook)


def test_the_encoder_refuses_packets_that_are_none() -> None:
    with pytest.raises(ValueError, match="type 5"):
        Encoder().encode(sioc.Packet(5, "/", ["a"]))
    with pytest.raises(ValueError, match="2\\*\\*53"):
        Encoder().encode(sioc.Packet(2, "/", ["a"], -1))
    with pytest.raises(TypeError, match="bytes"):
        Decoder().add("text")  # type: ignore[arg-type]
    Decoder().destroy()


def numbered(count: int) -> bytes:
    """Return an event whose argument has as many keys that are numbers."""
    pairs = b"".join(b"\xcd" + key.to_bytes(2, "big") + b"\x00" for key in range(count))
    head = b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1e\xde"
    return head + count.to_bytes(2, "big") + pairs


def test_keys_that_are_numbers_are_few() -> None:
    """Their hashes could be made to collide, which takes ever longer."""
    assert decode(numbered(1024)).data == ["e", dict.fromkeys(range(1024), 0)]
    with pytest.raises(sioc.ParseError, match="more than 1024 keys that are no text"):
        decode(numbered(1025))


@pytest.mark.parametrize(
    "key", [b"\x91\x01", b"\x80", b"\xd4\x01\x00", b"\xdc\x00\x00"]
)
def test_keys_that_are_no_text_and_no_number(key: bytes) -> None:
    head = b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1e\x81"
    with pytest.raises(sioc.ParseError, match="no text and no number"):
        decode(head + key + b"\x00")

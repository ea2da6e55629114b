"""The text of plain values: what msgspec writes, to the byte, binary taken out."""

from __future__ import annotations

import math
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sioc

QUICK = settings(
    max_examples=200,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TEXTS = st.text(max_size=40)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
PLACEHOLDER = '{"_placeholder":true,"num":%d}'


def held(*args: Any) -> tuple[str, list[bytes]]:
    """Return the text of an event's arguments, and its attachments."""
    socket = sioc.io("http://localhost:1", auto_connect=False, force_new=True)
    socket.emit("e", *args)
    (packet,) = socket.send_buffer
    text = packet.text.decode()
    _, _, rest = text.partition('["e"')
    return "[" + rest.removeprefix(","), packet.attachments or []


def as_msgspec(*args: Any) -> str:
    return msgspec.json.encode(args).decode()


VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)


@QUICK
@given(VALUES)
def test_a_plain_value_is_written_as_msgspec_writes_it(value: Any) -> None:
    assert held(value) == (as_msgspec(value), [])


@QUICK
@given(st.integers(-(10**15), 10**15), st.integers(0, 12))
def test_decimals_are_their_shortest_digits(digits: int, places: int) -> None:
    value = digits / 10**places
    text, _ = held(value)
    assert float(text[1:-1]) == value
    assert text == as_msgspec(value)


@QUICK
@given(st.integers(0, 2**64 - 1))
def test_any_double_reads_back_as_itself(bits: int) -> None:
    (value,) = struct.unpack("<d", struct.pack("<Q", bits))
    text, _ = held(value)
    if math.isfinite(value):
        assert float(text[1:-1]) == value
    else:
        assert text == "[null]"


@pytest.mark.parametrize(
    "value",
    [
        0.0,
        -0.0,
        0.1 + 0.2,
        1 / 3,
        1e-5,
        9.999e-6,
        5e-324,
        999999999999999.9,
        1e15,
        1e16,
        1.7976931348623157e308,
        99999999.99999999,
        0.00000001,
        2**53 + 2.0,
        123456.78901234,
        -65000.25,
    ],
)
def test_floats_at_the_edges(value: float) -> None:
    text, _ = held(value)
    assert text == as_msgspec(value)
    assert math.copysign(1, float(text[1:-1])) == math.copysign(1, value)


@pytest.mark.parametrize(
    "value", [0, 9, 10, 99, 100, 2**63 - 1, -(2**63), 2**63, 2**64, -(10**40)]
)
def test_integers_at_the_edges(value: int) -> None:
    assert held(value) == (f"[{value}]", [])


@pytest.mark.parametrize("size", range(20))
def test_each_character_in_each_place_of_a_string(size: int) -> None:
    # Strings are looked through eight characters at a time.
    for character in map(chr, (*range(0x20), 0x22, 0x5C, 0x7F, 0x80, 0xFF, 0x1F600)):
        for place in range(size + 1):
            text = "a" * place + character + "b" * (size - place)
            assert held(text) == (as_msgspec(text), [])


@pytest.mark.filterwarnings("ignore:.* attachments in one packet")
@QUICK
@given(st.lists(st.binary(max_size=8), max_size=30))
def test_bytes_become_placeholders_in_order(blobs: list[bytes]) -> None:
    value = {"first": blobs, "then": [1, {"x": tuple(blobs)}]}
    text, attachments = held(value)
    count = len(blobs)
    first = ",".join(PLACEHOLDER % i for i in range(count))
    then = ",".join(PLACEHOLDER % (count + i) for i in range(count))
    assert text == f'[{{"first":[{first}],"then":[1,{{"x":[{then}]}}]}}]'
    assert attachments == [*blobs, *blobs]


def test_what_is_not_plain_takes_the_whole_value_the_long_way() -> None:
    class Point(msgspec.Struct):
        x: int

    text, attachments = held([b"one", Point(1), bytearray(b"two"), {3: 4}])
    assert text == f'[[{PLACEHOLDER % 0},{{"x":1}},{PLACEHOLDER % 1},{{"3":4}}]]'
    assert attachments == [b"one", b"two"]


def test_a_failed_walk_leaves_nothing_behind() -> None:
    with pytest.raises(TypeError):
        held(b"kept by nobody", object())
    assert held(1) == ("[1]", [])

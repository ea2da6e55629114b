"""JSON in and out: exact texts, hostile texts, and any value there and back."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sioc
from sioc.parsers.json import Decoder, Encoder

EVENT = sioc.PacketType.EVENT
RESERVED = {
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
}
QUICK = settings(
    max_examples=100,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

# Any code point, lone surrogates as well.
TEXTS = st.text(st.characters(), max_size=20)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    PLAIN | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5)
    ),
    max_leaves=20,
)


def encode(*args: Any, limits: sioc.Limits | None = None) -> list[str | bytes]:
    """Return an event's chunks."""
    return Encoder(limits).encode(sioc.Packet(EVENT, data=["e", *args]))


def payload(*args: Any) -> str:
    """Return an event's JSON text, without the event's name."""
    (text,) = encode(*args)
    assert isinstance(text, str)
    return text.removeprefix('2["e"').removeprefix(",").removesuffix("]")


def decode(*chunks: str | bytes, limits: sioc.Limits | None = None) -> list[Any]:
    """Return an event's arguments."""
    packets: list[sioc.Packet] = []
    decoder = Decoder(limits)
    decoder.on("decoded", packets.append)
    for chunk in chunks:
        decoder.add(chunk)
    (packet,) = packets
    args: list[Any] = packet.data[1:]
    return args


def as_utf16(value: Any) -> Any:
    """Return a value with two surrogates that make a pair put together.

    Apart they have no JSON text of their own: JavaScript's strings are UTF-16.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(value, list):
        return [as_utf16(item) for item in value]
    if isinstance(value, dict):
        return {as_utf16(key): as_utf16(item) for key, item in value.items()}
    return value


@QUICK
@given(st.lists(VALUES, max_size=4))
def test_any_value_there_and_back(args: list[Any]) -> None:
    assert decode(*encode(*args)) == as_utf16(args)


@QUICK
@given(PLAIN | st.lists(PLAIN), TEXTS.filter(lambda name: name not in RESERVED))
def test_the_text_is_json(value: Any, event: str) -> None:
    (text,) = Encoder().encode(sioc.Packet(EVENT, data=[event, value]))
    assert json.loads(text[1:]) == as_utf16([event, value])
    # Every text can be sent: no surrogate is left in it.
    assert text.encode().decode() == text


@QUICK
@given(st.text(alphabet='[]{}",:\\0123456789.eE+-truefalsn \n\x00é', max_size=40))
def test_a_text_is_decoded_as_json_says_or_refused(text: str) -> None:
    try:
        expected: Any = json.loads(f'["e",{text}]', parse_constant=refuse)[1:]
    except ValueError:
        with pytest.raises(sioc.ParseError, match="payload"):
            decode(f'2["e",{text}]')
    else:
        if math.inf in list(map(abs, numbers_of(expected))):
            with pytest.raises(sioc.ParseError):
                decode(f'2["e",{text}]')
        else:
            assert decode(f'2["e",{text}]') == expected


def refuse(name: str) -> None:
    """Refuse NaN and Infinity, which are not JSON."""
    raise ValueError(name)


def numbers_of(value: Any) -> list[float]:
    """Return every number in a value."""
    if isinstance(value, list):
        return [number for item in value for number in numbers_of(item)]
    if isinstance(value, dict):
        return numbers_of(list(value.values()))
    return [value] if isinstance(value, (int, float)) else []


@QUICK
@given(st.data())
def test_a_packet_with_one_changed_character_is_decoded_or_refused(
    data: st.DataObject,
) -> None:
    text = '51-/a,12["e",{"_placeholder":true,"num":0},"x\\n",[1.5,-2e3,null]]'
    position = data.draw(st.integers(0, len(text) - 1))
    changed = data.draw(st.characters() | st.just(""))
    text = text[:position] + changed + text[position + 1 :]
    decoder = Decoder()
    packets: list[sioc.Packet] = []
    decoder.on("decoded", packets.append)
    try:
        decoder.add(text)
        decoder.add(b"x")
    except sioc.ParseError:
        assert packets == []
    decoder.destroy()  # an attachment more may be due now
    decoder.add('2["again"]')
    assert packets[-1].data == ["again"]


# The two ways of encoding: as JSON says, and where a lone surrogate is about.


@pytest.mark.parametrize(
    "value",
    [
        {1: "a", -2: "b", 2**70: "c"},
        {1.5: "a"},
        [math.nan, math.inf, -math.inf],
        [1e21, 1e-7, 0.1, -0.0, 5e-324, 1.7976931348623157e308],
        [2**53 + 1, -(2**70), True, False, None],
        '/\x7f\u2028\u2029"\\\b\t\n\f\r\x01é日😀',
        (1, (2,), [3]),
        {"b": 1, "a": {"c": []}, "": {}},
    ],
)
def test_a_lone_surrogate_changes_nothing_beside_it(value: Any) -> None:
    assert json.loads(f"[{payload(value, chr(0xD83D))}]") == [
        *json.loads(f"[{payload(value)}]"),
        "\ud83d",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("\ud83d", '"\\ud83d"'),
        ("a\ude00", '"a\\ude00"'),
        ({"\udfff": ["\ud800"]}, '{"\\udfff":["\\ud800"]}'),
        ([math.nan, "\ud83d", 1], '[null,"\\ud83d",1]'),
    ],
)
def test_a_lone_surrogate_is_escaped(value: Any, text: str) -> None:
    assert payload(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"\\/\b\t\n\f\r\x00\x1f\x7f', '"\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\x7f"'),
        ("é日本😀\u2028\u2029\ufeff\uffff", '"é日本😀\u2028\u2029\ufeff\uffff"'),
        ([math.nan, math.inf, -math.inf], "[null,null,null]"),
        ([1, -1, 2**53 + 1, -(2**64)], f"[1,-1,{2**53 + 1},{-(2**64)}]"),
        ([0.1, 1.5, -2.25], "[0.1,1.5,-2.25]"),
        ({"b": 1, "2": 2, "1": [True, None]}, '{"b":1,"2":2,"1":[true,null]}'),
        ([[], {}, ""], '[[],{},""]'),
    ],
)
def test_exact_text(value: Any, text: str) -> None:
    assert payload(value) == text


# Depth.


def nested(depth: int, inner: Any = None) -> Any:
    """Return a value inside so many containers, arrays and objects in turn."""
    value = inner
    for level in range(depth):
        value = {"k": value} if level % 2 else [value]
    return value


@pytest.mark.parametrize("inner", [1, "[[[[{{{{", "\ud83d", b"x"])
@pytest.mark.parametrize("maximum", [2, 3, 64, 256])
def test_the_depth_limit_is_the_same_both_ways(maximum: int, inner: Any) -> None:
    limits = sioc.Limits(max_depth=maximum)
    # The array of the arguments is a level, and so is the object of a placeholder.
    depth = maximum - 1 - isinstance(inner, bytes)
    deep = nested(depth, inner)
    chunks = encode(deep, limits=limits)
    assert decode(*chunks, limits=limits) == [deep]
    with pytest.raises(sioc.LimitError) as caught:
        encode(nested(maximum, inner), limits=limits)
    assert caught.value.limit == "max_depth"
    wider = sioc.Limits(max_depth=maximum + 1)
    with pytest.raises(sioc.LimitError) as caught:
        decode(*encode(nested(depth + 1, inner), limits=wider), limits=limits)
    assert (caught.value.limit, caught.value.value) == ("max_depth", maximum + 1)


def test_the_deepest_depth_that_may_be_asked_for() -> None:
    limits = sioc.Limits(max_depth=900)
    for inner in (1, "\ud83d"):
        deep = nested(800, inner)
        assert decode(*encode(deep, limits=limits), limits=limits) == [deep]


def test_an_integer_too_long_for_python_is_refused_both_ways() -> None:
    with pytest.raises(sioc.ParseError):
        decode(f'2["e",{"9" * 5_000}]')
    with pytest.raises(ValueError, match="4300"):
        encode(10**5_000)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        '{"a":' * 200_000,
        '"' + "\\\\" * 500_000,
        '"' + "[" * 1_000_000,
        "1" * 1_000_000,
        "0." + "1" * 1_000_000 + "x",
        ",".join(["[[]]"] * 200_000),
        "\\" * 1_000_000,
    ],
    ids=lambda text: text[:6],
)
def test_a_large_broken_text_is_refused(text: str) -> None:
    with pytest.raises(sioc.ParseError) as caught:
        decode(f'2["e",{text}')
    assert len(str(caught.value)) <= 300


def test_many_keys_and_many_items() -> None:
    value = [{f"key {n}": n for n in range(50_000)}, list(range(200_000))]
    assert decode(*encode(value)) == [value]


IN_A_SMALL_STACK = """
import sys
import threading
import sioc
from sioc.parsers.json import Decoder, Encoder

def write():
    for leaf in (1, "\\ud83d", b"x", {1: 2}):
        value = [leaf]
        for depth in range(1, 300):
            value = {"a": value} if depth % 2 else [value]
            if depth > 250:
                try:
                    Encoder().encode(sioc.Packet(2, data=["e", value]))
                except ValueError:
                    pass
    value.append(value) if isinstance(value, list) else value.update(a=value)
    try:
        Encoder().encode(sioc.Packet(2, data=["e", value]))
    except ValueError:
        pass
    else:
        sys.exit("a cycle was encoded")

def both():
    read()
    write()

def read():
    for opener in ("[", '{"a":'):
        for depth in (250, 255, 257, 300, 400, 500, 511, 512, 900, 60_000):
            for closed in (0, 1, depth // 2, depth):
                decoder = Decoder(sioc.Limits())
                try:
                    decoder.add('2["e",' + opener * depth + "]" * closed + "]")
                except sioc.ParseError:
                    pass

sys.setrecursionlimit(int(sys.argv[1]))
threading.stack_size(int(sys.argv[2]) * 1024)
thread = threading.Thread(target=both)
thread.start()
thread.join()
"""


@pytest.mark.untraced
@pytest.mark.timeout(60)
@pytest.mark.parametrize("recursion", [1000, 1_000_000])
def test_nesting_does_not_overflow_a_small_stack(recursion: int) -> None:
    # musl gives a thread 128 KiB (R10, F7). What is never closed nests as deep.
    # The sanitizers put room around every variable.
    size = 1024 if "libasan" in os.environ.get("LD_PRELOAD", "") else 128
    argv = [sys.executable, "-c", IN_A_SMALL_STACK, str(recursion), str(size)]
    run = subprocess.run(argv, stderr=subprocess.PIPE, check=False)
    assert (run.returncode, run.stderr) == (0, b"")

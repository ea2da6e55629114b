"""Binary values: found in whatever holds them, sent as attachments, put back."""

from __future__ import annotations

import array
import dataclasses
import datetime
import decimal
import enum
import subprocess
import sys
import uuid
from collections import OrderedDict, defaultdict, namedtuple
from typing import Any, ClassVar, TypedDict

import attrs
import msgspec
import pytest

import sioc
from sioc.parsers.json import Decoder, Encoder

EVENT = sioc.PacketType.EVENT


def encode(*args: Any) -> list[str | bytes]:
    """Return an event's chunks."""
    return Encoder().encode(sioc.Packet(EVENT, data=["e", *args]))


def sent(value: Any) -> tuple[Any, list[bytes]]:
    """Return what arrives of a value, and the attachments it took."""
    text, *attachments = encode(value)
    packets: list[sioc.Packet] = []
    decoder = Decoder()
    decoder.on("decoded", packets.append)
    for chunk in (text, *attachments):
        decoder.add(chunk)
    return packets[0].data[1], attachments


# What encodes beyond JSON's own types, holding whatever it is given.


class Point(msgspec.Struct):
    x: Any
    y: Any = 0


class Renamed(msgspec.Struct, rename="camel", tag="renamed", omit_defaults=True):
    some_value: Any = "default"
    other: int = 1


class Row(msgspec.Struct, array_like=True, frozen=True):
    x: Any
    y: Any = None


@dataclasses.dataclass
class Data:
    constant: ClassVar[bytes] = b"no field"
    x: Any
    y: Any = dataclasses.field(default_factory=list)
    z: dataclasses.InitVar[bytes] = b"no field either"


@dataclasses.dataclass(frozen=True)
class Slotted:
    __slots__ = ("x",)
    x: Any


@attrs.define
class Attrs:
    x: Any
    _private: Any = b"not sent"


class Typed(TypedDict):
    x: Any


class Named(namedtuple("Named", "x y")):
    __slots__ = ()


class Colour(enum.Enum):
    RED = "red"
    BLOB = b"blob"
    PAIR = (1, b"two")
    NONE = None


class Text(str, enum.Enum):
    A = "a"


class Number(enum.IntEnum):
    ONE = 1


HOLDERS = [
    pytest.param(lambda v: [v], lambda v: [v], id="list"),
    pytest.param(lambda v: (1, (v,)), lambda v: [1, [v]], id="tuple"),
    pytest.param(lambda v: Named(v, 1), lambda v: [v, 1], id="namedtuple"),
    pytest.param(lambda v: {"k": v}, lambda v: {"k": v}, id="dict"),
    pytest.param(lambda v: {1: v, 2.5: 0}, lambda v: {"1": v, "2.5": 0}, id="numbers"),
    pytest.param(lambda v: {Text.A: v}, lambda v: {"a": v}, id="enum key"),
    pytest.param(lambda v: OrderedDict(k=v), lambda v: {"k": v}, id="OrderedDict"),
    pytest.param(lambda v: defaultdict(int, k=v), lambda v: {"k": v}, id="defaultdict"),
    pytest.param(lambda v: Typed(x=v), lambda v: {"x": v}, id="TypedDict"),
    pytest.param(lambda v: Point(v), lambda v: {"x": v, "y": 0}, id="Struct"),
    pytest.param(
        lambda v: Renamed(v), lambda v: {"type": "renamed", "someValue": v}, id="rename"
    ),
    pytest.param(lambda v: Row(1, v), lambda v: [1, v], id="array_like"),
    pytest.param(lambda v: Data(v, [v]), lambda v: {"x": v, "y": [v]}, id="dataclass"),
    pytest.param(lambda v: Slotted(v), lambda v: {"x": v}, id="slots"),
    pytest.param(lambda v: Attrs(v), lambda v: {"x": v}, id="attrs"),
    pytest.param(
        lambda v: Data([Point({"k": Slotted((v,))})]),
        lambda v: {"x": [{"x": {"k": {"x": [v]}}, "y": 0}], "y": []},
        id="each in the other",
    ),
]


@pytest.mark.parametrize("inner", [1, None, "text", "\ud83d", b"bytes", [b"1", b""]])
@pytest.mark.parametrize(("make", "expected"), HOLDERS)
def test_a_holder_of_anything(make: Any, expected: Any, inner: Any) -> None:
    value = make(inner)
    arrived, attachments = sent(value)
    assert arrived == expected(inner)
    count = str(expected(inner)).count("b'")
    assert len(attachments) == count
    assert value == make(inner)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime.datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05"),
        (
            datetime.datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=datetime.timezone.utc),
            "2026-01-02T03:04:05.000678Z",
        ),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.time(3, 4, 5), "03:04:05"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("1.50"), "1.50"),
        (Colour.RED, "red"),
        (Colour.NONE, None),
        (Text.A, "a"),
        (Number.ONE, 1),
        ({1, 2}, [1, 2]),
        (frozenset(["a"]), ["a"]),
        (set(), []),
        ((), []),
        ({uuid.UUID(int=1): 1}, {"00000000-0000-0000-0000-000000000001": 1}),
    ],
)
@pytest.mark.parametrize("beside", ["", "\ud83d", b""], ids=ascii)
def test_values_that_become_json(value: Any, expected: Any, beside: Any) -> None:
    assert sent([value, beside])[0] == [expected, beside]


@pytest.mark.parametrize(
    ("value", "attachments"),
    [
        (Colour.BLOB, [b"blob"]),
        (Colour.PAIR, [b"two"]),
        ({b"only"}, [b"only"]),
        (frozenset([b"only"]), [b"only"]),
        (bytearray(b"array"), [b"array"]),
        (memoryview(b"view"), [b"view"]),
        (memoryview(b"0123456789")[1:8:3], [b"147"]),
        (memoryview(array.array("H", [1, 2])), [array.array("H", [1, 2]).tobytes()]),
        (memoryview(b"abcd").cast("B", (2, 2)), [b"abcd"]),
        (type("Bytes", (bytes,), {})(b"subclass"), [b"subclass"]),
    ],
)
def test_any_buffer_is_an_attachment(value: Any, attachments: list[bytes]) -> None:
    assert sent(value)[1] == attachments
    assert {type(attachment) for attachment in sent(value)[1]} == {bytes}


def test_a_buffer_is_taken_as_it_is_now() -> None:
    source = bytearray(b"before")
    chunks = encode(source, memoryview(source), Data(source))
    source[:] = b"after!"
    assert chunks[1:] == [b"before"] * 3


def test_the_value_is_left_as_it_was() -> None:
    inner = {"k": b"x"}
    value = [inner, (inner, b"y")]
    before = repr(value)
    encode(value)
    assert repr(value) == before
    assert value[0] is inner


# What cannot be encoded.


class Plain:
    x = 1


KEYS: list[Any] = [None, True, (1,), b"k", memoryview(b"k"), frozenset(), Colour.BLOB]

UNENCODABLE = [
    object(),
    Plain(),
    Plain,
    len,
    lambda: None,
    1j,
    range(3),
    iter([]),
    (n for n in ()),
    {}.keys(),
    array.array("B", b"x"),
    ValueError("x"),
    sys,
    ...,
    NotImplemented,
]


@pytest.mark.parametrize("value", UNENCODABLE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("beside", ["", "\ud83d", b"x"], ids=ascii)
def test_a_value_that_cannot_be_encoded_is_a_type_error(
    value: Any, beside: Any
) -> None:
    for holder in (value, [value], {"k": (value,)}, Point(value), Data(value)):
        with pytest.raises(TypeError):
            encode(beside, holder)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: type(key).__name__)
@pytest.mark.parametrize("beside", ["", "\ud83d", b"x"], ids=ascii)
def test_a_key_that_cannot_be_encoded_is_a_type_error(key: Any, beside: Any) -> None:
    for holder in ({key: 1}, [{"a": {key: 1}}], Point({key: 1}), {key: b"x"}):
        with pytest.raises(TypeError):
            encode(beside, holder)


def cyclic() -> list[Any]:
    """Return values that contain themselves, one of each kind."""
    a_list: list[Any] = []
    a_list.append(a_list)
    a_dict: dict[str, Any] = {}
    a_dict["k"] = a_dict
    struct = Point(1)
    struct.y = struct
    data = Data(1)
    data.x = [data]
    an_attrs = Attrs(1)
    an_attrs.x = {"k": (an_attrs,)}
    mixed: list[Any] = [b"x"]
    mixed.append(({"k": mixed},))
    behind = Point(b"binary comes first")
    behind.y = behind
    return [a_list, a_dict, struct, data, an_attrs, mixed, behind]


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize("beside", ["", "\ud83d", b"x"], ids=ascii)
def test_a_value_that_contains_itself_passes_the_depth(
    number: int, beside: Any
) -> None:
    with pytest.raises(sioc.LimitError) as caught:
        encode(beside, cyclic()[number])
    assert caught.value.limit == "max_depth"


def test_an_error_of_the_value_s_own_comes_through() -> None:
    class Broken:
        __dataclass_fields__: ClassVar[dict[str, None]] = {"x": None}

        @property
        def x(self) -> int:
            raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        encode(Broken())


CHANGING = """
import sioc
from sioc.parsers.json import Encoder

class Field:
    __dataclass_fields__ = {"x": None}
    @property
    def x(self):
        outer.clear()
        outer.update({str(n): n for n in range(3)}) if isinstance(outer, dict) else None
        return RESULT

RESULT = %s
outer = %s
try:
    Encoder().encode(sioc.Packet(2, data=["e", outer]))
except (TypeError, ValueError, RuntimeError):
    pass
"""


@pytest.mark.parametrize("result", ["1", "b'x'"])
@pytest.mark.parametrize(
    "outer",
    [
        "[Field(), *[object() for _ in range(1000)]]",
        "{'f': Field()} | {str(n): object() for n in range(1000)}",
    ],
    ids=["list", "dict"],
)
def test_a_value_that_changes_while_it_is_read_does_not_crash(
    outer: str, result: str
) -> None:
    code = CHANGING % (result, outer)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

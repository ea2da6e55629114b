"""The limits: the documented defaults, and what is not a limit."""

import inspect
import math
import pickle
import sys

import msgspec
import pytest

from sioc.limits import Limits

KIB = 1024
MIB = 1024 * KIB

# Field, default, small().
TABLE = [
    ("max_message_size", 100 * MIB, 1 * MIB),
    ("max_packet_size", 100 * MIB, 1 * MIB),
    ("max_attachments", 1024, 64),
    ("attachment_timeout", 30.0, 10.0),
    ("max_polling_body", 100 * MIB, 1 * MIB),
    ("max_fragments", 16_384, 1024),
    ("max_depth", 256, 64),
    ("max_receive_buffer", 1024, 64),
    ("max_receive_bytes", 16 * MIB, 1 * MIB),
    ("max_pending_handlers", 1024, 64),
    ("max_send_buffer", 10_000, 100),
    ("max_send_bytes", 16 * MIB, 256 * KIB),
    ("write_high_water", 1 * MIB, 64 * KIB),
    ("max_write_buffer", 64 * MIB, 1 * MIB),
    ("max_pending_acks", 65_536, 1024),
]
NAMES = [name for name, _, _ in TABLE]
COUNTS = [name for name in NAMES if name != "attachment_timeout"]


def test_table_is_complete() -> None:
    assert tuple(NAMES) == Limits.__struct_fields__


@pytest.mark.parametrize(("name", "default", "small"), TABLE)
def test_values(name: str, default: float, small: float) -> None:
    assert getattr(Limits(), name) == default
    assert getattr(Limits.small(), name) == small


@pytest.mark.parametrize("name", NAMES)
def test_every_limit_is_documented(name: str) -> None:
    assert f"    {name}: " in (inspect.getdoc(Limits) or "")


def test_frozen() -> None:
    limits = Limits()
    with pytest.raises(AttributeError):
        limits.max_depth = 1  # type: ignore[misc]


def test_keywords_only() -> None:
    with pytest.raises(TypeError):
        Limits(1)  # type: ignore[call-arg]


def test_unknown_limit_is_named() -> None:
    with pytest.raises(TypeError, match="max_attachment"):
        Limits(max_attachment=3)  # type: ignore[call-arg]


def test_equal_and_hashable() -> None:
    assert Limits() == Limits()
    assert Limits() != Limits.small()
    assert hash(Limits()) == hash(Limits())


def test_pickle() -> None:
    limits = Limits(max_depth=17)
    assert pickle.loads(pickle.dumps(limits)) == limits


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("value", [True, False, None, "1", b"1", 1.0, math.inf, [], {}])
def test_not_an_int(name: str, value: object) -> None:
    with pytest.raises(TypeError) as caught:
        Limits(**{name: value})  # type: ignore[arg-type]
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("value", [0, -1, -(2**70), sys.maxsize, 2**64])
def test_int_out_of_range(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        Limits(**{name: value})
    assert str(value) in str(caught.value)


@pytest.mark.parametrize("name", COUNTS)
def test_one_is_enough(name: str) -> None:
    change = {name: 1}
    if name == "max_write_buffer":
        change["write_high_water"] = 1
    assert getattr(Limits(**change), name) == 1


@pytest.mark.parametrize("name", [name for name in COUNTS if name != "max_depth"])
def test_largest(name: str) -> None:
    top = sys.maxsize // 2
    change = {name: top}
    if name == "write_high_water":
        change["max_write_buffer"] = top
    assert getattr(Limits(**change), name) == top
    with pytest.raises(ValueError, match=str(top + 1)):
        Limits(**{name: top + 1})


def test_depth_stays_below_the_recursion_of_msgspec() -> None:
    depth = Limits(max_depth=900).max_depth
    msgspec.json.decode("[" * depth + "]" * depth)
    with pytest.raises(ValueError, match="max_depth must be from 1 to 900, not 901"):
        Limits(max_depth=901)


@pytest.mark.parametrize("value", [True, None, "30", [], 1j])
def test_timeout_not_a_number(value: object) -> None:
    with pytest.raises(TypeError) as caught:
        Limits(attachment_timeout=value)  # type: ignore[arg-type]
    assert "attachment_timeout" in str(caught.value)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize(
    "value", [0, 0.0, -0.0, -1, -0.5, math.nan, math.inf, -math.inf, 10**400]
)
def test_timeout_out_of_range(value: float) -> None:
    with pytest.raises(ValueError, match="attachment_timeout") as caught:
        Limits(attachment_timeout=value)
    assert str(value) in str(caught.value)


@pytest.mark.parametrize("value", [1, 0.001, 5e-324, sys.float_info.max])
def test_timeout_becomes_float(value: float) -> None:
    timeout = Limits(attachment_timeout=value).attachment_timeout
    assert type(timeout) is float
    assert timeout == value


def test_high_water_above_the_maximum() -> None:
    with pytest.raises(ValueError, match="write_high_water=11 is above") as caught:
        Limits(write_high_water=11, max_write_buffer=10)
    assert "max_write_buffer=10" in str(caught.value)
    assert Limits(write_high_water=10, max_write_buffer=10).write_high_water == 10


def test_replace_checks_too() -> None:
    limits = msgspec.structs.replace(Limits(), max_depth=3)
    assert limits == Limits(max_depth=3)
    with pytest.raises(ValueError, match="max_depth must be from 1 to 900, not 0"):
        msgspec.structs.replace(limits, max_depth=0)


def test_from_a_configuration_file() -> None:
    limits = msgspec.json.decode('{"max_depth": 5}', type=Limits)
    assert limits == Limits(max_depth=5)
    with pytest.raises(msgspec.ValidationError, match="max_depth must be from 1"):
        msgspec.json.decode('{"max_depth": 0}', type=Limits)

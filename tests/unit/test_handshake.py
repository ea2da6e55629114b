"""The Engine.IO handshake: what it gives, and what a server must not say."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from sioc.handshake import Handshake, parse

VALUES: dict[str, Any] = {
    "sid": "lv_VI97HAXpY6yYWAAAB",
    "upgrades": ["websocket"],
    "pingInterval": 25000,
    "pingTimeout": 20000,
    "maxPayload": 1000000,
}
MISSING = object()


def text(**changes: Any) -> bytes:
    """Return a handshake with some values changed or missing."""
    values = {k: v for k, v in (VALUES | changes).items() if v is not MISSING}
    return json.dumps(values).encode()


def text_with(name: str, literal: str) -> bytes:
    """Return a handshake with one value given as JSON text."""
    return text(**{name: "LITERAL"}).replace(b'"LITERAL"', literal.encode())


def test_what_a_handshake_gives() -> None:
    assert parse(text()) == Handshake(
        sid="lv_VI97HAXpY6yYWAAAB",
        upgrades=("websocket",),
        ping_interval=25.0,
        ping_timeout=20.0,
        max_payload=1_000_000,
    )


def test_a_handshake_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        parse(text()).sid = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("sid", "x" * 256, "sid", "x" * 256),
        ("sid", "../x", "sid", "../x"),
        ("sid", "a&transport=polling", "sid", "a&transport=polling"),
        ("sid", "é😀", "sid", "é😀"),
        ("upgrades", [], "upgrades", ()),
        ("upgrades", ["webtransport", "new"], "upgrades", ("webtransport", "new")),
        ("upgrades", ["websocket"] * 2, "upgrades", ("websocket",) * 2),
        ("upgrades", ["x"] * 16, "upgrades", ("x",) * 16),
        ("pingInterval", 1, "ping_interval", 0.001),
        ("pingInterval", 25000.0, "ping_interval", 25.0),
        ("pingTimeout", 86_400_000, "ping_timeout", 86_400.0),
        ("maxPayload", MISSING, "max_payload", None),
        ("maxPayload", None, "max_payload", None),
        ("maxPayload", 1, "max_payload", 1),
        ("maxPayload", 2**64, "max_payload", 2**64),
        ("more", {"of": ["the", "server"]}, "sid", VALUES["sid"]),
    ],
)
def test_values_that_may_be(name: str, value: Any, field: str, expected: Any) -> None:
    assert getattr(parse(text(**{name: value})), field) == expected


def test_the_last_of_two_keys_counts() -> None:
    assert parse(text()[:-1] + b',"sid":"last"}').sid == "last"


ABSURD_TIMES = [
    "null",
    "true",
    "false",
    '"25000"',
    "[]",
    "[25000]",
    "{}",
    "0",
    "-0",
    "-0.0",
    "-1",
    "0.5",
    "1.5",
    "1e-9",
    "1e300",
    "1e999",
    "NaN",
    "Infinity",
    "86400001",
    str(2**31),
    str(2**32),
    str(2**53 + 1),
    str(2**63),
    str(2**64),
    "1" + "0" * 400,
    "1" + "0" * 5_000,
]

ABSURD = {
    "sid": ["null", '""', "7", "true", "[]", "{}", f'"{"x" * 257}"', '"\\ud83d"'],
    "upgrades": [
        "null",
        '"websocket"',
        "{}",
        "1",
        "[1]",
        "[null]",
        '["websocket",[]]',
        json.dumps(["x"] * 17),
    ],
    "pingInterval": ABSURD_TIMES,
    "pingTimeout": ABSURD_TIMES,
    "maxPayload": ["0", "-1", '"1"', "1.5", "1.0", "true", "[]", "{}", "1e999"],
}


@pytest.mark.parametrize("name", ABSURD)
def test_values_that_are_absurd(subtests: pytest.Subtests, name: str) -> None:
    for literal in ABSURD[name]:
        with subtests.test(literal[:40]):
            with pytest.raises(ValueError, match=r"handshake") as caught:
                parse(text_with(name, literal))
            assert type(caught.value) is ValueError
            message = str(caught.value)
            assert name in message or "not JSON" in message
            assert len(message) <= 200


@pytest.mark.parametrize("name", ["sid", "upgrades", "pingInterval", "pingTimeout"])
def test_values_that_must_be_there(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        parse(text(**{name: MISSING}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b'"text"',
        b"1",
        text() + b"x",
        text() + text(),
        b"\xef\xbb\xbf" + text(),
        text()[:-1],
        text().replace(b"lv_", b"\xff"),
        text().replace(b"lv_", b"\x00"),
        text().replace(b"lv_", b"\n"),
        b"[" * 60_000,
        b'{"sid":' * 8_000,
        b"[" * 30_000 + b"]" * 30_000,
    ],
    ids=lambda data: repr(data[:20]),
)
def test_what_is_no_handshake(data: bytes) -> None:
    with pytest.raises(ValueError, match="handshake") as caught:
        parse(data)
    assert type(caught.value) is ValueError
    assert len(str(caught.value)) <= 300


def test_a_handshake_may_have_64_kib_and_no_more() -> None:
    padding = 64 * 1024 - len(text(more=""))
    assert parse(text(more="x" * padding)).sid == VALUES["sid"]
    with pytest.raises(ValueError, match="bytes"):
        parse(text(more="x" * (padding + 1)))


@pytest.mark.parametrize("name", ["sid", "upgrades", "pingInterval"])
def test_a_value_of_any_depth_is_absurd(name: str) -> None:
    for depth in (*range(1, 1_100), 2_000, 5_000, 10_000):
        for opener, closer in (("[", "]"), ('{"a":', "}")):
            with pytest.raises(ValueError, match="handshake") as caught:
                parse(text_with(name, opener * depth + "1" + closer * depth))
            assert len(str(caught.value)) <= 300


IN_A_SMALL_STACK = """
import threading
from sioc.handshake import parse

def read():
    for data in (b"[" * 60_000, b'{"sid":' * 8_000):
        try:
            parse(data)
        except ValueError:
            pass

threading.stack_size(128 * 1024)
thread = threading.Thread(target=read)
thread.start()
thread.join()
"""


def test_nesting_does_not_overflow_a_small_stack() -> None:
    # musl gives a thread 128 KiB (R10, F7).
    run = subprocess.run([sys.executable, "-c", IN_A_SMALL_STACK], check=False)
    assert run.returncode == 0

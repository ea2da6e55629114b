"""What the compiled modules do often holds nothing afterwards.

Everywhere, the interpreter's memory blocks are counted. A debug interpreter counts
references too, and so finds one too many to None or to a name; the sanitize flavour
finds memory that nothing points to any more. `make leaks` runs both.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import repeat

import pytest

import sioc
from fuzz import messages, packets, payloads
from peers.effort import effort
from peers.reports import report
from sioc.parsers import json, msgpack

CALLS = effort(200, 2000)
ALLOWED = 5  # more references, or blocks, after that many calls
ROUNDS = 30  # caches grow ever less from one to the next, a leak grows in all

# Only there on a debug interpreter.
total_references: Callable[[], int] | None = getattr(sys, "gettotalrefcount", None)


@dataclass
class Row:
    """A value that takes the long way, through msgspec."""

    number: int
    blob: bytes


# multidict, which picows makes the headers of a handshake with, shows the garbage
# collector what it has not set up yet: a debug interpreter looks at it, and crashes.
TARGETS = [packets, payloads] if total_references else [packets, payloads, messages]

CYCLE: list[object] = ["e"]
CYCLE.append(CYCLE)

DATA = {
    "plain": ["e", 1, 1.5, "é", None, True, {"a": [1 << 62]}],
    "bytes": ["e", b"1", {"deep": [bytearray(b"2")]}],
    "objects": ["e", Row(1, b"x"), {1: (2, 3)}],
    "surrogate": ["\ud83d"],
    "unknown": ["e", {"a": object()}],
    "cycle": CYCLE,
}


def encode(encoder: json.Encoder, data: list[object]) -> None:
    """Encode an event, or fail to."""
    with contextlib.suppress(ValueError, TypeError):
        encoder.encode(sioc.Packet(sioc.PacketType.EVENT, "/", data, 7))


def listener(*args: object) -> None:
    """Do nothing."""


def emit() -> None:
    """Add listeners, call them and take them away."""
    emitter = sioc.EventEmitter()
    emitter.on("e", listener)
    emitter.once("e", listener)
    emitter.emit("e", 1, "2")
    emitter.emit("e")
    emitter.off("e", listener)


def actions() -> dict[str, Callable[[], object]]:
    """Return what is done over and over."""
    found: dict[str, Callable[[], object]] = {"emitter": emit}
    for name, data in DATA.items():
        found[f"encode {name}"] = partial(encode, json.Encoder(), data)
        found[f"encode {name} as msgpack"] = partial(encode, msgpack.Encoder(), data)
    for target in TARGETS:
        for number, seed in enumerate(target.SEEDS):
            kind = target.__name__.rpartition(".")[2]
            found[f"{kind} {number}"] = partial(target.run, seed)
    return found


ACTIONS = actions()


def collect() -> None:
    """Collect what one collection has made collectable, too."""
    for _ in range(3):
        gc.collect()


def grown(action: Callable[[], object], count: Callable[[], int]) -> int:
    """Return by how much a count grows while something is done often, at the least."""
    least = sys.maxsize
    for _ in range(ROUNDS):
        collect()
        before = count()
        for _ in range(CALLS):
            action()
        collect()
        least = min(least, count() - before)
        if least <= ALLOWED:
            break
    return least


@pytest.mark.long
@pytest.mark.timeout(effort(60, 1200))
def test_nothing_is_held() -> None:
    count = total_references or sys.getallocatedblocks
    growth = {}
    for name, action in ACTIONS.items():
        for _ in range(10):
            action()
        growth[name] = grown(action, count)
    if total_references is not None:
        report(
            "references",
            {"calls": f"{CALLS:,} of each"} | growth,
        )
    assert {name: n for name, n in growth.items() if n > ALLOWED} == {}


@pytest.mark.skipif(
    "detect_leaks=1" not in os.environ.get("ASAN_OPTIONS", ""),
    reason="needs the sanitize flavour and its leak check",
)
@pytest.mark.long
@pytest.mark.timeout(1200)
def test_no_memory_is_lost() -> None:
    check = ctypes.CDLL(None).__lsan_do_recoverable_leak_check
    assert check() == 0
    for name, action in ACTIONS.items():
        # Not a range: where this frame is, the check does not look for its number.
        for _ in repeat(None, CALLS):
            action()
        assert check() == 0, name
    report("lost memory", {"calls": f"{CALLS:,} of each", "of": ", ".join(ACTIONS)})


def test_a_leak_is_found() -> None:
    kept: list[object] = []
    count = total_references or sys.getallocatedblocks
    if not count():
        pytest.skip("the allocator does not count")
    assert grown(lambda: kept.append(object()), count) >= CALLS

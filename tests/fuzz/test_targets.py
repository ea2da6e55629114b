"""The fuzz targets without a fuzzer: their seeds, and inputs that differ a little.

`make fuzz` runs the same targets under coverage guidance and sanitizers.
"""

from __future__ import annotations

import random
from itertools import pairwise
from types import ModuleType

import pytest

from fuzz import corpus, header, messages, packed, packets, payloads

# What the grammars are made of, and bytes at the edges of UTF-8.
PIECES = [bytes([byte]) for byte in b'[]{}",:/-.0123456789eb\\\x1e\x7e\x7f\x80\xc3\xff']

pytestmark = pytest.mark.timeout(120)
TARGETS = pytest.mark.parametrize(
    "target", [packets, packed, payloads, messages], ids=lambda module: module.__name__
)


def mutated(seed: bytes, choose: random.Random) -> bytes:
    """Return the seed with a few small changes."""
    data = bytearray(seed)
    for _ in range(choose.randrange(1, 6)):
        at = choose.randrange(len(data) + 1)
        change = choose.choice(["replace", "insert", "cut", "repeat"])
        if change == "replace" and at < len(data):
            data[at] = choose.randrange(256)
        elif change == "insert":
            data[at:at] = choose.choice(PIECES)
        elif change == "cut":
            del data[at : at + choose.randrange(1, 9)]
        else:
            data[at:at] = data[max(0, at - choose.randrange(1, 9)) : at]
    return bytes(data)


@TARGETS
def test_seeds(target: ModuleType) -> None:
    for seed in target.SEEDS:
        target.run(seed)


@TARGETS
def test_corpus(target: ModuleType) -> None:
    for data in corpus.start(target):
        target.run(data)


@TARGETS
def test_changed_seeds(target: ModuleType) -> None:
    choose = random.Random(20_261_125)
    seeds = sorted(corpus.start(target))
    for number in range(2000):
        data = mutated(choose.choice(seeds), choose)
        try:
            target.run(data)
        except Exception as error:
            pytest.fail(f"input {number}, {data!r}: {error!r}")


def test_streams_cut_anywhere() -> None:
    """A stream of messages, however it is cut, is the same messages."""
    choose = random.Random(20_261_125)
    seeds = sorted(corpus.start(messages))
    for _ in range(10_000):
        stream = b"".join(seed[header.SIZE :] for seed in choose.choices(seeds, k=3))
        cuts = choose.choices(range(len(stream) + 1), k=choose.randrange(1, 12))
        edges = [0, *sorted(cuts), len(stream)]
        pieces = [stream[a:b] for a, b in pairwise(edges)]
        whole = messages.messages(header.USUAL[0], [stream])
        cut = messages.messages(header.USUAL[0], pieces)
        assert messages.same(whole, cut), (stream, edges)


@TARGETS
def test_cut_seeds(target: ModuleType) -> None:
    for seed in target.SEEDS:
        for size in range(len(seed)):
            target.run(seed[:size])

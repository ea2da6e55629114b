"""The scan of inbound text, against Python's own decoder, at every width."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import pytest

from sioc._utf8 import count_text, scan_text

Scan = Callable[..., int]

STEP = 32
SHORT = 256
LETTERS = [
    "\x80",
    "é",
    "߿",
    "ࠀ",
    "€",
    "퟿",
    "\ue000",
    "\uffff",
    "\U00010000",
    "\U0010ffff",
]
BROKEN = [
    *(b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xc3(", b"\xc3\xc3"),
    *(b"\xe0\x9f\xbf", b"\xe2\x82", b"\xe2(\xac", b"\xe2\x82(", b"\xed\xa0\x80"),
    *(b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98", b"\xf0\x9f\x98(", b"\xf4\x90\x80\x80"),
    *(b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xff"),
]
# Around the sizes of words, vectors, windows and blocks.
SIZES = [
    *range(42),
    *(n + d for n in (48, 64, 96, 128, 192, 256, 384) for d in (-1, 0, 1)),
]

every_scan = pytest.mark.parametrize(
    "scan",
    [scan_text, partial(count_text, wide=True), partial(count_text, wide=False)],
    ids=["inbound", "wide", "narrow"],
)


def is_utf8(text: bytes) -> bool:
    """Tell whether Python decodes it."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def wrong(scan: Scan, texts: Iterator[bytes]) -> list[bytes]:
    """Return the texts that the scan and Python do not agree on."""
    return [
        text
        for text in texts
        if (scan is scan_text or len(text) >= STEP)
        and (scan(text) >= 0) != is_utf8(text)
    ]


def around(letter: bytes) -> Iterator[bytes]:
    """Yield the letter at every place in texts of every size."""
    for size in SIZES:
        for place in range(size - len(letter) + 1):
            yield b"x" * place + letter + b"y" * (size - place - len(letter))


@every_scan
@pytest.mark.parametrize("letter", [*map(str.encode, LETTERS), *BROKEN], ids=repr)
def test_a_letter_at_every_place(scan: Scan, letter: bytes) -> None:
    assert wrong(scan, around(letter)) == []


@every_scan
def test_every_lead_byte(scan: Scan) -> None:
    edges = bytes([0, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF])
    before = b" " * STEP
    texts = (before + bytes(few) for few in product(range(256), range(256), edges))
    assert wrong(scan, texts) == []
    leads = range(0xEF, 0xF8)
    texts = (before + bytes(few) for few in product(leads, range(256), edges, edges))
    assert wrong(scan, texts) == []


@every_scan
def test_every_address(scan: Scan) -> None:
    text = ("é[" * 3 + "{x" * 200 + "€" * 40 + "y" * 300 + "[").encode()
    for begin in range(9, 140):
        assert (scan(text, begin) >= 0) == is_utf8(text[begin:])
        assert scan(text[:-1] + b"\xff", begin) == -1


@every_scan
@pytest.mark.parametrize("alphabet", ['ab[]{}":,0', "aé", "ab[é{", "日本語[", "a😀\n"])
def test_texts_of_any_size(scan: Scan, alphabet: str) -> None:
    rng = random.Random(alphabet)
    for _ in range(300):
        letters = rng.choices(alphabet, k=int(10 ** rng.uniform(1.5, 4.2)))
        text = bytearray("".join(letters).encode())
        openers = text.count(b"[") + text.count(b"{")
        # What is looked at twice counts twice.
        most = len(text) if scan is scan_text and len(text) <= SHORT else 2 * openers
        if len(text) >= STEP:
            assert openers <= scan(bytes(text)) <= most
        for _ in range(3):
            text[rng.randrange(len(text))] ^= 1 << rng.randrange(8)
            assert wrong(scan, iter([bytes(text)])) == []


@every_scan
@pytest.mark.parametrize("opener", ["[", "{"])
def test_counters_do_not_overflow(scan: Scan, opener: str) -> None:
    for size in [*range(3_700, 4_100, 7), *range(7_500, 8_200, 7), 100_000, 1_000_000]:
        assert size <= scan(opener.encode() * size) <= size + STEP
        assert size <= scan(("é" + opener * size + "é").encode()) <= size + 260


@every_scan
def test_nothing_else_is_counted(scan: Scan) -> None:
    others = bytes(byte for byte in range(128) if byte not in b"[{")
    assert scan(others * 100) == 0


def test_a_text_shorter_than_a_step_is_not_for_vectors() -> None:
    with pytest.raises(ValueError, match="31 bytes"):
        count_text(bytes(STEP), 1)

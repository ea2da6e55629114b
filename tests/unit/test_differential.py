"""The parser against npm's socket.io-parser 4.2.7: the same packets to both.

Whatever both take must be the same packet, and whatever only one takes must be on the
list of `peers.differences`. `SIOC_SEED` repeats a run; a failure prints its seed.
"""

from __future__ import annotations

import base64
import os
from collections import Counter
from typing import Any

import pytest

import sioc
from peers.differences import INTENDED
from peers.effort import effort
from peers.oracle import ask, same, untag
from peers.packet_cases import Case, Generator
from peers.reports import report
from sioc.parsers.json import Decoder, Encoder

SEED = int(os.environ.get("SIOC_SEED", "20261125"))
BATCH = 20_000
LIMITS = sioc.Limits(max_attachments=10)  # npm's default


class Ours:
    """sioc's parser, used over and over."""

    def __init__(self) -> None:
        self._decoder = Decoder(LIMITS)
        self._packets: list[sioc.Packet] = []
        self._decoder.on("decoded", self._packets.append)

    def decode(self, case: Case) -> tuple[list[Any], int | None, str]:
        """Return the packets, and which message was refused with the reason."""
        self._packets.clear()
        refused, reason = None, ""
        for number, chunk in enumerate(case):
            try:
                self._decoder.add(chunk)
            except sioc.ParseError as error:
                refused, reason = number, str(error)
                break
        self._decoder.destroy()
        return self._lists(), refused, reason

    def _lists(self) -> list[Any]:
        return [[p.type, p.nsp, p.data, p.id] for p in self._packets]


def question(case: Case, task: str = "decode") -> tuple[str, list[Any]]:
    """Return what the oracle is asked of a case."""
    chunks = [
        [base64.b64encode(chunk).decode()] if isinstance(chunk, bytes) else chunk
        for chunk in case
    ]
    return task, chunks


def explanation(case: Case, refused: int) -> str | None:
    """Return the name of the intended difference that a refusal is, if it is one."""
    # An attachment is refused because of its placeholder, which is in the text before.
    while refused and isinstance(case[refused], bytes):
        refused -= 1
    text = case[refused]
    assert isinstance(text, str)
    for name, difference in INTENDED.items():
        if difference.explains(text):
            return name
    return None


def compare(case: Case, ours: tuple[Any, ...], theirs: list[Any]) -> str | None:
    """Return the name of an intended difference, None for none; fail for any other."""
    packets, refused, reason = ours
    their_packets, their_error = untag(theirs[0]), theirs[1]
    assert same(packets, their_packets[: len(packets)]), "other packets"
    if refused is None:
        assert their_error is None, f"only npm refuses: {their_error}"
        assert len(packets) == len(their_packets), "fewer packets"
        return None
    if their_error is not None and len(packets) == len(their_packets):
        return None
    name = explanation(case, refused)
    assert name is not None, f"only sioc refuses: {reason}"
    return name


@pytest.mark.long
@pytest.mark.timeout(effort(120, 7200))
def test_the_same_packets_come_of_the_same_messages() -> None:
    ours = Ours()
    seen: Counter[str] = Counter()
    count = effort(100_000, 10_000_000)
    for batch in range(count // BATCH):
        cases = list(Generator(SEED + batch).cases(BATCH))
        answers = ask([question(case) for case in cases])
        for case, answer in zip(cases, answers, strict=True):
            result = ours.decode(case)
            try:
                name = compare(case, result, answer)
            except AssertionError as error:
                raise AssertionError(
                    f"SIOC_SEED={SEED + batch}: {error}\n"
                    f"case: {case!r}\nsioc: {result}\nnpm: {answer}"
                ) from None
            seen[name or ("taken" if result[1] is None else "refused")] += 1
    # The generator is worth its time: both verdicts are frequent, no entry is dead.
    assert min(seen["taken"], seen["refused"]) > count / 5
    assert seen.keys() >= INTENDED.keys()
    report(
        "same packets as npm",
        {"packets": f"{count:,}", "seed": SEED, "unexplained differences": 0}
        | {name: f"{number:,}" for name, number in seen.most_common()},
    )


@pytest.mark.long
@pytest.mark.timeout(effort(60, 3600))
def test_any_value_comes_back_from_npm() -> None:
    ours, encoder = Ours(), Encoder(LIMITS)
    count = effort(10_000, 1_000_000)
    for batch in range(-(-count // BATCH)):
        generator = Generator(SEED + batch)
        events = [["e", *generator.values()] for _ in range(min(count, BATCH))]
        cases = [
            encoder.encode(sioc.Packet(sioc.PacketType.EVENT, data=event))
            for event in events
        ]
        answers = ask([question(case, "again") for case in cases])
        for event, answer in zip(events, answers, strict=True):
            (packet,), refused, _ = ours.decode(untag(answer))
            assert refused is None
            assert same(packet[2], event), f"SIOC_SEED={SEED + batch}: {event!r}"
    report("values there and back", {"values": f"{count:,}", "seed": SEED})


def test_a_difference_is_found() -> None:
    ours = Ours()
    case: Case = ['2["a",1]']
    (answer,) = ask([question(['2["a",2]'])])
    with pytest.raises(AssertionError, match="other packets"):
        compare(case, ours.decode(case), answer)
    (answer,) = ask([question(['2["a"]x'])])
    with pytest.raises(AssertionError, match="only npm refuses"):
        compare(["2[]"], ([], None, ""), answer)
    with pytest.raises(AssertionError, match="only sioc refuses"):
        compare(case, ([], 0, "why"), [[], None])


@pytest.mark.parametrize("name", INTENDED)
def test_every_difference_has_a_reason(name: str) -> None:
    assert INTENDED[name].reason.endswith(".")

"""What must not cost more for each, the more there are of them, by processor time.

Of something that takes sixteen times as much, each of sixteen times as many would take
256 times as long: there is room enough for a busy machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.http_peer import Exchange, HttpPeer
from peers.polled import connect
from peers.recorder import Recorder
from sioc.parsers.json import Decoder, Encoder

TIMES = 16
ALLOWED = 4 * TIMES
ROUNDS = 3

Work = Callable[[int], Awaitable[float]]


async def assert_linear(work: Work, few: int) -> None:
    """Do it with so many and with TIMES as many, and compare the seconds it takes."""
    costs = []
    for number in few, TIMES * few:
        costs.append(min([await work(number) for _ in range(ROUNDS)]))
    assert costs[1] <= ALLOWED * costs[0], costs


def seconds(call: Callable[..., Any], *args: Any) -> float:
    """Return the processor time that a call takes."""
    begun = time.thread_time()
    call(*args)
    return time.thread_time() - begun


class Polled:
    """A connected Socket, and how long it takes for what a GET is answered with."""

    def __init__(self, peer: HttpPeer, socket: sioc.Socket, waiting: Exchange) -> None:
        self.peer = peer
        self.socket = socket
        self._waiting = waiting

    async def deliver(self, *packets: str) -> float:
        """Deliver packets; return the processor time until the next GET comes."""
        begun = time.thread_time()
        self._waiting.deliver(*packets)
        self._waiting = await self.peer.get()
        return time.thread_time() - begun

    async def take(self, number: int) -> None:
        """Take so many packets from the client."""
        while number > 0:
            post = await self.peer.post()
            number -= len(post.packets)
            post.answer()


@pytest.fixture
async def polled(http_peer: HttpPeer, io: OpenSocket) -> Polled:
    """Return a connected Socket."""
    return Polled(http_peer, *await connect(http_peer, io, reconnection=False))


async def test_a_payload_of_many_packets(polled: Polled) -> None:
    events = Recorder(polled.socket, "e")

    async def work(number: int) -> float:
        before = len(events.calls)
        cost = await polled.deliver(*['42["e",1]'] * number)
        assert len(events.calls) == before + number
        return cost

    await assert_linear(work, 2000)


async def test_a_long_body(polled: Polled) -> None:
    events = Recorder(polled.socket, "e")

    async def work(number: int) -> float:
        cost = await polled.deliver(f'42["e","{"x" * number}"]')
        assert len(events.calls[-1].args[0]) == number
        return cost

    await assert_linear(work, 500_000)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("timeout", [None, 60])
async def test_acks_answered_one_by_one(
    polled: Polled, timeout: int | None, backwards: bool
) -> None:
    answers: list[int] = []
    emitter = polled.socket if timeout is None else polled.socket.timeout(timeout)
    ids = count()

    async def work(number: int) -> float:
        answers.clear()
        for _ in range(number):
            emitter.emit("e", ack=lambda *args: answers.append(args[-1]))
        await polled.take(number)
        acks = [f"43{next(ids)}[{i}]" for i in range(number)]
        cost = await polled.deliver(*acks[::-1] if backwards else acks)
        assert sorted(answers) == list(range(number))
        return cost

    await assert_linear(work, 1000)


async def test_waiters_for_one_event(polled: Polled) -> None:
    async def work(number: int) -> float:
        waits = [
            asyncio.ensure_future(polled.socket.wait_for("e")) for _ in range(number)
        ]
        await asyncio.sleep(0)
        cost = await polled.deliver('42["e",1]')
        begun = time.thread_time()
        assert [event.args for event in await asyncio.gather(*waits)] == [(1,)] * number
        return cost + time.thread_time() - begun

    await assert_linear(work, 30)


async def test_emits_held_until_the_namespace_is_joined(polled: Polled) -> None:
    names = (f"/{i}" for i in count())

    async def work(number: int) -> float:
        nsp = next(names)
        socket = polled.socket.io.socket(nsp)
        for i in range(number):
            socket.emit("e", i)
        await polled.peer.expect_post(f"40{nsp},")
        begun = time.thread_time()
        await polled.deliver(f'40{nsp},{{"sid":"s"}}')
        await polled.take(number)
        return time.thread_time() - begun

    await assert_linear(work, 600)


async def test_attachments_of_one_packet() -> None:
    limits = sioc.Limits(max_attachments=100_000)

    def packet(number: int) -> sioc.Packet:
        return sioc.Packet(sioc.PacketType.EVENT, "/", ["e", *[b"data"] * number])

    async def encode(number: int) -> float:
        return seconds(Encoder(limits).encode, packet(number))

    async def decode(number: int) -> float:
        decoded: list[sioc.Packet] = []
        decoder = Decoder(limits)
        decoder.on("decoded", decoded.append)
        cost = 0.0
        for part in Encoder(limits).encode(packet(number)):
            cost += seconds(decoder.add, part)
        assert decoded[0].data == packet(number).data
        return cost

    await assert_linear(encode, 500)
    await assert_linear(decode, 500)

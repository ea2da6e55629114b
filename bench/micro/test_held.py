"""The price of one emit of each kind, on a Socket that holds it: nothing is sent."""

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import payloads
import sioc

ROUNDS = 5_000
TICK = payloads.series("tick")[0]


def ignore(_answer: object) -> None:
    pass


def emits(socket: sioc.Socket) -> dict[str, Callable[[], object]]:
    """Return the kinds of emit."""
    prepared = sioc.prepare(payloads.EVENT, TICK)
    return {
        "plain": lambda: socket.emit(payloads.EVENT, TICK),
        "prepared": lambda: socket.emit_prepared(prepared),
        "with an ack registered": lambda: socket.emit(payloads.EVENT, TICK, ack=ignore),
    }


@pytest.mark.parametrize("kind", ["plain", "prepared", "with an ack registered"])
def test_emit(benchmark: BenchmarkFixture, kind: str) -> None:
    limits = sioc.Limits(max_send_buffer=2 * ROUNDS, max_pending_acks=2 * ROUNDS)
    socket = sioc.io(
        "http://127.0.0.1:1", auto_connect=False, force_new=True, limits=limits
    )
    benchmark.pedantic(emits(socket)[kind], rounds=ROUNDS, warmup_rounds=100)

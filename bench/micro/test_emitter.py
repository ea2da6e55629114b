"""The price of one emit on an EventEmitter, by number of listeners."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sioc import EventEmitter


def ignore(_value: int) -> None:
    pass


@pytest.mark.parametrize("listeners", [0, 1, 10])
def test_emit(benchmark: BenchmarkFixture, listeners: int) -> None:
    emitter = EventEmitter()
    for _ in range(listeners):
        emitter.on("tick", ignore)
    benchmark(emitter.emit, "tick", 1)


def test_emit_among_many_events(benchmark: BenchmarkFixture) -> None:
    emitter = EventEmitter()
    for number in range(10_000):
        emitter.on(f"event {number}", ignore)
    benchmark(emitter.emit, "event 5000", 1)

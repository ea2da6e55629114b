"""The delays of reconnection: doubling, cap, jitter after the cap, no overflow."""

import math
import random

import pytest

from sioc.backoff import Backoff

LAST_BELOW_ONE = math.nextafter(1.0, 0.0)


def delays(backoff: Backoff, count: int) -> list[float]:
    return [backoff.duration() for _ in range(count)]


def test_defaults_are_those_of_the_options() -> None:
    backoff = Backoff()
    assert (backoff.minimum, backoff.maximum, backoff.jitter) == (1.0, 5.0, 0.5)
    assert backoff.attempts == 0


@pytest.mark.parametrize(
    ("minimum", "maximum", "jitter", "drawn", "expected"),
    [
        # 0.5 is the middle: no deviation.
        (1.0, 5.0, 0.5, 0.5, [1.0, 2.0, 4.0, 5.0, 5.0]),
        (1.0, 5.0, 0.0, 0.9, [1.0, 2.0, 4.0, 5.0, 5.0]),
        (1.0, 5.0, 0.5, 0.0, [0.5, 1.0, 2.0, 2.5, 2.5]),
        (1.0, 5.0, 0.5, 0.75, [1.25, 2.5, 5.0, 6.25, 6.25]),
        (1.0, 5.0, 1.0, 0.0, [0.0, 0.0, 0.0, 0.0, 0.0]),
        (0.0, 5.0, 0.5, 0.9, [0.0, 0.0, 0.0, 0.0, 0.0]),
        (1.0, 0.0, 0.5, 0.9, [0.0, 0.0, 0.0, 0.0, 0.0]),
        (10.0, 5.0, 0.0, 0.9, [5.0, 5.0, 5.0, 5.0, 5.0]),
        (0.1, 100.0, 0.0, 0.0, [0.1, 0.2, 0.4, 0.8, 1.6]),
    ],
)
def test_delays(
    minimum: float, maximum: float, jitter: float, drawn: float, expected: list[float]
) -> None:
    backoff = Backoff(minimum, maximum, jitter, random=lambda: drawn)
    assert delays(backoff, 5) == pytest.approx(expected)


@pytest.mark.parametrize("drawn", [0.0, 0.25, 0.5, 0.75, LAST_BELOW_ONE])
@pytest.mark.parametrize("jitter", [0.0, 0.1, 0.5, 1.0])
def test_bounds(jitter: float, drawn: float) -> None:
    backoff = Backoff(1.0, 5.0, jitter, random=lambda: drawn)
    for attempt, delay in enumerate(delays(backoff, 10)):
        base = min(5.0, 2.0**attempt)
        assert base * (1 - jitter) <= delay <= base * (1 + jitter)


def test_capped_delays_spread() -> None:
    # A cap after the jitter would make most of these exactly 5.0: a herd in step.
    source = random.Random(1)
    backoff = Backoff(random=source.random)
    capped = delays(backoff, 2_000)[3:]
    assert len(set(capped)) > 1_900
    assert min(capped) < 2.6
    assert max(capped) > 7.4
    assert sum(capped) / len(capped) == pytest.approx(5.0, abs=0.1)


def test_attempts_and_reset() -> None:
    backoff = Backoff(1.0, 60.0, 0.0)
    assert delays(backoff, 3) == [1.0, 2.0, 4.0]
    assert backoff.attempts == 3
    backoff.reset()
    assert backoff.attempts == 0
    assert backoff.duration() == 1.0


@pytest.mark.parametrize("attempts", [62, 63, 1014, 1015, 1024, 10**6, 10**30])
@pytest.mark.parametrize("minimum", [1e-9, 1.0, 1e300, 1.7e308])
@pytest.mark.parametrize("maximum", [5.0, 2.0**31, 1e12])
def test_no_overflow(attempts: int, minimum: float, maximum: float) -> None:
    # In the reference the delay becomes 0, or negative, here.
    backoff = Backoff(minimum, maximum, 0.5, random=lambda: 0.5)
    backoff.attempts = attempts
    assert backoff.duration() == min(maximum, minimum * 2.0**62)
    assert backoff.attempts == attempts + 1


def test_change_while_counting() -> None:
    backoff = Backoff(1.0, 5.0, 0.0, random=lambda: 0.0)
    assert delays(backoff, 2) == [1.0, 2.0]
    backoff.minimum = 2.0
    assert backoff.duration() == 5.0
    backoff.maximum = 100.0
    assert backoff.duration() == 16.0
    backoff.jitter = 0.5
    assert backoff.duration() == 16.0


def test_one_draw_a_delay() -> None:
    drawn: list[float] = []

    def source() -> float:
        drawn.append(0.5)
        return 0.5

    delays(Backoff(random=source), 4)
    assert len(drawn) == 4


def test_repr() -> None:
    backoff = Backoff(1.0, 5.0, 0.5)
    backoff.duration()
    assert repr(backoff) == "Backoff(1.0, 5.0, 0.5, attempts=1)"

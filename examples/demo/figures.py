"""Figures: percentiles, the plots and the table at the end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from examples.demo.job import Job, Traffic

COLUMNS = 60
ROWS = 4
BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII_BLOCKS = " .:|#"
PERCENTILES = (50, 90, 99, 99.9, 100)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the least value that so many percent do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def milliseconds(seconds: float) -> str:
    """Write a duration, in microseconds where it is short."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.3g} ms"


def thousands(rate: float) -> str:
    """Write a rate to three digits or so."""
    return f"{rate / 1000:,.0f}k" if rate >= 10_000 else f"{rate:,.0f}"


def plots(traffic: Traffic, unicode: bool) -> list[str]:
    """Draw events per second over time, in and out."""
    blocks = BLOCKS if unicode else ASCII_BLOCKS
    lines = []
    for direction, name in enumerate(("in", "out")):
        rates = [sample[direction] for sample in traffic.rates]
        lines += [f"events per second, {name}", *plot(rates, blocks)]
        lines += [f"{'0 s':>11}{f'{traffic.seconds:.1f} s':>{len(squeeze(rates))}}", ""]
    return lines


def plot(values: Sequence[float], blocks: str) -> list[str]:
    """Draw values as columns, from zero to their maximum."""
    columns = squeeze(values)
    top = max(columns, default=0) or 1
    steps = len(blocks) - 1
    levels = [round(value / top * ROWS * steps) for value in columns]
    lines = []
    for row in reversed(range(ROWS)):
        label = thousands(top * (row + 1) / ROWS) if row % 2 else ""
        bars = (blocks[min(max(level - row * steps, 0), steps)] for level in levels)
        lines.append(f"{label:>8} {''.join(bars)}")
    return lines


def squeeze(values: Sequence[float]) -> list[float]:
    """Return at most COLUMNS values: neighbours are averaged."""
    count = min(len(values), COLUMNS)
    edges = [i * len(values) // count for i in range(count + 1)] if count else []
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]


def table(job: Job) -> list[str]:
    """Return the lines of the table."""
    traffic = job.traffic
    lines = [f"{'events per second':<28}{'in':>10}{'out':>10}"]
    if job.one_way:
        rates = job.one_way
        lines.append(
            f"{'  one way at a time':<28}{rates['in']:>10,.0f}{rates['out']:>10,.0f}"
        )
    both = [count / traffic.seconds for count in (traffic.received, traffic.sent)]
    lines.append(f"{'  both ways at once':<28}{both[0]:>10,.0f}{both[1]:>10,.0f}")
    if not job.acks:
        return lines
    heads = "".join(f"{f'p{p:g}' if p < 100 else 'max':>10}" for p in PERCENTILES)
    lines += ["", f"{'ack latency':<28}{heads}"]
    for name, latencies in (
        ("  one at a time", job.latencies),
        ("  during the traffic", traffic.latencies),
    ):
        if latencies:
            row = (milliseconds(percentile(latencies, p)) for p in PERCENTILES)
            lines.append(f"{name:<28}{''.join(f'{text:>10}' for text in row)}")
    return lines

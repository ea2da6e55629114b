"""Seconds of traffic: echoes at full speed, and acks in between."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from examples.demo.figures import thousands
from examples.demo.job import Job, StepError, Traffic

# A payload such as a price feed has.
TICK: dict[str, Any] = {
    "symbol": "EURUSD",
    "bid": 1.08541,
    "ask": 1.08544,
    "volume": 2_500_000,
    "venue": "LD4",
    "time": 1_700_000_000_123,
    "open": True,
    "tags": None,
}

IN_FLIGHT = 256  # echoes on their way at a time
PROBE = "probe"


class EchoLoop:
    """Keep echoes in flight: each that comes back sends the next one.

    Args:
        job: The demo's job.

    Attributes:
        sent: Events out.
        received: Events in.
        settled: Set when none is in flight any more.
    """

    def __init__(self, job: Job) -> None:
        self._emit = job.socket.emit
        self._running = True
        self.sent = 0
        self.received = 0
        self.settled = asyncio.Event()

    def start(self) -> None:
        """Send the first ones."""
        for _ in range(IN_FLIGHT):
            self._send()

    def stop(self) -> None:
        """Send no more."""
        self._running = False

    def on_echo(self, n: object, values: object = None) -> None:
        """Check an echo, and send the next event: the listener of `echo`."""
        if n == PROBE:  # some servers send an event besides the ack
            return
        if n != self.received or values != TICK:
            raise StepError(f"event {self.received} came back as {n!r}")
        self.received += 1
        if self._running:
            self._send()
        elif self.received == self.sent:
            self.settled.set()

    def _send(self) -> None:
        n, self.sent = self.sent, self.sent + 1
        self._emit("echo", n, TICK)


async def probe(job: Job, latencies: list[float]) -> None:
    """Measure acks, one at a time, until cancelled."""
    while job.acks:
        started = time.perf_counter()
        await job.socket.emit_with_ack(job.question, PROBE)
        latencies.append(time.perf_counter() - started)


async def traffic(job: Job) -> str:
    """Send echoes for the seconds asked for, and sample how many there are."""
    loop = EchoLoop(job)
    report = job.traffic = Traffic()
    job.socket.on("echo", loop.on_echo)
    probing = asyncio.create_task(probe(job, report.latencies))
    started = time.perf_counter()
    try:
        loop.start()
        await sample(job, loop, report, started)
        loop.stop()
        await loop.settled.wait()
        report.seconds = time.perf_counter() - started
    finally:
        probing.cancel()
        await asyncio.gather(probing, return_exceptions=True)
        job.socket.off("echo", loop.on_echo)
    report.received, report.sent = loop.received, loop.sent
    rate = thousands(report.received / report.seconds)
    return f"{report.sent:,} out and {report.received:,} in, {rate} a second each way"


async def sample(job: Job, loop: EchoLoop, report: Traffic, started: float) -> None:
    """Note the rates, until the time is up or something went wrong."""
    before, sent, received = started, loop.sent, loop.received
    while before < started + job.seconds:
        await asyncio.sleep(report.interval)
        job.check()
        now = time.perf_counter()
        taken = now - before
        rates = (loop.received - received) / taken, (loop.sent - sent) / taken
        report.rates.append(rates)
        before, sent, received = now, loop.sent, loop.received
        job.view.progress(
            f"{now - started:4.1f} s   in {rates[0]:9,.0f}/s   out {rates[1]:9,.0f}/s"
        )

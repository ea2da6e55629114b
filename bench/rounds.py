"""Rounds: every measure by every contender in turn, and again.

A round goes through all measures several times, and the contenders take turns within
each, in an order that is turned round from one pass to the next: what the machine does
meanwhile hits all of them alike, and another way the next time. Processes are started
afresh each round, so that where one happened to lie in memory does not stand for the
contender.
"""

import json
import sys
from dataclasses import dataclass, field
from typing import Any

import payloads
from cores.placement import Placement
from measures import Measure
from workers import CONTENDERS, Worker, WorkerError

CHECKED_EVENTS = 2000
CALIBRATION_SECONDS = 0.05
CALIBRATION_GROWTH = 4
FIRST_WARM_UP = 2.0
"""Jobs. A process is new every round: caches are to fill and compilers to compile."""
WARM_UP = 0.25
"""Jobs, in the later passes of a round."""
DISTURBED_SHARE = 0.05
"""A job whose processes had to wait longer for their cores counts as disturbed."""
PASSES = 4
"""Of a round."""

Result = dict[str, Any]


@dataclass
class Run:
    """Plan and outcome of a run.

    Attributes:
        servers: their processes, by name.
        urls: their addresses.
        core: where the contenders run.
        placement: of that core and the servers'.
        seconds: how long one job takes, about.
        names: the contenders.
        samples: measure title -> contender -> pass -> result.
        versions: of everything that took part.
        notes: what went wrong, to be printed with the figures.
        failures: measure title -> contender -> why the contender itself cannot do it.
    """

    servers: dict[str, Worker]
    urls: dict[str, str]
    core: int
    placement: Placement
    seconds: float
    names: list[str]
    samples: dict[str, dict[str, dict[int, Result]]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failures: dict[str, dict[str, str]] = field(default_factory=dict)
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)

    async def round(self, number: int, measures: list[Measure]) -> None:
        """Do round number: every measure by every contender, once in each pass."""
        workers = await self._start(number)
        try:
            if number == 0:
                for name, worker in list(workers.items()):
                    if not await self._check(name, worker):
                        await workers.pop(name).stop()
            for turn in range(PASSES):
                print(f" pass {turn + 1} of {PASSES}", file=sys.stderr)
                for measure in measures:
                    names = list(workers)
                    for name in reversed(names) if turn % 2 else names:
                        await self._turn(number * PASSES + turn, measure, name, workers)
        finally:
            for worker in workers.values():
                await worker.stop()

    async def _turn(
        self, number: int, measure: Measure, name: str, workers: dict[str, Worker]
    ) -> None:
        """Do one job and keep its result."""
        try:
            result = await self._sample(number, measure, name, workers[name])
        except WorkerError as error:
            await workers.pop(name).stop()
            self._drop(name, f"dropped out at {measure.title}: {error}")
            return
        if result is not None:
            by_name = self.samples.setdefault(measure.title, {})
            by_name.setdefault(name, {})[number] = result

    async def _start(self, number: int) -> dict[str, Worker]:
        workers = {}
        for name in list(self.names):
            worker = Worker(CONTENDERS[name], self.core, seed=number)
            try:
                self.versions.update(json.loads(await worker.start())["versions"])
            except WorkerError as error:
                await worker.stop()
                self._drop(name, f"did not start: {error}")
            else:
                workers[name] = worker
        return workers

    async def _check(self, name: str, worker: Worker) -> bool:
        """Tell whether what the contender receives and emits is right."""
        for payload in payloads.SHAPES:
            measure = Measure("the check", "check", payload)
            try:
                result = await self._ask(worker, measure, CHECKED_EVENTS)
            except WorkerError as error:
                result = {"error": str(error)}
            if result.get("equal") is not True:
                self._drop(name, f"failed the check of {payload}: {result}")
                return False
        return True

    async def _sample(
        self, number: int, measure: Measure, name: str, worker: Worker
    ) -> Result | None:
        count = self._counts.get((measure.title, name))
        if count is None:
            count = await self._calibrate(measure, worker)
            self._counts[measure.title, name] = count
        if count == 0:
            return None
        warm_up = WARM_UP if number % PASSES else FIRST_WARM_UP
        await self._ask(worker, measure, multiple(count * warm_up, measure.step))
        result = await self._timed(worker, measure, count)
        if "fails" in result:
            self.failures.setdefault(measure.title, {})[name] = result["fails"]
            self._counts[measure.title, name] = 0
            return None
        if "error" in result:
            print(result["error"], file=sys.stderr)
            last_line = result["error"].strip().splitlines()[-1]
            self._note(f"{name}, {measure.title}: {last_line}")
            return None
        rate = result["count"] / result["seconds"]
        print(f"  {measure.title:32} {name:16} {rate:12,.0f}/s", file=sys.stderr)
        return result

    async def _timed(self, worker: Worker, measure: Measure, count: int) -> Result:
        """Do a job where the cores are near, and tell how far it was disturbed."""
        await self.placement.near()
        server = self.servers[measure.server]
        before = worker.held_up(), server.held_up()
        result = await self._ask(worker, measure, count)
        if "error" in result or "fails" in result:
            return result
        after = worker.held_up(), server.held_up()
        held_up = [max(b - a, 0.0) for a, b in zip(before, after, strict=True)]
        apart = await self.placement.apart()
        result["disturbed"] = 1.0 if apart else sum(held_up) / result["seconds"]
        # It cannot have been held up for longer than it was not running.
        result["held_up"] = min(held_up[0], result["seconds"] - result["cpu"])
        return result

    async def _calibrate(self, measure: Measure, worker: Worker) -> int:
        """Return the count that takes a job's time, 0 if the contender cannot do it."""
        count = measure.step
        while True:
            result = await self._ask(worker, measure, count)
            if "unsupported" in result:
                return 0
            if "error" in result or "fails" in result:
                return count
            if result["seconds"] > CALIBRATION_SECONDS:
                return multiple(self.seconds / result["seconds"] * count, measure.step)
            count *= CALIBRATION_GROWTH

    async def _ask(self, worker: Worker, measure: Measure, count: int) -> Result:
        return await worker.ask(
            {
                "kind": measure.kind,
                "url": self.urls[measure.server],
                "count": count,
                "payload": measure.payload,
                "values": payloads.series(measure.payload),
                "blob": measure.blob,
                "transport": "polling" if measure.server == "polling" else "websocket",
            }
        )

    def _drop(self, name: str, reason: str) -> None:
        self.names.remove(name)
        self._note(f"{name} {reason}")

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
            print(text, file=sys.stderr)


def multiple(count: float, step: int) -> int:
    """Return count rounded to a multiple of step, at least one step."""
    return max(1, round(count / step)) * step

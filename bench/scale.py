"""Many connections in one process, and one event among many of something.

Each in a process of its own, started afresh: memory that was given back once would
stand for memory never used.
"""

from typing import Any

import payloads
from workers import CONTENDERS, Worker, WorkerError

COUNTS = (1, 100, 1_000, 5_000)
OWN = ("floor", "sioc")
AGAINST_PEERS = {
    1_000: "an idle connection of 1,000 / the best peer's",
    5_000: "an idle connection of 5,000 / the best peer's",
}
HEARTBEAT = 25.0
"""Seconds between two heartbeats, the default of Socket.IO servers."""
FLOOD = 100_000
AMONG = {
    "among_events": "tick among 10,000 other events / alone",
    "among_namespaces": "tick among 1,000 namespaces / alone",
    "among_acks": "tick among 10,000 pending acks / alone",
    "among_connections": "tick among 5,000 other connections / alone",
}


class Scale:
    """The measures of scale.

    Args:
        url: the server.
        core: where the contenders run.
        names: the contenders.
        quick: leave out what takes long.
    """

    def __init__(self, url: str, core: int, names: list[str], quick: bool) -> None:
        self._url = url
        self._core = core
        self._names = names
        self._quick = quick
        self.figures: dict[str, dict[str, Any]] = {}

    async def run(self) -> None:
        """Measure."""
        counts = [1_000] if self._quick else COUNTS
        for name in self._names:
            for count in counts:
                await self._ask(f"{name}, {count:,}", name, "crowd", count)
        if "sioc" in self._names:
            for kind in AMONG:
                await self._ask(kind, "sioc", kind, FLOOD)

    async def _ask(self, title: str, name: str, kind: str, count: int) -> None:
        worker = Worker(CONTENDERS[name], self._core)
        try:
            await worker.start()
            job = {
                "kind": kind,
                "url": self._url,
                "count": count,
                "payload": "tick",
                "values": payloads.series("tick"),
                "transport": "websocket",
            }
            result = await worker.ask(job)
        except WorkerError as error:
            result = {"error": str(error)}
        finally:
            await worker.stop()
        self.figures[title] = result

    def reached(self) -> dict[str, float]:
        """Return the ratios that targets name."""
        ratios = {
            text: self.figures[kind]["ratio"]
            for kind, text in AMONG.items()
            if "ratio" in self.figures.get(kind, {})
        }
        crowds = {t: f for t, f in self.figures.items() if "bytes" in f}
        most = max((n for n in COUNTS if f"sioc, {n:,}" in crowds), default=0)
        if not most:
            return ratios
        own = crowds[f"sioc, {most:,}"]
        ratios["kB of an idle connection"] = own["bytes"] / 1024
        ratios["tasks of an idle connection"] = own["tasks"]
        share = own["beat"] * 5_000 / HEARTBEAT * 100
        ratios["heartbeats of 5,000 connections, % of a core"] = share
        for count, text in AGAINST_PEERS.items():
            titles = [f"{name}, {count:,}" for name in self._names if name not in OWN]
            peers = [crowds[title]["bytes"] for title in titles if title in crowds]
            if peers and f"sioc, {count:,}" in crowds:
                ratios[text] = crowds[f"sioc, {count:,}"]["bytes"] / min(peers)
        if f"floor, {most:,}" in crowds:
            floor = crowds[f"floor, {most:,}"]
            # By processor time: the server's share of the other is the same.
            ratios["connects / floor's"] = floor["cpu"] / own["cpu"]
        return ratios

    def table(self) -> str:
        """Return the crowds as Markdown."""
        lines = [
            "| connections | memory each | tasks each | connects "
            "| CPU per connect | CPU per heartbeat |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        for title, figure in self.figures.items():
            if "bytes" in figure:
                # The kernel counts pages: of a single connection it tells nothing.
                memory = f"{figure['bytes'] / 1024:.1f} kB"
                lines.append(
                    f"| {title} | {memory if figure['count'] > 1 else '-'} "
                    f"| {figure.get('tasks', 0):.0f} "
                    f"| {figure['count'] / figure['seconds']:,.0f} /s "
                    f"| {figure['cpu'] / figure['count'] * 1e6:,.0f} µs "
                    f"| {figure['beat'] * 1e6:.1f} µs |"
                )
            elif "error" in figure:
                lines.append(f"| {title} | {figure['error'].splitlines()[-1]} |||||")
        return "\n".join(lines)

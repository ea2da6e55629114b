"""Metrics for Prometheus: an adapter of sioc.Hooks.

It needs `pip install prometheus-client`. A server to try it with:

    python -m sioc.testing --port 3000
"""

import asyncio
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from prometheus_client import Counter, Gauge, Histogram, generate_latest

import sioc
from sioc.engine import Engine

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"

PACKETS = Counter("sioc_packets", "Packets", ["direction", "nsp", "type"])
BYTES = Counter("sioc_bytes", "Bytes of packets", ["direction", "nsp"])
ACKS = Histogram("sioc_ack_seconds", "Seconds until the server's ack", ["nsp", "event"])
LOST_ACKS = Counter("sioc_acks_lost", "Acks that never came", ["nsp", "error"])
CONNECTED = Gauge("sioc_connected", "Namespaces that are connected", ["nsp"])
SESSIONS = Counter("sioc_sessions", "Connections that were made", ["transport"])
BUSY = Histogram("sioc_listener_seconds", "Seconds in listeners", ["nsp", "event"])


class PrometheusHooks(sioc.Hooks):
    """Count. Event names become labels: only where the server chooses among few."""

    def packet_in(self, manager: sioc.Manager, packet: sioc.PacketInfo) -> None:
        PACKETS.labels("in", packet.nsp, packet.type.name).inc()
        BYTES.labels("in", packet.nsp).inc(packet.size)

    def packet_out(self, manager: sioc.Manager, packet: sioc.PacketInfo) -> None:
        PACKETS.labels("out", packet.nsp, packet.type.name).inc()
        BYTES.labels("out", packet.nsp).inc(packet.size)

    def ack(
        self, socket: sioc.Socket, event: str, seconds: float, error: Exception | None
    ) -> None:
        if error is None:
            ACKS.labels(socket.nsp, event).observe(seconds)
        else:
            LOST_ACKS.labels(socket.nsp, type(error).__name__).inc()

    def state(
        self, source: sioc.Manager | sioc.Socket | Engine, old: str, new: str
    ) -> None:
        if isinstance(source, sioc.Socket) and "connected" in (old, new):
            CONNECTED.labels(source.nsp).inc(1 if new == "connected" else -1)
        elif isinstance(source, Engine) and new == "open" and source.transport:
            SESSIONS.labels(source.transport.name).inc()

    def listener(
        self, socket: sioc.Socket, event: str, fn: Callable[..., object]
    ) -> AbstractContextManager[object]:
        return BUSY.labels(socket.nsp, event).time()


def shown(line: str) -> bool:
    """Leave out the buckets, and what is not the same in every run."""
    return line.startswith("sioc_") and not re.search(r"_(bucket|sum|created)\b", line)


async def main() -> None:
    async with sioc.io(URL, hooks=PrometheusHooks()) as socket:

        @socket.on("echo")
        async def echo(text: str) -> None:
            await asyncio.sleep(0.001)

        socket.emit("echo", "hello")
        for number in range(3):
            await socket.emit_with_ack("question", number)
        with suppress(sioc.AckTimeoutError):
            await socket.emit_with_ack("sink", timeout=0.05)  # is never acknowledged

        # What an HTTP endpoint would serve: prometheus_client.start_http_server(8000)
        for line in generate_latest().decode().splitlines():
            if shown(line):
                print(line)


sioc.run(main())

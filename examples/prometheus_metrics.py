"""Metrics for Prometheus: an adapter of sioc.Hooks.

It needs `pip install prometheus-client`. A server to try it with:

    python -m sioc.testing --port 3000
"""

import sys
from contextlib import suppress

from prometheus_client import Counter, Gauge, Histogram, generate_latest

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"

PACKETS = Counter("sioc_packets", "Packets", ["direction", "nsp", "type"])
BYTES = Counter("sioc_bytes", "Bytes of packets", ["direction", "nsp"])
ACKS = Histogram("sioc_ack_seconds", "Seconds until the server's ack", ["nsp", "event"])
LOST_ACKS = Counter("sioc_acks_lost", "Acks that never came", ["nsp", "error"])
HIDDEN = ("sioc_ack_seconds_bucket", "sioc_ack_seconds_sum")
CONNECTED = Gauge("sioc_connected", "Namespaces that are connected", ["nsp"])


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

    def state(self, source: sioc.Manager | sioc.Socket, old: str, new: str) -> None:
        if isinstance(source, sioc.Socket) and "connected" in (old, new):
            CONNECTED.labels(source.nsp).inc(1 if new == "connected" else -1)


async def main() -> None:
    async with sioc.io(URL, hooks=PrometheusHooks()) as socket:
        for number in range(3):
            await socket.emit_with_ack("question", number)
        with suppress(sioc.AckTimeoutError):
            await socket.emit_with_ack("sink", timeout=0.05)  # is never acknowledged

        # What an HTTP endpoint would serve: prometheus_client.start_http_server(8000)
        for line in generate_latest().decode().splitlines():
            name, _, value = line.partition(" ")
            if (
                name.startswith("sioc_")
                and not name.startswith(HIDDEN)
                and "_created" not in name
            ):
                print(name, value)


sioc.run(main())

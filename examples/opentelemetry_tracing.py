"""Traces for OpenTelemetry: an adapter of sioc.Hooks; acks and listeners are spans.

It needs `pip install opentelemetry-sdk`. A server to try it with:

    python -m sioc.testing --port 3000
"""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.export import SpanExportResult as Result
from opentelemetry.trace import SpanKind, Status, StatusCode

import sioc
from sioc.engine import Engine

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"
NANOSECONDS = 1_000_000_000


def attributes(socket: sioc.Socket, operation: str) -> dict[str, str]:
    """Return what the semantic conventions for messaging ask for."""
    return {
        "messaging.system": "socketio",
        "messaging.destination.name": socket.nsp,
        "messaging.operation.name": operation,
    }


class TracingHooks(sioc.Hooks):
    """Make a span of every ack that is waited for, every listener, every connection."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer
        self._connections: dict[sioc.Socket, trace.Span] = {}

    def ack(
        self, socket: sioc.Socket, event: str, seconds: float, error: Exception | None
    ) -> None:
        end = time.time_ns()
        span = self._tracer.start_span(
            f"{event} emit",
            kind=SpanKind.CLIENT,
            attributes=attributes(socket, "emit"),
            # The span began when the event was emitted, in whatever trace that was:
            # the hook runs when the ack has come.
            start_time=end - int(seconds * NANOSECONDS),
        )
        if error is not None:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            span.record_exception(error)
        span.end(end)

    def listener(
        self, socket: sioc.Socket, event: str, fn: Callable[..., object]
    ) -> AbstractContextManager[object]:
        # The current span while the listener runs: what it does belongs to it. An
        # exception is recorded in it.
        return self._tracer.start_as_current_span(
            f"{event} process",
            kind=SpanKind.CONSUMER,
            attributes=attributes(socket, "process"),
        )

    def state(
        self, source: sioc.Manager | sioc.Socket | Engine, old: str, new: str
    ) -> None:
        if not isinstance(source, sioc.Socket):
            return
        if new == "connected":
            self._connections[source] = self._tracer.start_span(
                f"{source.nsp} connection", kind=SpanKind.CLIENT
            )
        elif old == "connected":
            self._connections.pop(source).end()


class Printer(SpanExporter):
    """Stand for your exporter."""

    def export(self, spans: Sequence[ReadableSpan]) -> Result:
        for span in spans:
            inside = " inside another" if span.parent else ""
            print(span.name, span.status.status_code.name + inside)
        return Result.SUCCESS


async def main() -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(Printer()))
    tracer = provider.get_tracer("sioc")

    async with sioc.io(URL, hooks=TracingHooks(tracer)) as socket:

        @socket.on("order")
        async def order(number: int) -> str:
            with tracer.start_as_current_span("write to the database"):
                await asyncio.sleep(0.01)
            return "done"

        socket.emit("ask", "order", 7)  # has the peer ask us
        await socket.wait_for("answered", timeout=5)

        await socket.emit_with_ack("question", 42)
        with suppress(sioc.AckTimeoutError):
            await socket.emit_with_ack("sink", timeout=0.05)  # is never acknowledged


sioc.run(main())

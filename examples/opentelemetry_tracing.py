"""Traces for OpenTelemetry: an adapter of sioc.Hooks; every ack becomes a span.

It needs `pip install opentelemetry-sdk`. A server to try it with:

    python -m sioc.testing --port 3000
"""

import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.export import SpanExportResult as Result
from opentelemetry.trace import SpanKind, Status, StatusCode

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"
NANOSECONDS = 1_000_000_000


class TracingHooks(sioc.Hooks):
    """Make a span of every emit that waits for an ack, and of every connection."""

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
            attributes={
                "messaging.system": "socketio",
                "messaging.destination.name": socket.nsp,
                "messaging.operation.name": "emit",
            },
            # The span began when the event was emitted, in whatever trace that was:
            # the hook runs when the ack has come.
            start_time=end - int(seconds * NANOSECONDS),
        )
        if error is not None:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            span.record_exception(error)
        span.end(end)

    def state(self, source: sioc.Manager | sioc.Socket, old: str, new: str) -> None:
        if isinstance(source, sioc.Manager):
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
            print(span.name, span.status.status_code.name)
        return Result.SUCCESS


async def main() -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(Printer()))
    hooks = TracingHooks(provider.get_tracer("sioc"))

    async with sioc.io(URL, hooks=hooks) as socket:
        await socket.emit_with_ack("question", 42)
        with suppress(sioc.AckTimeoutError):
            await socket.emit_with_ack("sink", timeout=0.05)  # is never acknowledged


sioc.run(main())

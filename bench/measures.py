"""What is measured, in the order of the report."""

from dataclasses import dataclass

from echo.contender import BURST, IN_FLIGHT, LISTENERS
from payloads import BLOB_SIZES


@dataclass(frozen=True)
class Measure:
    """One line of the report.

    Attributes:
        title: its name there.
        kind: the contenders' method.
        payload: a name in `payloads.SHAPES`.
        step: a job's count is a multiple of it.
        reference: title of the measure whose floor it is held against, if the floor
            does not do it itself.
        latency: the figure is the median round trip, less is better; otherwise it is
            a rate, more is better.
        blob: size of the attachment in bytes.
        quick: part of a quick run.
        server: "plain", "tls" or "polling".
    """

    title: str
    kind: str
    payload: str = "small"
    step: int = BURST
    reference: str = ""
    latency: bool = False
    blob: int = 0
    quick: bool = True
    server: str = "plain"


MEASURES = (
    Measure("receive small", "receive", "small"),
    Measure("receive tick", "receive", "tick"),
    Measure("receive doc", "receive", "doc"),
    Measure("receive tick into a Struct", "typed", "tick", reference="receive tick"),
    Measure(
        f"receive tick, {LISTENERS} listeners",
        "many_listeners",
        "tick",
        reference="receive tick",
        quick=False,
    ),
    Measure("receive tick, nobody listening", "unheard", "tick"),
    Measure("emit small", "emit", "small"),
    Measure("emit tick", "emit", "tick"),
    Measure("emit doc", "emit", "doc"),
    Measure("emit tick, prepared", "prepared", "tick", reference="emit tick"),
    Measure("ack, one at a time, awaited", "ack", step=100, latency=True),
    Measure(
        "ack, one at a time, callback",
        "ack_callback",
        step=100,
        reference="ack, one at a time, awaited",
        latency=True,
    ),
    Measure(f"acks, {IN_FLIGHT} in flight", "acks", step=IN_FLIGHT),
    *(
        Measure(
            f"blob {name}, echo",
            "blob",
            step=10,
            latency=True,
            blob=size,
            quick=name == "64 kB",
        )
        for name, size in BLOB_SIZES.items()
    ),
    Measure("TLS: receive tick", "receive", "tick", server="tls"),
    Measure("TLS: emit tick", "emit", "tick", server="tls"),
    Measure("TLS: ack, awaited", "ack", step=100, latency=True, server="tls"),
    Measure("polling: ack, awaited", "ack", step=20, latency=True, server="polling"),
    Measure(
        f"polling: acks, {IN_FLIGHT} in flight",
        "acks",
        step=IN_FLIGHT,
        server="polling",
    ),
)

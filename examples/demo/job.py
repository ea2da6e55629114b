"""What the steps of the demo share, and how they end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import sioc
from examples.demo.view import View
from sioc.testing import PeerProcess


class StepError(Exception):
    """A step did not prove its claim."""


class SkippedError(Exception):
    """A step cannot be taken with this server."""


@dataclass
class Traffic:
    """What the seconds of traffic have shown.

    Attributes:
        interval: Seconds between two samples.
        rates: Samples: events per second, in and out.
        seconds: How long it lasted.
        received: Events in.
        sent: Events out.
        latencies: Seconds from an emit to its ack, under that load.
    """

    interval: float = 0.1
    rates: list[tuple[float, float]] = field(default_factory=list)
    seconds: float = 0.0
    received: int = 0
    sent: int = 0
    latencies: list[float] = field(default_factory=list)


class Job:
    """The job the demo does.

    Args:
        url: The server.
        peer: The server's process, if it is the demo's own.
        seconds: How long the traffic is to last.
        view: Where progress is shown.

    Attributes:
        sockets: The namespaces in use, the first one in front.
        acks: Whether the server acknowledges.
        latencies: Seconds from an emit to its ack, one at a time.
        one_way: Events per second while they went one way only: direction -> rate.
        traffic: The traffic's figures.
    """

    def __init__(
        self, url: str, peer: PeerProcess | None, seconds: float, view: View
    ) -> None:
        self.url = url
        self.peer = peer
        self.seconds = seconds
        self.view = view
        self.sockets: list[sioc.Socket] = []
        self.acks = True
        self.latencies: list[float] = []
        self.one_way: dict[str, float] = {}
        self.traffic = Traffic()
        self._problems: list[str] = []

    @property
    def socket(self) -> sioc.Socket:
        """The first namespace."""
        return self.sockets[0]

    @property
    def question(self) -> str:
        """An event that the server only acknowledges; with a foreign server, echo."""
        return "ack" if self.peer is not None else "echo"

    def note_exception(self, error: BaseException, context: dict[str, Any]) -> None:
        """Note what a listener has raised: the option on_exception."""
        self._problems.append(f"{context['message']} {error!r}")

    def check(self) -> None:
        """Fail if a listener has raised anything."""
        if self._problems:
            raise StepError(self._problems[0])

    async def close(self) -> None:
        """Disconnect; the last namespace closes the connection."""
        await asyncio.gather(*(socket.disconnect() for socket in self.sockets))

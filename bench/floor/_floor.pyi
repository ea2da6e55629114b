import asyncio
from collections.abc import Callable
from typing import Any

from picows import WSListener

class Session(WSListener):
    """The handshake, and the end of a job. Subclasses do the jobs."""

    joined: asyncio.Future[None]
    done: asyncio.Future[Any]
    paused: bool
    def __init__(self) -> None: ...
    def request(self, *event: object) -> None:
        """Send an event at once."""
    async def drain(self) -> None:
        """Wait until the transport takes more."""
    def close(self) -> None:
        """Close the connection without a closing handshake."""

class Idler(Session):
    """Join, and answer heartbeats."""

class Receiver(Session):
    """Decode every event and call a function with its argument."""

    def start(self, count: int, fn: Callable[[Any], object]) -> None:
        """Call fn count times; the event after those ends the job."""

class Skipper(Session):
    """Look at the two leading bytes of every frame and no further."""

    def start(self, count: int) -> None:
        """Skip count events; the event after those ends the job."""

class Emitter(Session):
    """Encode, frame and mask into a buffer; one write a turn of the loop."""

    def emit(self, event: str, value: object) -> None:
        """Emit one event; it goes out with the others of this turn."""

class Laps(Session):
    """Round trips: whenever an answer is there, note the time and send the next."""

    def start(self, count: int, in_flight: int) -> None:
        """Make count round trips, in_flight of them at a time."""
    def seconds(self) -> list[float]:
        """Return the time from each answer to the next, in seconds."""

class Echo(Laps):
    """An event that asks for an ack, as text ready made."""

class BlobEcho(Laps):
    """A header frame and the frame of its attachment, there and back."""

    def load(self, blob: bytes) -> None:
        """Set the attachment."""

"""What sioc aims at: ratios, so that they hold on any machine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """An aim for one ratio.

    Attributes:
        title: the measure that sioc is held to.
        against: measure and contender of the other side.
        aim: the ratio wanted.
        at_most: the ratio is to stay below it (a latency), not above.
    """

    title: str
    against: tuple[str, str]
    aim: float
    at_most: bool = False

    @property
    def apart(self) -> bool:
        """Whether it is measured apart from the rounds."""
        return not self.against[1]

    @property
    def text(self) -> str:
        """The ratio in words."""
        title, name = self.against
        if self.apart:
            return self.title
        other = name if title == self.title else f"{name}: {title}"
        return f"{self.title} / {other}"

    def reached(self, ratio: float) -> bool:
        """Tell whether a ratio is good enough."""
        return ratio <= self.aim if self.at_most else ratio >= self.aim


def apart(title: str, aim: float, at_most: bool = False) -> Target:
    """Return a target that is measured apart from the rounds."""
    return Target(title, (title, ""), aim, at_most)


def of_floor(title: str, aim: float, at_most: bool = False) -> Target:
    """Return a target against the floor of the same measure."""
    return Target(title, (title, "floor"), aim, at_most)


AWAITED = "ack, one at a time, awaited"
HEARD = ("receive tick", "sioc")
TARGETS = (
    of_floor("receive small", 1.0),
    of_floor("receive tick", 1.0),
    of_floor("receive doc", 1.0),
    Target("receive tick into a Struct", ("receive tick", "floor"), 1.0),
    Target("receive tick, nobody listening", HEARD, 5.0),
    of_floor("emit small", 0.95),
    of_floor("emit tick", 0.95),
    of_floor("emit doc", 0.95),
    Target("emit tick, prepared", ("emit tick", "sioc"), 3.0),
    of_floor(AWAITED, 1.25, at_most=True),
    Target("ack, one at a time, callback", (AWAITED, "floor"), 1.25, at_most=True),
    Target("acks, 64 in flight", ("acks, 64 in flight", "node"), 4.0),
    # At least 0.8 of the floor's rate is at most 1.25 times its time.
    of_floor("blob 64 kB, echo", 1.25, at_most=True),
    # Against the best peer of each row, and against the one in Python.
    Target("receive tick", ("receive tick", "bun"), 3.0),
    Target("receive tick", ("receive tick", "node"), 3.0),
    Target("receive tick", ("receive tick", "python-socketio"), 35.0),
    Target("emit tick", ("emit tick", "bun"), 3.0),
    Target("emit tick", ("emit tick", "node"), 3.0),
    Target("emit tick", ("emit tick", "python-socketio"), 12.0),
    Target("acks, 64 in flight", ("acks, 64 in flight", "bun"), 4.0),
    Target("acks, 64 in flight", ("acks, 64 in flight", "python-socketio"), 20.0),
    apart("kB of an idle connection", 14.0, at_most=True),
    apart("tasks of an idle connection", 0.0, at_most=True),
    apart("an idle connection of 1,000 / the best peer's", 0.5, at_most=True),
    apart("an idle connection of 5,000 / the best peer's", 0.5, at_most=True),
    apart("connects / floor's", 0.6),
    apart("heartbeats of 5,000 connections, % of a core", 5.0, at_most=True),
    apart("tick among 10,000 other events / alone", 1.1, at_most=True),
    apart("tick among 1,000 namespaces / alone", 1.1, at_most=True),
    apart("tick among 10,000 pending acks / alone", 1.1, at_most=True),
    apart("tick among 5,000 other connections / alone", 1.1, at_most=True),
    apart("import sioc / import of what it stands on", 1.3, at_most=True),
)

"""What the gate counts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Counted:
    """One job of the gate.

    Attributes:
        kind: the contenders' method.
        payload: a name in `payloads.SHAPES`.
        count: events.
        reference: the kind whose floor it is held against.
    """

    kind: str
    payload: str
    count: int
    reference: str

    @property
    def title(self) -> str:
        """Its name in budgets.json."""
        return f"{self.kind} {self.payload}"


JOBS = (
    Counted("receive", "small", 8000, "receive"),
    Counted("receive", "tick", 4000, "receive"),
    Counted("receive", "doc", 2000, "receive"),
    Counted("typed", "tick", 4000, "receive"),
    Counted("unheard", "tick", 20000, "unheard"),
    Counted("emit", "small", 8000, "emit"),
    Counted("emit", "tick", 4000, "emit"),
    Counted("emit", "doc", 2000, "emit"),
    Counted("prepared", "tick", 10000, "emit"),
    Counted("acks", "small", 6400, "acks"),
)
BY_TITLE = {job.title: job for job in JOBS}

"""The state machines, as tables: all of them, in one place.

A table maps (state, event) to the next state. What is not in it cannot happen; the code
that applies a table only names the event. docs/states.md is drawn from these tables.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

Table = dict[tuple[str, str], str]

ENGINE: Final[Table] = {
    # One Engine.IO session; a new Engine is made for every connection.
    ("opening", "handshake"): "open",
    ("opening", "end"): "closed",
    ("open", "close"): "closing",
    ("open", "end"): "closed",
    ("closing", "end"): "closed",
}

UPGRADE: Final[Table] = {
    # From polling to a better transport, beside an open session. Until the old
    # transport has paused, a failure leaves everything as it was.
    ("probing", "answered"): "pausing",
    ("probing", "failed"): "failed",
    ("pausing", "paused"): "switched",
    ("pausing", "failed"): "failed",
}

MANAGER: Final[Table] = {
    ("closed", "open"): "opening",
    ("opening", "opened"): "open",
    ("opening", "failed"): "down",
    ("opening", "close"): "closed",
    ("open", "lost"): "down",
    ("open", "close"): "closed",
    # While listeners hear of the end they may decide what follows.
    ("down", "open"): "opening",
    ("down", "close"): "closed",
    ("down", "give up"): "closed",
    # The reconnection loop: waiting for the next attempt, then making it.
    ("down", "wait"): "waiting",
    ("waiting", "attempt"): "reconnecting",
    ("waiting", "open"): "opening",
    ("waiting", "close"): "closed",
    ("reconnecting", "opened"): "open",
    ("reconnecting", "failed"): "down",
    ("reconnecting", "close"): "closed",
}

SOCKET: Final[Table] = {
    # "idle" and "abandoned" are not active. An abandoned socket was disconnected before
    # the answer to its CONNECT came; the answer is met with DISCONNECT, or adopted.
    ("idle", "connect"): "waiting",
    ("waiting", "ask"): "connecting",
    ("waiting", "disconnect"): "idle",
    ("waiting", "refused"): "idle",
    ("connecting", "accepted"): "connected",
    ("connecting", "refused"): "idle",
    ("connecting", "lost"): "waiting",
    ("connecting", "disconnect"): "abandoned",
    ("connecting", "withdraw"): "idle",
    ("connected", "lost"): "waiting",
    ("connected", "disconnect"): "idle",
    ("abandoned", "connect"): "connecting",
    ("abandoned", "accepted"): "idle",
    ("abandoned", "refused"): "idle",
    ("abandoned", "lost"): "idle",
}


class Told(Protocol):
    """Who hears of changes of state."""

    def changed(self, source: Any, old: str, new: str, /) -> None:
        """Take a change of a source's state."""


class Machine:
    """A state, moved by the events of one table.

    Args:
        table: The transitions.
        state: The state to begin in.
        source: Whose state it is.
        told: Told after every transition; None: nobody is.
    """

    # Not a function with the source bound to it: that is four objects a machine, and
    # thousands of idle connections have two each.
    __slots__ = ("_source", "_table", "_told", "state")

    def __init__(
        self,
        table: Table,
        state: str,
        source: object = None,
        told: Told | None = None,
    ) -> None:
        self._table = table
        self._source = source
        self._told = told
        self.state: str = state

    def can(self, event: str) -> bool:
        """Tell whether the event may happen now."""
        return (self.state, event) in self._table

    def apply(self, event: str) -> str:
        """Make the transition and return the new state.

        Raises:
            KeyError: The table has none: a defect of the caller.
        """
        old = self.state
        self.state = new = self._table[old, event]
        if self._told is not None:
            self._told.changed(self._source, old, new)
        return new

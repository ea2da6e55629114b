"""Draw docs/states.md from the tables of sioc/state.py.

Run `python docs/draw_states.py` after changing a table; a test compares the two.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sioc import state

PAGE = Path(__file__).parent / "states.md"
WIDTH = 90

HEAD = """\
# States

Drawn from the tables in `sioc/state.py` by `docs/draw_states.py`; do not edit. What the
states mean for a program is told in [lifecycle](lifecycle.md).
"""


class Chart(NamedTuple):
    """One state machine, and what its words mean.

    Attributes:
        title: What it is the life of.
        table: The name of its table in `sioc/state.py`.
        first: The state to begin in.
        about: One sentence or two.
        states: State -> meaning.
        events: Event -> what happens then.
    """

    title: str
    table: str
    first: str
    about: str
    states: dict[str, str]
    events: dict[str, str]


CHARTS = (
    Chart(
        "Socket",
        "SOCKET",
        "idle",
        "One namespace on a Manager: `socket`. `waiting`, `connecting` and `connected` "
        "are active.",
        {
            "idle": "not connected, and not going to be",
            "waiting": "to be connected as soon as the Manager's connection is open",
            "connecting": "CONNECT is on its way, or `auth` is being asked for it",
            "connected": "the server has accepted; events go both ways",
            "abandoned": "disconnected before the answer to CONNECT came: the answer "
            "is met with DISCONNECT, or used if `connect()` comes first",
        },
        {
            "connect": "`connect()`",
            "ask": "the Manager's connection is open",
            "accepted": "the server has answered CONNECT",
            "refused": "the server has refused CONNECT, or `auth` has failed",
            "lost": "the Manager's connection is gone",
            "disconnect": "`disconnect()`, or the server has disconnected the Socket",
            "withdraw": "`disconnect()` while `auth` is being asked, CONNECT not sent",
        },
    ),
    Chart(
        "Manager",
        "MANAGER",
        "closed",
        "The connection and its reconnection: `socket.io`. `down` lasts no longer than "
        "telling the listeners, which may close the Manager or open it again.",
        {
            "closed": "no connection, and none is being made",
            "opening": "the first attempt to connect",
            "open": "connected",
            "down": "the connection, or the attempt to make one, has just ended",
            "waiting": "until the delay before the next attempt has passed",
            "reconnecting": "a further attempt to connect",
        },
        {
            "open": "`open()`, or a Socket that wants to connect",
            "opened": "the attempt has succeeded: the Engine.IO handshake is done",
            "failed": "the attempt has failed",
            "lost": "the connection is gone",
            "close": "`close()`, or the last active Socket has left",
            "wait": "there will be another attempt",
            "give up": "there will be none",
            "attempt": "the delay has passed",
        },
    ),
    Chart(
        "Engine",
        "ENGINE",
        "opening",
        "One Engine.IO session: `socket.io.engine`. The Manager makes a new one for "
        "every attempt.",
        {
            "opening": "connecting, up to the Engine.IO handshake",
            "open": "packets go both ways",
            "closing": "what was emitted is being sent",
            "closed": "over",
        },
        {
            "handshake": "the server's open packet has come",
            "close": "the Manager closes the session",
            "end": "the attempt has failed, or the connection is gone",
        },
    ),
    Chart(
        "Upgrade",
        "UPGRADE",
        "probing",
        "An attempt of an open session to go on by WebSocket instead of polling.",
        {
            "probing": "connecting, and waiting for the answer to the probe",
            "pausing": "waiting until no polling request is on its way",
            "switched": "the session goes on by the new transport",
            "failed": "the session goes on as it was",
        },
        {
            "answered": "the answer to the probe has come",
            "paused": "no request is on its way any more",
            "failed": "the new transport has failed, or the time is up",
        },
    ),
)


def page() -> str:
    """Return the text of docs/states.md.

    Raises:
        KeyError: A table has a state or an event that CHARTS does not explain.
    """
    return "\n".join([HEAD, *(section(chart) for chart in CHARTS)])


def section(chart: Chart) -> str:
    """Return the section of one machine: its diagram and its words."""
    table: state.Table = getattr(state, chart.table)
    arrows: dict[tuple[str, str], list[str]] = {}
    for (source, event), target in table.items():
        arrows.setdefault((source, target), []).append(event)
    lines = [
        f"## {chart.title}\n",
        f"{textwrap.fill(chart.about, WIDTH)}\n",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {chart.first}",
    ]
    for (source, target), events in arrows.items():
        lines.append(f"    {source} --> {target}: {' / '.join(events)}")
    lines.append("```\n")
    states = [name for pair in arrows for name in pair]
    lines += explained("state", states, chart.states)
    lines += explained("event", [event for _, event in table], chart.events)
    return "\n".join(lines)


def explained(kind: str, names: Iterable[str], words: dict[str, str]) -> list[str]:
    """Return the table of some names and their meanings."""
    if unknown := set(names) - words.keys():
        raise KeyError(f"explain each {kind} in CHARTS: {unknown}")
    rows = [f"| `{name}` | {meaning} |" for name, meaning in words.items()]
    return [f"| {kind} | meaning |", "| --- | --- |", *rows, ""]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

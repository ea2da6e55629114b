"""Play hostile servers to three clients, and write docs/comparison.md.

PYTHONPATH=tests python -m comparison.run
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import uvloop

from comparison.attacks import ATTACKS, BOMB, HANDSHAKES, MIB, Attack
from peers.frames import TEXT, encode_frame
from peers.raw_connection import RawConnection
from peers.raw_peer import RawPeer
from peers.reports import ROOT, about

CLIENTS = Path(__file__).parent / "clients"
NODE_MODULES = ROOT / "bench" / "echo" / "node_modules"
PAGE = ROOT / "docs" / "comparison.md"
COMMANDS = {
    "sioc": (sys.executable, str(CLIENTS / "sioc_client.py")),
    "socket.io-client": ("node", str(CLIENTS / "socketio_client.js")),
    "python-socketio": (sys.executable, str(CLIENTS / "python_socketio_client.py")),
}
PATIENCE = 6.0  # seconds to end a link, or to say that it failed
GROWTH = 20 * MIB  # what is worth telling

INTRODUCTION = """\
# Hostile servers, three clients

What three clients do when a server breaks the protocol. `make comparison` writes this
page; the servers are data, in `tests/comparison/attacks.py`. Each sends an event, the
attack, and three events more. Memory is told where it has grown by more than 20 MiB.
A client may be tolerant on purpose: that a bad packet is passed over is no hole.

Where sioc is not better: its limits are wide by default, so that no honest server meets
them, and about 100 MiB have come before it ends the link, where the others end some of
these sooner. [`Limits.small()`](limits.md) is narrow.
"""

Play = Callable[[RawConnection], Awaitable[None]]


@dataclass
class Outcome:
    """What a client made of a server.

    Attributes:
        told: What it printed.
        status: Its exit status; None: it was still running.
        ended: Whether it ended the link.
        growth: Bytes that its memory grew.
    """

    told: list[list[str]] = field(default_factory=list)
    status: int | None = None
    ended: bool = False
    growth: int = 0

    def count(self, name: str) -> int:
        """Return how often it told of something."""
        return sum(what[0] == name for what in self.told)

    def in_words(self) -> str:
        """Return it for the table."""
        behind = self.count("behind")
        if self.status not in (None, 0):
            words = f"**crashes** (status {self.status})"
        elif self.ended and not behind:
            words = "ends the link"
        elif self.ended:
            words = f"ends the link, **delivers {behind} events behind it**"
        elif behind:
            words = "goes on"
        else:
            words = f"the link stays, **nothing more arrives** within {PATIENCE:.0f} s"
        if self.count("e"):
            words += ", **delivers the bad event**"
        if self.growth > GROWTH:
            words += f", +{self.growth // MIB} MiB"
        return words

    def of_connecting(self) -> str:
        """Return it for the table, where it should not come to a connection."""
        if self.status not in (None, 0):
            words = f"**crashes** (status {self.status})"
        elif self.count("refused"):
            words = "an error"
        elif self.count("connected"):
            words = "connects"
        else:
            words = f"**hangs** longer than {PATIENCE:.0f} s"
        if self.growth > GROWTH:
            words += f", +{self.growth // MIB} MiB"
        return words


def memory(pid: int) -> int:
    """Return the most memory that a process has had, in bytes; 0 when it is gone."""
    with suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return 0 if found is None else int(found[1]) * 1024
    return 0


async def start(client: str, url: str, transport: str) -> Process:
    """Start a client's program."""
    return await asyncio.create_subprocess_exec(
        *COMMANDS[client],
        url,
        transport,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
    )


async def listen(process: Process, outcome: Outcome, settled: str) -> None:
    """Note what a program prints, until nothing more is to be waited for."""
    enough = 3 if settled == "behind" else 1
    assert process.stdout is not None
    while outcome.count(settled) < enough:
        line = await process.stdout.readline()
        if not line:
            return
        outcome.told.append(json.loads(line))


async def finish(process: Process, outcome: Outcome) -> None:
    """Note how a program has ended, or end it."""
    with suppress(asyncio.TimeoutError):
        outcome.status = await asyncio.wait_for(process.wait(), 0.2)
    if outcome.status is None:
        process.kill()
    out, _ = await process.communicate()
    outcome.told += [json.loads(line) for line in out.splitlines()]


async def meet(client: str, play: Play, transport: str, settled: str) -> Outcome:
    """Have a client connect to a server.

    Args:
        client: Its name.
        play: What the server does.
        transport: What the client connects by.
        settled: What it tells when nothing more is to be waited for.
    """
    outcome = Outcome()
    before = 0

    async def script(conn: RawConnection) -> None:
        nonlocal before
        # They fail when the client goes away, which is what some should do.
        with suppress(AssertionError, OSError, asyncio.IncompleteReadError):
            await conn.read_request()
            before = memory(process.pid)
            await play(conn)
            await conn.until_end(timeout=None)

    peer = RawPeer(script)
    await peer.start()
    process = await start(client, peer.url, transport)
    listening = asyncio.ensure_future(listen(process, outcome, settled))
    peak, end = 0, asyncio.get_running_loop().time() + PATIENCE
    while not listening.done() and asyncio.get_running_loop().time() < end:
        await asyncio.wait((listening,), timeout=0.1)
        peak = max(peak, memory(process.pid))
    # Time for what comes at the end, such as a crash.
    await asyncio.sleep(0.3)
    listening.cancel()
    peak = max(peak, memory(process.pid))
    outcome.growth = peak - before if before else 0
    outcome.ended = bool(peer.connections) and peer.connections[0].is_ended
    await finish(process, outcome)
    await peer.close()
    return outcome


def attacking(attack: Attack) -> Play:
    """Return a server that lets a client join, and attacks it."""

    async def play(conn: RawConnection) -> None:
        conn.switch_protocols()
        conn.open_packet()
        await conn.join()
        conn.send_text('42["before"]')
        conn.send_raw(attack.data)
        conn.send_text(*['42["behind"]'] * 3)

    return play


def greeting(handshake: str) -> Play:
    """Return a server with a handshake of its own, which lets the client join then."""

    async def play(conn: RawConnection) -> None:
        conn.switch_protocols()
        conn.send_raw(encode_frame(TEXT, b"0" + handshake.encode()))
        await conn.join()

    return play


async def silent(conn: RawConnection) -> None:
    """Accept the WebSocket and say nothing."""
    conn.switch_protocols()


async def bomb(conn: RawConnection) -> None:
    """Answer a polling request with a body that is small only while compressed."""
    fields = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Encoding": "gzip",
        "Content-Length": str(len(BOMB)),
    }
    conn.reply("200 OK", fields, BOMB)


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


async def compare() -> list[str]:
    """Return the tables."""
    head = [row("", *COMMANDS), row("---", *["---"] * len(COMMANDS))]
    lines = ["## On an open connection", "", *head]
    for attack in ATTACKS:
        cells = [
            (await meet(name, attacking(attack), "websocket", "behind")).in_words()
            for name in COMMANDS
        ]
        mark = " (honest: going on is right)" if attack.honest else ""
        lines.append(row(f"{attack.name}{mark}", *cells))
        print(lines[-1], flush=True)
    lines += ["", "## While connecting", "", *head]
    plays = {
        f"handshake with {name}": greeting(text) for name, text in HANDSHAKES.items()
    }
    plays["silence after the WebSocket is accepted"] = silent
    plays["a polling answer of 300 MiB in 300 kB of gzip"] = bomb
    for name, play in plays.items():
        transport = "polling" if play is bomb else "websocket"
        cells = [
            (await meet(client, play, transport, "refused")).of_connecting()
            for client in COMMANDS
        ]
        lines.append(row(name, *cells))
        print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Write the page."""
    package = json.loads(
        (NODE_MODULES / "socket.io-client" / "package.json").read_text()
    )
    now = datetime.now(timezone.utc)
    facts = about(now) | {
        "clients": f"sioc {version('sioc')}, socket.io-client {package['version']}, "
        f"python-socketio {version('python-socketio')}",
    }
    lines = [
        INTRODUCTION,
        *[f"- {key}: {value}" for key, value in facts.items()],
        "",
        *uvloop.run(compare()),
    ]
    PAGE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()

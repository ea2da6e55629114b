"""The upgrade abused in nine ways, with traffic in both directions (R19, H18).

Before the "5" is sent, whatever the WebSocket does leaves the session on polling; after
it, the session ends. In every case each message arrives once and in order.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.http_peer import Exchange, HttpPeer
from peers.polled import BOTH, ONCE, change_over, engine_of, probe
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

TIMEOUT = 0.3  # seconds of the option upgrade_timeout
OPTIONS: dict[str, Any] = BOTH | ONCE | {"upgrade_timeout": TIMEOUT}

Abuse = Callable[[Exchange], Awaitable[object]]


class Traffic:
    """Numbered messages both ways over polling.

    Args:
        peer: The server.
        socket: The client, connected.
        waiting: The GET that waits.

    Attributes:
        events: What the client got.
        got: The numbers that came from the client, in order.
        flowing: Whether GETs are answered; when it is not set they are left waiting.
    """

    def __init__(self, peer: HttpPeer, socket: sioc.Socket, waiting: Exchange) -> None:
        self._peer = peer
        self._socket = socket
        self._emitted = 0
        self._sent = 0
        self.events = Recorder(socket, "n", "bad", "disconnect")
        self.got: list[int] = []
        self.flowing = asyncio.Event()
        self._emitting = asyncio.ensure_future(self._emit())
        self._serving = [
            asyncio.ensure_future(self._serve_gets(waiting)),
            asyncio.ensure_future(self._serve_posts()),
        ]

    async def go_on(self, count: int) -> None:
        """Wait until so many more messages have come on both sides."""
        self.flowing.set()
        sent, emitted = self._sent + count, self._emitted + count
        while self.events.count("n") < sent or len(self.got) < emitted:
            await asyncio.sleep(0.01)

    async def end(self) -> None:
        """Emit no more, and wait until all that was sent has come."""
        self._emitting.cancel()
        while len(self.got) < self._emitted:
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Stop, at once."""
        tasks = self._emitting, *self._serving
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    def check(self) -> None:
        """Check that each message has come once, in order, and nothing else."""
        assert self.got == list(range(self._emitted))
        numbers = [args[0] for args in self.events.args("n")]
        assert numbers == list(range(len(numbers)))
        assert len(self.events.calls) == len(numbers)

    async def _emit(self) -> None:
        while True:
            self._socket.emit("n", self._emitted)
            self._emitted += 1
            await asyncio.sleep(0.001)

    async def _serve_gets(self, waiting: Exchange) -> None:
        while True:
            await self.flowing.wait()
            waiting.deliver(f'42["n",{self._sent}]', f'42["n",{self._sent + 1}]')
            self._sent += 2
            waiting = await self._peer.get(timeout=None)
            await asyncio.sleep(0.002)

    async def _serve_posts(self) -> None:
        while True:
            post = await self._peer.post(timeout=None)
            await asyncio.sleep(0.002)
            self.got += [json.loads(packet[2:])[1] for packet in post.packets]
            post.answer()


async def check_failure(
    peer: HttpPeer, io: OpenSocket, abuse: Abuse, *, hold: bool = False
) -> None:
    """Run traffic through an abuse of the upgrade, and some time beyond.

    Args:
        peer: The fixture.
        io: The fixture.
        abuse: What becomes of the WebSocket.
        hold: Whether GETs are left waiting meanwhile, so that polling is not paused.
    """
    socket = io(peer.url, **OPTIONS)
    waiting = await peer.establish(upgrades=["websocket"])
    await socket.wait_connected(5)
    upgrades = Recorder(engine_of(socket), "upgradeError", "upgrade")
    traffic = Traffic(peer, socket, waiting)
    if not hold:
        traffic.flowing.set()
    try:
        upgrade = await peer.upgrade()
        abusing = asyncio.ensure_future(abuse(upgrade))
        await upgrades.wait("upgradeError", timeout=TIMEOUT + 4)
        await asyncio.wait_for(abusing, 4)
        await traffic.go_on(10)
        await traffic.end()
    finally:
        await traffic.stop()
    traffic.check()
    assert upgrades.names == ["upgradeError"]
    ((error,),) = upgrades.args("upgradeError")
    assert isinstance(error, sioc.TransportError)
    assert str(error).startswith("probe error: ")
    assert engine_of(socket).transport.name == "polling"
    await upgrade.aborted()
    assert peer.kinds.count("UPGRADE") == 1


async def refuse(upgrade: Exchange) -> None:
    """Answer the WebSocket request with an error."""
    upgrade.answer("no", "503 Service Unavailable")


async def never_answer(upgrade: Exchange) -> None:
    """Leave the WebSocket request without an answer."""
    upgrade.take_over()


async def stay_silent(upgrade: Exchange) -> None:
    """Take the probe and say nothing."""
    await upgrade.accept().expect_text("2probe")


async def close_at_once(upgrade: Exchange) -> None:
    """Close the WebSocket before the probe comes."""
    conn = upgrade.accept()
    conn.send_close(1001)
    await conn.until_end()


async def close_after_the_probe(upgrade: Exchange) -> None:
    """Close the WebSocket instead of an answer to the probe."""
    conn = upgrade.accept()
    await conn.expect_text("2probe")
    conn.reset()


def answer(*packets: str | bytes) -> Abuse:
    """Return an abuse that answers the probe with something else."""

    async def abuse(upgrade: Exchange) -> None:
        conn = upgrade.accept()
        await conn.expect_text("2probe")
        for packet in packets:
            if isinstance(packet, str):
                conn.send_text(packet)
            else:
                conn.send_binary(packet)

    return abuse


async def flood(upgrade: Exchange) -> None:
    """Answer the probe with a message that does not end."""
    conn = upgrade.accept()
    await conn.expect_text("2probe")
    conn.send_frame(0x1, b"3" * 100_000, fin=False)
    while not conn.is_ended:
        conn.send_frame(0x0, b"x" * 100_000, fin=False)
        await asyncio.sleep(0.01)


BEFORE_THE_PAUSE = [
    pytest.param(refuse, id="refused"),
    pytest.param(never_answer, id="request without an answer"),
    pytest.param(stay_silent, id="silent probe"),
    pytest.param(close_at_once, id="closed before the probe"),
    pytest.param(close_after_the_probe, id="closed after the probe"),
    pytest.param(answer("3"), id="pong without the word"),
    pytest.param(answer("3probex"), id="pong with another word"),
    pytest.param(answer("2probe"), id="ping"),
    pytest.param(answer("6"), id="noop"),
    pytest.param(answer('42["bad"]'), id="message instead of the answer"),
    pytest.param(answer(b"3probe"), id="binary answer"),
    pytest.param(answer('0{"sid":"x"}'), id="handshake"),
    pytest.param(answer("1"), id="close packet"),
    pytest.param(answer(""), id="empty message"),
    pytest.param(flood, id="endless answer"),
]


@pytest.mark.parametrize("abuse", BEFORE_THE_PAUSE)
async def test_a_probe_that_fails_leaves_polling_as_it_was(
    http_peer: HttpPeer, io: OpenSocket, abuse: Abuse
) -> None:
    await check_failure(http_peer, io, abuse)


async def close_after_the_answer(upgrade: Exchange) -> None:
    """Close the WebSocket while polling is paused."""
    conn = upgrade.accept()
    await conn.expect_text("2probe")
    conn.send_text("3probe")
    await asyncio.sleep(0.05)
    conn.reset()


async def never_release(upgrade: Exchange) -> None:
    """Answer the probe, and hold the GET for longer than the upgrade may take."""
    conn = upgrade.accept()
    await conn.expect_text("2probe")
    conn.send_text("3probe")
    await conn.closed(TIMEOUT + 4)


IN_THE_PAUSE = [
    pytest.param(close_after_the_answer, id="closed during the pause"),
    pytest.param(never_release, id="poll never released"),
    pytest.param(answer("3probe", '42["bad"]'), id="message before the 5"),
    pytest.param(answer("3probe", b"bad"), id="binary before the 5"),
    pytest.param(answer("3probe", "3probe"), id="answered twice"),
    pytest.param(answer("3probe", "2"), id="ping before the 5"),
    pytest.param(answer("3probe", "6"), id="noop before the 5"),
]


@pytest.mark.parametrize("abuse", IN_THE_PAUSE)
async def test_a_failure_during_the_pause_goes_back_to_polling(
    http_peer: HttpPeer, io: OpenSocket, abuse: Abuse
) -> None:
    await check_failure(http_peer, io, abuse, hold=True)


# After the "5".


async def upgraded(peer: HttpPeer, io: OpenSocket) -> tuple[Recorder, RawConnection]:
    """Return the events of a Socket that has moved to its WebSocket, and that."""
    socket, waiting, conn = await probe(peer, io, **OPTIONS)
    events = Recorder(socket, "n", "late", "disconnect")
    await change_over(socket, waiting, conn, '42["n",0]')
    return events, conn


async def test_a_websocket_lost_after_the_five_ends_the_session(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    events, conn = await upgraded(http_peer, io)
    conn.send_text('42["n",1]')
    await events.wait("n", 2)
    conn.reset()
    reason, _ = await events.wait("disconnect")
    assert reason in ("transport close", "transport error")
    assert [args[0] for args in events.args("n")] == [0, 1]


async def test_the_old_transport_is_not_heard_after_the_five(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """All its connections are closed: what a server writes there is lost to it."""
    events, conn = await upgraded(http_peer, io)
    for other in http_peer.connections:
        if other is not conn:
            other.send_raw(b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n42["late"]')
            await other.closed()
    conn.send_text('42["n",1]')
    await events.wait("n", 2)
    assert events.count("late") == 0


async def test_a_message_that_comes_by_both_transports_before_the_five(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """The one by polling counts; a WebSocket that talks too early is given up."""

    async def abuse(upgrade: Exchange) -> None:
        conn = upgrade.accept()
        await conn.expect_text("2probe")
        conn.send_text("3probe", '42["bad"]', '42["n",0]')

    await check_failure(http_peer, io, abuse)


async def test_messages_at_once_behind_the_five(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    events, conn = await upgraded(http_peer, io)
    conn.send_text(*[f'42["n",{number}]' for number in range(1, 50)])
    await events.wait("n", 50)
    assert [args[0] for args in events.args("n")] == list(range(50))

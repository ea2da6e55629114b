"""A session and a namespace that note what they are told, in place of an Engine."""

from __future__ import annotations

from typing import Any

import sioc
from fuzz import header
from sioc import handshake
from sioc._buffer import WriteBuffer
from sioc._foreign import ForeignRouter
from sioc._router import Router
from sioc._session import Session
from sioc._wire import Wire
from sioc.listening import Listening


class Namespaces:
    """A router and two namespaces, for one session after the other.

    Args:
        byte: What chooses the limits.
        everything: Whether events that nobody listens to are noted as well.
        packed: Whether packets are MessagePack.
    """

    def __init__(
        self, byte: int, everything: bool = False, packed: bool = False
    ) -> None:
        wire = Wire(header.limits(byte), packed=packed)
        wire.bind()
        self.router = ForeignRouter(wire) if packed else Router(wire)
        self.told: list[tuple[Any, ...]] = []
        self.joined = [Joined(nsp, wire, None, 0, self.told) for nsp in ("/", "/a")]
        for channel in self.joined:
            channel.on("e", channel.note)
            channel.on("all", channel.note_all)
            if everything:
                channel.on_any(channel.note_all)
            self.router._attach(channel)

    def session(self) -> Recorded:
        """Return a new session, all that was before being forgotten."""
        wire = self.router.wire
        self.told.clear()
        self.router._reset()
        wire.packets_in = wire.bytes_in = wire.listener_errors = 0
        wire.events_delivered = wire.events_skipped = 0
        wire.ignored.clear()
        for channel in self.joined:
            channel._close()
            channel._recoverable(False)
            channel._join()
        return Recorded(self.router, self.told)

    def counted(self) -> tuple[Any, ...]:
        """Return what was counted since."""
        wire = self.router.wire
        events = wire.events_delivered, wire.events_skipped, wire.listener_errors
        return (*events, wire.packets_in, wire.bytes_in, wire.ignored.copy())


class Recorded(Session):
    """A session that notes what its Python half is told.

    Args:
        router: Where its messages go.
        told: Where it is noted.
    """

    def __init__(self, router: Router, told: list[tuple[Any, ...]]) -> None:
        self.told = told
        outlet = WriteBuffer(router.wire.loop, 1 << 16, 1 << 20)
        self._use(outlet)
        router.wire.open(outlet)

    def _on_first_packet(self, packet: bytes) -> None:
        if packet[:1] != b"0":
            raise sioc.ParseError("no handshake")
        shaken = handshake.parse(packet[1:])
        self._begin(shaken.ping_interval, shaken.ping_timeout)
        self.told.append(("open", shaken.sid))

    def _on_close_packet(self) -> None:
        self._end()
        self.told.append(("close",))

    def _on_violation(self, error: Exception) -> None:
        assert isinstance(error, ValueError)
        self.told.append(("violation", type(error)))


class Joined(Listening):
    """A namespace that notes its events, and is connected when the peer says so."""

    def __init__(
        self,
        nsp: str,
        wire: Wire,
        ack_timeout: None,
        retries: int,
        told: list[tuple[Any, ...]],
    ) -> None:
        super().__init__()
        self.told = told

    def note(self, argument: Any = None) -> None:
        """Note an event of which one argument is wanted."""
        self.told.append((self.nsp, argument))

    def note_all(self, *args: Any) -> tuple[Any, ...]:
        """Note an event, and answer with its arguments if an answer is wanted."""
        self.told.append((self.nsp, *args))
        return args

    def _on_control(self, kind: int, data: Any) -> None:
        self.told.append((self.nsp, kind, data))
        if kind == sioc.PacketType.CONNECT:
            self._recoverable("pid" in (data or ()))
            self._open()
        else:
            self._close()

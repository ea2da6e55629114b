"""Who is told what goes on in a Manager: the log, and the hooks of the program.

No line holds a payload, a header, a query or an id: they may be secrets, and a log is
read by others. Names that the server chooses are shown as reprs, and cut.
"""

from __future__ import annotations

import logging
import reprlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sioc._packet import PacketType
from sioc.hooks import PacketInfo

if TYPE_CHECKING:
    from sioc.hooks import Hooks
    from sioc.manager import Manager
    from sioc.socket import Socket

logger = logging.getLogger("sioc")

_short = reprlib.Repr()
_short.maxstring = 100


class Observer:
    """Tell the log and the hooks.

    Args:
        manager: Of what happens here.
        hooks: The option.
        report: Called with what a hook raises, and a context for it.
    """

    __slots__ = ("_hooks", "_manager", "_origin", "_report")

    def __init__(
        self,
        manager: Manager,
        hooks: Hooks | None,
        report: Callable[[BaseException, dict[str, Any]], None],
    ) -> None:
        self._manager = manager
        self._origin = manager.url.origin
        self._hooks = hooks
        self._report = report

    @property
    def wants_packets(self) -> bool:
        """Whether anybody wants to know of every packet."""
        return self._hooks is not None or logger.isEnabledFor(logging.DEBUG)

    # From the compiled half.

    def packet(
        self,
        inwards: bool,
        kind: int,
        nsp: str,
        event: str | None,
        id: int | None,  # noqa: A002
        attachments: int,
        size: int,
    ) -> None:
        """Tell of a packet."""
        info = PacketInfo(PacketType(kind), nsp, event, id, attachments, size)
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug(
                "%s %s %s %s event=%s id=%s attachments=%d bytes=%d",
                self._origin,
                "in " if inwards else "out",
                info.type.name,
                _short.repr(nsp),
                _short.repr(event),
                id,
                attachments,
                size,
            )
        if self._hooks is not None:
            hook = self._hooks.packet_in if inwards else self._hooks.packet_out
            self._call(hook, self._manager, info)

    def acked(
        self, socket: Socket, event: str, seconds: float, error: Exception | None
    ) -> None:
        """Tell of the end of the waiting for an ack."""
        if self._hooks is not None:
            self._call(self._hooks.ack, socket, event, seconds, error)

    # From the Manager and its Sockets.

    def changed(self, source: Manager | Socket, old: str, new: str) -> None:
        """Tell of a change of state."""
        if logger.isEnabledFor(logging.DEBUG):
            nsp = getattr(source, "nsp", None)
            what = "manager" if nsp is None else f"socket {_short.repr(nsp)}"
            logger.debug("%s %s: %s -> %s", self._origin, what, old, new)
        if self._hooks is not None:
            self._call(self._hooks.state, source, old, new)

    def failed(self, error: Exception) -> None:
        """Tell of an attempt to connect that has failed."""
        stage = getattr(error, "stage", None)
        # What a function of the program's has raised may name a secret.
        text = "" if stage in ("auth", "url") else f": {_short.repr(str(error))}"
        logger.info("%s cannot connect (%s)%s", self._origin, stage, text)

    def closed(self, reason: str) -> None:
        """Tell that an open connection has ended."""
        logger.info("%s connection closed: %s", self._origin, reason)

    def _call(self, hook: Callable[..., object], *args: object) -> None:
        try:
            hook(*args)
        except Exception as error:
            name = getattr(hook, "__name__", repr(hook))
            context = {"message": f"the hook {name} raised", "exception": error}
            self._report(error, context)

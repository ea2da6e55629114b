"""Who is told what goes on in a Manager: the log, and the hooks of the program.

No line holds a payload, a header, a query or an id: they may be secrets, and a log is
read by others. Names that the server chooses are shown as reprs, and cut.
"""

from __future__ import annotations

import logging
import reprlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sioc._packet import PacketType
from sioc.hooks import Hooks, PacketInfo

if TYPE_CHECKING:
    from sioc.engine import Engine
    from sioc.manager import Manager
    from sioc.socket import Socket
    from sioc.typing import ExceptionHandler
    from sioc.watching import Around

T = TypeVar("T")

logger = logging.getLogger("sioc")

_short = reprlib.Repr()
_short.maxstring = 100


class Observer:
    """Tell the log and the hooks.

    Args:
        manager: Of what happens here.
        hooks: The option.
    """

    __slots__ = ("_hooks", "_manager")

    def __init__(self, manager: Manager, hooks: Hooks | None) -> None:
        self._manager = manager
        self._hooks = hooks

    @property
    def _origin(self) -> str:
        return self._manager.url.origin

    @property
    def is_wanted(self) -> bool:
        """Whether anybody wants to know of every packet, and every change of state."""
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
            name = "packet_in" if inwards else "packet_out"
            self._call(name, getattr(self._hooks, name), self._manager, info)

    # From the listeners' emitters.

    @property
    def around(self) -> Around | None:
        """What listeners run within; None: nobody has anything to put there."""
        own = getattr(self._hooks, "listener", None)
        if getattr(own, "__func__", None) is Hooks.listener:
            own = None  # the base class, which does nothing
        return None if own is None else self._around

    @contextmanager
    def _around(
        self, socket: Socket, event: str, fn: Callable[..., object]
    ) -> Iterator[None]:
        """Have a listener run within what the hook returns, which cannot harm it."""
        leave = self._call("listener", self._enter, socket, event, fn)
        try:
            yield
        except BaseException as error:
            if leave is not None:
                self._call("listener", leave, type(error), error, error.__traceback__)
            raise
        if leave is not None:
            self._call("listener", leave, None, None, None)

    def _enter(
        self, socket: Socket, event: str, fn: Callable[..., object]
    ) -> Callable[..., object] | None:
        """Enter what the hook returns; return what leaves it."""
        assert self._hooks is not None
        span = self._hooks.listener(socket, event, fn)
        if span is None:
            return None
        span.__enter__()
        return span.__exit__

    def acked(
        self, socket: Socket, event: str, seconds: float, error: Exception | None
    ) -> None:
        """Tell of the end of the waiting for an ack."""
        if self._hooks is not None:
            self._call("ack", self._hooks.ack, socket, event, seconds, error)

    # From the Manager and its Sockets.

    def report(
        self,
        exception: BaseException,
        context: dict[str, Any],
        default: ExceptionHandler,
    ) -> None:
        """Hand an exception to the option `on_exception`; without it, to the default.

        To the default as well goes what the option itself raises.
        """
        report = self._manager.opts.on_exception
        if report is not None:
            try:
                report(exception, context)
                return
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:
                exception = error
                context = {"message": "on_exception raised", "exception": error}
        default(exception, context)

    def changed(self, source: Manager | Socket | Engine, old: str, new: str) -> None:
        """Tell of a change of state."""
        if logger.isEnabledFor(logging.DEBUG):
            what = type(source).__name__.lower()
            if (nsp := getattr(source, "nsp", None)) is not None:
                what = f"socket {_short.repr(nsp)}"
            logger.debug("%s %s: %s -> %s", self._origin, what, old, new)
        if self._hooks is not None:
            self._call("state", self._hooks.state, source, old, new)

    def failed(self, error: Exception) -> None:
        """Tell of an attempt to connect that has failed."""
        stage = getattr(error, "stage", None)
        # What a function of the program's has raised may name a secret.
        text = "" if stage in ("auth", "url") else f": {_short.repr(str(error))}"
        logger.info("%s cannot connect (%s)%s", self._origin, stage, text)

    def closed(self, reason: str) -> None:
        """Tell that an open connection has ended."""
        logger.info("%s connection closed: %s", self._origin, reason)

    def _call(self, name: str, hook: Callable[..., T], *args: object) -> T | None:
        try:
            return hook(*args)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            context = {"message": f"the hook {name} raised", "exception": error}
            self._manager._report(error, context)
        return None

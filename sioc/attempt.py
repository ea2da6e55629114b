"""One attempt to connect: by the first transport, or by one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from sioc.cookies import Jar
from sioc.exceptions import ConnectError, ParseError
from sioc.transports import named
from sioc.transports.answers import is_transport_unknown
from sioc.transports.endpoint import Endpoint, ask

if TYPE_CHECKING:
    from typing_extensions import Self

    from sioc.options import Settings
    from sioc.transports import Transport
    from sioc.url import URL


class Memory(msgspec.Struct, gc=False):
    """What outlives the sessions of one Manager.

    Attributes:
        cookies: Those of the server; None: none are kept.
        websocket: Whether a WebSocket has worked, and nothing has failed since.
    """

    cookies: Jar | None
    websocket: bool = False

    @classmethod
    def of(cls, url: URL, settings: Settings) -> Self:
        """Begin with nothing: a jar if the option `with_credentials` asks for it."""
        return cls(Jar(url) if settings.with_credentials else None)


class Attempt:
    """The way to the handshake of a session.

    Args:
        url: The server.
        settings: The Manager's options.
        memory: What is remembered of earlier sessions.
        use: Makes a transport, for an endpoint, and has the session use it.

    Attributes:
        endpoints: Those of the transports that have not failed, in order. They are the
            candidates for an upgrade, too.
    """

    def __init__(
        self,
        url: URL,
        settings: Settings,
        memory: Memory,
        use: Callable[[type[Transport], Endpoint], Transport],
    ) -> None:
        self._url = url
        self._settings = settings
        self._memory = memory
        self._use = use
        self._shaken: asyncio.Future[ConnectError | None] | None = None
        self.endpoints: dict[type[Transport], Endpoint] = {}

    async def run(self) -> None:
        """Connect, up to the handshake.

        Raises:
            ConnectError: It did not work.
            Exception: What a function given as an option has raised.
        """
        settings, memory = self._settings, self._memory
        kinds = [named(transport) for transport in settings.transports]
        if settings.remember_upgrade and memory.websocket:
            kinds.sort(key=lambda kind: kind.name != "websocket")
        for kind in kinds:
            self.endpoints[kind] = await ask(
                self._url, settings, kind.name, memory.cookies
            )
        while True:
            kind = kinds.pop(0)
            try:
                await self._try(kind)
                return
            except ConnectError as error:
                memory.websocket = False
                # A server that says it does not offer a transport never will.
                goes_on = settings.try_all_transports or is_transport_unknown(error)
                if not goes_on or not kinds:
                    raise
                # Nor is it a candidate for an upgrade (6.9).
                del self.endpoints[kind]

    def succeed(self) -> None:
        """The handshake has come."""
        self._come_to(None)

    def refuse(self, error: ConnectError) -> None:
        """The transport in use does not come to a handshake."""
        self._come_to(error)

    def _come_to(self, outcome: ConnectError | None) -> None:
        if self._shaken is not None and not self._shaken.done():
            self._shaken.set_result(outcome)

    async def _try(self, kind: type[Transport]) -> None:
        self._shaken = shaken = asyncio.get_running_loop().create_future()
        transport = self._use(kind, self.endpoints[kind])
        try:
            await transport.open()
        except ConnectError as error:
            self.refuse(error)
        except ParseError as error:
            self.refuse(handshake_failed(error))
        try:
            refused = await shaken
        finally:
            self._shaken = None  # its error has the frames of all who waited for it
            if not shaken.done() or shaken.result() is not None:
                transport.abort()
        if refused is not None:
            try:
                raise refused
            finally:
                del refused, shaken  # or its frame would have the error, too


def handshake_failed(error: Exception) -> ConnectError:
    """Return the ConnectError for a peer that broke the protocol at once."""
    failed = ConnectError(f"the handshake failed: {error}", stage="handshake")
    failed.__cause__ = error
    return failed


def not_prepared(error: BaseException) -> ConnectError:
    """Return the ConnectError for what a query or header function raised."""
    wrapped = ConnectError(f"cannot prepare the connection: {error!r}", stage="url")
    wrapped.__cause__ = error
    return wrapped

"""Whole WebSocket messages, without Engine.IO: for conformance suites and fuzzers."""

from collections.abc import Callable
from typing import final

from typing_extensions import Self

from sioc._session import Session

@final
class MessageSession(Session):
    """A session that hands on whole messages as they are.

    Args:
        router: None; there are no packets.
        on_message: Called with each message, str or bytes.
    """

    def __new__(
        cls, router: None, on_message: Callable[[str | bytes], object]
    ) -> Self: ...
    def send(self, message: str | bytes) -> None:
        """Send a message: a str as text, bytes as binary.

        Args:
            message: What to send.
        """

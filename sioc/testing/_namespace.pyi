"""A namespace that a session has joined."""

from typing import final

@final
class Namespace:
    """A joined namespace, and the acks that the client owes there."""

    def __new__(cls, name: bytes) -> Namespace: ...

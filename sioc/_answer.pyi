"""The answer to an event of the server's that asked for an ack."""

from typing_extensions import disjoint_base

@disjoint_base
class Ack:
    """Answer an event of the server's; call it once, with the ack's arguments.

    A listener registered with `ack=True` gets one. Further calls do nothing, and so
    does one whose connection is gone. After one that has raised it may be called again.
    """

    def __call__(self, *args: object) -> None:
        """Send the ack.

        Args:
            *args: Whatever JSON can hold, and bytes-like values at any depth.

        Raises:
            TypeError: An argument cannot be encoded. Nothing was sent.
            BufferFullError: Too much is unsent already. Nothing was sent.
            RuntimeError: This is not the thread, or loop, of the connection.
        """

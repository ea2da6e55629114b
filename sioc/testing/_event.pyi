"""Events made of Python values, for what the peer says of its own accord."""

def encode_event(
    namespace: bytes, event: str, args: tuple[object, ...], base64: bool
) -> bytes:
    """Encode an event as WebSocket frames.

    Args:
        namespace: The name; empty for the root.
        event: The event's name.
        args: Its arguments; bytes, at any depth, become attachments.
        base64: Whether attachments travel as text.

    Returns:
        The frames, of the header and of each attachment.

    Raises:
        TypeError: If an argument is not encodable as JSON.
    """

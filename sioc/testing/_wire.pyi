"""Server frames in one reusable C buffer."""

from typing import final

@final
class FrameBuffer:
    """A growing run of WebSocket frames; only compiled code writes into it."""

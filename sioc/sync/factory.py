"""The way in: a Socket on the background loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sioc import client
from sioc.sync.background import background
from sioc.sync.line import Line
from sioc.sync.socket import Socket

if TYPE_CHECKING:
    from typing_extensions import Unpack

    import sioc
    from sioc.typing import Options


def io(url: str, **options: Unpack[Options]) -> Socket:
    """Return the Socket of a URL, and start to connect it; see sioc.io().

    Enter it with `with`, or call connect(), to wait until it is connected; leaving the
    block, or close(), disconnects.

    Args:
        url: `scheme://host[:port][/namespace][?query]`.
        **options: See sioc.typing.Options.

    Raises:
        ValueError: The URL or the value of an option is invalid.
        TypeError: An option is unknown, or has a value of the wrong type.

    Example:
        >>> with sioc.sync.io("http://localhost:3000") as socket:
        ...     socket.emit("hello", "world")
        ...     answer = socket.call("question", 42, timeout=5)
    """

    async def make() -> sioc.Socket:
        return client.io(url, **options)

    loop = background.enter()
    try:
        socket = Line(loop).run(make())
    except BaseException:
        background.leave()
        raise
    background.adopt(socket)
    return Socket(socket, loop=loop)

"""The way in: io() finds or makes the Manager of a URL; run() runs a program."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

from sioc import url as urls
from sioc.manager import Manager
from sioc.options import split
from sioc.socket import Socket

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from sioc.typing import Options

T = TypeVar("T")

# Managers that may be shared: per loop, by origin and path. Neither a loop nor a
# Manager nobody uses any more is kept alive.
_managers: WeakKeyDictionary[
    asyncio.AbstractEventLoop, WeakValueDictionary[str, Manager]
] = WeakKeyDictionary()


def io(url: str, **options: Unpack[Options]) -> Socket:
    """Return the Socket of a URL, and start to connect it.

    Sockets of the same origin and `path` share one connection, unless `force_new` is
    True, `multiplex` is False, or the namespace is in use on it already.

    Args:
        url: `scheme://host[:port][/namespace][?query]`.
        **options: See sioc.typing.Options.

    Returns:
        The Socket; await it, or enter it with `async with`, to wait until connected.

    Raises:
        ValueError: The URL or the value of an option is invalid.
        TypeError: An option is unknown, or has a value of the wrong type.
        RuntimeError: No event loop is running, and `auto_connect` is not False.

    Example:
        >>> async with sioc.io("http://localhost:3000/chat") as socket:
        ...     answer = await socket.emit_with_ack("question", 42, timeout=5)
    """
    parsed = urls.parse(url)
    factory, socket_options, manager_options = split(options)
    shared = not factory.get("force_new", False) and factory.get("multiplex", True)
    auto_connect = manager_options.get("auto_connect", True)
    managers = _shared_managers() if shared else None
    if managers is None:
        # Connecting begins with the Socket, so that CONNECT needs no second look.
        manager = Manager(url, **{**manager_options, "auto_connect": False})
    else:
        key = urls.manager_id(parsed, manager_options.get("path", "/socket.io"))
        cached = managers.get(key)
        if cached is not None and cached._is_idle:
            cached = None
        if cached is None or parsed.path in cached.nsps:
            manager = Manager(url, **{**manager_options, "auto_connect": False})
            if cached is None:
                managers[key] = manager
        else:
            manager = cached
    manager.opts.auto_connect = auto_connect
    return manager.socket(parsed.path, **socket_options)


def _shared_managers() -> WeakValueDictionary[str, Manager] | None:
    """Return the running loop's Managers; None when no loop runs."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    return _managers.setdefault(loop, WeakValueDictionary())


def run(main: Coroutine[Any, Any, T], *, debug: bool | None = None) -> T:
    """Run a coroutine as asyncio.run does, on uvloop where that exists.

    Args:
        main: The program.
        debug: asyncio's debug mode; None leaves it as it is.

    Returns:
        What the coroutine returns.

    Example:
        >>> sioc.run(main())
    """
    if sys.platform == "win32":
        return asyncio.run(main, debug=debug)
    import uvloop

    return uvloop.run(main, debug=debug)

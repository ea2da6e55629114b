"""The way in: io() finds or makes the Manager of a URL; run() runs a program."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

from sioc import url as urls
from sioc.manager import Manager
from sioc.options import check_option, split
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
    True, `multiplex` is False, or the namespace is in use on it already. Once all have
    left it, the next one begins anew.

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
    auto_connect = manager_options.pop("auto_connect", True)
    check_option("auto_connect", auto_connect)
    managers = _shared_managers() if shared else {}
    key = urls.manager_id(parsed, manager_options.get("path", "/socket.io"))
    cached = managers.get(key)
    if cached is not None and _gives_way(cached, parsed.path):
        cached = None
    manager = cached
    if manager is None or parsed.path in manager.nsps:
        # Connecting begins with the Socket, so that CONNECT needs no second look.
        manager = Manager(parsed, auto_connect=False, **manager_options)
        manager.opts.auto_connect = auto_connect
    socket = manager._socket(parsed.path, socket_options)
    if cached is None:
        managers[key] = manager
    if auto_connect:
        socket.connect()
    return socket


def _shared_managers() -> MutableMapping[str, Manager]:
    """Return the running loop's Managers; an empty dict when no loop runs."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return {}
    return _managers.setdefault(loop, WeakValueDictionary())


def _gives_way(manager: Manager, nsp: str) -> bool:
    """Whether nobody uses it, and it has had its connection or has the namespace."""
    if not manager._gave_up or any(each.active for each in manager.nsps.values()):
        return False
    return manager.engine is not None or nsp in manager.nsps


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

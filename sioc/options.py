"""The options: their defaults, their checks, and where each of them belongs.

Strategy: one table says of every option which function checks it; all of them run
before anything is opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from . import checks
from .checks import TRANSPORTS
from .limits import Limits

if TYPE_CHECKING:
    from ssl import SSLContext
    from typing import Literal

    from typing_extensions import Self

    from .hooks import Hooks
    from .transports import Transport
    from .typing import Auth, ExceptionHandler, Headers, Parser, Query, RetryOnReject

    _Table = Mapping[str, Callable[[str, object], object]]

__all__ = [
    "Settings",
    "SocketSettings",
    "check_option",
    "split",
]


# One for all: they are frozen, and thousands of Managers may have these.
DEFAULT_LIMITS = Limits()
NOTHING: Mapping[str, Any] = MappingProxyType({})


def nothing() -> Mapping[str, Any]:
    """Return the default of options that are a dict."""
    return NOTHING


@dataclass(slots=True)
class Settings:
    """Every option of a Manager and its engine; `sioc.typing` says what each does.

    The fields are plain: whoever sets one later passes the value through
    `check_option` first.
    """

    auto_connect: bool = True
    reconnection: bool = True
    reconnection_attempts: int | None = None
    reconnection_delay: float = 1.0
    reconnection_delay_max: float = 5.0
    randomization_factor: float = 0.5
    timeout: float | None = 20.0
    path: str = "/socket.io"
    add_trailing_slash: bool = True
    query: Query = field(default_factory=nothing)
    transports: tuple[str | type[Transport], ...] = TRANSPORTS
    transport_options: Mapping[str, Mapping[str, Any]] = field(default_factory=nothing)
    upgrade: bool = True
    remember_upgrade: bool = False
    try_all_transports: bool = False
    timestamp_requests: bool | None = None
    timestamp_param: str = "t"
    force_base64: bool = False
    extra_headers: Headers = field(default_factory=nothing)
    with_credentials: bool = False
    request_timeout: float | None = None
    protocols: tuple[str, ...] = ()
    per_message_deflate: bool | Mapping[str, Any] = False
    ssl: SSLContext | Literal[False] | None = None
    proxy: str | None = None
    unix_socket: str | None = None
    local_addr: tuple[str, ...] = ()
    limits: Limits = DEFAULT_LIMITS
    parser: Parser | None = None
    close_timeout: float = 5.0
    upgrade_timeout: float = 10.0
    on_exception: ExceptionHandler | None = None
    retry_on_reject: RetryOnReject | None = None
    slow_listener_duration: float | None = None
    hooks: Hooks | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Self:
        """Check the options of a Manager and fill in the defaults.

        Raises:
            TypeError: If an option is unknown, or its value of the wrong type.
            ValueError: If a value is out of its range.
        """
        settings = cls(**_checked(options, _MANAGER))
        if settings.proxy is not None and settings.unix_socket is not None:
            raise ValueError("proxy and unix_socket exclude each other; take one out")
        return settings

    def of_transport(self, name: str) -> Self:
        """Return these settings with what `transport_options` has for a transport.

        Its query and extra_headers are not merged here: they may be functions.
        """
        own = self.transport_options.get(name, {})
        merged = {k: v for k, v in own.items() if k not in ("query", "extra_headers")}
        return replace(self, **merged) if merged else self


@dataclass(slots=True)
class SocketSettings:
    """Every option of one namespace."""

    auth: Auth | None = None
    ack_timeout: float | None = None
    retries: int | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Self:
        """Check the options of a Socket and fill in the defaults.

        Raises:
            TypeError: If an option is unknown, or its value of the wrong type.
            ValueError: If a value is out of its range.
        """
        return cls(**_checked(options, _SOCKET))


def split(
    options: Mapping[str, object],
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Part the options of `io()` into those of the factory, a Socket, and a Manager.

    The factory's are checked here, the others by their `from_options`.

    Raises:
        TypeError: If an option is unknown, or one of the factory's is not a bool.
    """
    factory, socket, manager = {}, {}, {}
    for name, value in options.items():
        if name in _FACTORY:
            factory[name] = checks.check_flag(name, value)
        elif name in _SOCKET:
            socket[name] = value
        elif name in _MANAGER:
            manager[name] = value
        else:
            _refuse_unknown(name, _ALL)
    return factory, socket, manager


def check_option(name: str, value: object) -> Any:
    """Check one option as at construction; return the value to keep."""
    return _checked({name: value}, _ALL)[name]


# Options of the JavaScript client and of python-socketio that have another name here.
_ELSEWHERE = {
    "agent": "proxy",
    "ca": "ssl",
    "cert": "ssl",
    "ciphers": "ssl",
    "force_new_connection": "force_new",
    "headers": "extra_headers",
    "key": "ssl",
    "passphrase": "ssl",
    "pfx": "ssl",
    "reject_unauthorized": "ssl",
    "socketio_path": "path",
    "ssl_verify": "ssl",
    "wait_timeout": "timeout",
}


def _checked(options: Mapping[str, object], table: _Table) -> dict[str, Any]:
    for name in options:
        if name not in table:
            _refuse_unknown(name, table)
    return {name: table[name](name, value) for name, value in options.items()}


def _refuse_unknown(name: str, table: _Table) -> NoReturn:
    """Raise TypeError with the nearest option there is."""
    # JavaScript's spelling: forceNew, "force new connection".
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\s-]+", "_", name).lower()
    nearest = snake if snake in table else _ELSEWHERE.get(snake)
    if nearest not in table:
        import difflib

        nearest = next(iter(difflib.get_close_matches(snake, table, n=1)), None)
    if nearest is None:
        raise TypeError(f"unknown option {name!r}; there are {', '.join(table)}")
    in_seconds = (checks.check_seconds, checks.check_seconds_or_none)
    note = " (in seconds)" if table[nearest] in in_seconds else ""
    raise TypeError(f"unknown option {name!r}; did you mean {nearest!r}{note}?")


def _transport_options(name: str, value: object) -> dict[str, dict[str, Any]]:
    """Return the options that one transport has for itself, checked as the others."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dict, not {type(value).__name__}")
    checked = {}
    for transport, options in value.items():
        if not isinstance(transport, str) or not isinstance(options, Mapping):
            raise TypeError(
                f"{name} must be a dict of transport names to dicts of options"
            )
        checked[transport] = _checked(options, _TRANSPORT)
    return checked


_FACTORY: _Table = {"force_new": checks.check_flag, "multiplex": checks.check_flag}
_SOCKET: _Table = {
    "auth": checks.check_auth,
    "ack_timeout": checks.check_seconds_or_none,
    "retries": checks.check_retries,
}
# What a transport may have for itself, in `transport_options`.
_TRANSPORT: _Table = {
    "path": checks.check_path,
    "add_trailing_slash": checks.check_flag,
    "query": checks.query_or_function,
    "timestamp_requests": checks.check_flag_or_none,
    "timestamp_param": checks.check_parameter,
    "force_base64": checks.check_flag,
    "extra_headers": checks.headers_or_function,
    "request_timeout": checks.check_seconds_or_none,
    "protocols": checks.check_protocols,
    "per_message_deflate": checks.check_deflate,
    "ssl": checks.check_ssl,
    "proxy": checks.check_proxy_or_none,
    "unix_socket": checks.check_socket_path,
    "local_addr": checks.check_addresses,
}
_MANAGER: _Table = {
    **_TRANSPORT,
    "auto_connect": checks.check_flag,
    "reconnection": checks.check_flag,
    "reconnection_attempts": checks.check_attempts,
    "reconnection_delay": checks.check_seconds,
    "reconnection_delay_max": checks.check_seconds,
    "randomization_factor": checks.check_share,
    "timeout": checks.check_seconds_or_none,
    "transports": checks.check_transports,
    "transport_options": _transport_options,
    "upgrade": checks.check_flag,
    "remember_upgrade": checks.check_flag,
    "try_all_transports": checks.check_flag,
    "with_credentials": checks.check_flag,
    "limits": checks.check_limits,
    "parser": checks.check_parser,
    "close_timeout": checks.check_seconds,
    "upgrade_timeout": checks.check_seconds,
    "on_exception": checks.check_function_or_none,
    "retry_on_reject": checks.check_function_or_none,
    "slow_listener_duration": checks.check_seconds_or_none,
    "hooks": checks.check_hooks,
}
_ALL: _Table = {**_FACTORY, **_SOCKET, **_MANAGER}

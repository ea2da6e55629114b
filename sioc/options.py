"""The options: their defaults, their checks, and where each of them belongs.

Strategy: one table says of every option which function checks it. A check returns the
value to keep, or raises naming the option, the value and what to write instead; all of
them run before anything is opened. Values that may be secrets are never shown.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from .limits import Limits
from .url import check_header, check_proxy, is_token

if TYPE_CHECKING:
    from ssl import SSLContext
    from typing import Literal

    from typing_extensions import Self

    from .typing import Auth, ExceptionHandler, Headers, Query, RetryOnReject

    _Table = Mapping[str, Callable[[str, object], object]]

__all__ = [
    "TRANSPORTS",
    "Settings",
    "SocketSettings",
    "check_headers",
    "check_option",
    "check_query",
    "split",
]

TRANSPORTS = ("websocket",)
"""The transports of this version."""


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
    query: Query = field(default_factory=dict)
    transports: tuple[str, ...] = TRANSPORTS
    timestamp_requests: bool | None = None
    timestamp_param: str = "t"
    force_base64: bool = False
    extra_headers: Headers = field(default_factory=dict)
    protocols: tuple[str, ...] = ()
    ssl: SSLContext | Literal[False] | None = None
    proxy: str | None = None
    limits: Limits = field(default_factory=Limits)
    close_timeout: float = 5.0
    on_exception: ExceptionHandler | None = None
    retry_on_reject: RetryOnReject | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Self:
        """Check the options of a Manager and fill in the defaults.

        Raises:
            TypeError: If an option is unknown, or its value of the wrong type.
            ValueError: If a value is out of its range.
        """
        return cls(**_checked(options, _MANAGER))


@dataclass(slots=True)
class SocketSettings:
    """Every option of one namespace."""

    auth: Auth | None = None
    ack_timeout: float | None = None

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
            factory[name] = _flag(name, value)
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


def check_headers(headers: object, name: str = "extra_headers") -> dict[str, str]:
    """Return a copy of request headers that are safe to send.

    Raises:
        TypeError: If they are not a mapping of str to str.
        ValueError: If one is malformed, or belongs to the WebSocket handshake.
    """
    if not isinstance(headers, Mapping):
        raise TypeError(f"{name} must be a dict, not {type(headers).__name__}")
    for header, value in headers.items():
        check_header(header, value)
        lower = header.lower()
        if lower == "sec-websocket-protocol":
            raise ValueError(f"{name}: {header!r} is set by the option protocols")
        if lower in _RESERVED_HEADERS or lower.startswith("sec-websocket-"):
            raise ValueError(f"{name}: {header!r} is the handshake's own; take it out")
    return dict(headers)


def check_query(query: object, name: str = "query") -> dict[str, str]:
    """Return query parameters with their values as text, true and false as in JSON.

    Raises:
        TypeError: If they are not a mapping of str to str, int, float or bool.
    """
    if not isinstance(query, Mapping):
        raise TypeError(f"{name} must be a dict, not {type(query).__name__}")
    checked = {}
    for key, value in query.items():
        if not isinstance(key, str):
            raise TypeError(f"{name}: key {key!r} must be a str")
        if not isinstance(value, (str, int, float)):
            raise TypeError(
                f"{name}: value of {key!r} must be a str or a number, not "
                f"{type(value).__name__}; leave the key out to send none"
            )
        checked[key] = str(value).lower() if isinstance(value, bool) else str(value)
    return checked


# The handshake sets the first two. The others would say that a body follows.
_RESERVED_HEADERS = {"connection", "upgrade", "content-length", "transfer-encoding"}

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
    note = " (in seconds)" if table[nearest] in (_seconds, _seconds_or_none) else ""
    raise TypeError(f"unknown option {name!r}; did you mean {nearest!r}{note}?")


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {value!r}")
    return value


def _number(name: str, value: object, what: str, hint: str = "") -> float:
    """Return a finite number that is not negative, as a float."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be {what}, not {value!r}{hint}")
    if not 0 <= value <= sys.float_info.max:
        raise ValueError(
            f"{name} must be {what}, finite and not negative, not {value!r}{hint}"
        )
    return float(value)


def _seconds(name: str, value: object) -> float:
    return _number(name, value, "a number of seconds")


def _seconds_or_none(name: str, value: object) -> float | None:
    if value is None:
        return None
    return _number(name, value, "a number of seconds", "; None means no end")


def _share(name: str, value: object) -> float:
    share = _number(name, value, "a number from 0 to 1")
    if share > 1:
        raise ValueError(f"{name} must be a number from 0 to 1, not {value!r}")
    return share


def _attempts(name: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {value!r}; None means no end")
    if value < 0:
        raise ValueError(f"{name} must not be negative, not {value}; None means no end")
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {value!r}")
    if not value:
        raise ValueError(f"{name} must not be empty, but is ''; leave it out")
    return value


def _path(name: str, value: object) -> str:
    """Return a path with its leading slash."""
    path = _text(name, value)
    if found := re.search(r"[\x00-\x20\x7f-\x9f?#\ud800-\udfff]", path):
        raise ValueError(
            f"{name} must not have {found[0]!r}, but is {path!r}; escape it, or use "
            f"the option query for parameters"
        )
    return path if path.startswith("/") else f"/{path}"


def _parameter(name: str, value: object) -> str:
    """Return a query key that the protocol does not use for itself."""
    key = _text(name, value)
    if key in ("EIO", "transport", "sid", "b64", "j"):  # behaviour 2.7
        raise ValueError(
            f"{name} must not be {key!r}, which the protocol uses; the default is 't'"
        )
    return key


def _flag_or_none(name: str, value: object) -> bool | None:
    return None if value is None else _flag(name, value)


def _query(name: str, value: object) -> object:
    return value if callable(value) else check_query(value, name)


def _headers(name: str, value: object) -> object:
    return value if callable(value) else check_headers(value, name)


def _auth(name: str, value: object) -> object:
    if value is None or callable(value) or isinstance(value, Mapping):
        return value
    raise TypeError(
        f"{name} must be a dict or a function that returns one, not "
        f"{type(value).__name__}"
    )


def _transports(name: str, value: object) -> tuple[str, ...]:
    """Return the names of transports that exist in this version."""
    transports = _strings(name, value)
    if not transports:
        raise ValueError(f"{name} must not be empty, but is {value!r}; leave it out")
    for transport in transports:
        if transport not in TRANSPORTS:
            known = ", ".join(map(repr, TRANSPORTS))
            raise ValueError(f"{name}: this version has no {transport!r}, only {known}")
    return transports


def _protocols(name: str, value: object) -> tuple[str, ...]:
    """Return WebSocket subprotocols, one or several."""
    protocols = (value,) if isinstance(value, str) else _strings(name, value)
    for protocol in protocols:
        # RFC 6455 section 4.1: each a token, and all of them different.
        if not is_token(protocol):
            raise ValueError(
                f"{name}: {protocol!r} must be letters, digits and !#$%&'*+-.^_`|~"
            )
    if len(set(protocols)) < len(protocols):
        raise ValueError(f"{name} must not have one twice, but is {value!r}")
    return protocols


def _strings(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise TypeError(f"{name} must be a list or tuple of str, not {value!r}")
    for item in value:
        if not isinstance(item, str):
            raise TypeError(f"{name} must have only str, not {item!r}")
    return tuple(value)


def _ssl(name: str, value: object) -> object:
    if value is None or value is False:
        return value
    from ssl import SSLContext

    if not isinstance(value, SSLContext):
        raise TypeError(
            f"{name} must be an ssl.SSLContext, False (do not verify) or None (verify "
            f"with the system's certificates), not {value!r}"
        )
    return value


def _proxy(name: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be a URL as a str, not {type(value).__name__}")
    return None if value is None else check_proxy(value)


def _limits(name: str, value: object) -> Limits:
    if not isinstance(value, Limits):
        raise TypeError(f"{name} must be a sioc.Limits, not {value!r}")
    return value


def _function_or_none(name: str, value: object) -> object:
    if value is not None and not callable(value):
        raise TypeError(f"{name} must be a function, not {value!r}")
    return value


_FACTORY: _Table = {"force_new": _flag, "multiplex": _flag}
_SOCKET: _Table = {"auth": _auth, "ack_timeout": _seconds_or_none}
_MANAGER: _Table = {
    "auto_connect": _flag,
    "reconnection": _flag,
    "reconnection_attempts": _attempts,
    "reconnection_delay": _seconds,
    "reconnection_delay_max": _seconds,
    "randomization_factor": _share,
    "timeout": _seconds_or_none,
    "path": _path,
    "add_trailing_slash": _flag,
    "query": _query,
    "transports": _transports,
    "timestamp_requests": _flag_or_none,
    "timestamp_param": _parameter,
    "force_base64": _flag,
    "extra_headers": _headers,
    "protocols": _protocols,
    "ssl": _ssl,
    "proxy": _proxy,
    "limits": _limits,
    "close_timeout": _seconds,
    "on_exception": _function_or_none,
    "retry_on_reject": _function_or_none,
}
_ALL: _Table = {**_FACTORY, **_SOCKET, **_MANAGER}

"""The checks of options: each returns the value to keep, or raises.

An error names the option, the value and what to write instead; values that may be
secrets are never shown.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .hooks import Hooks
from .limits import Limits
from .url import check_header, check_proxy, is_address, is_token

if TYPE_CHECKING:
    from .transports import Transport

TRANSPORTS = ("polling", "websocket")
"""The transports of this version, in the order they are tried."""

# Known to the protocol and not to this version: passed over where there are others.
_LATER = ("webtransport",)

# The handshake sets the first two. The others would say that a body follows.
_RESERVED_HEADERS = {"connection", "upgrade", "content-length", "transfer-encoding"}

# What a C int can count; whoever says more means that there is no end.
_MOST_RETRIES = 2**31 - 2


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


def check_flag(name: str, value: object) -> bool:
    """Return a bool."""
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


def check_seconds(name: str, value: object) -> float:
    """Return a number of seconds."""
    return _number(name, value, "a number of seconds")


def check_seconds_or_none(name: str, value: object) -> float | None:
    """Return a number of seconds, or None for no end."""
    if value is None:
        return None
    return _number(name, value, "a number of seconds", "; None means no end")


def check_share(name: str, value: object) -> float:
    """Return a number from 0 to 1."""
    share = _number(name, value, "a number from 0 to 1")
    if share > 1:
        raise ValueError(f"{name} must be a number from 0 to 1, not {value!r}")
    return share


def _count_or_none(name: str, value: object, none: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {value!r}; None means {none}")
    if value < 0:
        raise ValueError(f"{name} must not be negative, not {value}; None means {none}")
    return value


def check_positive(name: str, value: object) -> int:
    """Return a count of at least one."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be positive, not {value}")
    return value


def check_attempts(name: str, value: object) -> int | None:
    """Return a count, or None for no end."""
    return _count_or_none(name, value, "no end")


def check_retries(name: str, value: object) -> int | None:
    """Return a count, or None for not to retry."""
    retries = _count_or_none(name, value, "not to retry")
    if retries is not None and retries > _MOST_RETRIES:
        raise ValueError(f"{name} must be at most {_MOST_RETRIES}, not {value}")
    return retries


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {value!r}")
    if not value:
        raise ValueError(f"{name} must not be empty, but is ''; leave it out")
    return value


def check_path(name: str, value: object) -> str:
    """Return a path with its leading slash."""
    path = _text(name, value)
    if found := re.search(r"[\x00-\x20\x7f-\x9f?#\ud800-\udfff]", path):
        raise ValueError(
            f"{name} must not have {found[0]!r}, but is {path!r}; escape it, or use "
            f"the option query for parameters"
        )
    return path if path.startswith("/") else f"/{path}"


def check_parameter(name: str, value: object) -> str:
    """Return a query key that the protocol does not use for itself."""
    key = _text(name, value)
    if key in ("EIO", "transport", "sid", "b64", "j"):  # behaviour 2.7
        raise ValueError(
            f"{name} must not be {key!r}, which the protocol uses; the default is 't'"
        )
    return key


def check_flag_or_none(name: str, value: object) -> bool | None:
    """Return a bool or None."""
    return None if value is None else check_flag(name, value)


def query_or_function(name: str, value: object) -> object:
    """Return query parameters, or the function that is asked for them."""
    return value if callable(value) else check_query(value, name)


def headers_or_function(name: str, value: object) -> object:
    """Return request headers, or the function that is asked for them."""
    return value if callable(value) else check_headers(value, name)


def check_auth(name: str, value: object) -> object:
    """Return a CONNECT payload, or the function that is asked for it."""
    if value is None or callable(value) or isinstance(value, Mapping):
        return value
    raise TypeError(
        f"{name} must be a dict or a function that returns one, not "
        f"{type(value).__name__}"
    )


def check_transports(name: str, value: object) -> tuple[str | type[Transport], ...]:
    """Return transports of this version, by name, and classes of the caller's own."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise TypeError(
            f"{name} must be a list or tuple of names or classes, not {value!r}"
        )
    transports: list[str | type[Transport]] = []
    for transport in value:
        if isinstance(transport, type) and isinstance(
            getattr(transport, "name", None), str
        ):
            transports.append(transport)
        elif not isinstance(transport, str):
            raise TypeError(
                f"{name} must have only names, or classes with a name, not "
                f"{transport!r}"
            )
        elif transport in TRANSPORTS:
            transports.append(transport)
        elif transport not in _LATER:
            known = ", ".join(map(repr, TRANSPORTS))
            raise ValueError(f"{name}: this version has no {transport!r}, only {known}")
    if not transports:
        raise ValueError(
            f"{name} must have one that this version has "
            f"({', '.join(map(repr, TRANSPORTS))}), but is {value!r}"
        )
    return tuple(transports)


def check_addresses(name: str, value: object) -> tuple[str, ...]:
    """Return source addresses, one or several."""
    addresses = (value,) if isinstance(value, str) else _strings(name, value)
    for address in addresses:
        if not is_address(address):
            raise ValueError(
                f"{name}: {address!r} is no IP address; write the address of one of "
                f"this machine's interfaces"
            )
    return addresses


def check_socket_path(name: str, value: object) -> str | None:
    """Return the path of a Unix domain socket."""
    if value is None:
        return None
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    path = _text(name, value)
    if "\0" in path[1:]:
        raise ValueError(f"{name} must not have NUL bytes, but is {path!r}")
    return path


def check_protocols(name: str, value: object) -> tuple[str, ...]:
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


def check_deflate(name: str, value: object) -> object:
    """Return a bool, or the parameters of compression, which is not offered yet."""
    if isinstance(value, (bool, Mapping)):
        return value
    raise TypeError(f"{name} must be True or False, or a dict, not {value!r}")


def check_ssl(name: str, value: object) -> object:
    """Return an SSL context, False or None."""
    if value is None or value is False:
        return value
    from ssl import SSLContext

    if not isinstance(value, SSLContext):
        raise TypeError(
            f"{name} must be an ssl.SSLContext, False (do not verify) or None (verify "
            f"with the system's certificates), not {value!r}"
        )
    return value


def check_proxy_or_none(name: str, value: object) -> str | None:
    """Return a proxy's URL or None."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be a URL as a str, not {type(value).__name__}")
    return None if value is None else check_proxy(value)


def check_limits(name: str, value: object) -> Limits:
    """Return a sioc.Limits."""
    if not isinstance(value, Limits):
        raise TypeError(f"{name} must be a sioc.Limits, not {value!r}")
    return value


def check_function_or_none(name: str, value: object) -> object:
    """Return a function or None."""
    if value is not None and not callable(value):
        raise TypeError(f"{name} must be a function, not {value!r}")
    return value


def check_hooks(name: str, value: object) -> Hooks | None:
    """Return a sioc.Hooks or None."""
    if value is not None and not isinstance(value, Hooks):
        raise TypeError(f"{name} must be a sioc.Hooks, not {value!r}")
    return value


def check_parser(name: str, value: object) -> object:
    """Return a parser, or None for the default one."""
    if value is not None:
        for part in ("Encoder", "Decoder"):
            if not callable(getattr(value, part, None)):
                raise TypeError(
                    f"{name} must have an Encoder and a Decoder class, but {value!r} "
                    f"has no {part}"
                )
    return value

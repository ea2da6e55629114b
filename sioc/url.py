"""URLs: what a caller may write, and what goes out on the request line.

Rule 1: everything is checked before anything is opened. A URL, path, header or proxy
that cannot be meant raises ValueError and says what to write instead.
Rule 2: nothing reaches the request line or a header unescaped or unchecked, so no
caller's string can add a line to a request.
Rule 3: no error text shows a password or a query value; both end up in logs.
"""

from __future__ import annotations

import re
import socket
import warnings
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from types import MappingProxyType
from urllib.parse import quote, unquote

import msgspec

__all__ = [
    "URL",
    "check_header",
    "check_proxy",
    "encode_query",
    "is_address",
    "is_token",
    "manager_id",
    "normalise_namespace",
    "parse",
    "request_target",
    "websocket_uri",
]

MAX_LENGTH = 8000

_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_PROXY_SCHEMES = ("http", "https", "socks4", "socks5")

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NOT_HOST = re.compile(r"[^A-Za-z0-9._-]")
_NOT_TOKEN = re.compile(r"[^A-Za-z0-9!#$%&'*+.^_`|~-]")  # RFC 9110 section 5.6.2
_NOT_HEADER_VALUE = re.compile(r"[^\x20-\x7e]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

# RFC 3986 pchar and "/", with escapes kept. ";" is left out because urllib, which
# picows reads our URIs with, cuts it off as "parameters"; it goes out as %3B.
_PATH_SAFE = "/%:@!$&'()*+,="
# What JavaScript's encodeURIComponent leaves alone besides letters and digits.
_QUERY_SAFE = "-_.!~*'()"


class URL(msgspec.Struct, frozen=True, gc=False):
    """A server's URL, taken apart.

    Attributes:
        scheme: `"http"`, `"https"`, `"ws"` or `"wss"`.
        host: Name or address as written; an IPv6 address has no brackets.
        port: The scheme's own port where the URL names none.
        path: The namespace, verbatim; `"/"` where the URL has no path.
        query: The parameters of the URL, decoded.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: Mapping[str, str]

    @property
    def secure(self) -> bool:
        """Whether the connection uses TLS."""
        return self.scheme in ("https", "wss")

    @property
    def authority(self) -> str:
        """Host and port as a request names them: the scheme's own port is left out."""
        host = _bracketed(self.host)
        if self.port == _DEFAULT_PORTS[self.scheme]:
            return host
        return f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, always with the port: one origin has one spelling."""
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}"


def parse(url: str | URL) -> URL:
    """Take a server's URL apart, unless it is already.

    Args:
        url: `scheme://host[:port][/namespace][?query]`; the scheme is http, https, ws
            or wss in any case. User info is ignored, with a warning; so is a fragment.

    Raises:
        TypeError: If the URL is not a str.
        ValueError: If the URL cannot be connected to.
    """
    if isinstance(url, URL):
        return url
    if not isinstance(url, str):
        raise TypeError(f"url must be a str, not {type(url).__name__}")
    scheme, authority, rest = _split(url, "URL")
    if scheme not in _DEFAULT_PORTS:
        raise _invalid(
            "URL", url, f"scheme {scheme!r} is not one of {', '.join(_DEFAULT_PORTS)}"
        )
    _, at, authority = authority.rpartition("@")
    if at:
        warnings.warn(
            "the user info in the URL is ignored: pass credentials with the option "
            "auth, or as extra_headers={'Authorization': ...}",
            stacklevel=3,
        )
    host, port = _split_authority(authority, "URL", url)
    rest = rest.partition("#")[0]
    path, _, query = rest.partition("?")
    return _url(scheme, host, port or _DEFAULT_PORTS[scheme], path, query)


# Thousands of connections to one server, in a process, need one.
@lru_cache(maxsize=16)
def _url(scheme: str, host: str, port: int, path: str, query: str) -> URL:
    nsp = normalise_namespace(path)
    return URL(scheme, host, port, nsp, MappingProxyType(_decode_query(query)))


def manager_id(url: URL, path: str) -> str:
    """Name the Manager that Sockets of this URL share.

    Args:
        url: The server's URL; neither its namespace nor its query counts.
        path: The option `path`, verbatim: a trailing slash makes another Manager.
    """
    return f"{url.origin}{path}"


def websocket_uri(
    url: URL, path: str, query: Mapping[str, str], add_trailing_slash: bool = True
) -> str:
    """Return the URI of the WebSocket of a server, all of it ASCII and escaped.

    Args:
        url: The server's URL; its namespace and query are not used.
        path: The option `path`.
        query: All parameters, in their order on the wire.
        add_trailing_slash: Whether the path ends in a slash.
    """
    scheme = "wss" if url.secure else "ws"
    target = request_target(path, query, add_trailing_slash)
    return f"{scheme}://{url.authority}{target}"


def request_target(
    path: str, query: Mapping[str, str], add_trailing_slash: bool = True
) -> str:
    """Return path and query as they stand on the request line.

    Escapes that the path already has are kept; a query is always escaped as a whole.
    """
    # Behaviour 2.2: one trailing slash goes, then one comes unless it is not wanted.
    path = path.removesuffix("/")
    if add_trailing_slash or not path:
        path += "/"
    target = _quote(_STRAY_PERCENT.sub("%25", path), _PATH_SAFE, "path")
    if not target.startswith("/"):
        target = f"/{target}"
    return f"{target}?{encode_query(query)}" if query else target


def encode_query(query: Mapping[str, str]) -> str:
    """Escape parameters as JavaScript's encodeURIComponent does, and join them."""
    return "&".join(
        f"{_quote(key, _QUERY_SAFE, 'a query key')}="
        f"{_quote(value, _QUERY_SAFE, f'the query value of {key!r}')}"
        for key, value in query.items()
    )


def normalise_namespace(namespace: str) -> str:
    """Return a namespace as it stands in packets, with its leading slash.

    Raises:
        TypeError: If the namespace is not a str.
        ValueError: If it has a comma, which ends a namespace on the wire, a control
            character, or a lone surrogate, which UTF-8 cannot carry.
    """
    if not isinstance(namespace, str):
        raise TypeError(f"namespace must be a str, not {type(namespace).__name__}")
    if "," in namespace:
        raise ValueError(
            f"namespace {_shorten(namespace)} has a comma, which ends a namespace on "
            f"the wire; take it out"
        )
    for pattern, what in (_CONTROL, "control character"), (_SURROGATE, "surrogate"):
        if found := pattern.search(namespace):
            raise ValueError(
                f"namespace {_shorten(namespace)} has the {what} {found[0]!r}; "
                f"take it out"
            )
    return namespace if namespace.startswith("/") else f"/{namespace}"


def is_token(text: str) -> bool:
    """Tell whether a text is a token of RFC 9110 section 5.6.2."""
    return bool(text) and not _NOT_TOKEN.search(text)


def check_header(name: str, value: str) -> None:
    """Refuse a request header that could be read as anything else than one header.

    RFC 9110 section 5.5 wants ASCII in new fields. Anything else is refused too,
    because there is no telling which encoding the server would read it with. The error
    does not show the value: it may be a secret.

    Raises:
        TypeError: If name or value is not a str.
        ValueError: If the name is not a token, or the value is not printable ASCII.
    """
    if not isinstance(name, str):
        raise TypeError(f"header name must be a str, not {name!r}")
    if not is_token(name):
        raise ValueError(
            f"header name {_shorten(name)} must be letters, digits and !#$%&'*+-.^_`|~"
        )
    if not isinstance(value, str):
        raise TypeError(
            f"value of header {name!r} must be a str, not {type(value).__name__}"
        )
    if found := _NOT_HEADER_VALUE.search(value):
        raise ValueError(
            f"value of header {name!r} has {found[0]!r} at position {found.start()}; "
            f"only printable ASCII may be sent: strip or encode it"
        )


def check_proxy(url: str) -> str:
    """Return a proxy's URL if one can connect through it.

    Args:
        url: `scheme://[user:password@]host[:port]`; http, https, socks4 or socks5.
            A socks URL needs its port.

    Raises:
        ValueError: If the URL is not that of a proxy.
    """
    scheme, authority, rest = _split(url, "proxy")
    if scheme not in _PROXY_SCHEMES:
        raise _invalid(
            "proxy", url, f"scheme {scheme!r} is not one of {', '.join(_PROXY_SCHEMES)}"
        )
    if rest not in ("", "/"):
        raise _invalid("proxy", url, "a proxy has neither path nor query; take it off")
    user_info, _, authority = authority.rpartition("@")
    if re.search(r"[^\x21-\x7e]", user_info):
        raise _invalid("proxy", url, "percent-encode the user info")
    _, port = _split_authority(authority, "proxy", url)
    if port is None and scheme.startswith("socks"):
        raise _invalid("proxy", url, f"{scheme} has no port of its own; add ':1080'")
    return url


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address, which needs no look-up."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _split(url: str, kind: str) -> tuple[str, str, str]:
    """Cut a URL into lower-case scheme, authority and the rest."""
    if len(url) > MAX_LENGTH:
        raise ValueError(
            f"invalid {kind}: it has {len(url)} characters, {MAX_LENGTH} is the most; "
            f"send data with the option auth instead"
        )
    if found := _CONTROL.search(url):
        raise _invalid(
            kind, url, f"control character {found[0]!r} at position {found.start()}"
        )
    start = _SCHEME.match(url)
    if start is None:
        raise _invalid(kind, url, "no scheme; write it as 'http://host:port'")
    rest = url[start.end() :]
    end = re.search(r"[/?#]|$", rest)
    cut = end.start() if end else len(rest)
    return start[1].lower(), rest[:cut], rest[cut:]


def _split_authority(authority: str, kind: str, url: str) -> tuple[str, int | None]:
    """Return the checked host, without brackets, and the port or None."""
    host, colon, port = authority, "", ""
    if authority.startswith("["):
        host, bracket, tail = authority[1:].partition("]")
        if not bracket or tail[:1] not in ("", ":") or not _is_ipv6(host):
            raise _invalid(kind, url, f"{authority!r} is not [IPv6 address]:port")
        colon, port = tail[:1], tail[1:]
    elif not _is_ipv6(authority):
        # A bare IPv6 address may carry a port where it cannot be a part of it.
        host, colon, port = authority.rpartition(":")
        if not colon:
            host, port = authority, ""
        if not _is_ipv6(host):
            _check_name(host, kind, url)
    return host, _port(port, kind, url) if colon else None


def _check_name(host: str, kind: str, url: str) -> None:
    """Refuse a host name that the resolver could not look up."""
    if not host:
        raise _invalid(kind, url, "no host; write it as 'http://host:port'")
    if not host.isascii():
        raise _invalid(kind, url, f"host {host!r} is not ASCII; write it as 'xn--...'")
    if found := _NOT_HOST.search(host):
        raise _invalid(kind, url, f"host {host!r} has {found[0]!r}; take it out")
    # RFC 1035 section 2.3.4: 63 octets a label, 253 characters a name.
    name = host.removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(1 <= len(label) <= 63 for label in labels):
        raise _invalid(
            kind,
            url,
            f"host {_shorten(host)} needs labels of 1 to 63 characters, 253 in all",
        )


def _port(text: str, kind: str, url: str) -> int:
    """Return a port number from 1 to 65535."""
    # int() takes other digits, signs, blanks and underscores too.
    if re.fullmatch(r"[0-9]{1,5}", text) and 1 <= int(text) <= 65535:
        return int(text)
    if "@" in url:  # a "/" in a password makes its beginning look like a port
        reason = "the port is not a number; escape '/', '?' and '#' in the user info"
        raise _invalid(kind, url, reason)
    raise _invalid(kind, url, f"port {_shorten(text)} is not a number from 1 to 65535")


def _is_ipv6(text: str) -> bool:
    """Tell whether a text is an IPv6 address; one with a zone is not."""
    try:
        socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):  # ValueError: a NUL or a character beyond ASCII
        return False
    return "%" not in text


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _decode_query(query: str) -> dict[str, str]:
    """Decode the query of a URL; the last of several equal keys wins."""
    decoded = {}
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if not key:
            continue
        try:
            # Unlike in a form, "+" is itself (behaviour 6.3.4).
            decoded[unquote(key, errors="strict")] = unquote(value, errors="strict")
        except UnicodeDecodeError:
            raise ValueError(
                f"invalid URL: the query parameter {_shorten(key)} has escapes that "
                f"are not UTF-8"
            ) from None
    return decoded


def _quote(text: str, safe: str, what: str) -> str:
    try:
        return quote(text, safe)
    except UnicodeEncodeError:
        raise ValueError(f"{what} has a lone surrogate; take it out") from None


def _invalid(kind: str, url: str, reason: str) -> ValueError:
    """Make the error for a URL, without its password and query."""
    if "@" in url:
        # Somewhere before it there may be a password, and not where it belongs.
        scheme, slashes, _ = url.rpartition("@")[0].partition("//")
        shown = f"{scheme}//***" if slashes else "***"
    else:
        shown = re.split(r"[?#]", url, maxsplit=1)[0]
    return ValueError(f"invalid {kind} {_shorten(shown)}: {reason}")


def _shorten(text: str) -> str:
    return repr(text if len(text) <= 200 else f"{text[:197]}...")

"""The cookies of one Manager: what `with_credentials` keeps and sends.

In memory only, and for the one origin a Manager talks to (R15): a cookie for another
domain is not taken, one for another path or for TLS alone is not sent where it must
not be. Names of attributes are read in any case; RFC 6265 section 5 is the source.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import msgspec

from sioc.url import is_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sioc.url import URL

# A server that sets more than this is not one that wants to keep a session.
MAX_COOKIES = 50
MAX_COOKIE = 4096
MAX_HEADER = 8192

_NOT_COOKIE = re.compile(r"[^\x20-\x7e]")
_NOT_NAME = re.compile(r"[\s\"(),/:;<=>?@[\\\]{}]")


class Cookie(msgspec.Struct):
    """One cookie.

    Attributes:
        value: As it was set, without surrounding quotes.
        path: Requests to this path and below get it.
        secure: Whether it goes over TLS only.
        expires: When it ends, on the jar's clock; None: with the Manager.
    """

    value: str
    path: str
    secure: bool
    expires: float | None


class Jar:
    """The cookies one server has set.

    Args:
        url: The server.
        clock: Seconds since the epoch.

    Attributes:
        ignored: Cookies that were not taken.
    """

    def __init__(self, url: URL, clock: Callable[[], float] = time.time) -> None:
        self._host = url.host.lower()
        self._secure = url.secure
        self._clock = clock
        self._cookies: dict[str, Cookie] = {}
        self.ignored = 0

    def __len__(self) -> int:
        return len(self._cookies)

    def store(self, headers: Iterable[str]) -> None:
        """Take the cookies of an answer.

        Args:
            headers: The values of its Set-Cookie headers.
        """
        for header in headers:
            if not self._store(header):
                self.ignored += 1

    def header(self, path: str) -> str | None:
        """Return the value of a request's Cookie header; None: send none.

        Args:
            path: The request's path.
        """
        now = self._clock()
        pairs: list[str] = []
        size = 0
        for name, cookie in list(self._cookies.items()):
            if cookie.expires is not None and cookie.expires <= now:
                del self._cookies[name]
                continue
            pair = f"{name}={cookie.value}"
            if self._goes_with(cookie, path) and size + len(pair) + 2 <= MAX_HEADER:
                pairs.append(pair)
                size += len(pair) + 2
        return "; ".join(pairs) or None

    def _store(self, header: str) -> bool:
        if len(header) > MAX_COOKIE or _NOT_COOKIE.search(header):
            return False
        pair, *rest = header.split(";")
        name, separator, value = (part.strip() for part in pair.partition("="))
        if not separator or not name or _NOT_NAME.search(name):
            return False
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        attributes = {}
        for attribute in rest:
            key, _, text = attribute.partition("=")
            attributes[key.strip().lower()] = text.strip()
        if not self._is_ours(attributes.get("domain", "")):
            return False
        expires = self._expiry(attributes)
        if expires is not None and expires <= self._clock():
            self._cookies.pop(name, None)
            return True
        if name not in self._cookies and len(self._cookies) >= MAX_COOKIES:
            return False
        path = attributes.get("path", "")
        self._cookies[name] = Cookie(
            value=value,
            path=path if path.startswith("/") else "/",
            secure="secure" in attributes,
            expires=expires,
        )
        return True

    def _is_ours(self, domain: str) -> bool:
        """Tell whether a Domain attribute covers the server (RFC 6265 5.1.3)."""
        domain = domain.lower().removeprefix(".")
        if not domain or self._host == domain:
            return True
        return not is_address(self._host) and self._host.endswith(f".{domain}")

    def _expiry(self, attributes: dict[str, str]) -> float | None:
        """Return when a cookie ends; what cannot be read means at once."""
        if "max-age" in attributes:
            try:
                return self._clock() + max(0, int(attributes["max-age"]))
            except OverflowError:
                return None
            except ValueError:
                return 0.0
        if "expires" in attributes:
            # Imported here: it takes a while, and few need it.
            from email.utils import mktime_tz, parsedate_tz

            date = parsedate_tz(attributes["expires"].replace("-", " "))
            try:
                return 0.0 if date is None else float(mktime_tz(date))
            except (OverflowError, ValueError):
                return 0.0
        return None

    def _goes_with(self, cookie: Cookie, path: str) -> bool:
        """Tell whether a request to a path gets a cookie (RFC 6265 5.1.4)."""
        if cookie.secure and not self._secure:
            return False
        return path == cookie.path or (
            path.startswith(cookie.path)
            and (cookie.path.endswith("/") or path[len(cookie.path)] == "/")
        )

"""The cookie jar: what is taken, what is sent, and for how long."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from sioc.cookies import MAX_COOKIE, MAX_COOKIES, MAX_HEADER, Jar
from sioc.url import parse

NOW = 1_700_000_000.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


PATH = "/socket.io/"


def jar(url: str = "http://chat.example.com") -> Jar:
    """Return an empty jar."""
    return Jar(parse(url), Clock())


def date(seconds: float) -> str:
    """Return a date as an Expires attribute has it."""
    return formatdate(NOW + seconds, usegmt=True)


TAKEN = {
    "plain": ("a=1", "a=1"),
    "attributes": ("a=1; Path=/; HttpOnly; SameSite=None", "a=1"),
    "spaces": ("  a =  1  ; Path = / ", "a=1"),
    "empty value": ("a=", "a="),
    "equals sign": ("a=b=c", "a=b=c"),
    "quoted": ('a="1 2"', "a=1 2"),
    "one quote": ('a="', 'a="'),
    "names in any case": ("a=1; PATH=/socket.io; dOmAiN=example.com", "a=1"),
    "its domain": ("a=1; Domain=chat.example.com", "a=1"),
    "a domain above": ("a=1; Domain=example.com", "a=1"),
    "a leading dot": ("a=1; Domain=.example.com", "a=1"),
    "an empty domain": ("a=1; Domain=", "a=1"),
    "its path": ("a=1; Path=/socket.io", "a=1"),
    "its path with a slash": ("a=1; Path=/socket.io/", "a=1"),
    "an empty path": ("a=1; Path=", "a=1"),
    "no path at all": ("a=1; Path=socket.io", "a=1"),
    "a maximum age": ("a=1; Max-Age=60", "a=1"),
    "an age for ever": ("a=1; Max-Age=" + "9" * 400, "a=1"),
    "an expiry": (f"a=1; Expires={date(60)}", "a=1"),
    "an expiry with dashes": ("a=1; Expires=Wed, 01-Jan-2070 00:00:00 GMT", "a=1"),
    "the age wins": (f"a=1; Max-Age=60; Expires={date(-60)}", "a=1"),
    "an unknown attribute": ("a=1; Colour=blue; ; =", "a=1"),
}

NOT_SENT = {
    "another path": "a=1; Path=/api",
    "a path that only begins alike": "a=1; Path=/socket",
    "a longer path": "a=1; Path=/socket.io/deeper",
    "secure": "a=1; Secure",
    "expired": f"a=1; Expires={date(-1)}",
    "an unreadable expiry": "a=1; Expires=tomorrow",
    "an expiry beyond the calendar": "a=1; Expires=Thu, 01 Jan 99999 00:00:00 GMT",
    "no age": "a=1; Max-Age=0",
    "a negative age": "a=1; Max-Age=-5",
    "an unreadable age": "a=1; Max-Age=soon",
    "a fraction": "a=1; Max-Age=1.5",
}

REFUSED = {
    "another domain": "a=1; Domain=example.org",
    "a domain below": "a=1; Domain=a.chat.example.com",
    "a domain that only ends alike": "a=1; Domain=ample.com",
    "no name": "=1",
    "no pair": "abc",
    "nothing": "",
    "a control character": "a=1\x01",
    "a line break": "a=1\r\nX-Evil: 1",
    "NUL": "a=\0",
    "a tab": "a=\t1",
    "not ASCII": "a=é",
    "a space in the name": "a b=1",
    "a comma in the name": "a,b=1",
    "a large one": "a=" + "x" * MAX_COOKIE,
}


@pytest.mark.parametrize("case", TAKEN)
def test_taken_and_sent(case: str) -> None:
    header, sent = TAKEN[case]
    cookies = jar()
    cookies.store([header])
    assert cookies.header(PATH) == sent
    assert cookies.ignored == 0


@pytest.mark.parametrize("case", NOT_SENT)
def test_not_sent(case: str) -> None:
    cookies = jar()
    cookies.store([NOT_SENT[case]])
    assert cookies.header(PATH) is None
    assert cookies.ignored == 0


@pytest.mark.parametrize("case", REFUSED)
def test_refused_and_counted(case: str) -> None:
    cookies = jar()
    cookies.store([REFUSED[case]])
    assert cookies.header(PATH) is None
    assert (len(cookies), cookies.ignored) == (0, 1)


@pytest.mark.parametrize("url", ["https://chat.example.com", "wss://chat.example.com"])
def test_a_secure_cookie_goes_over_tls(url: str) -> None:
    cookies = jar(url)
    cookies.store(["a=1; Secure"])
    assert cookies.header(PATH) == "a=1"


@pytest.mark.parametrize("domain", ["0.0.1", "1", ".0.0.1", "127.0.0.2"])
def test_an_address_has_no_domain_above(domain: str) -> None:
    cookies = jar("http://127.0.0.1:3000")
    cookies.store([f"a=1; Domain={domain}"])
    assert cookies.header(PATH) is None
    assert cookies.ignored == 1


@pytest.mark.parametrize(
    ("host", "domain"), [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")]
)
def test_an_address_is_its_own_domain(host: str, domain: str) -> None:
    cookies = jar(f"http://{host}:3000")
    cookies.store([f"a=1; Domain={domain}", "b=2"])
    assert cookies.header(PATH) == "a=1; b=2"


def test_a_host_is_the_same_in_any_case() -> None:
    cookies = jar("http://Chat.Example.COM")
    cookies.store(["a=1; Domain=CHAT.example.com"])
    assert cookies.header(PATH) == "a=1"


def test_a_deeper_endpoint_gets_the_cookies_of_the_paths_above() -> None:
    cookies = jar()
    cookies.store(["a=1; Path=/app", "b=2; Path=/app/live/", "c=3; Path=/ap"])
    assert cookies.header("/app/live/socket.io/") == "a=1; b=2"


def test_without_its_trailing_slash_the_path_is_another() -> None:
    cookies = jar()
    cookies.store(["a=1; Path=/socket.io/", "b=2; Path=/socket.io"])
    assert cookies.header("/socket.io") == "b=2"


def test_a_new_value_takes_the_place_of_the_old() -> None:
    cookies = jar()
    cookies.store(["a=1", "b=2"])
    cookies.store(["a=3"])
    assert cookies.header(PATH) == "a=3; b=2"


def test_a_cookie_is_taken_back() -> None:
    cookies = jar()
    cookies.store(["a=1", "b=2"])
    cookies.store([f"a=; Expires={date(-60)}"])
    assert cookies.header(PATH) == "b=2"
    assert len(cookies) == 1


def test_a_cookie_ends_when_its_time_has_come() -> None:
    clock = Clock()
    cookies = Jar(parse("http://chat.example.com"), clock)
    cookies.store(["a=1; Max-Age=60", f"b=2; Expires={date(30)}", "c=3"])
    clock.now += 29
    assert cookies.header(PATH) == "a=1; b=2; c=3"
    clock.now += 1
    assert cookies.header(PATH) == "a=1; c=3"
    clock.now += 30
    assert cookies.header(PATH) == "c=3"
    assert len(cookies) == 1


def test_a_server_may_set_so_many_and_change_them() -> None:
    cookies = jar()
    cookies.store(f"c{number}=1" for number in range(10_000))
    assert (len(cookies), cookies.ignored) == (MAX_COOKIES, 10_000 - MAX_COOKIES)
    cookies.store(["c0=2"])
    assert str(cookies.header(PATH)).startswith("c0=2; c1=1; ")
    cookies.store(["c0=; Max-Age=0", "new=1"])
    assert str(cookies.header(PATH)).endswith("; new=1")


def test_a_header_has_a_largest_size() -> None:
    cookies = jar()
    value = "x" * 1000
    cookies.store(f"c{number}={value}" for number in range(20))
    header = str(cookies.header(PATH))
    assert MAX_HEADER - 1100 < len(header) <= MAX_HEADER
    assert header.count("; ") == 7


def test_the_clock_is_the_systems() -> None:
    cookies = Jar(parse("http://chat.example.com"))
    cookies.store([f"a=1; Expires={formatdate(time.time() + 60, usegmt=True)}"])
    assert cookies.header(PATH) == "a=1"

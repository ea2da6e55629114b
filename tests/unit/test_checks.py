"""The checks of single options: what they refuse, and with which words."""

import math
import ssl
from typing import Any

import pytest

import sioc
from sioc.checks import check_headers, check_query
from sioc.options import Settings, SocketSettings, check_option

SOCKET = {"auth", "ack_timeout", "retries"}

REFUSED: list[tuple[str, type[Exception], object, list[str]]] = [
    ("retries", TypeError, True, ["True", "None means not to retry"]),
    ("retries", TypeError, 1.0, ["1.0"]),
    ("retries", ValueError, -1, ["-1"]),
    ("retries", ValueError, 2**31, ["2147483648", "at most 2147483646"]),
    ("reconnection_attempts", TypeError, True, ["True"]),
    ("reconnection_attempts", TypeError, 1.0, ["1.0"]),
    ("reconnection_attempts", TypeError, math.inf, ["inf", "None means no end"]),
    ("reconnection_attempts", ValueError, -1, ["-1", "None means no end"]),
    ("timeout", ValueError, math.inf, ["inf", "None means no end"]),
    ("ack_timeout", ValueError, math.inf, ["inf", "None means no end"]),
    ("randomization_factor", ValueError, 1.01, ["1.01", "0 to 1"]),
    ("path", TypeError, b"/a", ["b'/a'"]),
    ("path", ValueError, "", ["''"]),
    ("path", ValueError, "/a?b=c", ["'?'", "'/a?b=c'", "query"]),
    ("path", ValueError, "/a#b", ["'#'"]),
    ("path", ValueError, "/a b", ["' '", "'/a b'"]),
    ("path", ValueError, "/a\r\nX: y", [r"'\r'"]),
    ("path", ValueError, "/\ud800", [r"'\ud800'"]),
    ("query", TypeError, "a=b", ["dict", "str"]),
    ("query", TypeError, {1: "a"}, ["1"]),
    ("query", TypeError, {"a": None}, ["'a'", "NoneType"]),
    ("query", TypeError, {"a": b"canary"}, ["'a'", "bytes"]),
    ("transports", TypeError, "websocket", ["'websocket'", "list or tuple"]),
    ("transports", TypeError, [ssl.SSLContext], ["SSLContext"]),
    ("transports", ValueError, [], ["[]"]),
    (
        "transports",
        ValueError,
        ["webtransport"],
        ["'webtransport'", "'polling', 'websocket'"],
    ),
    ("transports", ValueError, ["websocket", "pigeon"], ["'pigeon'", "'websocket'"]),
    ("timestamp_param", TypeError, 1, ["1"]),
    ("timestamp_param", ValueError, "", ["''"]),
    ("timestamp_param", ValueError, "sid", ["'sid'"]),
    ("extra_headers", TypeError, "A: b", ["dict", "str"]),
    ("extra_headers", TypeError, {"A": 1}, ["'A'", "int"]),
    ("extra_headers", ValueError, {"A b": "canary"}, ["'A b'"]),
    ("extra_headers", ValueError, {"A": "canary\r\nB: c"}, ["'A'", r"'\r'"]),
    ("extra_headers", ValueError, {"Sec-WebSocket-Protocol": "a"}, ["protocols"]),
    ("protocols", TypeError, [1], ["1"]),
    ("protocols", TypeError, {"a"}, ["{'a'}"]),
    ("protocols", ValueError, "a, b", ["'a, b'"]),
    ("protocols", ValueError, ["a", ""], ["''"]),
    ("protocols", ValueError, ["a", "a"], ["['a', 'a']", "twice"]),
    ("ssl", TypeError, True, ["True", "None (verify"]),
    ("ssl", TypeError, "cert.pem", ["'cert.pem'", "ssl.SSLContext"]),
    ("proxy", TypeError, b"http://u:canary@p", ["bytes"]),
    ("proxy", ValueError, "p:3128", ["'p:3128'", "http://"]),
    ("proxy", ValueError, "ftp://u:canary@p", ["'ftp'", "socks5"]),
    ("transport_options", TypeError, [("polling", {})], ["dict"]),
    ("transport_options", TypeError, {"polling": 5}, ["dicts of options"]),
    ("transport_options", TypeError, {"polling": {"upgrade": True}}, ["'upgrade'"]),
    ("transport_options", ValueError, {"polling": {"path": "/a b"}}, ["'/a b'"]),
    ("local_addr", ValueError, "eth0", ["'eth0'", "IP address"]),
    ("local_addr", ValueError, ["127.0.0.1", "localhost"], ["'localhost'"]),
    ("local_addr", TypeError, [1], ["1"]),
    ("unix_socket", TypeError, b"/run/a", ["b'/run/a'"]),
    ("unix_socket", ValueError, "", ["''"]),
    ("unix_socket", ValueError, "/run/a\0b", ["NUL"]),
    ("limits", TypeError, {"max_depth": 3}, ["{'max_depth': 3}", "sioc.Limits"]),
    ("on_exception", TypeError, "print", ["'print'"]),
    ("auth", TypeError, b"canary", ["dict", "bytes"]),
]


@pytest.mark.parametrize(("name", "error", "value", "parts"), REFUSED)
def test_refused(
    name: str, error: type[Exception], value: object, parts: list[str]
) -> None:
    with pytest.raises(error) as caught:
        check_option(name, value)
    message = str(caught.value)
    subject = {"extra_headers": "header", "transport_options": ""}.get(name, name)
    for part in [*parts, subject]:
        assert part in message
    assert "canary" not in message
    with pytest.raises(error):
        (SocketSettings if name in SOCKET else Settings).from_options({name: value})


RESERVED = ["Sec-WebSocket-Key", "SEC-WEBSOCKET-EXTENSIONS", "Upgrade", "connection"]


@pytest.mark.parametrize("name", [*RESERVED, "Content-Length", "Transfer-Encoding"])
def test_headers_of_the_handshake(name: str) -> None:
    with pytest.raises(ValueError, match="extra_headers") as caught:
        check_option("extra_headers", {"A": "b", name: "x"})
    assert repr(name) in str(caught.value)


def test_what_functions_return_is_checked_by_the_same_rules() -> None:
    assert check_headers({"A": "b"}) == {"A": "b"}
    assert check_query({"a": 1}) == {"a": "1"}
    with pytest.raises(TypeError, match="extra_headers must be a dict, not NoneType"):
        check_headers(None)
    with pytest.raises(TypeError, match="query must be a dict, not NoneType"):
        check_query(None)


def test_a_proxy_and_a_unix_socket_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="proxy and unix_socket"):
        Settings.from_options({"proxy": "http://p", "unix_socket": "/run/a"})


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"raw": True, "types": (int,)},
            ValueError,
            "raw=True leaves the arguments undecoded",
        ),
        ({"concurrency": 0}, ValueError, "concurrency must be positive, not 0"),
        ({"concurrency": -1}, ValueError, "concurrency must be positive, not -1"),
        ({"concurrency": "a"}, TypeError, "concurrency must be an int, not 'a'"),
        ({"concurrency": True}, TypeError, "concurrency must be an int, not True"),
    ],
)
def test_listeners_are_not_added_with(
    options: dict[str, Any], error: type[Exception], text: str
) -> None:
    socket = sioc.io("http://127.0.0.1:1", auto_connect=False, force_new=True)
    with pytest.raises(error, match=text):
        socket.on("e", print, **options)
    assert socket.listeners("e") == []

"""URLs, namespaces, headers and proxies: what is taken, and what is refused."""

import warnings
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest

from sioc.url import (
    URL,
    check_header,
    check_proxy,
    encode_query,
    is_token,
    manager_id,
    normalise_namespace,
    parse,
    request_target,
    websocket_uri,
)

PATH = "/socket.io"
CONTROLS = [*map(chr, range(32)), "\x7f"]


def refusal(
    function: Callable[..., object], *args: object, error: type[Exception] = ValueError
) -> str:
    """Call a function that must refuse its arguments; return the text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(error) as caught:
            function(*args)
    assert type(caught.value) is error  # e.g. not a UnicodeEncodeError
    return str(caught.value)


# --- URLs that are taken ---


@pytest.mark.parametrize(
    ("text", "host", "port", "path"),
    [
        ("http://localhost", "localhost", 80, "/"),
        ("https://localhost", "localhost", 443, "/"),
        ("ws://localhost", "localhost", 80, "/"),
        ("wss://h/n/", "h", 443, "/n/"),
        ("http://h?x=1", "h", 80, "/"),
        ("http://h/a#f?x=1", "h", 80, "/a"),
        ("http://[::1]:3000/x?y=1#z", "::1", 3000, "/x"),
        ("http://h//a", "h", 80, "//a"),
        ("http://h/a b/%20c", "h", 80, "/a b/%20c"),
        ("http://h/ünï", "h", 80, "/ünï"),
        ("http://h/A/", "h", 80, "/A/"),
        ("http://127.0.0.1:8080", "127.0.0.1", 8080, "/"),
        ("http://My_Host.Example.", "My_Host.Example.", 80, "/"),
        (f"http://{'a' * 63}:1", "a" * 63, 1, "/"),
        ("http://" + "a." * 126 + "a.", "a." * 126 + "a.", 80, "/"),
        ("http://h:65535", "h", 65535, "/"),
        ("http://h:0080", "h", 80, "/"),
        ("https://h:80", "h", 80, "/"),
        # Behaviour 1.1.4: IPv6 without brackets.
        ("ws://1:2:3:4:5:6:7:8:80", "1:2:3:4:5:6:7:8", 80, "/"),
        ("ws://2001::7334:a:80", "2001::7334:a:80", 80, "/"),
        ("ws://::1/x", "::1", 80, "/x"),
        ("ws://::ffff:1.2.3.4", "::ffff:1.2.3.4", 80, "/"),
        ("ws://::2:3:4:5:6:7:8:90", "::2:3:4:5:6:7:8", 90, "/"),
        # No user info: the authority ends before it.
        ("http://h/@a", "h", 80, "/@a"),
        ("http://h?x=a@b", "h", 80, "/"),
        ("http://h#a@b", "h", 80, "/"),
    ],
)
def test_parse(text: str, host: str, port: int, path: str) -> None:
    url = parse(text)
    assert (url.host, url.port, url.path) == (host, port, path)


@pytest.mark.parametrize(
    "scheme", ["http", "HTTP", "https", "Https", "ws", "wss", "wSS"]
)
def test_scheme_in_any_case(scheme: str) -> None:
    url = parse(f"{scheme}://h")
    assert url.scheme == scheme.lower()
    assert url.secure is (scheme[-1] in "sS" and scheme != "ws")


def test_result_is_comparable_and_frozen() -> None:
    url = parse("http://h/a?b=c")
    assert url == URL("http", "h", 80, "/a", {"b": "c"})
    with pytest.raises(AttributeError):
        url.host = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("a=b&c=d", {"a": "b", "c": "d"}),
        ("a", {"a": ""}),
        ("a=", {"a": ""}),
        ("=a&&b=1", {"b": "1"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=1&a=2", {"a": "2"}),
        ("a=1+1", {"a": "1+1"}),
        ("a%20b=%C3%A9%26", {"a b": "é&"}),
        ("a=100%", {"a": "100%"}),
        ("a=?/:@", {"a": "?/:@"}),
        ("a=é b", {"a": "é b"}),
    ],
)
def test_query(query: str, expected: dict[str, str]) -> None:
    assert parse(f"http://h/n?{query}#f=1").query == expected


@pytest.mark.parametrize(
    ("text", "origin", "authority"),
    [
        ("http://h", "http://h:80", "h"),
        ("https://h:443", "https://h:443", "h"),
        ("https://h:80", "https://h:80", "h:80"),
        ("ws://h:443", "ws://h:443", "h:443"),
        ("ws://[::1]:80/a?b", "ws://[::1]:80", "[::1]"),
        ("wss://[::1]:1/a?b", "wss://[::1]:1", "[::1]:1"),
    ],
)
def test_origin_and_authority(text: str, origin: str, authority: str) -> None:
    assert parse(text).origin == origin
    assert parse(text).authority == authority


def test_manager_id() -> None:
    # Behaviour 1.2.5, 1.3.2, 1.3.5.
    url = parse("http://h/a?x=1")
    assert manager_id(url, PATH) == "http://h:80/socket.io"
    assert manager_id(parse("ws://::1/a"), PATH) == "ws://[::1]:80/socket.io"
    assert manager_id(url, PATH) == manager_id(parse("http://h:80/b"), PATH)
    assert manager_id(url, PATH) != manager_id(parse("ws://h/a"), PATH)
    assert manager_id(url, PATH) != manager_id(url, PATH + "/")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("ws://foo:canary@google.com", "google.com"),
        ("ws://a@canary@h/p", "h"),
        ("ws://:canary@[::1]:80", "::1"),
    ],
)
def test_user_info_is_ignored_with_a_warning(text: str, host: str) -> None:
    with pytest.warns(UserWarning, match="user info") as caught:
        url = (lambda: parse(text))()  # as io() does for its caller
    assert url.host == host
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert "extra_headers" in str(caught[0].message)
    assert "canary" not in str(caught[0].message)


# --- what is refused ---

# Function, pattern of its argument, what goes into the pattern, what the error says
# besides naming that.
REFUSED: list[tuple[Callable[[str], object], str, list[str], str]] = [
    (parse, "{}", ["", "localhost", "localhost:3000", "//h", "/admin"], "http://"),
    (parse, "{}", ["http:/h", "http:h", " http://h"], "no scheme"),
    (parse, "{}", ["http://", "http:///a", "http://:80", "http://#"], "no host"),
    (parse, "{}://h", ["ftp", "http+unix"], "http, ws, https, wss"),
    (parse, "http://h:{}", ["", "0", "65536", "-1", "+1", "8_0", "8o"], "1 to 65535"),
    (parse, "http://h:{}/a", [" 80", "٣", "1" * 99, "8.0", "0x50"], "1 to 65535"),
    (parse, "http://[::1]:{}", ["", "x"], "1 to 65535"),
    (parse, "http://{}", ["a b", "a%20b", "a\\b", "a{b}", "a,b", "a;b"], "take it out"),
    (parse, "http://{}:80", ["h:80", "::1:"], "take it out"),
    (parse, "http://{}", ["bücher.example", "h\ud800", "h\u2028"], "xn--"),
    (parse, "http://{}/", ["a..b", ".", ".a", "a" * 64, "a." * 126 + "aa"], "labels"),
    (parse, "http://{}", ["[::1", "[]", "[h]", "[1.2.3.4]", "[::1]80"], "IPv6"),
    (parse, "http://{}", ["[fe80::1%25eth0]", "[fe80::1%eth0]"], "IPv6"),
    (parse, "http://h{}?x=1", ["/a,b"], "comma"),
    (parse, "http://h{}", ["/\ud800"], "surrogate"),
    (parse, "http://h?{}=%ff", ["a"], "UTF-8"),
    (parse, "http://h/{}/", CONTROLS, "position 9"),
    (parse, "http://h{}", ["\n", "\0", "\x85"], "position 8"),
    (parse, "{}http://h:80?a", ["\n", "\r"], "position 0"),
    (parse, "ws://h?{}", ["\r", "\x7f"], "position 7"),
    (normalise_namespace, "{}", ["/a,b", ","], "comma"),
    (normalise_namespace, "/a{}b", [*CONTROLS, "\x9f"], "control character"),
    (normalise_namespace, "/{}", ["\udc00"], "surrogate"),
    (check_proxy, "{}", ["proxy:3128", "//proxy", ""], "no scheme"),
    (check_proxy, "{}://proxy", ["ftp", "ws"], "http, https, socks4, socks5"),
    (check_proxy, "{}", ["http://", "socks5://:1080"], "no host"),
    (check_proxy, "http://{}", ["a b", "a\\b"], "take it out"),
    (check_proxy, "http://proxy:{}", ["x", "0"], "1 to 65535"),
    (check_proxy, "{}", ["http://proxy/path"], "neither path nor query"),
    (check_proxy, "{}", ["socks4://proxy", "socks5://[::1]"], "':1080'"),
    (check_proxy, "http://proxy{}", CONTROLS, "position 12"),
]


@pytest.mark.parametrize(
    ("function", "argument", "named", "reason"),
    [
        (function, pattern.replace("{}", part), part, reason)
        for function, pattern, parts, reason in REFUSED
        for part in parts
    ],
)
def test_refused(
    function: Callable[[str], object], argument: str, named: str, reason: str
) -> None:
    message = refusal(function, argument)
    assert repr(named.partition("#")[0])[:190] in message
    assert reason in message


@pytest.mark.parametrize("function", [parse, check_proxy])
def test_length(function: Callable[[str], object]) -> None:
    assert len(parse("http://h/" + "a" * 7991).path) == 7992
    message = refusal(function, "http://h/" + "a" * 7992)
    assert "8001" in message
    assert "8000" in message


@pytest.mark.parametrize("text", ["http://" + "a" * 7000, "http://h:" + "9" * 7000])
def test_errors_are_short(text: str) -> None:
    assert len(refusal(parse, text)) < 600


@pytest.mark.parametrize(
    "text",
    [
        "http://user:canary@h:x",
        "http://user:canary@a b",
        "http://user:canary@[h]",
        "ftp://user:canary@h",
        "user:canary@h",
        "http://user:canary/x@h",
        "http://user:canary?x@h",
        "http://user:canary#x@h",
        "http://user:canary@",
        "http:/user:canary@h",
        "http://a b?token=canary",
        "http://a b?mail=a@canary",
        "canary@h",
    ],
)
@pytest.mark.parametrize("function", [parse, check_proxy])
def test_errors_keep_secrets(function: Callable[[str], object], text: str) -> None:
    assert "canary" not in refusal(function, text)


@pytest.mark.parametrize("function", [parse, normalise_namespace])
@pytest.mark.parametrize("value", [None, b"http://h", 1, {"path": "/"}])
def test_not_a_str(function: Callable[[object], object], value: object) -> None:
    assert type(value).__name__ in refusal(function, value, error=TypeError)


# --- the request line ---


@pytest.mark.parametrize(
    ("path", "slash", "expected"),
    [
        ("/socket.io", True, "/socket.io/"),
        ("/socket.io/", True, "/socket.io/"),
        ("/socket.io", False, "/socket.io"),
        ("/socket.io/", False, "/socket.io"),
        ("/socket.io//", True, "/socket.io//"),
        ("/", True, "/"),
        ("/", False, "/"),
        ("", False, "/"),
        ("a/b", True, "/a/b/"),
        ("/a%20b", True, "/a%20b/"),
        ("/100%", True, "/100%25/"),
        ("/a%zz", True, "/a%25zz/"),
        ("/é b", True, "/%C3%A9%20b/"),
        ("/a?b#c;d", True, "/a%3Fb%23c%3Bd/"),
        ("/~a-b_c.d!$&'()*+,=:@", False, "/~a-b_c.d!$&'()*+,=:@"),
        ("/a\r\nX: y\0", True, "/a%0D%0AX:%20y%00/"),
        ('/<>"{}|\\^`', False, "/%3C%3E%22%7B%7D%7C%5C%5E%60"),
    ],
)
def test_path(path: str, slash: bool, expected: str) -> None:
    assert request_target(path, {}, slash) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"EIO": "4", "transport": "websocket"}, "EIO=4&transport=websocket"),
        ({"a": ""}, "a="),
        # What encodeURIComponent leaves alone, and what it does not (6.3.3).
        ({"a": "AZaz09-_.!~*'()"}, "a=AZaz09-_.!~*'()"),
        ({"a": ";/?:@&=+$,#"}, "a=%3B%2F%3F%3A%40%26%3D%2B%24%2C%23"),
        ({"a b": "é😀"}, "a%20b=%C3%A9%F0%9F%98%80"),
        ({"a": "%20"}, "a=%2520"),
        ({"a": "\r\nX: y\0"}, "a=%0D%0AX%3A%20y%00"),
        ({"a&b=c": "d"}, "a%26b%3Dc=d"),
    ],
)
def test_encode_query(query: dict[str, str], expected: str) -> None:
    assert encode_query(query) == expected
    assert request_target("/p", query) == f"/p/?{expected}"


def test_lone_surrogates_are_named() -> None:
    assert "path" in refusal(request_target, "/\ud800", {})
    message = refusal(encode_query, {"token": "canary\udfff"})
    assert "'token'" in message
    assert "canary" not in message
    assert "query key" in refusal(encode_query, {"\ud800": "a"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://h", "ws://h"),
        ("https://h", "wss://h"),
        ("ws://h:80/n?a=b", "ws://h"),
        ("wss://h:80", "wss://h:80"),
        ("http://h:443", "ws://h:443"),
        ("http://[::1]:3000", "ws://[::1]:3000"),
        ("http://::1", "ws://[::1]"),
    ],
)
def test_websocket_uri(text: str, expected: str) -> None:
    url = parse(text)
    assert websocket_uri(url, PATH, {"EIO": "4"}) == f"{expected}/socket.io/?EIO=4"
    assert websocket_uri(url, PATH, {}, False) == f"{expected}/socket.io"


@pytest.mark.parametrize("path", ["/a;b=c", "//evil/x", "/a b", "/é", "/?#", "/%41"])
@pytest.mark.parametrize("value", ["a b", "\r\nHost: evil", "é", "a&b=c#d?e", "%", "+"])
def test_uri_reads_back(path: str, value: str) -> None:
    uri = websocket_uri(parse("http://h:81"), path, {"k": value}, True)
    assert uri.isascii()
    assert not set(uri) & {*CONTROLS, " "}
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("ws", "h:81", "")
    assert parse_qsl(parts.query, keep_blank_values=True) == [("k", value)]


# --- namespaces, headers, proxies ---


@pytest.mark.parametrize("namespace", ["/", "/a", "/a/", "//a", "/a?b=c", "/A b/ü/😀"])
def test_normalise_namespace(namespace: str) -> None:
    assert normalise_namespace(namespace) == namespace


@pytest.mark.parametrize("namespace", ["", "admin", "a/", "a b", "?", "é"])
def test_namespace_gets_its_slash(namespace: str) -> None:
    assert normalise_namespace(namespace) == f"/{namespace}"


@pytest.mark.parametrize("name", ["Authorization", "x", "!#$%&'*+-.^_`|~09azAZ"])
@pytest.mark.parametrize("value", ["Bearer a.b-c_d==", "", 'a="b"; c=d', " ~"])
def test_header(name: str, value: str) -> None:
    check_header(name, value)
    assert is_token(name)


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nb", "a\0", "é", "a/b", "a,b"])
def test_refused_header_name(name: str) -> None:
    assert repr(name) in refusal(check_header, name, "v")
    assert not is_token(name)


@pytest.mark.parametrize("character", [*CONTROLS, "\x80", "\xff", "é", "😀", "\ud800"])
def test_refused_header_value(character: str) -> None:
    message = refusal(check_header, "Authorization", f"Bearer canary{character}x")
    for part in ("'Authorization'", repr(character), "position 13"):
        assert part in message
    assert "canary" not in message


def test_header_types() -> None:
    assert "b'a'" in refusal(check_header, b"a", "v", error=TypeError)
    message = refusal(check_header, "X-Id", b"canary", error=TypeError)
    assert "'X-Id'" in message
    assert "bytes" in message
    assert "canary" not in message


PROXIES = ["http://p", "http://p:3128/", "HTTP://u:p%40ss@p", "socks5://[::1]:1080"]


@pytest.mark.parametrize(
    "proxy", [*PROXIES, "socks4://127.0.0.1:1080", "http://u@p:81"]
)
def test_proxy(proxy: str) -> None:
    assert check_proxy(proxy) == proxy


@pytest.mark.parametrize("user", ["canary x", "canary:é", "é:canary"])
def test_refused_proxy_user(user: str) -> None:
    message = refusal(check_proxy, f"http://{user}@proxy")
    assert "percent-encode" in message
    assert "canary" not in message

"""The options: defaults, checks that name option and value, and unknown names."""

import inspect
import math
import ssl
import subprocess
import sys
import typing
from collections.abc import Awaitable, Callable
from os import PathLike
from pathlib import Path
from typing import Any

import pytest

import sioc
from sioc import options as module
from sioc.limits import Limits
from sioc.options import Settings, SocketSettings, check_option, split
from sioc.transports import Transport
from sioc.transports.websocket import WebSocketTransport
from sioc.typing import FactoryOptions, ManagerOptions, Options, SocketOptions

DEFAULTS: dict[str, object] = {
    "auto_connect": True,
    "reconnection": True,
    "reconnection_attempts": None,
    "reconnection_delay": 1.0,
    "reconnection_delay_max": 5.0,
    "randomization_factor": 0.5,
    "timeout": 20.0,
    "path": "/socket.io",
    "add_trailing_slash": True,
    "query": {},
    "transports": ("polling", "websocket"),
    "transport_options": {},
    "upgrade": True,
    "remember_upgrade": False,
    "try_all_transports": False,
    "timestamp_requests": None,
    "timestamp_param": "t",
    "force_base64": False,
    "extra_headers": {},
    "with_credentials": False,
    "request_timeout": None,
    "protocols": (),
    "per_message_deflate": False,
    "ssl": None,
    "proxy": None,
    "unix_socket": None,
    "local_addr": (),
    "limits": Limits(),
    "parser": None,
    "close_timeout": 5.0,
    "upgrade_timeout": 10.0,
    "on_exception": None,
    "retry_on_reject": None,
    "slow_listener_duration": None,
    "hooks": None,
}
SOCKET = {"auth": None, "ack_timeout": None, "retries": None}
FACTORY = ["force_new", "multiplex"]
FLAGS = [name for name, value in DEFAULTS.items() if isinstance(value, bool)]
FLAGS += ["timestamp_requests", *FACTORY]
NUMBERS = [name for name, value in DEFAULTS.items() if isinstance(value, float)]
ENDLESS = ["timeout", "ack_timeout", "slow_listener_duration", "request_timeout"]
NUMBERS += ENDLESS[1:]
TIMES = {*NUMBERS} - {"randomization_factor"}


async def ask() -> dict[str, str]:
    """Stand for an async function given as an option."""
    return {}


def as_dict(settings: Settings | SocketSettings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in settings.__slots__}


def refusal(error: type[Exception], name: str, value: object) -> str:
    with pytest.raises(error) as caught:
        check_option(name, value)
    assert type(caught.value) is error
    return str(caught.value)


def test_defaults() -> None:
    assert as_dict(Settings()) == DEFAULTS
    assert as_dict(Settings.from_options({})) == DEFAULTS
    assert as_dict(SocketSettings()) == SOCKET
    assert as_dict(SocketSettings.from_options({})) == SOCKET


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_is_a_good_value(name: str) -> None:
    settings = Settings.from_options({name: DEFAULTS[name]})
    assert as_dict(settings) == DEFAULTS


@pytest.mark.parametrize("name", ["query", "extra_headers", "transport_options"])
def test_shared_defaults_cannot_be_changed(name: str) -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        getattr(Settings(), name)["key"] = "value"


def test_no_other_attribute() -> None:
    settings = Settings()
    settings.timeout = 3.0
    assert settings.timeout == 3.0
    with pytest.raises(AttributeError):
        settings.reconnectionDelay = 1.0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (FactoryOptions, set(FACTORY)),
        (SocketOptions, set(SOCKET)),
        (ManagerOptions, set(DEFAULTS)),
        (Options, {*FACTORY, *SOCKET, *DEFAULTS}),
    ],
)
def test_typed_dicts_have_the_same_names(typed: Any, names: set[str]) -> None:
    assert typed.__optional_keys__ == names
    assert not typed.__required_keys__


@pytest.mark.parametrize("typed", [FactoryOptions, SocketOptions, ManagerOptions])
def test_every_option_is_documented(typed: type) -> None:
    for name in typed.__annotations__:
        assert f"    {name}: " in inspect.cleandoc(typed.__doc__ or "")


def test_types_can_be_evaluated() -> None:
    names = {
        "SSLContext": ssl.SSLContext,
        "Limits": Limits,
        "PathLike": PathLike,
        "Transport": Transport,
        "Hooks": sioc.Hooks,
    }
    hints = typing.get_type_hints(Options, None, names)
    assert set(hints) == Options.__optional_keys__
    assert hints["limits"] is Limits


# --- values that are taken ---

CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
HEADERS = {"Authorization": "Bearer x", "Host": "h", "Origin": "http://o"}

QUERY = {"a": "b", "n": 1, "f": 0.5, "yes": True, "no": False}

SAME: dict[str, list[object]] = {
    **{name: [True, False] for name in FLAGS},
    "timestamp_requests": [True, False, None],
    "reconnection_attempts": [0, 7, None],
    "retries": [0, 3, None],
    **{name: [None, 0.0, 0.5] for name in ENDLESS},
    "hooks": [None, sioc.Hooks()],
    "path": ["/a", "/a/", "/", "/a%20b"],
    "query": [{}, {"a": "b"}, ask],
    "transports": [("websocket",), ("websocket", "polling"), (WebSocketTransport,)],
    "transport_options": [{}, {"polling": {"path": "/a"}}],
    "unix_socket": [None, "/run/a", "\0abstract"],
    "local_addr": [(), ("127.0.0.1", "::1")],
    "timestamp_param": ["ts"],
    "extra_headers": [{}, HEADERS, ask],
    "protocols": [(), ("a", "b.c")],
    "per_message_deflate": [True, False, {"threshold": 1024}],
    "ssl": [CONTEXT, False, None],
    "proxy": [None, "http://user:pw@proxy:3128"],
    "limits": [Limits.small()],
    **{name: [None, print] for name in ("on_exception", "retry_on_reject")},
    "auth": [None, ask, {"token": "x"}],
}
CHANGED: list[tuple[str, object, object]] = [
    *[(name, value, float(value)) for name in NUMBERS for value in (0, 1)],
    ("query", QUERY, {"a": "b", "n": "1", "f": "0.5", "yes": "true", "no": "false"}),
    ("path", "socket.io", "/socket.io"),
    ("transports", ["websocket"], ("websocket",)),
    ("transports", ["webtransport", "websocket"], ("websocket",)),
    ("unix_socket", Path("/run/a"), "/run/a"),
    ("local_addr", "127.0.0.2", ("127.0.0.2",)),
    ("transport_options", {"websocket": {"path": "a"}}, {"websocket": {"path": "/a"}}),
    ("protocols", "mqtt", ("mqtt",)),
    ("protocols", ["a", "b.c"], ("a", "b.c")),
]
TAKEN = [(name, value, value) for name, values in SAME.items() for value in values]


@pytest.mark.parametrize(("name", "value", "kept"), [*TAKEN, *CHANGED])
def test_taken(name: str, value: object, kept: object) -> None:
    result = check_option(name, value)
    assert result == kept
    assert type(result) is type(kept)
    if name not in FACTORY:
        settings = SocketSettings if name in SOCKET else Settings
        assert getattr(settings.from_options({name: value}), name) == kept


def test_auth_is_kept_by_reference() -> None:
    # A program may change the token in place before the next CONNECT.
    auth = {"token": "a"}
    assert SocketSettings.from_options({"auth": auth}).auth is auth


@pytest.mark.parametrize("name", ["query", "extra_headers"])
def test_checked_values_are_copies(name: str) -> None:
    given = {"a": "b"}
    kept = check_option(name, given)
    given["a"] = "\r\n"
    assert kept == {"a": "b"}


# --- values that are refused ---


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("value", [0, 1, "false", "", 1.0, []])
def test_not_a_flag(name: str, value: object) -> None:
    message = refusal(TypeError, name, value)
    assert name in message
    assert repr(value) in message
    assert "True or False" in message


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [True, False, "5", b"5", [5], 5j])
def test_not_a_number(name: str, value: object) -> None:
    message = refusal(TypeError, name, value)
    assert name in message
    assert repr(value) in message


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [-1, -0.001, math.nan, math.inf, -math.inf, 10**400])
def test_number_out_of_range(name: str, value: float) -> None:
    message = refusal(ValueError, name, value)
    assert name in message
    assert repr(value) in message


@pytest.mark.parametrize("name", [*DEFAULTS, *FACTORY])
def test_none_only_where_it_means_none(name: str) -> None:
    default = DEFAULTS.get(name, True)
    if default is None or name == "timeout":
        assert check_option(name, None) is None
    else:
        message = refusal(TypeError, name, None)
        assert name in message
        assert "None" in message


# Option, error, value, what the text must have besides the option's name.


# --- names ---


def test_split() -> None:
    given = {**dict.fromkeys(FACTORY, True), **SOCKET, **DEFAULTS}
    assert set(given) == Options.__optional_keys__
    assert split(given) == (dict.fromkeys(FACTORY, True), SOCKET, DEFAULTS)
    assert split({}) == ({}, {}, {})


def test_split_checks_the_factory() -> None:
    with pytest.raises(TypeError, match="force_new must be True or False, not 1"):
        split({"force_new": 1})


@pytest.mark.parametrize("make", [sioc.io, sioc.Manager])
def test_the_warning_of_user_info_comes_once(make: Callable[..., object]) -> None:
    with pytest.warns(UserWarning, match="user info") as caught:
        make("http://a:b@h", auto_connect=False)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_io_checks_what_no_manager_sees() -> None:
    auto_connect: Any = 0
    with pytest.raises(TypeError, match="auto_connect must be True or False, not 0"):
        sioc.io("http://h", auto_connect=auto_connect)


# Other clients' names, mistypes, and JavaScript's spelling of every option.
UNKNOWN = {
    "force new connection": "force_new",
    "rejectUnauthorized": "ssl",
    "ca": "ssl",
    "agent": "proxy",
    "headers": "extra_headers",
    "socketio_path": "path",
    "wait_timeout": "timeout",
    "reconection": "reconnection",
    "tiemout": "timeout",
    "transport": "transports",
    "Timeout": "timeout",
}
for option in sorted(Options.__optional_keys__):
    if "_" in option:
        first, *more = option.split("_")
        UNKNOWN["".join([first, *map(str.capitalize, more)])] = option


@pytest.mark.parametrize(("name", "nearest"), UNKNOWN.items())
def test_unknown_option(name: str, nearest: str) -> None:
    with pytest.raises(TypeError) as caught:
        split({"timeout": 1, name: 1000})
    assert repr(name) in str(caught.value)
    assert f"did you mean {nearest!r}" in str(caught.value)
    assert (nearest in TIMES) is ("in seconds" in str(caught.value))


def test_unknown_option_like_no_other() -> None:
    with pytest.raises(TypeError) as caught:
        split({"xyzzy": 1})
    assert "'xyzzy'" in str(caught.value)
    for name in Options.__optional_keys__:
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (Settings.from_options, "auth"),
        (Settings.from_options, "force_new"),
        (SocketSettings.from_options, "timeout"),
        (SocketSettings.from_options, "rejectUnauthorized"),
    ],
)
def test_options_of_another_part(
    function: Callable[[dict[str, object]], object], name: str
) -> None:
    with pytest.raises(TypeError, match=f"unknown option '{name}'"):
        function({name: None})


def test_functions_are_not_called_yet() -> None:
    def fail() -> Awaitable[dict[str, str]]:
        raise AssertionError("asked before an attempt to connect")

    given = {"query": fail, "extra_headers": fail}
    settings = Settings.from_options(given)
    assert settings.query is fail
    assert SocketSettings.from_options({"auth": fail}).auth is fail


def test_what_only_errors_need_is_not_loaded() -> None:
    code = (
        "import sys, sioc.options;"
        "print(*sorted({'difflib', 'aiohttp', 'argparse'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=9,
        cwd=Path(module.__file__).parents[1],
    )
    assert done.stdout.split() == []

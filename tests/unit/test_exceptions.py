"""The error tree of the API: bases, attributes, texts, pickling."""

import copy
import pickle

import msgspec
import pytest

from sioc import exceptions
from sioc.exceptions import (
    AckTimeoutError,
    BufferFullError,
    ConnectError,
    DisconnectedError,
    LimitError,
    ParseError,
    ReservedEventError,
    SocketIOError,
    TransportError,
    UnsupportedServerError,
)
from sioc.limits import Limits

BASES = [
    (ConnectError, (SocketIOError,)),
    (UnsupportedServerError, (ConnectError,)),
    (TransportError, (SocketIOError, ConnectionError)),
    (AckTimeoutError, (SocketIOError, TimeoutError)),
    (DisconnectedError, (SocketIOError, ConnectionError)),
    (ParseError, (SocketIOError, ValueError)),
    (LimitError, (ParseError,)),
    (BufferFullError, (SocketIOError,)),
    (ReservedEventError, (SocketIOError, ValueError)),
]

SAMPLES = [
    SocketIOError("something"),
    ConnectError("not authorized", data={"code": 7}),
    ConnectError(
        "unexpected status",
        stage="http",
        status=502,
        headers={"Server": "nginx"},
        body=b"<html>",
    ),
    UnsupportedServerError("the server speaks Engine.IO 3", stage="handshake"),
    TransportError("websocket error", description="reset", context={"code": 1006}),
    AckTimeoutError(),
    AckTimeoutError("too slow"),
    DisconnectedError("transport close"),
    DisconnectedError("ping timeout", "gone"),
    ParseError("invalid payload"),
    LimitError("too many", limit="max_attachments", value=1025),
    LimitError.exceeded("max_attachments", 1025, 1024),
    BufferFullError("full", limit="max_send_buffer", value=10_001),
    BufferFullError.exceeded("max_send_buffer", 10_001, 10_000),
    ReservedEventError("connect"),
]


@pytest.mark.parametrize(("error", "bases"), BASES)
def test_bases(error: type, bases: tuple[type, ...]) -> None:
    assert error.__bases__ == bases


def test_validation_error_is_that_of_msgspec() -> None:
    assert exceptions.ValidationError is msgspec.ValidationError


def test_no_name_hides_a_builtin() -> None:
    import builtins

    assert not set(exceptions.__all__) & set(dir(builtins))


def test_all_names_exist() -> None:
    for name in exceptions.__all__:
        assert hasattr(exceptions, name)


@pytest.mark.parametrize("error", SAMPLES, ids=repr)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(error: SocketIOError, protocol: int) -> None:
    loaded = pickle.loads(pickle.dumps(error, protocol))
    assert type(loaded) is type(error)
    assert str(loaded) == str(error)
    assert repr(loaded) == repr(error)
    assert loaded.args == error.args
    assert vars(loaded) == vars(error)


@pytest.mark.parametrize("error", SAMPLES, ids=repr)
def test_copy_shares_no_state(error: SocketIOError) -> None:
    copied = copy.copy(error)
    copied.message = "another"
    assert error.message != "another"


class NamespaceError(ConnectError):
    """An error of a program's own, with a constructor unlike ours."""

    def __init__(self, namespace: str, code: int) -> None:
        super().__init__(f"no {namespace}", stage="namespace")
        self.code = code


def test_pickle_subclass_with_other_constructor() -> None:
    loaded = pickle.loads(pickle.dumps(NamespaceError("/a", 4)))
    assert (loaded.message, loaded.stage, loaded.code) == ("no /a", "namespace", 4)


@pytest.mark.parametrize("error", SAMPLES, ids=repr)
def test_str_is_message(error: SocketIOError) -> None:
    assert str(error) == error.message
    assert error.args == (error.message,)


def test_connect_error_defaults() -> None:
    error = ConnectError("refused")
    assert error.message == "refused"
    assert vars(error) == {
        "message": "refused",
        "data": None,
        "stage": None,
        "status": None,
        "headers": None,
        "body": None,
    }


def test_connect_error_attributes() -> None:
    error = ConnectError(
        "m", data=[1], stage="tls", status=403, headers={"a": "b"}, body=b"c"
    )
    assert error.data == [1]
    assert error.stage == "tls"
    assert error.status == 403
    assert error.headers == {"a": "b"}
    assert error.body == b"c"


def test_transport_error_attributes() -> None:
    error = TransportError("websocket error", description=1006, context="frame")
    assert error.type == "TransportError"
    assert error.description == 1006
    assert error.context == "frame"


def test_default_texts_are_the_protocols() -> None:
    assert str(AckTimeoutError()) == "operation has timed out"
    error = DisconnectedError("io client disconnect")
    assert str(error) == "socket has been disconnected"
    assert error.reason == "io client disconnect"


def test_reserved_event() -> None:
    error = ReservedEventError("disconnect")
    assert str(error) == '"disconnect" is a reserved event name'
    assert error.event == "disconnect"


@pytest.mark.parametrize("error_class", [LimitError, BufferFullError])
def test_exceeded_names_everything(
    error_class: type[LimitError] | type[BufferFullError],
) -> None:
    error = error_class.exceeded("max_depth", 257, 256)
    assert type(error) is error_class
    assert (error.limit, error.value) == ("max_depth", 257)
    for part in ("max_depth", "257", "256", "limits=sioc.Limits(max_depth=...)"):
        assert part in str(error)


def test_exceeded_makes_the_subclass() -> None:
    class MyLimitError(LimitError):
        pass

    assert type(MyLimitError.exceeded("max_depth", 2, 1)) is MyLimitError


@pytest.mark.parametrize("name", Limits.__struct_fields__)
def test_exceeded_advice_is_valid(name: str) -> None:
    text = str(LimitError.exceeded(name, 2, 1))
    assert f"sioc.Limits({name}=...)" in text


def test_seconds_exceeded() -> None:
    text = str(LimitError.exceeded("attachment_timeout", 30.5, 30.0))
    assert "30.5" in text
    assert "30.0" in text


def test_more_digits_than_python_prints() -> None:
    error = LimitError.exceeded("max_attachments", 10**5000, 1024)
    assert "more than 2**64" in str(error)
    assert "more than 2**64" in repr(error)
    assert error.value == 10**5000


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ConnectError("m"), "ConnectError('m')"),
        (
            ConnectError("m", data={"a": 1}, stage="tcp", status=500),
            "ConnectError('m', data={'a': 1}, stage='tcp', status=500)",
        ),
        (UnsupportedServerError("m"), "UnsupportedServerError('m')"),
        (TransportError("m", description=4), "TransportError('m', description=4)"),
        (
            DisconnectedError("ping timeout", "m"),
            "DisconnectedError('m', reason='ping timeout')",
        ),
        (
            LimitError("m", limit="max_depth", value=3),
            "LimitError('m', limit='max_depth', value=3)",
        ),
        (
            BufferFullError("m", limit="max_send_bytes", value=3),
            "BufferFullError('m', limit='max_send_bytes', value=3)",
        ),
    ],
)
def test_repr(error: SocketIOError, shown: str) -> None:
    assert repr(error) == shown


def test_repr_has_no_secrets() -> None:
    error = ConnectError(
        "m", status=401, headers={"Set-Cookie": "canary"}, body=b"canary"
    )
    assert "canary" not in repr(error)
    assert "canary" not in repr(TransportError("m", context={"cookie": "canary"}))


@pytest.mark.parametrize(
    "data", ["x" * 100_000, ["x" * 1000] * 1000, {str(i): "y" * 300 for i in range(99)}]
)
def test_repr_is_short_whatever_the_server_sent(data: object) -> None:
    assert len(repr(ConnectError("m", data=data))) < 250


def test_repr_of_data_that_cannot_be_shown() -> None:
    assert repr(ConnectError("m", data=[10**5000])) == "ConnectError('m', data=<list>)"


def test_cause_is_kept_by_raise_from() -> None:
    cause = OSError(111, "refused")
    with pytest.raises(ConnectError) as caught:
        raise ConnectError("no connection", stage="tcp") from cause
    assert caught.value.__cause__ is cause


def test_os_error_members_do_not_see_our_arguments() -> None:
    # OSError reads two arguments as errno and text.
    error = DisconnectedError("transport close", "m")
    assert error.errno is None
    assert str(error) == "m"


@pytest.mark.parametrize("payload", [{"code": 7}, {"message": 7}])
def test_a_refusal_without_a_message(payload: object) -> None:
    error = ConnectError.of_refusal(payload)
    assert error.message == "the server refused the connection"
    assert error.data == payload


def test_a_refusal_that_is_only_a_message() -> None:
    error = ConnectError.of_refusal("not now")
    assert (error.message, error.data) == ("not now", None)

"""Checks of what functions return, which options have their own of."""

import pytest

from sioc.checks import check_headers, check_query

RESERVED = ["Sec-WebSocket-Key", "SEC-WEBSOCKET-EXTENSIONS", "Upgrade", "connection"]


@pytest.mark.parametrize("name", [*RESERVED, "Content-Length", "Transfer-Encoding"])
def test_headers_of_the_handshake(name: str) -> None:
    with pytest.raises(ValueError, match="extra_headers") as caught:
        check_headers({"A": "b", name: "x"})
    assert repr(name) in str(caught.value)


def test_what_functions_return_is_checked_by_the_same_rules() -> None:
    assert check_headers({"A": "b"}) == {"A": "b"}
    assert check_query({"a": 1}) == {"a": "1"}
    with pytest.raises(TypeError, match="extra_headers must be a dict, not NoneType"):
        check_headers(None)
    with pytest.raises(TypeError, match="query must be a dict, not NoneType"):
        check_query(None)

"""What is read from HTTP answers that are not what was asked for."""

import pytest

from sioc.transports.answers import dechunked


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"", b""),
        (b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"A;name=value\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n", b"0123456789"),
        (b"5\r\nab", b"ab"),
        (b"5", b""),
        (b"3\r\nabc\r\nnonsense", b"abc"),
        (b"-3\r\nabc\r\n", b""),
        (b"3\r\nabc\r\n-1\r\nabc\r\n", b"abc"),
        (b"<h1>no chunks</h1>", b""),
    ],
)
def test_chunks_are_joined_as_far_as_they_have_come(body: bytes, read: bytes) -> None:
    assert dechunked(body) == read

"""Servers whose certificate must not be taken, and one whose certificate must."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import trustme

import sioc
from peers.fixture_types import OpenSocket
from sioc.testing import serve

CA = trustme.CA()
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
FAR_OFF = datetime.datetime(2090, 1, 1, tzinfo=datetime.timezone.utc)

BAD: dict[str, Callable[[], trustme.LeafCert]] = {
    "unknown authority": lambda: trustme.CA().issue_cert("127.0.0.1"),
    "other host": lambda: CA.issue_cert("127.0.0.2"),
    "expired": lambda: CA.issue_cert(
        "127.0.0.1", not_before=LONG_AGO, not_after=LONG_AGO.replace(year=2021)
    ),
    "not yet valid": lambda: CA.issue_cert(
        "127.0.0.1", not_before=FAR_OFF, not_after=FAR_OFF.replace(year=2091)
    ),
}


def trusting() -> ssl.SSLContext:
    """Return a client's context that trusts the authority."""
    context = ssl.create_default_context()
    CA.configure_trust(context)
    return context


def identified(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Return a server's context with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.mark.parametrize("name", BAD)
async def test_a_certificate_that_does_not_verify(
    io: OpenSocket, loop_errors: list[dict[str, Any]], name: str
) -> None:
    async with serve(ssl=identified(BAD[name]())) as peer:
        socket = io(peer.url, ssl=trusting(), reconnection=False)
        with pytest.raises(sioc.ConnectError) as caught:
            await socket
        assert caught.value.stage == "tls"
        assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
        assert peer.connections == 0


async def test_a_certificate_that_verifies(io: OpenSocket) -> None:
    async with serve(ssl=identified(CA.issue_cert("127.0.0.1"))) as peer:
        socket = await io(peer.url, ssl=trusting())
        assert await socket.emit_with_ack("x", b"y") == b"y"
        await socket.disconnect()


async def test_without_verification_any_certificate_is_taken(io: OpenSocket) -> None:
    async with serve(ssl=identified(BAD["unknown authority"]())) as peer:
        socket = await io(peer.url, ssl=False)
        await socket.disconnect()

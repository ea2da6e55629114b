"""Declared events with real servers, over both parsers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer


class Picture(msgspec.Struct):
    name: str
    pixels: bytes
    size: tuple[int, int] = (1, 1)


class Gallery(sioc.Events):
    @sioc.incoming
    def echo(self, picture: Picture, likes: int) -> None: ...

    @sioc.outgoing("echo")
    def send(self, picture: Picture, likes: int = 0) -> None: ...

    @sioc.outgoing("ack")
    def ask(self, picture: Picture) -> Picture:
        raise NotImplementedError


@pytest.fixture(params=["json", "msgpack"])
async def gallery(
    request: pytest.FixtureRequest, js: JsServer, msgpack_js: JsServer, io: OpenSocket
) -> AsyncIterator[Gallery]:
    if request.param == "msgpack":
        yield Gallery(await io(msgpack_js.url, parser=sioc.parsers.msgpack))
    else:
        yield Gallery(await io(js.url))


async def test_structs_go_and_come_back(gallery: Gallery) -> None:
    picture = Picture("a.png", b"\x89PNG", (2, 3))
    async with gallery.echo.stream() as pictures:
        gallery.send.emit(picture)
        gallery.send.emit(picture, likes=5)
        assert (await anext(pictures)).data == (picture, 0)
        assert (await anext(pictures)).data == (picture, 5)
    assert await gallery.timeout(5).ask.emit_with_ack(picture) == picture

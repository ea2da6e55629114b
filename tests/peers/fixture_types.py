"""The types of the fixtures that are functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import sioc
from peers.js_server import JsServer
from peers.raw_peer import RawPeer

OpenSocket = Callable[..., sioc.Socket]
Serve = Callable[..., Awaitable[RawPeer]]
ShareJs = Callable[..., Awaitable[JsServer]]
StartJs = Callable[..., Awaitable[JsServer]]

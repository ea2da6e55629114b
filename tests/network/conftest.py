"""Fixtures of the network tests: real servers, proxies and certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from peers import proxies
from peers.certificates import Authority
from peers.doors import Doors
from peers.js_server import JsServer


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return an authority that issues certificates."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def node(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Doors]:
    """Hold the Node server of this session; `doors` starts it."""
    doors = Doors(JsServer(), authority, tmp_path_factory.mktemp("sockets"))
    yield doors
    doors.server.close()


@pytest.fixture
async def doors(node: Doors) -> Doors:
    """Return the ways into a socket.io server that is as good as new."""
    if not node.server.port:
        await node.server.start()
    await node.server.reset()
    return node


@pytest.fixture(scope="session")
def proxy(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], proxies.Proxy]]:
    """Return a function that starts the proxy of a kind once."""
    folder = tmp_path_factory.mktemp("proxies")
    certificate = authority.issue()
    started: dict[str, proxies.Proxy] = {}

    def start(kind: str) -> proxies.Proxy:
        if kind not in started:
            started[kind] = proxies.start(kind, folder, certificate)
        return started[kind]

    yield start
    for running in started.values():
        running.close()

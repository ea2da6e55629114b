"""Every Python snippet of the documents runs.

A snippet finds what the text around it speaks of: `sioc`, `asyncio`, a connected
`socket`, a `manager`, and the names that the page has defined before. A server that
sends `tick` and `news` all the time stands for http://localhost:3000.
"""

from __future__ import annotations

import ast
import asyncio
import gc
import logging
import re
import types
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import sioc
from sioc.testing import Peer, serve

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = (
    "guide",
    "lifecycle",
    "connections",
    "reconnection",
    "options",
    "limits",
    "errors",
    "api",
    "reference",
    "parsers",
    "migrating",
    "observability",
    "ordering",
    "streams",
    "threads",
    "typed-events",
)
SERVER = "http://localhost:3000"
PATIENCE = 5.0  # seconds
ENDLESS = 0.2  # seconds; what loops over a stream goes on until it is stopped
PAUSE = 0.005


@pytest.fixture
async def server() -> AsyncIterator[Peer]:
    """Serve, and send events to whoever joins."""
    async with serve() as peer:
        sending = asyncio.create_task(send_events(peer))
        yield peer
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def send_events(peer: Peer) -> None:
    """Send what the listeners of the documents listen to."""
    while True:
        peer.broadcast("tick", {"symbol": "EURUSD", "price": 1.0854})
        peer.broadcast("news", "rain")
        await asyncio.sleep(PAUSE)


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """Undo what a snippet asks of the log: what it tells would be kept."""
    log = logging.getLogger("sioc")
    before = log.level
    yield
    log.setLevel(before)


def snippets(page: str) -> list[tuple[int, str]]:
    """Return the Python snippets of a page with their line numbers."""
    text = (DOCS / f"{page}.md").read_text("utf-8")
    found = re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, match.start()) + 1, match[1]) for match in found]


async def run(source: str, line: int, page: str, names: dict[str, Any]) -> None:
    """Run one snippet as the body of a coroutine."""
    # A loop runs already.
    source = "\n" * line + source.replace("sioc.run(main())", "await main()")
    code = compile(source, f"{page}.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = types.FunctionType(code, names)()
    if running is None:
        return
    if "async for" not in source:
        await asyncio.wait_for(running, PATIENCE)
        return
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(running, ENDLESS)


@pytest.mark.parametrize("page", PAGES)
async def test_snippets_run(
    page: str, server: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    socket = sioc.io(server.url, force_new=True)
    manager = sioc.Manager(server.url)
    names: dict[str, Any] = {"sioc": sioc, "asyncio": asyncio}
    opened: set[sioc.Socket | sioc.Manager] = {socket, manager}
    for line, source in snippets(page):
        await socket.connect()
        names |= {"socket": socket, "manager": manager}
        # What earlier snippets have closed is not there to be shared any more.
        gc.collect()
        await run(source.replace(SERVER, server.url), line, page, names)
        opened |= {
            value
            for value in names.values()
            if isinstance(value, (sioc.Socket, sioc.Manager))
        }
    for each in opened:
        await asyncio.wait_for(each.close(), PATIENCE)
    assert manager.stats.listener_errors == socket.io.stats.listener_errors == 0
    capsys.readouterr()


def test_every_page_with_snippets_is_tested() -> None:
    pages = {path.stem for path in DOCS.glob("*.md") if snippets(path.stem)}
    # Its snippets are tests and processes themselves; those of the other one block.
    assert pages - {"testing", "sync"} == set(PAGES)


async def test_snippets_that_block_run_in_a_thread(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with serve() as peer, sioc.io(peer.url, force_new=True) as socket:
        *blocking, (line, threads) = snippets("sync")
        names: dict[str, Any] = {"asyncio": asyncio, "socket": socket}
        for _, source in blocking:
            await asyncio.to_thread(exec, source.replace(SERVER, peer.url), names)
        await run(threads, line, "sync", names)
        assert peer.stats["events"] == 6
    capsys.readouterr()


async def test_a_wrong_snippet_is_found() -> None:
    with pytest.raises(AttributeError, match="emitt"):
        await run("sioc.emitt()\nawait x", 1, "page", {"sioc": sioc})

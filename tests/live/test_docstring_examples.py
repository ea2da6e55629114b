"""Every public object has an example in its docstring, and every example runs.

Of compiled modules, the stubs have the docstrings with examples: editors show those. An
example finds what the text around it speaks of, and a server that sends events.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import importlib
import inspect
import io
import types
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

import sioc
from sioc import sync, testing
from sioc.parsers import json, msgpack
from sioc.testing import Peer, PeerProcess, serve

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 5.0  # seconds
ENDLESS = 0.1  # seconds; what loops over a stream goes on until it is stopped
PAUSE = 0.01

# Public for other parts of sioc, not for programs; and what is not sioc's own.
EXEMPT = {
    "ValidationError",
    "Socket.offset",
    "Socket.wire",
    "Manager.awaits_answers",
    "Manager.new_backoff",
    "Manager.wire",
    "Stats.of",
    "ConnectError.of_refusal",
    "UnsupportedServerError.of_refusal",
    "LimitError.exceeded",
    "LimitError.nested",
    "BufferFullError.exceeded",
}


@cache
def stub(module: str) -> ast.Module:
    """Return the stub of a compiled module."""
    return ast.parse((ROOT / (module.replace(".", "/") + ".pyi")).read_text("utf-8"))


def documented(body: list[ast.stmt], name: str) -> str:
    """Return the docstring of a definition in a stub: of overloads, the first one's."""
    for node in body:
        if (
            isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.name == name
            and (text := ast.get_docstring(node))
        ):
            return text
    return ""


def docstring(owner: Any, name: str) -> str:
    """Return what an editor shows of a class, a function or a member of a class."""
    if not inspect.isclass(owner):
        member = getattr(owner, name)
        module = getattr(member, "__module__", "")
        is_compiled = (ROOT / (module.replace(".", "/") + ".pyi")).is_file()
        return (
            documented(stub(module).body, name)
            if is_compiled
            else inspect.getdoc(member) or ""
        )
    kind = next(kind for kind in owner.__mro__ if name in vars(kind))
    if (ROOT / (kind.__module__.replace(".", "/") + ".pyi")).is_file():
        (body,) = [
            node.body
            for node in stub(kind.__module__).body
            if isinstance(node, ast.ClassDef) and node.name == kind.__name__
        ]
        return documented(body, name)
    return inspect.cleandoc(getattr(vars(kind)[name], "__doc__", None) or "")


def members(kind: type) -> Iterator[str]:
    """Yield the public methods and properties of a class, inherited ones included.

    Attributes that are data stand in the docstring of the class.
    """
    for base in kind.__mro__:
        for name, value in vars(base).items():
            is_data = isinstance(value, types.MemberDescriptorType) or not hasattr(
                value, "__get__"
            )
            if base is sioc.Packet or not base.__module__.startswith("sioc"):
                continue
            if name[0] != "_" and not is_data:
                yield name


def public() -> Iterator[tuple[str, Any, str]]:
    """Yield each public object: what it is called, whose it is, its name there."""
    for module in sioc, sync, testing:
        for name in module.__all__:
            value = getattr(module, name)
            if isinstance(value, types.ModuleType) or name == "protocol":
                continue
            prefix = module.__name__.partition(".")[2]
            title = f"{prefix}.{name}".strip(".")
            yield title, module, name
            if inspect.isclass(value):
                for member in members(value):
                    yield f"{title}.{member}", value, member
    for parser in json, msgpack:
        for name in "Encoder", "Decoder", "with_options":
            yield f"{parser.__name__[5:]}.{name}", parser, name
    for module in "events", "sync.events":
        for name in "Outgoing", "Incoming":
            kind = getattr(importlib.import_module(f"sioc.{module}"), name)
            for member in members(kind):
                yield f"{module}.{name}.{member}", kind, member


PUBLIC = {
    title: docstring(owner, name)
    for title, owner, name in dict.fromkeys(public())
    if title not in EXEMPT
}


@pytest.mark.parametrize("title", PUBLIC)
def test_a_public_object_has_an_example(title: str) -> None:
    assert ">>> " in PUBLIC[title]


class Player(msgspec.Struct):
    name: str


class Declarations:
    """What the examples speak of."""

    @sioc.incoming
    def score(self, points: float) -> None: ...

    @sioc.outgoing
    def move(self, x: float, y: float = 0.0) -> None: ...

    @sioc.outgoing("ack")
    def join(self, room: str) -> str:
        raise NotImplementedError


class Game(Declarations, sioc.Events): ...


class BlockingGame(Declarations, sync.Events): ...


class Tracer:
    """Stands for OpenTelemetry's."""

    def start_as_current_span(self, name: str) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Peer]:
    """Run a server that sends events."""
    async with serve() as peer:
        sending = asyncio.create_task(send_events(peer))
        yield peer
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def send_events(peer: Peer) -> None:
    """Send what examples listen to, for a while: blocking loops end in a silence."""
    for _ in range(20):
        peer.broadcast("tick", {"price": 1.0854})
        peer.broadcast("score", 1.5)
        peer.broadcast("question", 6, 7)
        await asyncio.sleep(PAUSE)


@pytest.fixture(scope="module", autouse=True)
def a_loop_before() -> None:
    """Have libuv open the pipe that it has once per process."""
    with PeerProcess() as process:
        sync.io(process.url).close()


def examples(text: str) -> list[doctest.Example]:
    """Return the statements of a docstring, and what each is to print."""
    return doctest.DocTestParser().get_examples(inspect.cleandoc(text))


def printed(example: doctest.Example, names: dict[str, Any]) -> Iterator[Any]:
    """Run one statement: yield what is to be awaited, or None; then what it prints."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(example.source, "<docstring>", "single", flags)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        yield types.FunctionType(code, names)()
        yield output.getvalue()


def checked(example: doctest.Example, output: str) -> None:
    """Hold what was printed against what was promised, where something was."""
    if example.want:
        assert output == example.want, example.source


async def finished(awaitable: Any, source: str) -> None:
    """Wait for what an example awaits; what has no end is stopped."""
    if "async for" in source and "print(event" in source:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(awaitable, ENDLESS)
    elif awaitable is not None:
        await asyncio.wait_for(awaitable, PATIENCE)


# A loop runs already.
WITHOUT_LOOP = {"run"}
BLOCKING = {title for title in PUBLIC if title.startswith("sync.")}
PROCESS = {title for title in PUBLIC if title.startswith("testing.PeerProcess")}
ASYNC = PUBLIC.keys() - BLOCKING - PROCESS - WITHOUT_LOOP
OWNERS = sorted({title.partition(".")[0] for title in ASYNC})


@pytest.mark.parametrize("owner", OWNERS)
async def test_examples_run(owner: str, loop_errors: list[dict[str, Any]]) -> None:
    for title in sorted(ASYNC):
        if title.partition(".")[0] == owner:
            async with serving() as peer:
                await play(title, peer)
    assert loop_errors == []


async def play(title: str, peer: Peer) -> None:
    """Run the example of a public object."""
    socket = await sioc.io(peer.url, force_new=True, reconnection_delay=0.01)
    given = {
        "asyncio": asyncio,
        "sioc": sioc,
        "EventEmitter": sioc.EventEmitter,
        "url": peer.url,
        "peer": peer,
        "socket": socket,
        "manager": socket.io,
        "emitter": sioc.EventEmitter(),
        "game": Game(socket),
        "tracer": Tracer(),
        "Player": Player,
        "Room": str,
        "draw": print,
        "answer": str,
    }
    names = dict(given)
    for example in examples(PUBLIC[title].replace("http://localhost:3000", peer.url)):
        running = printed(example, names)
        await finished(next(running), example.source)
        checked(example, next(running))
    await close([*names.values(), socket, *sioc.client._shared_managers().values()])


async def close(values: list[Any]) -> None:
    """Close what an example has opened."""
    flat = [
        each for value in values for each in (value if type(value) is list else [value])
    ]
    for value in flat:
        if isinstance(value, (sioc.Socket, sioc.Manager)):
            await asyncio.wait_for(value.close(), PATIENCE)
        elif isinstance(value, asyncio.Future):
            await asyncio.gather(value, return_exceptions=True)


async def test_examples_that_block_run() -> None:
    for title in sorted(BLOCKING):
        text = PUBLIC[title].replace("timeout=30", "timeout=0.1")
        async with serving() as peer:
            text = text.replace("http://localhost:3000", peer.url)
            await asyncio.wait_for(asyncio.to_thread(block, text, peer.url), PATIENCE)


def block(text: str, url: str) -> None:
    """Run an example that blocks."""
    with sync.io(url) as socket:
        game = BlockingGame(socket)
        names = {"sioc": sioc, "url": url, "socket": socket, "game": game, "Room": str}
        for example in examples(text):
            _, output = printed(example, names)
            checked(example, output)
        for value in names.values():
            if isinstance(value, sync.Socket):
                value.close()


@pytest.mark.timeout(60)
async def test_examples_with_a_process_run() -> None:
    with PeerProcess() as process:
        for title in sorted(PROCESS):
            if not process.running:
                process.start()
            names = {"sioc": sioc, "process": process}
            for example in examples(PUBLIC[title]):
                running = printed(example, names)
                await finished(next(running), example.source)
                checked(example, next(running))


def test_what_an_example_promises_is_looked_at() -> None:
    (example,) = examples(">>> 1 + 1\n3")
    _, output = printed(example, {})
    with pytest.raises(AssertionError):
        checked(example, output)

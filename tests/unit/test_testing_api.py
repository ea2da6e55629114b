"""`sioc.testing` as a program uses it: the peer, its process, the pytest plugin."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
import socketio
import trustme

import sioc.testing
from sioc.testing import Peer, PeerProcess, serve

TIMEOUT = 5.0  # seconds
COMMAND = [sys.executable, "-m", "sioc.testing"]


class Events:
    """What a client of python-socketio receives, in order.

    Args:
        client: The client.
        names: The names of the events to keep.
    """

    def __init__(self, client: socketio.AsyncClient, *names: str) -> None:
        self._queue: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()
        for name in names:
            client.on(name, self._keep(name))

    def _keep(self, name: str) -> Callable[..., None]:
        def keep(*args: Any) -> None:
            self._queue.put_nowait((name, *args))

        return keep

    async def next(self) -> tuple[Any, ...]:
        return await asyncio.wait_for(self._queue.get(), TIMEOUT)


@pytest.fixture
async def client() -> AsyncIterator[socketio.AsyncClient]:
    client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
    yield client
    await client.disconnect()


async def connect(client: socketio.AsyncClient, peer: Any) -> None:
    await client.connect(peer.url, transports=["websocket"])


async def test_with_python_socketio(
    sioc_peer: Peer, client: socketio.AsyncClient
) -> None:
    events = Events(client, "echo", "answered", "tick", "flood:done", "disconnect")
    client.on("question", lambda *args: (b"answer", *args))
    await connect(client, sioc_peer)
    value = {"list": [1, b"two", None], "empty": b"", "text": "ünï 😀"}
    assert await client.call("anything", value) == value
    await client.emit("echo", (value, b"x" * 70_000))
    assert await events.next() == ("echo", value, b"x" * 70_000)
    await client.emit("ask", ("question", 1, b"2"))
    assert await events.next() == ("answered", b"answer", 1, b"2")
    await client.emit("flood", (2, "tick", {"data": b"3"}))
    assert [await events.next() for _ in range(3)] == [
        ("tick", {"data": b"3"}),
        ("tick", {"data": b"3"}),
        ("flood:done", 2),
    ]
    assert (await client.call("stats"))["connections"] == 1
    await client.emit("kick")
    assert (await events.next())[0] == "disconnect"


async def test_broadcast_reaches_who_has_joined(
    sioc_peer: Peer, client: socketio.AsyncClient
) -> None:
    events = Events(client, "news")
    assert sioc_peer.broadcast("news") == 0
    await connect(client, sioc_peer)
    assert sioc_peer.broadcast("news", {"x": (b"1", bytearray(b"2"))}, None) == 1
    assert await events.next() == ("news", {"x": [b"1", b"2"]}, None)
    assert sioc_peer.broadcast("news", namespace="/other") == 0
    with pytest.raises(TypeError):
        sioc_peer.broadcast("news", object())


async def test_broadcast_to_a_client_without_binary(sioc_peer: Peer) -> None:
    url = f"{sioc_peer.url}/socket.io/?EIO=4&transport=websocket&b64=1"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.send_str("40")
        assert [(await socket.receive_str())[0] for _ in range(2)] == ["0", "4"]
        assert sioc_peer.broadcast("news", b"1") == 1
        header = '451-["news",{"_placeholder":true,"num":0}]'
        assert [await socket.receive_str() for _ in range(2)] == [header, "bMQ=="]


# python-socketio forgets its HTTP session here, which aiohttp tells in both ways.
@pytest.mark.filterwarnings("ignore:Unclosed client session:ResourceWarning")
async def test_close_connections(
    sioc_peer: Peer, client: socketio.AsyncClient, loop_errors: list[dict[str, Any]]
) -> None:
    events = Events(client, "disconnect")
    await connect(client, sioc_peer)
    assert sioc_peer.connections == 1
    for _ in range(2):
        await sioc_peer.close_connections()
    assert sioc_peer.connections == 0
    assert (await events.next())[0] == "disconnect"
    # It goes on listening.
    await connect(client, sioc_peer)
    assert sioc_peer.connections == 1


async def test_leaving_ends_every_connection(client: socketio.AsyncClient) -> None:
    ends, ticks = Events(client, "disconnect"), Events(client, "tick")
    peer = serve(delay=30.0)
    for _ in range(2):
        async with peer:
            await connect(client, peer)
            # A connection that never gets past TCP.
            reader, writer = await asyncio.open_connection("127.0.0.1", peer.port)
            # A reply that waits, and a flood that goes on.
            await client.emit("echo", "not now")
            await client.emit("flood", (10**9, "tick", "x" * 50_000))
            await ticks.next()
        assert peer.connections == 0
        assert (await ends.next())[0] == "disconnect"
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await asyncio.wait_for(reader.readexactly(1), TIMEOUT)
        writer.transport.abort()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", peer.port)


async def test_tls(client: socketio.AsyncClient) -> None:
    import ssl

    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with serve(ssl=server) as peer:
        assert peer.url == f"https://127.0.0.1:{peer.port}"
        client.eio.ssl_verify = True
        client.eio.websocket_extra_options = {"ssl": trusting}
        await connect(client, peer)
        assert await client.call("x", b"y" * 100_000) == b"y" * 100_000
        await client.disconnect()


@pytest.mark.parametrize(
    "option",
    [
        {"ping_interval": 0},
        {"ping_timeout": float("nan")},
        {"connect_timeout": -1},
        {"delay": float("inf")},
        {"max_payload": 0},
    ],
)
def test_bad_options(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        serve(**option)


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:80"), ("::1", "http://[::1]:80")],
)
def test_the_url_is_one_to_connect_to(host: str, url: str) -> None:
    assert serve(80, host).url == url


def test_names_load_when_first_used() -> None:
    assert {name for name in sioc.testing.__all__ if getattr(sioc.testing, name)}
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        _ = sioc.testing.other


async def test_a_process_comes_back_on_its_port(client: socketio.AsyncClient) -> None:
    async with PeerProcess(delay=0.05) as peer:
        events = Events(client, "disconnect")
        await connect(client, peer)
        assert await client.call("x", 1) == 1
        pid, url = peer.pid, peer.url
        peer.kill()
        assert not peer.running
        assert (await events.next())[0] == "disconnect"
        await peer.restart_async()
        assert peer.url == url
        assert peer.pid != pid
        await connect(client, peer)
        assert await client.call("x", 2) == 2
    with pytest.raises(RuntimeError, match="not running"):
        _ = peer.pid


def test_a_process_is_always_reaped(sioc_peer_process: PeerProcess) -> None:
    peer = sioc_peer_process
    port = peer.port
    assert peer.running
    with pytest.raises(RuntimeError, match="running already"):
        peer.start()
    os.kill(peer.pid, signal.SIGKILL)
    assert peer.restart().port == port
    peer.stop()
    peer.stop()
    assert not peer.running


def test_a_process_that_cannot_listen(sioc_peer_process: PeerProcess) -> None:
    second = PeerProcess(port=sioc_peer_process.port)
    with pytest.raises(RuntimeError, match="without listening"):
        second.start()
    assert not second.running


async def test_a_process_that_is_late() -> None:
    late = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(TimeoutError, match=r"after 0\.05 seconds"):
        PeerProcess(prefix=late, start_timeout=0.05).start()
    with pytest.raises(TimeoutError, match=r"after 0\.05 seconds"):
        await PeerProcess(prefix=late, start_timeout=0.05).start_async()


@pytest.mark.parametrize("end", ["SIGTERM", "SIGINT", "stdin"])
@pytest.mark.parametrize("loop", ["--uvloop", "--no-uvloop"])
def test_the_command_ends_cleanly(end: str, loop: str) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--exit-with-stdin", loop],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["url"] == f"http://127.0.0.1:{ready['port']}"
        assert ready["pid"] == process.pid
        if end != "stdin":
            process.send_signal(getattr(signal, end))
        # communicate() closes stdin as well.
        _, errors = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, errors) == (0, "")


def test_the_command_says_what_it_is() -> None:
    run = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True)
    assert run.returncode == 0
    assert "not for production" in " ".join(run.stdout.split())
    for arguments in (["--delay", "-1"], ["--host", "host.invalid"]):
        run = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)
        assert run.returncode == 1
        assert run.stderr.startswith("sioc.testing: ")


def test_the_plugin_loads_nothing_of_the_peer() -> None:
    code = (
        "import pytest, sioc, sys; before = set(sys.modules); "
        "import sioc.testing.fixtures; print(*set(sys.modules) - before)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert set(run.stdout.split()) == {"sioc.testing", "sioc.testing.fixtures"}


@pytest.mark.parametrize(
    "options", [[], ["-o", "asyncio_mode=strict"], ["-p", "no:asyncio"]], ids=str
)
def test_the_plugin_in_other_sessions(tmp_path: Any, options: list[str]) -> None:
    marked = "@pytest.mark.asyncio\n" if "no:asyncio" not in options else ""
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        f"{marked}async def test_it(sioc_peer): assert sioc_peer.connections == 0\n"
        "def test_process(sioc_peer_process): assert sioc_peer_process.running\n"
    )
    # Without a plugin that runs coroutines there is only the process.
    outcome = "1 passed, 1 error" if "no:asyncio" in options else "2 passed"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert outcome in run.stdout


def test_a_process_that_has_ended_is_started_again() -> None:
    with PeerProcess(uvloop=False) as peer:
        port, pid = peer.port, peer.pid
        os.kill(pid, signal.SIGKILL)
        while peer.running:
            pass
        assert peer.start().port == port
        assert peer.pid != pid


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs SIGSTOP")
def test_a_process_that_does_not_stop_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sioc.testing.process._STOP_TIMEOUT", 0.05)
    peer = PeerProcess().start()
    os.kill(peer.pid, signal.SIGSTOP)
    peer.stop()
    assert not peer.running


@pytest.mark.parametrize("loop", ["--uvloop", "--no-uvloop"])
def test_the_command_ends_with_stdin_and_not_before(loop: str) -> None:
    command = [*COMMAND, "--exit-with-stdin", loop]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdin.write(b"what it does not read\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["pid"] == process.pid
        assert process.poll() is None
        process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0

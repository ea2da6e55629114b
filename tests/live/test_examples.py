"""Every example runs as its docstring says, and prints what it is meant to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from peers.js_server import JsServer
from sioc.testing import PeerProcess

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
PATIENCE = 20  # seconds; a cold interpreter on a busy machine
INTERRUPTED = 130

# What each prints. "<id>" stands for the id of a socket.
OUTPUT = {
    "quickstart": """\
connected, my id is <id>
the server sent echo: hello 42
the server acknowledged with {'user': 'ada'}
""",
    "acks": """\
the server got (42,) for ['add', 40, 2]
the server got ('slept', 0.05) for ['slow', 0.05]
the server got ('HI',) for ['later', 'hi']
one: a
several: (1, 2, 3)
callback: b
callback with timeout: None c
too late: operation has timed out
""",
    "binary": """\
picture.png [100000, 100000]
thumbnail b'\\x89PNG'
intact
""",
    "namespaces": """\
one connection: True
ids differ: True
chat: hello
news: rain
chat left: False True True
""",
    "auth": """\
connecting with token-1
welcome, <id>
connecting with token-2
refused: not authorized {'content': 'refused by the test peer'}
still trying: False
refused again: not authorized
""",
    "typed_events": """\
EURUSD: spread 0.00003, tags ['fx']
XAUUSD: spread 0.30000, tags []
not delivered to on_tick: Expected `float`, got `str` - at `$[0].bid`
answered 7: DAX
""",
    "chat_bot": """\
@ada remember: tea
None
@ada you rolled 1
@ada I know roll, remind, help
""",
    "game_bot": """\
joined lobby with 4 places
turn 1: ada is at 0.0, 0.0
turn 1: bob is at 3.0, 4.0
my turn, 0.5 s to choose
I went north
""",
    "rpc": """\
100 jobs, {'started'}
the server got (True,)
the server got (7, 0.5)
""",
    "fan_out": """\
50 connections
came back 50 times
unsent bytes: 0
""",
    "blocking": """\
answer: 42
tick {'price': 101}
tick {'price': 101}
tick {'price': 101}
flood:done 3
doubled: [0, 2, 4, 6, 8, 10, 12, 14]
""",
    "prometheus_metrics": """\
sioc_packets_total{direction="out",nsp="/",type="CONNECT"} 1.0
sioc_packets_total{direction="in",nsp="/",type="CONNECT"} 1.0
sioc_packets_total{direction="out",nsp="/",type="EVENT"} 5.0
sioc_packets_total{direction="in",nsp="/",type="EVENT"} 1.0
sioc_packets_total{direction="in",nsp="/",type="ACK"} 3.0
sioc_bytes_total{direction="out",nsp="/"} 82.0
sioc_bytes_total{direction="in",nsp="/"} 55.0
sioc_ack_seconds_count{event="question",nsp="/"} 3.0
sioc_acks_lost_total{error="AckTimeoutError",nsp="/"} 1.0
sioc_connected{nsp="/"} 1.0
sioc_sessions_total{transport="websocket"} 1.0
sioc_listener_seconds_count{event="echo",nsp="/"} 1.0
""",
    "opentelemetry_tracing": """\
write to the database UNSET inside another
order process UNSET
question emit UNSET
sink emit ERROR
/ connection UNSET
""",
    "streams": """\
tick {'price': 101}
tick {'price': 101}
tick {'price': 101}
flood:done 3
dropped 990
one event: later
the server got 42
""",
}


@pytest.fixture(scope="module")
def peer() -> Iterator[PeerProcess]:
    """Run one peer for all examples that leave it alive."""
    with PeerProcess() as peer:
        yield peer


def command(name: str, *arguments: str) -> list[str]:
    """Return the command line of an example, or of the demo."""
    target = ["-m", "examples.demo"] if name == "demo" else [f"{EXAMPLES / name}.py"]
    return [sys.executable, "-u", "-W", "error", *target, *arguments]


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an example to its end."""
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command(name, *arguments),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )


@contextmanager
def started(name: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start an example, and have it killed if the test forgets it."""
    process = subprocess.Popen(
        command(name, *arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def until(process: subprocess.Popen[str], text: str) -> list[str]:
    """Read lines up to the one that contains a text."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return lines
    raise AssertionError(f"{text!r} was not printed, but {lines}")


def matches(output: str, expected: str) -> bool:
    """Tell whether an output is the expected one, with any id for <id>."""
    pattern = re.escape(expected).replace("<id>", r"[\w-]{20}")
    return re.fullmatch(pattern, output) is not None


def test_every_example_is_tested() -> None:
    names = {path.stem for path in EXAMPLES.glob("*.py")}
    others = {"reconnect_worker", "market_data", "fastapi_relay", "pytest_fixtures"}
    assert names == OUTPUT.keys() | others


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", OUTPUT)
def test_example_prints_what_it_promises(name: str, peer: PeerProcess) -> None:
    result = run(name, peer.url)
    assert result.stderr == ""
    assert result.returncode == 0
    assert matches(result.stdout, OUTPUT[name]), result.stdout


@pytest.mark.timeout(30)
def test_the_worker_delivers_everything_across_a_restart() -> None:
    with PeerProcess() as peer, started("reconnect_worker", peer.url, "30") as worker:
        lines = until(worker, "delivered 3")
        peer.restart()
        lines += until(worker, "reconnected 1 times")
        assert worker.wait(PATIENCE) == 0
    text = "".join(lines)
    delivered = re.findall(r"^delivered (\d+)$", text, re.MULTILINE)
    assert sorted(map(int, delivered)) == list(range(30))
    assert text.count("disconnected: transport close\n") == 1
    assert text.count("connected\n") >= 2


@pytest.mark.timeout(30)
def test_the_market_data_bot_takes_the_newest(peer: PeerProcess) -> None:
    result = run("market_data", peer.url)
    assert result.stderr == ""
    *lines, last = result.stdout.splitlines()
    assert lines
    assert set(lines) == {"EURUSD 1.085, average 1.085"}
    match = re.fullmatch(r"took (\d+) ticks, dropped (\d+)", last)
    assert match is not None, last
    assert int(match[1]) + int(match[2]) == 2000


@pytest.mark.timeout(30)
def test_the_relay_serves_http(peer: PeerProcess) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with started("fastapi_relay", peer.url, str(port)) as relay:
        while not fetched(f"{url}/health", relay).startswith(b'{"connected":true'):
            time.sleep(0.05)
        assert fetched(f"{url}/ask/question?value=7", relay) == b'{"answer":7}'
        events = fetched(f"{url}/events/tick?count=2", relay)
        assert events == b'data: {"price":101}\n\n' * 2
        with pytest.raises(urllib.error.HTTPError, match="400"):
            fetched(f"{url}/ask/connect", relay)
        with pytest.raises(urllib.error.HTTPError, match="504"):
            fetched(f"{url}/ask/sink", relay)
        relay.send_signal(signal.SIGINT)
        assert relay.wait(PATIENCE) in (0, INTERRUPTED, -signal.SIGINT)


def fetched(url: str, process: subprocess.Popen[str]) -> bytes:
    """Return what a URL has; b"" while the process does not listen yet."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            body: bytes = answer.read()
            return body
    except urllib.error.HTTPError as error:
        error.close()
        raise
    except OSError:
        assert process.poll() is None, "the example has ended"
        return b""


@pytest.mark.timeout(30)
def test_the_tests_of_the_example_pass() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, EXAMPLES / "pytest_fixtures.py"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stdout
    assert "4 passed" in result.stdout


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", ["quickstart", "binary"])
async def test_example_does_the_same_with_a_node_server(
    name: str, js: JsServer
) -> None:
    result = run(name, js.url)  # the server needs nothing of this loop
    assert result.stderr == ""
    assert matches(result.stdout, OUTPUT[name]), result.stdout


STEPS = "connect", "events", "one way", "acks", "binary", "namespaces", "restart"


@pytest.mark.untraced
@pytest.mark.timeout(60)
def test_demo_proves_its_claims() -> None:
    result = run("demo", "--seconds", "0.5")
    assert result.stderr == ""
    assert result.returncode == 0, result.stdout
    proved = re.findall(r"^✓ ([\w ]+?)  ", result.stdout, re.MULTILINE)
    assert proved == [*STEPS, "traffic"]
    assert "1,000 events" in result.stdout
    assert "none lost, none twice, in order" in result.stdout
    for caption in ("events per second, in", "events per second, out", "p99.9"):
        assert caption in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.timeout(60)
async def test_demo_runs_against_a_server_of_yours(js: JsServer) -> None:
    result = run("demo", js.url, "--seconds", "0.5")
    assert result.stderr == ""
    assert result.returncode == 0, result.stdout
    proved = re.findall(r"^✓ ([\w ]+?)  ", result.stdout, re.MULTILINE)
    assert proved == ["connect", "events", "acks", "binary", "traffic"]


@pytest.mark.timeout(30)
def test_demo_fails_with_a_reason(dead_port: int) -> None:
    result = run("demo", f"http://127.0.0.1:{dead_port}")
    assert result.stderr == ""
    assert result.returncode == 1
    assert "✗ connect     cannot connect to" in result.stdout


@pytest.mark.timeout(30)
def test_demo_leaves_nothing_when_interrupted() -> None:
    with started("demo") as demo:
        lines = until(demo, "a peer of its own, process")
        until(demo, "joined over websocket")
        demo.send_signal(signal.SIGINT)
        until(demo, "interrupted")
        assert demo.wait(PATIENCE) == INTERRUPTED
    match = re.search(r"process (\d+)", lines[-1])
    assert match is not None
    with pytest.raises(ProcessLookupError):
        os.kill(int(match[1]), 0)

"""A server whose HTTP answers a test gives one by one, over however many connections.

The test itself is the script: it takes the next GET, POST or WebSocket request of the
client, looks at it and answers it, now, later, never, or byte by byte. What must hold
in every test is looked after here: of one session never two GETs, and never two POSTs,
are in flight.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl

from peers.raw_connection import TIMEOUT, EndingProtocol, RawConnection, Request

SEPARATOR = "\x1e"


def open_packet(**changes: Any) -> str:
    """Return an Engine.IO handshake; a value given as None is left out."""
    values: dict[str, Any] = {
        "sid": "session",
        "upgrades": [],
        "pingInterval": 25000,
        "pingTimeout": 20000,
        "maxPayload": 1000000,
    }
    values |= changes
    sent = {name: value for name, value in values.items() if value is not None}
    return "0" + json.dumps(sent)


class Exchange:
    """One request, and its answer.

    Attributes:
        conn: The connection it came by.
        request: The request.
        body: The request's body.
    """

    def __init__(self, conn: RawConnection, request: Request, body: bytes) -> None:
        self.conn = conn
        self.request = request
        self.body = body
        self._answered = asyncio.Event()
        self._keeps = True

    def __repr__(self) -> str:
        return f"<{self.kind} {self.request.target} {self.body[:40]!r}>"

    @property
    def kind(self) -> str:
        """`"GET"`, `"POST"`, or `"UPGRADE"` for a WebSocket."""
        if self.request.values("Upgrade"):
            return "UPGRADE"
        return self.request.method

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the target, decoded."""
        return dict(parse_qsl(self.request.query, keep_blank_values=True))

    @property
    def packets(self) -> list[str]:
        """The Engine.IO packets of the body."""
        return self.body.decode().split(SEPARATOR)

    @property
    def in_flight(self) -> bool:
        """Whether the client still waits for the answer."""
        return not self._answered.is_set() and not self.conn.is_ended

    def answer(
        self,
        body: str | bytes = "ok",
        status: str = "200 OK",
        **fields: str,
    ) -> None:
        """Answer, completely.

        Args:
            body: The body.
            status: The status line's status and reason.
            fields: Header fields, `_` standing for `-`.
        """
        data = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        head = {"Content-Type": "text/plain; charset=UTF-8"} | named
        head.setdefault("Content-Length", str(len(data)))
        self.conn.reply(status, head, data)
        self._answered.set()

    def deliver(self, *packets: str) -> None:
        """Answer a GET with Engine.IO packets."""
        self.answer(SEPARATOR.join(packets))

    def send_raw(self, data: bytes) -> None:
        """Send a part of an answer as it is; more may follow, or nothing."""
        self.conn.send_raw(data)

    def take_over(self) -> RawConnection:
        """Return the connection, for the test to speak on it what it likes."""
        self._keeps = False
        self._answered.set()
        return self.conn

    def accept(self) -> RawConnection:
        """Accept the WebSocket and return its connection."""
        conn = self.take_over()
        conn.switch_protocols()
        return conn

    async def aborted(self, timeout: float = TIMEOUT) -> None:
        """Wait until the client has ended the connection."""
        await self.conn.closed(timeout)

    async def until_answered(self) -> bool:
        """Wait for the answer; tell whether more requests are to be read."""
        await self._answered.wait()
        return self._keeps


class HttpPeer:
    """The server, on a free port of 127.0.0.1.

    Attributes:
        exchanges: Every request so far, in the order they came.
        connections: Every connection so far.
    """

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._coming: dict[str, asyncio.Queue[Exchange]] = {
            kind: asyncio.Queue() for kind in ("GET", "POST", "UPGRADE")
        }
        self._faults: list[str] = []
        self.exchanges: list[Exchange] = []
        self.connections: list[RawConnection] = []
        self.port = 0

    @property
    def url(self) -> str:
        """The server's origin."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def kinds(self) -> list[str]:
        """The kinds of all requests so far, in order."""
        return [exchange.kind for exchange in self.exchanges]

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: EndingProtocol(asyncio.StreamReader(1 << 20), self._on_connection),
            "127.0.0.1",
            0,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Abort every connection, and raise what went wrong with the order."""
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        for conn in self.connections:
            conn.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        assert not self._faults, self._faults

    # What comes next.

    async def get(self, timeout: float | None = TIMEOUT) -> Exchange:
        """Return the next GET request for packets."""
        return await self._next("GET", timeout)

    async def post(self, timeout: float | None = TIMEOUT) -> Exchange:
        """Return the next POST request."""
        return await self._next("POST", timeout)

    async def upgrade(self, timeout: float = TIMEOUT) -> Exchange:
        """Return the next WebSocket request."""
        return await self._next("UPGRADE", timeout)

    async def expect_post(self, *packets: str) -> None:
        """Expect a POST with just these Engine.IO packets, and answer it."""
        post = await self.post()
        assert post.packets == list(packets)
        post.answer()

    # A session's beginning.

    async def open(self, *behind: str, **handshake: Any) -> Exchange:
        """Answer the first GET with a handshake, and what is to come behind it.

        Returns:
            The first GET.
        """
        first = await self.get()
        assert "sid" not in first.query
        first.deliver(open_packet(**handshake), *behind)
        return first

    async def join(self) -> Exchange:
        """Let the client join `/`, and return the GET that waits then."""
        await self.expect_post("40")
        waiting = await self.get()
        waiting.deliver('40{"sid":"socket"}')
        return await self.get()

    async def establish(self, **handshake: Any) -> Exchange:
        """Open a session, let the client join `/`, and return the GET that waits."""
        await self.open(**handshake)
        return await self.join()

    async def _next(self, kind: str, timeout: float | None) -> Exchange:
        if timeout is None:  # in a task that is to be cancelled: no wait_for()
            return await self._coming[kind].get()
        try:
            return await asyncio.wait_for(self._coming[kind].get(), timeout)
        except asyncio.TimeoutError:
            raise AssertionError(
                f"no {kind} came within {timeout} s after {self.exchanges[-5:]}"
            ) from None

    def _on_connection(self, conn: RawConnection) -> None:
        conn.number = len(self.connections)
        self.connections.append(conn)
        task = asyncio.get_running_loop().create_task(self._serve(conn))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, conn: RawConnection) -> None:
        try:
            while True:
                request = await conn.read_request(timeout=None)
                body = await conn.read_body(timeout=None)
                exchange = Exchange(conn, request, body)
                self._note(exchange)
                if not await exchange.until_answered():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            conn.end()

    def _note(self, exchange: Exchange) -> None:
        for other in self.exchanges:
            same = other.kind == exchange.kind != "UPGRADE"
            if same and other.in_flight and self._of_one_session(other, exchange):
                self._faults.append(f"{exchange} came while {other} was in flight")
        self.exchanges.append(exchange)
        self._coming[exchange.kind].put_nowait(exchange)

    @staticmethod
    def _of_one_session(one: Exchange, other: Exchange) -> bool:
        return one.query.get("sid") == other.query.get("sid") is not None

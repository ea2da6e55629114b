"""RFC 6455, by the cases of the Autobahn test suite.

kosoku serves them. The same cases are put to another client, whose conformance is
known, so that a defect of the runner is not taken for one of ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from kosoku import FailureError, run_fuzzingserver

from sioc._messages import MessageSession
from sioc.limits import Limits
from sioc.options import Settings
from sioc.transports.endpoint import Endpoint
from sioc.transports.websocket import WebSocketTransport
from sioc.url import parse

# Framing, pings, reserved bits, opcodes, fragments, UTF-8, closing, sizes of messages.
# 12 and 13 are about an extension that is not offered.
RULES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"], 247
# Messages of up to 16 MiB, of up to 65,536 fragments, and many at a time.
LARGE = ["9.*"], 54
LIMITS = Limits(max_fragments=65_536)

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.parametrize(
        ("groups", "cases"), [RULES, LARGE], ids=["rules", "large"]
    ),
]

# aiohttp answers a close frame of status 1006, which none may send.
OF_THE_CONTROL = {"7.9.5"}

AGENT = "client"
TOGETHER = 8  # cases that run at the same time

OnMessage = Callable[[Any], None]
Client = Callable[[str, str, dict[str, str], OnMessage | None], Awaitable[None]]


@pytest.fixture(scope="module", autouse=True)
def runtime() -> None:
    """Let kosoku open, outside of any test, what it keeps until the process ends."""

    async def use() -> None:
        async with run_fuzzingserver(["1.1.1"], port=0):
            pass

    asyncio.run(use())


async def sioc_client(
    origin: str, path: str, query: dict[str, str], on_message: OnMessage | None
) -> None:
    """Open a link, echo or take what comes, and return when it has ended."""
    ended = asyncio.get_running_loop().create_future()
    session = MessageSession(None, on_message or (lambda data: session.send(data)))
    settings = Settings(path=path, add_trailing_slash=False, limits=LIMITS)
    transport = WebSocketTransport(
        session,
        Endpoint(parse(origin), settings, query, {}),
        lambda *details: ended.set_result(details),
    )
    session._use(transport.outlet)
    await transport.open()
    await ended


async def aiohttp_client(
    origin: str, path: str, query: dict[str, str], on_message: OnMessage | None
) -> None:
    """Do what `sioc_client` does."""
    url = f"{origin}{path}?{urlencode(query)}"
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, max_msg_size=0) as socket,
    ):
        async for message in socket:
            if on_message is not None:
                on_message(message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                await socket.send_bytes(message.data)


async def failed_cases(client: Client, groups: list[str], cases: int) -> dict[str, str]:
    """Put cases to a client; return what is wrong, by the numbers of the cases."""
    counts: list[Any] = []
    async with run_fuzzingserver(groups, port=0) as server:
        call = partial(client, f"http://127.0.0.1:{server.port}")
        await call("/getCaseCount", {}, counts.append)
        assert [int(count) for count in counts] == [cases]
        slots = asyncio.Semaphore(TOGETHER)

        async def run(case: int) -> None:
            async with slots:
                query = {"case": str(case), "agent": AGENT}
                await call("/runCase", query, None)

        await asyncio.gather(*map(run, range(1, cases + 1)))
        await call("/updateReports", {"agent": AGENT}, None)
        try:
            results = await server.get_result()
        except FailureError as error:
            results = error.results or []
            return {
                case.case_id: f"{case.behavior} {case.result} {case.behavior_close} "
                f"{case.result_close}"
                for case in results
                if not case.passed
            }
    assert len(results) == cases
    return {}


async def test_every_case_passes(groups: list[str], cases: int) -> None:
    assert await failed_cases(sioc_client, groups, cases) == {}


async def test_the_control_passes_too(groups: list[str], cases: int) -> None:
    failed = await failed_cases(aiohttp_client, groups, cases)
    assert failed.keys() <= OF_THE_CONTROL

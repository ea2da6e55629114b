"""A chat bot: commands in, answers out, one message at a time and per room.

A server to try it with:  python -m sioc.testing --port 3000
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"

Command = Callable[[str], Awaitable[str]]
COMMANDS: dict[str, Command] = {}


def command(fn: Command) -> Command:
    """Make a function the command of its name."""
    COMMANDS[fn.__name__] = fn
    return fn


@command
async def roll(text: str) -> str:
    return f"you rolled {random.Random(text).randint(1, int(text or 6))}"


@command
async def remind(text: str) -> str:
    seconds, _, what = text.partition(" ")
    await asyncio.sleep(float(seconds))
    return f"remember: {what}"


@command
async def help(text: str) -> str:  # noqa: A001 - the name of the command
    return "I know " + ", ".join(COMMANDS)


async def main() -> None:
    async with sioc.io(f"{URL}/chat", auth={"name": "bot"}) as chat:
        # One after another: an answer never overtakes an earlier one. Without
        # concurrency=1, a reminder would not hold up the next command.
        @chat.on("message", concurrency=1)
        async def message(author: str, text: str) -> str | None:
            if not text.startswith("!"):
                return None  # acknowledged, without an answer
            name, _, rest = text[1:].partition(" ")
            answer = COMMANDS.get(name, help)
            return f"@{author} {await answer(rest)}"

        # This peer asks us what we tell it to ask, and shows what we answered.
        async with chat.stream("answered") as answers:
            for text in ("!remind 0.05 tea", "hello", "!roll 1", "!what"):
                chat.emit("ask", "message", "ada", text)
            for _ in range(4):
                answered = await anext(answers)
                print(answered.data)


sioc.run(main())

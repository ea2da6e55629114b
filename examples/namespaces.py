"""Namespaces: several conversations on one connection.

A server to try it with:  python -m sioc.testing --port 3000
"""

import asyncio
import sys

import sioc

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"


async def main() -> None:
    # The path of the URL is the namespace. Same server: the connection is shared.
    root = sioc.io(URL)
    chat = sioc.io(f"{URL}/chat")
    news = sioc.io(f"{URL}/news")
    await asyncio.gather(root, chat, news)
    print("one connection:", root.io is chat.io is news.io)

    # Each namespace has listeners, an id and acks of its own.
    @chat.on("echo")
    def chat_came_back(text: str) -> None:
        print("chat:", text)

    @news.on("echo")
    def news_came_back(text: str) -> None:
        print("news:", text)

    print("ids differ:", len({root.id, chat.id, news.id}) == 3)
    chat.emit("echo", "hello")
    news.emit("echo", "rain")
    await asyncio.gather(chat.emit_with_ack("ack"), news.emit_with_ack("ack"))

    # One may leave while the others stay; the last one closes the connection.
    await chat.disconnect()
    print("chat left:", chat.connected, root.connected, news.connected)
    await asyncio.gather(root.disconnect(), news.disconnect())


sioc.run(main())

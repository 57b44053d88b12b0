"""Debian's python3-websockets as a server: its argument says whether it compresses, and the path what it does.

Tells its port, and how each connection ends.
"""
import asyncio
import logging
import sys

import websockets
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

PING = 0x9


class PingCounter(logging.Handler):
    """The library answers pings by itself and tells nobody; its debug log does."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.pings = asyncio.Queue()

    def emit(self, record):
        if record.msg.startswith("<") and record.args and getattr(record.args[0], "opcode", None) == PING:
            self.pings.put_nowait(None)


COUNTER = PingCounter()


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def fragments(socket):
    async for message in socket:
        size = max(1, -(-len(message) // 7))
        await socket.send(message[at:at + size] for at in range(0, len(message), size))


async def header(socket):
    await socket.send(socket.request_headers["X-Test"])
    await socket.wait_closed()


async def close(socket):
    await socket.close(4002, "再见 👋")


async def ping(socket):
    await (await socket.ping("还在吗?"))
    await socket.send("pong 还在吗?")
    await socket.wait_closed()


async def pinged(socket):
    for _ in range(2):
        await COUNTER.pings.get()
    await socket.send("2 pings")
    await socket.wait_closed()


async def handle(socket):
    try:
        await globals()[socket.path[1:]](socket)
    finally:
        await socket.wait_closed()
        print(f"closed {socket.close_code} {socket.close_reason}", flush=True)


async def main():
    logger = logging.getLogger("server")
    logger.propagate = False
    logger.addHandler(COUNTER)
    logger.setLevel(logging.DEBUG)
    async with websockets.serve(
        handle,
        "127.0.0.1",
        0,
        compression=None,
        extensions=[ServerPerMessageDeflateFactory()] if sys.argv[1] == "deflate" else None,
        subprotocols=["chat.v2"],
        max_size=64 * 1024 * 1024,
        ping_interval=None,
        logger=logger,
    ) as server:
        print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


sys.stdout.reconfigure(encoding="utf-8")
asyncio.run(main())

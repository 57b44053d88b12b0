"""Debian's python3-websockets as a client: carries out the plan in its argument, tells what happened as JSON lines."""
import asyncio
import hashlib
import json
import logging
import sys

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

PLAN = json.loads(sys.argv[1])
PING = 0x9


def tell(client, event, **more):
    print(json.dumps({"event": event, "client": client, **more}), flush=True)


def pattern(length, kind):
    if kind == "zeros":
        return bytes(length)
    if kind == "random":
        block, random = bytearray(), 1
        for _ in range(min(length, 65536)):
            random = (random * 1664525 + 1013904223) & 0xFFFFFFFF
            block.append(random >> 24)
    else:
        block = bytes((i * 31 + (i >> 8)) & 255 for i in range(min(length, 65536)))
    return (bytes(block) * (length // 65536 + 1))[:length]


def content(step):
    return step["text"] if "text" in step else pattern(step["bytes"], step["kind"])


def compression(number):
    """What is not named is not offered; 0 is client_max_window_bits without a value."""
    if "offers" not in PLAN:
        return {}
    offer = PLAN["offers"][number]
    if not offer["deflate"]:
        return {"compression": None}
    client_bits = offer.get("clientMaxWindowBits")
    return {
        "compression": None,
        "extensions": [
            ClientPerMessageDeflateFactory(
                server_no_context_takeover=offer["serverNoContextTakeover"],
                client_no_context_takeover=offer["clientNoContextTakeover"],
                server_max_window_bits=offer.get("serverMaxWindowBits"),
                client_max_window_bits=True if client_bits == 0 else client_bits,
            )
        ],
    }


class PingCounter(logging.Handler):
    """The library answers pings by itself and tells nobody; its debug log does."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.pings = asyncio.Queue()

    def emit(self, record):
        if record.msg.startswith("<") and record.args and getattr(record.args[0], "opcode", None) == PING:
            self.pings.put_nowait(None)


class Client:
    def __init__(self, number, socket, counter):
        self.number = number
        self.socket = socket
        self.counter = counter

    async def send(self, step):
        await self.socket.send(content(step))

    async def sendFragments(self, step):
        everything = content(step)
        size = step["size"]
        await self.socket.send(everything[at:at + size] for at in range(0, len(everything), size))

    async def receive(self, step):
        for _ in range(step["count"]):
            message = await self.socket.recv()
            is_text = isinstance(message, str)
            data = message.encode() if is_text else message
            tell(
                self.number,
                "message",
                type="text" if is_text else "binary",
                length=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                text=message if is_text and len(data) <= 4096 else None,
            )

    async def burst(self, step):
        for number in range(step["count"]):
            await self.socket.send(f"client {self.number} message {number}")
        await self.receive(step)

    async def ping(self, step):
        await (await self.socket.ping(step["text"]))
        # The waiter ends only for a pong with this very payload.
        tell(self.number, "pong", text=step["text"])

    async def awaitPings(self, step):
        for _ in range(step["count"]):
            await self.counter.pings.get()
            tell(self.number, "ping")

    async def close(self, step):
        await self.socket.close(step["code"], step["reason"])
        await self.awaitClose(step)

    async def awaitClose(self, step):
        await self.socket.wait_closed()
        tell(self.number, "close", code=self.socket.close_code, reason=self.socket.close_reason)


async def run(number):
    counter = PingCounter()
    logger = logging.getLogger(f"client.{number}")
    logger.propagate = False
    logger.addHandler(counter)
    # Before Python's log level is asked for: the library looks at it once, when it connects.
    watches_pings = any(step["do"] == "awaitPings" for step in PLAN["steps"])
    logger.setLevel(logging.DEBUG if watches_pings else logging.WARNING)
    async with websockets.connect(
        PLAN["url"],
        subprotocols=PLAN["protocols"] or None,
        max_size=None,
        ping_interval=None,
        open_timeout=30,
        logger=logger,
        **compression(number),
    ) as socket:
        tell(number, "open", protocol=socket.subprotocol, extensions=socket.response_headers.get("Sec-WebSocket-Extensions"))
        client = Client(number, socket, counter)
        for step in PLAN["steps"]:
            await getattr(client, step["do"])(step)


async def main():
    await asyncio.gather(*(run(number) for number in range(len(PLAN["offers"]) if "offers" in PLAN else PLAN["clients"])))


asyncio.run(main())

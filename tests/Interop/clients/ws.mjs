// The npm package `ws` as a client: carries out the plan in its argument, tells what happened as JSON lines.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import WebSocket from 'ws';

const plan = JSON.parse(process.argv[2]);

function tell(client, event, more = {}) {
  process.stdout.write(`${JSON.stringify({ event, client, ...more })}\n`);
}

function pattern(length, kind) {
  const block = Buffer.alloc(65536);
  let random = 1;
  for (let i = 0; i < block.length && kind !== 'zeros'; i++) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    block[i] = kind === 'random' ? random >>> 24 : (i * 31 + (i >> 8)) & 255;
  }
  return Buffer.alloc(length, block);
}

// What is not named is not offered; 0 is client_max_window_bits without a value. A takeover that is `false` would refuse a server's wish.
function deflateOf(offer) {
  if (!offer.deflate) {
    return false;
  }
  const options = {
    threshold: 0,
    serverNoContextTakeover: offer.serverNoContextTakeover || undefined,
    clientNoContextTakeover: offer.clientNoContextTakeover || undefined,
    clientMaxWindowBits: offer.clientMaxWindowBits === 0 ? true : (offer.clientMaxWindowBits ?? false),
  };
  return offer.serverMaxWindowBits === undefined ? options : { ...options, serverMaxWindowBits: offer.serverMaxWindowBits };
}

// What arrives before anybody asks for it waits here.
class Inbox {
  #items = [];
  #takers = [];

  put(item) {
    const taker = this.#takers.shift();
    if (taker) {
      taker(item);
    } else {
      this.#items.push(item);
    }
  }

  take() {
    return this.#items.length > 0 ? Promise.resolve(this.#items.shift()) : new Promise((resolve) => this.#takers.push(resolve));
  }
}

async function run(client) {
  const socket = new WebSocket(plan.url, plan.protocols, plan.offers ? { perMessageDeflate: deflateOf(plan.offers[client]), maxPayload: 0 } : {});
  let extensions = null;
  socket.on('upgrade', (response) => { extensions = response.headers['sec-websocket-extensions'] ?? null; });
  const [messages, pings, pongs] = [new Inbox(), new Inbox(), new Inbox()];
  socket.on('message', (data, binary) => messages.put({ data, binary }));
  socket.on('ping', (data) => pings.put(data));
  socket.on('pong', (data) => pongs.put(data));
  const closed = new Promise((resolve) => socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })));
  const failure = new Promise((_, reject) => socket.on('error', reject));
  failure.catch(() => {});
  const lost = Promise.race([failure, closed.then(({ code, reason }) => { throw new Error(`closed early: ${code} ${reason}`); })]);
  lost.catch(() => {});

  await Promise.race([once(socket, 'open'), failure]);
  tell(client, 'open', { protocol: socket.protocol || null, extensions });

  async function receive() {
    const { data, binary } = await Promise.race([messages.take(), lost]);
    tell(client, 'message', {
      type: binary ? 'binary' : 'text',
      length: data.length,
      sha256: createHash('sha256').update(data).digest('hex'),
      text: binary || data.length > 4096 ? null : data.toString('utf8'),
    });
  }

  const actions = {
    send: (step) => socket.send(step.text ?? pattern(step.bytes, step.kind)),
    sendFragments(step) {
      const binary = step.text === undefined;
      const all = binary ? pattern(step.bytes, step.kind) : Buffer.from(step.text, 'utf8');
      for (let at = 0; at < all.length; at += step.size) {
        socket.send(all.subarray(at, at + step.size), { binary, fin: at + step.size >= all.length });
      }
    },
    async receive(step) {
      for (let i = 0; i < step.count; i++) {
        await receive();
      }
    },
    async burst(step) {
      for (let i = 0; i < step.count; i++) {
        socket.send(`client ${client} message ${i}`);
      }
      await actions.receive(step);
    },
    async ping(step) {
      socket.ping(step.text);
      tell(client, 'pong', { text: (await Promise.race([pongs.take(), lost])).toString() });
    },
    async awaitPings(step) {
      for (let i = 0; i < step.count; i++) {
        await Promise.race([pings.take(), lost]);
        tell(client, 'ping');
      }
    },
    async close(step) {
      socket.close(step.code, step.reason);
      await actions.awaitClose();
    },
    async awaitClose() {
      tell(client, 'close', await Promise.race([closed, failure]));
    },
  };
  for (const step of plan.steps) {
    await actions[step.do](step);
  }
}

await Promise.all(Array.from({ length: plan.offers?.length ?? plan.clients }, (_, client) => run(client)));

// An echo and a broadcast as the documentation of ws shows them, on the paths that every server here has.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, deflate: { type: 'boolean', default: false } } });

const http = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname !== '/stats') {
    response.writeHead(404).end();
    return;
  }

  if (url.search === '?collect') {
    globalThis.gc?.();
  }

  // Node does not count what it has allocated.
  const { heapUsed, external } = process.memoryUsage();
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ heapBytes: heapUsed + external }));
});

// Compressed whatever its length: below its threshold, ws would send a message as it is.
const perMessageDeflate = values.deflate && { threshold: 0 };
const sockets = new WebSocketServer({ server: http, maxPayload: 64 * 1024 * 1024, perMessageDeflate });
sockets.on('connection', (socket, request) => {
  socket.on('error', () => {});
  if (request.url === '/broadcast') {
    socket.on('message', (data, isBinary) => {
      for (const member of sockets.clients) {
        member.send(data, { binary: isBinary });
      }
    });
  } else {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  }
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit(0));
}

// With a server of its own given, ws leaves the listening, and so the backlog, to whoever made it.
http.listen({ host: '127.0.0.1', port: Number(values.port), backlog: 65535 }, () => {
  console.log(`listening on ws://127.0.0.1:${http.address().port}/`);
});

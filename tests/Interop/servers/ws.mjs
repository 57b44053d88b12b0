// The npm package `ws` as a server: its argument says whether it compresses, and the path what it does. Tells its port, and how each connection ends.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  maxPayload: 64 * 1024 * 1024,
  perMessageDeflate: process.argv[2] === 'deflate' ? { threshold: 0 } : false,
  handleProtocols: (offered) => (offered.has('chat.v2') ? 'chat.v2' : false),
});

const handlers = {
  echo: (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })),
  fragments: (socket) => socket.on('message', (data, binary) => {
    const size = Math.max(1, Math.ceil(data.length / 7));
    for (let at = 0; at < data.length; at += size) {
      socket.send(data.subarray(at, at + size), { binary, fin: at + size >= data.length });
    }
  }),
  header: (socket, request) => socket.send(request.headers['x-test']),
  close: (socket) => socket.close(4002, '再见 👋'),
  ping(socket) {
    socket.on('pong', (data) => socket.send(`pong ${data}`));
    socket.ping('还在吗?');
  },
  pinged(socket) {
    let count = 0;
    socket.on('ping', () => { if (++count === 2) { socket.send('2 pings'); } });
  },
};

server.on('connection', (socket, request) => {
  socket.on('error', (error) => console.error(error));
  socket.on('close', (code, reason) => console.log(`closed ${code} ${reason}`));
  handlers[request.url.slice(1)](socket, request);
});
server.on('listening', () => console.log(`listening ${server.address().port}`));

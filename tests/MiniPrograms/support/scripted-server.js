'use strict';

const { EventEmitter } = require('events');
const { WebSocketServer } = require('ws');
const { until } = require('./until');

/** A server that others wrote, for what the chat host does not do or does not tell. */
class ScriptedServer {
  /** @param isSlow Whether it answers a handshake only when it is told to. */
  static async start({ isSlow = false } = {}) {
    const server = new ScriptedServer();
    server.isSlow = isSlow;
    server.waiting = [];
    server.messages = [];
    server.sockets = [];
    server.requests = [];
    server.closes = [];
    server.changes = new EventEmitter();
    const changed = () => server.changes.emit('changed');
    server.server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      verifyClient: (_, answer) => {
        if (!server.isSlow) {
          answer(true);
          return;
        }

        server.waiting.push(() => answer(true));
        changed();
      },
    });
    server.server.on('connection', (socket, request) => {
      server.sockets.push(socket);
      server.requests.push(request);
      socket.on('message', data => server.messages.push(JSON.parse(data.toString())));
      socket.on('message', changed);
      socket.on('close', code => {
        server.closes.push(code);
        changed();
      });
      changed();
    });
    server.server.once('listening', changed);
    await server.until(() => server.server.address(), 'the scripted server listens');
    server.address = `ws://127.0.0.1:${server.server.address().port}/`;
    return server;
  }

  /** Waits for the n-th handshake that waits for its answer. */
  handshake(n) {
    return this.until(() => this.waiting[n - 1], `handshake ${n} has come`);
  }

  /** The n-th connection, the first being 1. */
  connection(n) {
    return this.until(() => this.sockets[n - 1], `connection ${n} is made`);
  }

  until(holds, what) {
    return until(this.changes, holds, what, () => `${this.sockets.length} connections, closed with ${this.closes}`);
  }

  stop() {
    this.server.close();
    this.sockets.forEach(socket => socket.terminate());
  }
}

module.exports = { ScriptedServer };

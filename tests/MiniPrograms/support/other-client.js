'use strict';

const { EventEmitter } = require('events');
const WebSocket = require('ws');
const { until } = require('./until');

/** Somebody else in the chat, on a client that knows only the chat's JSON. */
class OtherClient {
  static async connect(address, name) {
    const client = new OtherClient();
    client.messages = [];
    client.changes = new EventEmitter();
    client.socket = new WebSocket(address);
    client.socket.on('message', data => {
      client.messages.push(JSON.parse(data.toString()));
      client.changes.emit('changed');
    });
    await client.next(message => message.type === 'welcome', 'the other client is welcome');
    if (name) {
      client.socket.send(JSON.stringify({ name }));
    }

    return client;
  }

  say(text) {
    this.socket.send(JSON.stringify({ data: text }));
  }

  /** The first message, of those that came and come, that is so. */
  next(isSo, what) {
    const take = () => {
      const found = this.messages.findIndex(isSo);
      return found >= 0 && this.messages.splice(found, 1)[0];
    };
    return until(this.changes, take, what, () => JSON.stringify(this.messages));
  }

  hears(text) {
    return this.next(message => message.data === text, `the other client hears "${text}"`);
  }

  leave() {
    this.socket.terminate();
  }
}

module.exports = { OtherClient };

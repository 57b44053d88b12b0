'use strict';

const { spawn } = require('child_process');
const path = require('path');
const { EventEmitter } = require('events');
const { until } = require('./until');

const Program = path.resolve(__dirname, '../../../samples/ChatHost/bin/Release/net10.0/ChatHost.dll');

/** The real chat host as a process. */
class ChatHost {
  static async start({ port = 0, announceEvery = 0 } = {}) {
    const host = new ChatHost();
    host.process = spawn('dotnet',
      [Program, '--port', `${port}`, '--announce-every', `${announceEvery}`, '--announce-jitter', '0'],
      { stdio: ['ignore', 'pipe', 'pipe'] });
    host.changes = new EventEmitter();
    host.output = '';
    host.errors = '';
    host.status = null;
    host.process.stdout.on('data', data => {
      host.output += data;
      host.changes.emit('changed');
    });
    host.process.stderr.on('data', data => { host.errors += data; });
    host.process.on('exit', (code, signal) => {
      host.status = `${code === null ? signal : code}`;
      host.changes.emit('changed');
    });
    [, host.address] = await until(host.changes, () => /^listening on (.*)\n/.exec(host.output),
      'the chat host listens', () => host.errors);
    host.port = Number(new URL(host.address).port);
    return host;
  }

  /** Ends it as an operator does. @returns the exit status, or the signal that ended it. */
  async stop() {
    this.process.kill('SIGTERM');
    return until(this.changes, () => this.status, 'the chat host ends', () => this.errors);
  }

  kill() {
    if (this.status === null) {
      this.process.kill('SIGKILL');
    }
  }
}

module.exports = { ChatHost };

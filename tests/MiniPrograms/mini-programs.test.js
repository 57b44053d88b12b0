'use strict';

// Both mini programs, their files unchanged, against the real chat host: drawn by the simulator, over real sockets.
const assert = require('node:assert/strict');
const path = require('node:path');
const { afterEach, beforeEach, describe, test } = require('node:test');

const { ChatHost } = require('./support/chat-host');
const { OtherClient } = require('./support/other-client');
const { Phone } = require('./support/phone');
const { ScriptedServer } = require('./support/scripted-server');

const Samples = path.resolve(__dirname, '../../samples');
const Programs = [
  { name: 'WepyChat', root: path.join(Samples, 'WepyChat/dist'), tasks: true, listens: 1 },
  { name: 'WepyChat, app-wide listeners in a slot each', root: path.join(Samples, 'WepyChat/dist'), tasks: false, listeners: 'slot', listens: 1 },
  { name: 'WepyChat, app-wide listeners in lists', root: path.join(Samples, 'WepyChat/dist'), tasks: false, listeners: 'list', listens: 1 },
  { name: 'WeChatNative', root: path.join(Samples, 'WeChatNative'), tasks: true, listens: 0 },
];

/** Milliseconds from a loss to the next attempt. */
const Retry = 2000;

for (const program of Programs) {
  describe(program.name, { timeout: 120000 }, () => {
    let ends;

    beforeEach(() => {
      ends = [];
    });

    afterEach(async () => {
      for (const end of ends.reverse()) {
        await end();
      }
    });

    const startHost = async options => {
      const host = await ChatHost.start(options);
      ends.push(() => host.kill());
      return host;
    };
    const startScripted = async options => {
      const server = await ScriptedServer.start(options);
      ends.push(() => server.stop());
      return server;
    };
    const turnOn = (server, nickname) => {
      const phone = new Phone(program.root, { tasks: program.tasks, listeners: program.listeners, server, nickname });
      ends.push(() => phone.turnOff());
      return phone;
    };
    const meet = async (host, name) => {
      const other = await OtherClient.connect(host.address, name);
      ends.push(() => other.leave());
      return other;
    };

    // App-wide listeners cannot tell whose end it was that came late: the new socket is given up, and another tried.
    const settle = async phone => {
      for (let tries = 0; tries < 10; tries++) {
        // Within the two seconds the platform is done with a socket that was given up.
        await phone.until(
          () => phone.state === '已连接' || (phone.state === '连接断开,2 秒后重试' && phone.platform.sockets.length === 0),
          'an attempt has come to its end');
        if (phone.state === '已连接') {
          return;
        }

        phone.clock.advance(Retry);
      }

      assert.fail('no attempt has succeeded');
    };

    describe('talking', () => {
      test('shows what the server says, with the time', async () => {
        const host = await startHost({ announceEvery: 0.2 });
        const phone = turnOn(host.address);
        await phone.untilLine('服务器说:来自服务器的消息');
        assert.match(phone.all('.line')[0].textContent, /^\d\d:\d\d:\d\d服务器说:来自服务器的消息$/);
      });

      test('sends and receives Chinese and emoji, each line once, under the speaker\'s name', async () => {
        const host = await startHost();
        const phone = turnOn(host.address);
        await phone.untilState('已连接');
        const other = await meet(host, '小林');

        await phone.say('你好,世界 😀👨‍👩‍👧');
        await other.hears('你好,世界 😀👨‍👩‍👧');
        other.say('早上好 👋');
        await phone.untilLine('小林说:早上好 👋');

        // One's own line came back before the answer to it.
        const said = phone.all('.line:not(.notice)').map(line => line.textContent.slice('00:00:00'.length));
        assert.deepEqual(said, ['我说:你好,世界 😀👨‍👩‍👧', '小林说:早上好 👋']);
        assert.equal(phone.text('.draft'), '');
        assert.equal(phone.instance.data.draft, '', 'what was sent is not in its field any more');
      });

      test('scrolls to the newest line', async () => {
        const host = await startHost();
        const phone = turnOn(host.address);
        await phone.untilState('已连接');
        await phone.say('one');
        await phone.say('two');
        const { lines, newest } = phone.instance.data;
        assert.equal(lines.at(-1).text, 'two');
        assert.equal(newest, `line-${lines.at(-1).key}`);
      });

      test('sends nothing that is empty', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        await phone.untilState('已连接');
        await phone.say('  ');
        await phone.say('x');
        await server.until(() => server.messages.length > 0, 'a message has come');
        assert.deepEqual(server.messages, [{ data: 'x' }]);
      });

      test('sends by the keyboard\'s own key what is in the field', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        await phone.untilState('已连接');
        await phone.confirm('.draft', '键盘');
        await server.until(() => server.messages.length > 0, 'a message has come');
        assert.deepEqual(server.messages, [{ data: '键盘' }]);
        assert.equal(phone.instance.data.draft, '');
      });

      test('shows a server\'s messages that have nothing but data, and is not upset by nonsense', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        const socket = await server.connection(1);
        for (const nonsense of ['not JSON', 'null', '7', '[]', '{"data":7}', '{"type":"join"}', '{"type":"rename","member":{}}', '{}',
          '{"data":"odd","time":"?","from":{}}']) {
          socket.send(nonsense);
        }

        socket.send('{"data":"来自服务器的消息"}');
        await phone.untilLine('服务器说:来自服务器的消息');
        assert.deepEqual(phone.lines, ['服务器说:odd', '服务器说:来自服务器的消息']);
        assert.match(phone.text('.time'), /^(\d\d:\d\d:\d\d){2}$/);
      });

      test('shows what is said as text, whatever is in it', async () => {
        const host = await startHost();
        const phone = turnOn(host.address);
        await phone.untilState('已连接');
        const other = await meet(host);
        other.say('<b>{{state}}</b>');
        await phone.untilLine('<b>{{state}}</b>');
        assert.equal(phone.all('b').length, 0);
      });

      test('shows why the server refused something', async () => {
        const host = await startHost();
        const phone = turnOn(host.address, 'server');
        await phone.untilLine('服务器拒绝:');
        assert.equal(phone.state, '已连接');
      });

      test('marks a line that the platform could not send, keeps its text, and reconnects', async () => {
        const host = await startHost();
        const phone = turnOn(host.address);
        await phone.untilState('已连接');
        phone.platform.control.failSends = true;
        await phone.say('lost');
        await phone.until(() => phone.all('.line.failed').length === 1, 'the line is marked');
        assert.equal(phone.text('.hint'), '发送失败,请重试。');
        assert.equal(phone.instance.data.draft, 'lost');
        assert.equal(phone.state, '连接断开,2 秒后重试');
        phone.platform.control.failSends = false;

        await settle(phone);
      });

      test('keeps the last 200 lines', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        const socket = await server.connection(1);
        for (let i = 1; i <= 205; i++) {
          socket.send(JSON.stringify({ data: `no. ${i};` }));
        }

        await phone.untilLine('no. 205;');
        assert.equal(phone.lines.length, 200);
        assert.equal(phone.lines[0], '服务器说:no. 6;');
      });
    });

    describe('the nickname', () => {
      test('is told to the server, kept, and told again after a reconnect', async () => {
        const host = await startHost();
        const phone = turnOn(host.address);
        await phone.untilState('已连接');
        const other = await meet(host);

        await phone.tap('.bar');
        await phone.type('.nickname', ' 小明 ');
        await phone.tap('.apply');
        const rename = await other.next(message => message.type === 'rename', 'a rename');
        assert.equal(rename.member.name, '小明');
        assert.equal(phone.storage.get('nickname'), '小明');
        await phone.until(() => phone.text('.me') === '小明', 'the page says who one is');

        phone.hide();
        await other.next(message => message.type === 'leave', 'a leave');
        phone.show();
        await phone.untilState('已连接');
        await phone.say('again');
        assert.equal((await other.hears('again')).from, '小明');
      });
    });

    describe('the server\'s address', () => {
      test('can be entered, and is moved to', async () => {
        const first = await startScripted();
        const second = await startScripted();
        const phone = turnOn(first.address);
        await phone.untilState('已连接');
        await phone.tap('.bar');
        await phone.type('.server', second.address);
        await phone.tap('.apply');
        await second.connection(1);
        await phone.untilState('已连接');
        await first.until(() => first.closes.length === 1, 'the first server was left');
        assert.deepEqual(first.closes, [1000]);
        assert.equal(phone.storage.get('server'), second.address);
      });

      test('is moved to at once while another does not answer', async () => {
        const first = await startScripted({ isSlow: true });
        const second = await startScripted();
        const phone = turnOn(first.address, '小明');
        await first.handshake(1);
        await phone.tap('.bar');
        await phone.type('.server', second.address);
        await phone.tap('.apply');
        await settle(phone);
        await second.until(() => second.messages.length >= 1, 'the nickname is told');
        assert.deepEqual(second.messages[0], { name: '小明' });
        first.waiting[0]();
        await phone.until(() => phone.platform.sockets.length === 1, 'the other connection is given up');
        assert.deepEqual(first.messages, []);
      });

      test('is refused where it is none', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        await phone.untilState('已连接');
        await phone.tap('.bar');
        await phone.type('.server', 'http://example.com/');
        await phone.tap('.apply');
        assert.match(phone.text('.hint'), /ws:\/\//);
        assert.equal(phone.storage.get('server'), server.address);
        assert.equal(phone.state, '已连接');
      });
    });

    describe('the connection', () => {
      test('is made with two seconds between attempts when the server starts late', async () => {
        const host = await startHost();
        assert.equal(await host.stop(), '0');
        const phone = turnOn(host.address);
        await phone.untilState('连接断开,2 秒后重试');
        assert.equal(phone.clock.timers.size, 1, 'an error and a close together are one loss');
        phone.clock.advance(Retry - 1);
        assert.equal(phone.platform.control.connects.length, 1);
        phone.clock.advance(1);
        assert.equal(phone.platform.control.connects.length, 2);
        await phone.untilState('连接断开,2 秒后重试');

        await startHost({ port: host.port });
        phone.clock.advance(Retry);
        await phone.untilState('已连接');
        assert.equal(phone.clock.timers.size, 0);
      });

      test('is made again after the server\'s close with 1001 and its restart', async () => {
        const host = await startHost();
        const phone = turnOn(host.address, '小明');
        await phone.untilState('已连接');
        await phone.say('before');

        assert.equal(await host.stop(), '0');
        await phone.untilState('连接断开,2 秒后重试');
        await phone.say('meanwhile');
        assert.equal(phone.text('.hint'), '还没有连上服务器,消息没有发出。');
        assert.equal(phone.instance.data.draft, 'meanwhile', 'what could not be sent stays in its field');
        assert.ok(!phone.lines.some(line => line.includes('meanwhile')));

        await startHost({ port: host.port });
        const other = await meet(host);
        phone.clock.advance(Retry);
        await phone.untilState('已连接');
        assert.equal(phone.text('.hint'), '');
        await phone.tap('.send');
        assert.equal((await other.hears('meanwhile')).from, '小明');
        assert.ok(phone.lines.includes('我说:before'), 'what was said before is still shown');
      });

      test('is made again when the server is killed', async () => {
        const host = await startHost();
        const phone = turnOn(host.address);
        await phone.untilState('已连接');
        host.kill();
        await phone.untilState('连接断开,2 秒后重试');
        await startHost({ port: host.port });
        phone.clock.advance(Retry);
        await phone.untilState('已连接');
      });

      test('is refused nothing to send before it is open', async () => {
        const host = await startHost();
        const phone = turnOn(host.address);
        // Whatever happens in time, the connection is not open in the first turns of the loop: its handshake takes longer.
        assert.equal(phone.state, '正在连接…');
        await phone.say('too early');
        assert.equal(phone.text('.hint'), '还没有连上服务器,消息没有发出。');
        assert.equal(phone.lines.length, 0);
        await phone.untilState('已连接');
        await phone.tap('.send');
        assert.deepEqual(phone.lines, ['我说:too early']);
      });
    });

    describe('leaving the page', () => {
      test('closes with 1000, and everyone is told', async () => {
        const host = await startHost();
        const other = await meet(host);
        const phone = turnOn(host.address, '小明');
        await phone.untilState('已连接');
        phone.leavePage();
        const leave = await other.next(message => message.type === 'leave', 'a leave');
        assert.equal(leave.member.name, '小明');
        phone.openPage();
        await phone.untilState('已连接');
      });

      test('sends 1000 on the wire, and nothing reconnects', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        await server.connection(1);
        await phone.untilState('已连接');
        phone.hide();
        await server.until(() => server.closes.length === 1, 'it is closed');
        assert.deepEqual(server.closes, [1000]);
        await phone.untilState('未连接');
        assert.equal(phone.clock.timers.size, 0);
        assert.equal(server.sockets.length, 1);
      });

      test('before the connection is open closes it when it opens', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address, '小明');
        phone.hide();
        await server.until(() => server.closes.length === 1, 'it is closed');
        assert.deepEqual(server.closes, [1000]);
        assert.deepEqual(server.messages, [], 'nobody is told of a connection that nobody wants');
        await phone.untilState('未连接');
      });

      test('while it waits to retry ends the retries', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        (await server.connection(1)).terminate();
        await phone.untilState('连接断开,2 秒后重试');
        phone.hide();
        assert.equal(phone.state, '未连接');
        assert.equal(phone.clock.timers.size, 0);
      });
    });

    describe('returning to the foreground', () => {
      test('reconnects at once, and what comes is shown once', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        await server.connection(1);
        await phone.untilState('已连接');
        for (let n = 2; n <= 4; n++) {
          phone.hide();
          await phone.untilState('未连接');
          phone.show();
          await server.connection(n);
          await phone.untilState('已连接');
        }

        server.sockets[3].send('{"data":"once"}');
        await phone.untilLine('once');
        assert.equal(phone.lines.filter(line => line.includes('once')).length, 1);
        assert.deepEqual(server.closes, [1000, 1000, 1000]);
        assert.equal(server.sockets.length, 4);
      });

      test('while the close is under way connects as soon as it is done', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        await phone.untilState('已连接');
        phone.hide();
        phone.show();
        await server.connection(2);
        await phone.untilState('已连接');
        assert.deepEqual(server.closes, [1000]);
        assert.equal(phone.clock.timers.size, 0);
      });

      test('connects even where the platform never told the end of the old socket', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        await phone.untilState('已连接');
        phone.hide();
        phone.platform.control.silence();
        await server.until(() => server.closes.length === 1, 'the server knows of the close');
        phone.show();
        assert.equal(phone.state, '正在断开…');
        phone.clock.advance(Retry);
        await server.connection(2);
        await phone.untilState('已连接');
      });

      test('has one connection in the end where the platform tells the end of the old socket too late', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        await phone.untilState('已连接');
        phone.hide();
        phone.platform.control.silence();
        await phone.until(() => phone.platform.sockets.length === 0, 'the old socket has ended');
        phone.show();
        phone.clock.advance(Retry);
        phone.platform.control.tellLate();
        await settle(phone);
        await server.until(() => server.sockets.filter(socket => socket.readyState === 1).length === 1, 'one connection is left');
      });

      test('has one connection in the end where servers answer a handshake late as well', async () => {
        const server = await startScripted({ isSlow: true });
        const phone = turnOn(server.address);
        (await server.handshake(1))();
        await phone.untilState('已连接');
        phone.hide();
        phone.platform.control.silence();
        await phone.until(() => phone.platform.sockets.length === 0, 'the old socket has ended');
        phone.show();
        phone.clock.advance(Retry);
        await server.handshake(2);
        phone.platform.control.tellLate();
        server.isSlow = false;
        server.waiting.splice(0).forEach(answer => answer());
        await settle(phone);
        await phone.until(() => phone.platform.sockets.length === 1, 'one connection is left');
        server.sockets.filter(socket => socket.readyState === 1).forEach(socket => socket.send('{"data":"once"}'));
        await phone.untilLine('once');
        assert.equal(phone.lines.length, 1);
      });

      test('gives an attempt up of which the platform never says anything', async () => {
        const server = await startScripted({ isSlow: true });
        const phone = turnOn(server.address);
        await server.handshake(1);
        phone.hide();
        phone.platform.control.silence();
        phone.show();
        assert.equal(phone.state, '正在连接…');
        phone.clock.advance(12000);
        phone.clock.advance(Retry);
        (await server.handshake(2))();
        await phone.untilState('已连接');
      });

      test('as a new page registers no listener twice', async () => {
        const server = await startScripted();
        const phone = turnOn(server.address);
        await phone.untilState('已连接');
        phone.leavePage();
        phone.openPage();
        await server.connection(2);
        await phone.untilState('已连接');
        server.sockets[1].send('{"data":"once"}');
        await phone.untilLine('once');
        assert.equal(phone.lines.filter(line => line.includes('once')).length, 1);
        const { listens } = program;
        assert.deepEqual(phone.platform.control.listens, { Open: listens, Message: listens, Error: listens, Close: listens });
      });
    });
  });
}

'use strict';

const { ChatConnection } = require('./connection');
const { DefaultServer } = require('./config');
const messages = require('./messages');

/** Lines that are kept: what a page is given to show is bounded. */
const MaxLines = 200;

const StateTexts = {
  left: '未连接',
  connecting: '正在连接…',
  open: '已连接',
  waiting: '连接断开,2 秒后重试',
  leaving: '正在断开…',
};

/** The chat without its page: what the user does comes in as calls, what the page shows goes out through `show`. */
class Chat {
  /** What a page shows before anything has happened. */
  static blank() {
    return {
      state: 'left',
      stateText: StateTexts.left,
      people: 0,
      lines: [],
      newest: '',
      draft: '',
      hint: '',
      me: '',
      nickname: '',
      server: '',
      settingsOpen: false,
    };
  }

  /**
   * @param openSocket Opens a WebSocket; see ChatConnection.
   * @param show Takes an object with those of the fields of `blank()` that have changed.
   */
  constructor(openSocket, show) {
    this.show = show;
    this.connection = new ChatConnection(openSocket, {
      state: state => this.stateChanged(state),
      message: data => this.received(data),
    });
    this.lines = [];
    this.lastKey = 0;
    this.draft = '';
    this.ownId = null;
    this.nickname = load('nickname') || '';
    this.server = load('server') || DefaultServer;
  }

  /** The page is shown, for the first time or after the background. */
  enter() {
    this.show({ me: this.nickname, nickname: this.nickname, server: this.server, lines: this.lines });
    this.connection.enter(this.server);
  }

  /** The page is gone, or in the background, where the platform would silence the socket after some seconds. */
  leave() {
    this.connection.leave();
  }

  /** What is in the field now. */
  type(text) {
    this.draft = text;
    this.show({ draft: text });
  }

  /** Says what is in the field; it stays there where it could not be sent. */
  say() {
    const text = this.draft;
    if (text.trim() === '') {
      return;
    }

    const line = { kind: 'mine', time: messages.clock(), heading: '我说:', text };
    if (!this.connection.send(JSON.stringify({ data: text }), () => this.failed(line))) {
      this.show({ hint: '还没有连上服务器,消息没有发出。' });
      return;
    }

    this.add(line);
    this.type('');
    this.show({ hint: '' });
  }

  /** Takes a nickname and a server's address, keeps both, and tells or moves to the server. */
  applySettings(nickname, server) {
    const url = server.trim();
    if (!/^wss?:\/\/[^/\s]+/.test(url)) {
      this.show({ hint: '服务器地址须以 ws:// 或 wss:// 开头。' });
      return;
    }

    const isRenamed = nickname.trim() !== this.nickname;
    this.nickname = nickname.trim();
    this.server = url;
    save('nickname', this.nickname);
    save('server', url);
    this.show({ nickname: this.nickname, server: url, hint: '', settingsOpen: false });
    // Moving there comes first: another server is told when it is reached, the one that is left is not.
    this.connection.enter(url);
    if (isRenamed) {
      this.tellName();
    }
  }

  stateChanged(state) {
    this.show({ state, stateText: StateTexts[state], people: 0 });
    if (state === 'open') {
      this.ownId = null;
      this.show({ hint: '' });
      this.tellName();
    }
  }

  tellName() {
    if (this.nickname !== '') {
      this.connection.send(JSON.stringify({ name: this.nickname }), () => {});
    }
  }

  received(data) {
    const message = messages.read(data);
    if (message === null) {
      return;
    }

    // One's own lines come back without `data`: they are on the page already.
    if (typeof message.data === 'string') {
      this.add({ kind: 'theirs', time: messages.clock(message.time), heading: messages.heading(message), text: message.data });
    }

    const notice = messages.notice(message);
    if (notice !== null) {
      this.add({ kind: message.type === 'error' ? 'notice bad' : 'notice', time: messages.clock(message.time), heading: '', text: notice });
    }

    if (typeof message.count === 'number') {
      this.show({ people: message.count });
    }

    this.learnOwnName(message);
  }

  // The server says who one is: it may have refused the nickname, or given one.
  learnOwnName(message) {
    if (!message.member) {
      return;
    }

    if (message.type === 'welcome') {
      this.ownId = message.member.id;
    }

    if (message.member.id === this.ownId && (message.type === 'welcome' || message.type === 'rename')) {
      this.show({ me: message.member.name });
    }
  }

  add(line) {
    line.key = ++this.lastKey;
    this.lines = this.lines.concat(line).slice(-MaxLines);
    // First the line, then the way to it: the page can only scroll to what is there.
    this.show({ lines: this.lines });
    this.show({ newest: `line-${line.key}` });
  }

  failed(line) {
    this.lines = this.lines.map(other => (other === line ? Object.assign({}, line, { kind: 'mine failed' }) : other));
    if (this.draft === '') {
      this.type(line.text);
    }

    this.show({ lines: this.lines, hint: '发送失败,请重试。' });
  }
}

// Storage can be full or switched off; the chat goes on without it.
function load(key) {
  try {
    return wx.getStorageSync(key);
  } catch (error) {
    return '';
  }
}

function save(key, value) {
  try {
    wx.setStorageSync(key, value);
  } catch (error) {
    console.warn(`"${key}" is not kept: ${error.message}`);
  }
}

module.exports = { Chat };

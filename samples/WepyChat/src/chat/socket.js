'use strict';

/** Milliseconds; the platform's own limit is a minute. */
const ConnectTimeout = 10000;

/** A WebSocket by WeChat's `wx.connectSocket`. */
function openSocket(url, events) {
  appWide.expect(events);
  const task = wx.connectSocket({
    url,
    header: {},
    protocols: [],
    method: 'GET',
    timeout: ConnectTimeout,
    fail: () => events.lost(),
  });
  return task ? overTask(task, events) : appWide;
}

/** What the platform gives since version 1.7.0 of its base library: a socket whose events are its own. */
function overTask(task, events) {
  appWide.expect(null);
  const close = (code, reason) => task.close({ code, reason, fail: () => events.lost() });
  task.onOpen(() => events.open() || close(1000, 'given up'));
  task.onMessage(message => events.message(message.data));
  task.onError(() => events.lost());
  task.onClose(() => events.lost());
  return { send: (text, onFail) => task.send({ data: text, fail: onFail }), close };
}

/**
 * What the platform gives before: one socket at a time, which a further one replaces, and app-wide listeners that are not told which
 * socket an event is of. In some versions a further listener replaces the one before, in others it is called as well: so each is
 * registered exactly once, and tells whoever expects events now.
 */
const appWide = {
  listening: false,
  current: null,

  expect(events) {
    this.current = events;
    if (!this.listening) {
      this.listening = true;
      const tell = (name, value) => this.current !== null && this.current[name](value);
      wx.onSocketOpen(() => this.current === null || tell('open') || appWide.close(1000, 'given up'));
      wx.onSocketMessage(message => tell('message', message.data));
      wx.onSocketError(() => tell('lost'));
      wx.onSocketClose(() => tell('lost'));
    }
  },

  send(text, onFail) {
    wx.sendSocketMessage({ data: text, fail: onFail });
  },

  close(code, reason) {
    const events = appWide.current;
    wx.closeSocket({ code, reason, fail: () => events !== null && events.lost() });
  },
};

module.exports = { openSocket };

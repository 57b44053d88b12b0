'use strict';

/**
 * A WebSocket by WeChat's app-wide socket functions, which tell all of their events to app-wide listeners and do not say of
 * which socket. In some versions of the platform a further listener replaces the one before, in others it is called as well,
 * so each is registered exactly once. An event is taken as the present socket's: ChatConnection opens the next one only after
 * the end of the one before.
 */
let current = null;
let listening = false;

/** Milliseconds; the platform's own limit is a minute. */
const ConnectTimeout = 10000;

function openSocket(url, events) {
  listenOnce();
  current = events;
  wx.connectSocket({
    url,
    header: {},
    protocols: [],
    method: 'GET',
    timeout: ConnectTimeout,
    fail: () => events.lost(),
  });
  return {
    send: (text, onFail) => wx.sendSocketMessage({ data: text, fail: onFail }),
    close: (code, reason) => wx.closeSocket({ code, reason, fail: () => events.lost() }),
  };
}

function listenOnce() {
  if (listening) {
    return;
  }

  listening = true;
  wx.onSocketOpen(() => {
    if (!current.open()) {
      wx.closeSocket({ code: 1000, reason: 'given up' });
    }
  });
  wx.onSocketMessage(message => current.message(message.data));
  wx.onSocketError(() => current.lost());
  wx.onSocketClose(() => current.lost());
}

module.exports = { openSocket };

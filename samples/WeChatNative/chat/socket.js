'use strict';

/** Milliseconds; the platform's own limit is a minute. */
const ConnectTimeout = 10000;

/** A WebSocket by WeChat's SocketTask, whose events are its own. */
function openSocket(url, events) {
  const task = wx.connectSocket({
    url,
    header: {},
    protocols: [],
    method: 'GET',
    timeout: ConnectTimeout,
    fail: () => events.lost(),
  });
  task.onOpen(() => {
    if (!events.open()) {
      task.close({ code: 1000, reason: 'given up' });
    }
  });
  task.onMessage(message => events.message(message.data));
  task.onError(() => events.lost());
  task.onClose(() => events.lost());
  return {
    send: (text, onFail) => task.send({ data: text, fail: onFail }),
    close: (code, reason) => task.close({ code, reason, fail: () => events.lost() }),
  };
}

module.exports = { openSocket };

'use strict';

/**
 * The part of the platform's `wx` that a chat uses, over a WebSocket with the browser's interface. Every callback comes later
 * than the call that caused it, as the platform's do.
 *
 * @param WebSocket The browser's, or one that has its interface.
 * @param storage {get(key), set(key, value)}
 * @param changed Called after each event of a socket, told or not.
 * @param tasks Whether connectSocket returns a SocketTask. Where it does not, as in old versions of the platform, there is one socket at
 *   a time, and a further one replaces it.
 * @param listeners "slot": of the app-wide listeners of one kind the last registered alone is called, as in old versions of the
 *   platform. "list": each is.
 */
function createWx({ WebSocket, storage, changed = () => {}, tasks = true, listeners = 'list' }) {
  const global = { Open: [], Message: [], Error: [], Close: [] };
  const sockets = [];
  const silenced = new Set();
  const untold = [];
  const control = {
    connects: [],
    listens: { Open: 0, Message: 0, Error: 0, Close: 0 },
    failSends: false,
    /** From now on nothing is told of the sockets that there are: what the background can do to a program. */
    silence: () => sockets.forEach(socket => silenced.add(socket)),
    /** Tells what was kept back. */
    tellLate: () => untold.splice(0).forEach(tell => tell()),
  };

  const listen = (kind, listener) => {
    if (listeners === 'slot') {
      global[kind].length = 0;
    }

    global[kind].push(listener);
    control.listens[kind]++;
  };

  const answer = (options, name, errMsg) => {
    // Never from within the call.
    Promise.resolve().then(() => {
      if (options[name]) {
        options[name]({ errMsg });
      }

      if (options.complete) {
        options.complete({ errMsg });
      }
    });
  };

  const connectSocket = options => {
    control.connects.push(options.url);
    if (!tasks) {
      sockets.slice().forEach(socket => socket.close());
    }

    const own = { Open: [], Message: [], Error: [], Close: [] };
    const socket = new WebSocket(options.url, options.protocols || []);
    sockets.push(socket);
    const tell = (kind, event) => {
      const tellNow = () => [...own[kind], ...global[kind]].forEach(listener => listener(event));
      if (silenced.has(socket)) {
        untold.push(tellNow);
      } else {
        tellNow();
      }

      changed();
    };
    socket.onopen = () => tell('Open', { header: {} });
    socket.onmessage = event => tell('Message', { data: event.data });
    socket.onerror = () => tell('Error', { errMsg: 'connectSocket:fail' });
    socket.onclose = event => {
      sockets.splice(sockets.indexOf(socket), 1);
      tell('Close', { code: event.code, reason: event.reason });
    };
    answer(options, 'success', 'connectSocket:ok');

    return tasks ? {
      send: message => send(socket, message),
      close: closing => close(socket, closing),
      onOpen: listener => own.Open.push(listener),
      onMessage: listener => own.Message.push(listener),
      onError: listener => own.Error.push(listener),
      onClose: listener => own.Close.push(listener),
    } : undefined;
  };

  const send = (socket, options) => {
    if (!socket || socket.readyState !== 1 || control.failSends) {
      answer(options, 'fail', 'sendSocketMessage:fail');
      return;
    }

    socket.send(options.data);
    answer(options, 'success', 'sendSocketMessage:ok');
  };

  const close = (socket, options = {}) => {
    if (!socket || socket.readyState !== 1) {
      answer(options, 'fail', 'closeSocket:fail');
      return;
    }

    socket.close(options.code === undefined ? 1000 : options.code, options.reason || '');
    answer(options, 'success', 'closeSocket:ok');
  };

  // The app-wide functions mean the socket that was opened last.
  const last = () => sockets[sockets.length - 1];

  const wx = {
    connectSocket,
    sendSocketMessage: options => send(last(), options),
    closeSocket: options => close(last(), options),
    onSocketOpen: listener => listen('Open', listener),
    onSocketMessage: listener => listen('Message', listener),
    onSocketError: listener => listen('Error', listener),
    onSocketClose: listener => listen('Close', listener),
    getStorageSync: key => storage.get(key) || '',
    setStorageSync: (key, value) => storage.set(key, value),
  };
  return { wx, control, sockets };
}

module.exports = { createWx };

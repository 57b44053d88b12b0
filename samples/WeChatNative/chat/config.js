'use strict';

/** Where the chat is until the user enters another address. A released mini program needs wss:// and a registered domain. */
const DefaultServer = 'ws://127.0.0.1:8081/';

module.exports = { DefaultServer };

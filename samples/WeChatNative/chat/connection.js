'use strict';

/** Milliseconds from the end of a connection, or of an attempt, to the next attempt; also how long a close may take. */
const RetryAfter = 2000;

/** Milliseconds after which an attempt is given up of which the platform says nothing: its own limit is shorter. */
const GiveUpAfter = 12000;

/**
 * One connection to the chat, kept for as long as the user is on the page: lost, it is tried again after two seconds.
 *
 * States: "left" (nobody wants it), "connecting", "open", "waiting" (for the next attempt), "leaving" (our close is under way).
 */
class ChatConnection {
  /**
   * @param openSocket (url, events) => {send(text, onFail), close(code, reason)}. It calls events.open() once at most, then
   *   events.message(data) any number of times, and events.lost() at the end; error and close may both call it. Where
   *   events.open() answers false the socket was given up meanwhile, and is to be closed.
   * @param events {state(name), message(data)}
   */
  constructor(openSocket, events) {
    this.openSocket = openSocket;
    this.events = events;
    this.state = 'left';
    this.url = '';
    this.wanted = false;
    this.socket = null;
    this.timer = null;
  }

  /** The user is here: connects now, whatever was being waited for. Where the address is another than before, moves there. */
  enter(url) {
    const moves = this.url !== url;
    this.url = url;
    this.wanted = true;
    if (this.state === 'left' || this.state === 'waiting') {
      this.connect();
    } else if (this.state === 'open' && moves) {
      this.close('moved');
    } else if (this.state === 'connecting' && moves) {
      this.socket.close(1000, 'moved');
      this.connect();
    }
  }

  /** The user is gone: closes with 1000. An attempt under way is closed when it succeeds: before, there is nothing to close. */
  leave() {
    this.wanted = false;
    if (this.state === 'open') {
      this.close('left the page');
    } else if (this.state === 'waiting') {
      this.become('left');
    }
  }

  /** @returns false, and nothing is sent, while the connection is not open. */
  send(text, onFail) {
    if (this.state !== 'open') {
      return false;
    }

    const socket = this.socket;
    socket.send(text, () => {
      // A connection that does not take a message is dead, whatever else the platform says.
      if (this.socket === socket) {
        this.lost();
      }

      onFail();
    });
    return true;
  }

  connect() {
    const url = this.url;
    // Events of a socket that was given up must not be taken for the present one's.
    const mine = handle => value => {
      const isPresent = this.socket === socket;
      if (isPresent) {
        handle(value);
      }

      return isPresent;
    };
    // It may be lost before it is returned.
    const socket = { send() {}, close() {} };
    this.socket = socket;
    this.become('connecting');
    Object.assign(socket, this.openSocket(url, {
      open: mine(() => this.opened(url)),
      message: mine(data => this.received(data)),
      lost: mine(() => this.lost()),
    }));
    if (this.socket === socket && this.state === 'connecting') {
      this.after(GiveUpAfter, () => this.lost());
    }
  }

  opened(url) {
    if (this.state !== 'connecting') {
      return;
    }

    if (!this.wanted) {
      this.close('left the page');
    } else if (this.url !== url) {
      this.close('moved');
    } else {
      this.become('open');
    }
  }

  received(data) {
    if (this.state === 'open') {
      this.events.message(data);
    }
  }

  close(reason) {
    this.become('leaving');
    // A socket that was suspended in the background may never say that it is closed.
    this.after(RetryAfter, () => this.lost());
    this.socket.close(1000, reason);
  }

  lost() {
    const ours = this.state === 'leaving';
    const socket = this.socket;
    this.socket = null;
    if (!ours) {
      // After an error it may be half alive.
      socket.close(1000, 'lost');
    }

    if (!this.wanted) {
      this.become('left');
    } else if (ours) {
      this.connect();
    } else {
      this.become('waiting');
      this.after(RetryAfter, () => this.connect());
    }
  }

  become(state) {
    clearTimeout(this.timer);
    this.state = state;
    this.events.state(state);
  }

  after(milliseconds, act) {
    this.timer = setTimeout(act, milliseconds);
  }
}

module.exports = { ChatConnection };

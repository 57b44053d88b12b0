'use strict';

/** Timers that go off when a test lets time pass, and only then. */
class Clock {
  constructor() {
    this.now = 0;
    this.last = 0;
    this.timers = new Map();
    this.setTimeout = (act, delay) => {
      this.timers.set(++this.last, { act, at: this.now + delay });
      return this.last;
    };
    this.clearTimeout = id => this.timers.delete(id);
  }

  /** Lets milliseconds pass. */
  advance(milliseconds) {
    this.now += milliseconds;
    for (const [id, timer] of [...this.timers]) {
      if (timer.at <= this.now && this.timers.delete(id)) {
        timer.act();
      }
    }
  }

  stop() {
    this.timers.clear();
  }
}

module.exports = { Clock };

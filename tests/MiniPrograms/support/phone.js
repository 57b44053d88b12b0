'use strict';

const { EventEmitter } = require('events');
const { JSDOM } = require('jsdom');
const WebSocket = require('ws');

const { MiniProgram } = require('../runtime/mini-program');
const { createWx } = require('../runtime/wx');
const { Clock } = require('./clock');
const { readAll } = require('./files');
const { until } = require('./until');

// The simulator draws into whatever document is global when it is loaded.
const { window } = new JSDOM('<!DOCTYPE html><body></body>');
for (const name of ['window', 'document', 'Element', 'Event', 'CustomEvent', 'HTMLElement', 'Node', 'MutationObserver']) {
  global[name] = name === 'window' ? window : window[name];
}

const simulate = require('miniprogram-simulate');

/** A mini program's unchanged files on a phone: its first page drawn by the simulator, its sockets real, its clock at a standstill. */
class Phone {
  /**
   * @param root The folder of the files.
   * @param tasks Whether the platform has SocketTask; see createWx.
   * @param listeners How the app-wide listeners behave; see createWx.
   * @param server The address of the chat, as the user has entered it once.
   */
  constructor(root, { tasks, listeners, server, nickname = '' }) {
    this.storage = new Map([['server', server], ['nickname', nickname]]);
    this.clock = new Clock();
    this.changes = new EventEmitter();
    this.platform = createWx({
      WebSocket, storage: this.storage, tasks, listeners, changed: () => this.changes.emit('changed'),
    });
    this.program = new MiniProgram(readAll(root), {
      wx: this.platform.wx,
      setTimeout: this.clock.setTimeout,
      clearTimeout: this.clock.clearTimeout,
    });
    this.program.launch();
    this.webviews = 0;
    this.openPage();
  }

  openPage() {
    const options = this.program.pageOptions;
    const methods = {};
    for (const [name, value] of Object.entries(options)) {
      if (typeof value === 'function') {
        methods[name] = value;
      }
    }

    // A page is drawn as the component that it nearly is.
    this.component = simulate.render(simulate.load({
      template: this.program.read(`${this.program.pagePath}.wxml`),
      data: structuredClone(options.data || {}),
      methods,
    }));
    this.component.attach(document.body);
    const instance = this.component.instance;
    const setData = instance.setData;
    instance.setData = (...values) => {
      setData.apply(instance, values);
      this.changes.emit('changed');
    };
    this.instance = instance;
    this.program.open(instance, ++this.webviews);
  }

  hide() {
    this.program.tell(this.instance, 'onHide');
  }

  show() {
    this.program.tell(this.instance, 'onShow');
  }

  /** The user goes back: the page is gone, the program is not. */
  leavePage() {
    this.program.unload(this.instance);
    this.component.detach();
  }

  turnOff() {
    this.leavePage();
    this.clock.stop();
    for (const socket of this.platform.sockets) {
      socket.terminate();
    }
  }

  all(selector) {
    return [...this.component.dom.querySelectorAll(selector)];
  }

  text(selector) {
    return this.all(selector).map(dom => dom.textContent).join('');
  }

  /** What is said, each line as its heading and its text. */
  get lines() {
    return this.all('.line').map(line => line.textContent.replace(/^\d\d:\d\d:\d\d/, ''));
  }

  get state() {
    return this.text('.state');
  }

  async tap(selector) {
    await this.trigger(selector, 'tap', {});
  }

  async type(selector, value) {
    await this.trigger(selector, 'input', { value });
  }

  /** The keyboard's own key for sending. */
  async confirm(selector, value) {
    await this.trigger(selector, 'confirm', { value });
  }

  async say(text) {
    await this.type('.draft', text);
    await this.tap('.send');
  }

  async trigger(selector, event, detail) {
    const element = this.component.querySelector(selector);
    if (!element) {
      throw new Error(`the page has no ${selector}`);
    }

    element.dispatchEvent(event, { detail });
    // The simulator hands an event on in a microtask.
    await new Promise(setImmediate);
  }

  /** Waits until something holds of the page or its sockets. */
  until(holds, what) {
    return until(this.changes, holds, what,
      () => `state "${this.state}", lines ${JSON.stringify(this.lines)}, hint "${this.text('.hint')}"`);
  }

  untilState(state) {
    return this.until(() => this.state === state, `the page says "${state}"`);
  }

  untilLine(text) {
    return this.until(() => this.lines.some(line => line.includes(text)), `the page shows "${text}"`);
  }
}

module.exports = { Phone };

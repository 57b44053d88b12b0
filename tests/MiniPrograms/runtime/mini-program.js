'use strict';

/**
 * Runs the unchanged files of a mini program outside WeChat: its modules, its App and its first page's options. What a page
 * looks like is another's business.
 */
class MiniProgram {
  /**
   * @param files Each file's text by its path from the program's root.
   * @param platform What the program finds in its global scope: wx, and clocks where they are not to be the real ones.
   */
  constructor(files, platform) {
    this.files = files;
    this.modules = {};
    this.pages = [];
    this.scope = Object.assign({
      App: options => { this.app = options; },
      Page: options => { this.pageOptions = options; },
      getApp: () => this.app,
      getCurrentPages: () => this.pages,
      setTimeout,
      clearTimeout,
    }, platform);
    this.config = JSON.parse(this.read('app.json'));
    this.pagePath = this.config.pages[0];
  }

  /** Runs app.js and the first page's script, as the platform does at a cold start. */
  launch() {
    this.require('app.js');
    for (const event of ['onLaunch', 'onShow']) {
      if (this.app[event]) {
        this.app[event]({ path: this.pagePath, query: {}, scene: 1001 });
      }
    }

    this.require(`${this.pagePath}.js`);
  }

  /** Tells the platform's events of a page to its instance, in the platform's order. */
  open(instance, webviewId) {
    instance.__route__ = this.pagePath;
    instance.__wxWebviewId__ = webviewId;
    this.pages.push(instance);
    this.tell(instance, 'onLoad', {});
    this.tell(instance, 'onShow');
    this.tell(instance, 'onReady');
  }

  unload(instance) {
    this.tell(instance, 'onUnload');
    this.pages.splice(this.pages.indexOf(instance), 1);
  }

  tell(instance, event, ...values) {
    if (this.pageOptions[event]) {
      this.pageOptions[event].apply(instance, values);
    }
  }

  read(path) {
    if (!(path in this.files)) {
      throw new Error(`the mini program has no file ${path}`);
    }

    return this.files[path];
  }

  require(path) {
    if (!this.modules[path]) {
      const module = { exports: {} };
      this.modules[path] = module;
      const folder = path.split('/').slice(0, -1);
      const require = relative => this.require(resolve(folder, relative));
      const names = Object.keys(this.scope);
      new Function('require', 'module', 'exports', ...names, `'use strict';${this.read(path)}\n//# sourceURL=${path}`)(
        require, module, module.exports, ...names.map(name => this.scope[name]));
    }

    return this.modules[path].exports;
  }
}

// The platform knows relative paths alone, with or without the extension.
function resolve(folder, relative) {
  const parts = folder.slice();
  for (const part of relative.split('/')) {
    if (part === '..') {
      parts.pop();
    } else if (part !== '.') {
      parts.push(part);
    }
  }

  const path = parts.join('/');
  return path.endsWith('.js') ? path : `${path}.js`;
}

module.exports = { MiniProgram };

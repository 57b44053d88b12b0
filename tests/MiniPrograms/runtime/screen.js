'use strict';

// A mini program on a screen: in a browser's window, with the platform's title bar over the page.
const { MiniProgram } = require('./mini-program');
const { createView } = require('./wxml');
const { createWx } = require('./wx');

/**
 * @param files The mini program's files, by path.
 * @param storage What the program finds in its storage, as pairs.
 */
function show(files, storage) {
  const { wx, sockets } = createWx({ WebSocket: window.WebSocket, storage: new Map(storage) });
  const program = new MiniProgram(files, { wx });
  program.launch();
  drawBar(program);

  const style = document.createElement('style');
  style.textContent = program.files[`${program.pagePath}.wxss`];
  document.head.append(style);

  const page = document.createElement('page');
  document.body.append(page);
  const options = program.pageOptions;
  const instance = Object.assign({}, options, { data: structuredClone(options.data || {}) });
  const draw = createView(program.read(`${program.pagePath}.wxml`), page, (method, event) => instance[method](event));
  instance.setData = (changes, done) => {
    Object.assign(instance.data, structuredClone(changes));
    draw(instance.data);
    if (done) {
      done();
    }
  };
  if (options.data) {
    draw(instance.data);
  }

  program.open(instance, 1);
  return { program, instance, sockets };
}

function drawBar(program) {
  const { window: look } = program.config;
  const theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const colours = JSON.parse(program.read(program.config.themeLocation))[theme];
  const colour = value => (value.startsWith('@') ? colours[value.slice(1)] : value);
  const bar = document.createElement('header');
  bar.textContent = look.navigationBarTitleText;
  bar.style.background = colour(look.navigationBarBackgroundColor);
  bar.style.color = colour(look.navigationBarTextStyle);
  document.body.append(bar);
}

module.exports = { show };

'use strict';

// node bundle.js FOLDER PAGE.html: one page that shows the mini program in FOLDER in a browser. The address and the nickname that
// its user has entered come in the page's query, as server= and nickname=.
const fs = require('fs');
const path = require('path');
const { readAll } = require('../support/files');

const [folder, page] = process.argv.slice(2);
const runtime = {};
for (const name of ['mini-program.js', 'wxml.js', 'wx.js', 'screen.js']) {
  runtime[`./${name.replace('.js', '')}`] = fs.readFileSync(path.join(__dirname, name), 'utf8');
}

// JSON that cannot end the script it stands in.
const json = value => JSON.stringify(value).replace(/</g, '\\u003c');

fs.writeFileSync(page, `<!DOCTYPE html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${path.basename(path.resolve(folder))}</title>
<style>
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; font-family: system-ui, "PingFang SC", "Noto Sans CJK SC", "Noto Color Emoji", sans-serif; }
header { padding: 12px; text-align: center; font-size: 17px; font-weight: 600; }
page, wx-view, wx-scroll-view { display: block; }
page { flex: 1; min-height: 0; }
wx-scroll-view { overflow-y: auto; }
input { border: 0; outline: 0; background: none; color: inherit; font: inherit; box-sizing: border-box; }
button { font-family: inherit; }
</style>
<body>
<script>
'use strict';
const runtime = ${json(runtime)};
const loaded = {};
const load = name => {
  if (!loaded[name]) {
    loaded[name] = { exports: {} };
    new Function('require', 'module', 'exports', runtime[name])(load, loaded[name], loaded[name].exports);
  }
  return loaded[name].exports;
};
window.shown = load('./screen').show(${json(readAll(folder))}, [...new URLSearchParams(location.search)]);
</script>
`);

'use strict';

// What must hold of the two samples' files, and of the build of the one that is built.
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { afterEach, beforeEach, describe, test } = require('node:test');

const Wepy = path.resolve(__dirname, '../../samples/WepyChat');
const Native = path.resolve(__dirname, '../../samples/WeChatNative');
const read = (...parts) => fs.readFileSync(path.join(...parts), 'utf8');

describe('The two mini programs', () => {
  // Each is imported into WeChat's tools alone, so each has its own copy of what both have.
  for (const file of ['chat.js', 'config.js', 'connection.js', 'messages.js']) {
    test(`have the same chat/${file}`, () => {
      assert.equal(read(Native, 'chat', file), read(Wepy, 'src/chat', file));
    });
  }

  for (const file of ['theme.json', 'sitemap.json']) {
    test(`have the same ${file}`, () => {
      assert.equal(read(Native, file), read(Wepy, 'src', file));
    });
  }

  test('look the same', () => {
    const page = read(Wepy, 'src/pages/chat.wpy');
    const template = /<template>\n([^]*?)<\/template>/.exec(page)[1].replace(/^ {2}/gm, '').replace(/ @/g, ' bind');
    const style = /<style>\n([^]*?)<\/style>/.exec(page)[1];
    assert.equal(read(Native, 'pages/chat/chat.wxml'), template);
    assert.equal(read(Native, 'pages/chat/chat.wxss'), style);
  });

  test('are no users of what the platform lacks', () => {
    // Babel 6 makes of async functions calls of a runtime that is not there.
    for (const file of fs.readdirSync(path.join(Native, 'chat'))) {
      assert.doesNotMatch(read(Native, 'chat', file), /\basync\b|\bawait\b/, file);
    }
  });
});

describe('The build of WepyChat', () => {
  let folder;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wepy-chat-'));
    for (const name of ['src', 'scripts', 'package.json', 'wepy.config.js']) {
      fs.cpSync(path.join(Wepy, name), path.join(folder, name), { recursive: true });
    }

    fs.symlinkSync(path.join(Wepy, 'node_modules'), path.join(folder, 'node_modules'));
  });

  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const build = () => spawnSync(process.execPath, ['scripts/build.js'], { cwd: folder, encoding: 'utf8' });
  const change = (file, from, to) => {
    const text = read(folder, file);
    assert.ok(text.includes(from), `${file} has "${from}"`);
    fs.writeFileSync(path.join(folder, file), text.replace(from, to));
  };

  test('succeeds', () => {
    const result = build();
    assert.equal(result.status, 0, result.stdout + result.stderr);
    assert.ok(fs.existsSync(path.join(folder, 'dist/pages/chat.js')));
  });

  for (const [what, file, from, to] of [
    ['a syntax error in the page\'s script', 'src/pages/chat.wpy', 'onShow() {', 'onShow() {{'],
    ['a syntax error in the app\'s script', 'src/app.wpy', 'config = {', 'config = {{'],
    ['a syntax error in a module', 'src/chat/chat.js', 'class Chat {', 'class Chat {{'],
    ['a module that is not there', 'src/pages/chat.wpy', '../chat/socket', '../chat/sockets'],
    ['a template that does not end', 'src/pages/chat.wpy', '</template>', ''],
    ['an element that does not end', 'src/pages/chat.wpy', '<view class="dot"></view>', '<view class="dot">'],
    ['a page that is not there', 'src/app.wpy', '\'pages/chat\'', '\'pages/chats\''],
    ['a broken JSON file', 'src/theme.json', '{', '{,'],
    ['an expression that does not end', 'src/pages/chat.wpy', '{{stateText}}', '{{stateText}'],
    ['a style with a brace too many', 'src/pages/chat.wpy', '.screen {', '.screen {{'],
    ['a handler that is not there', 'src/pages/chat.wpy', '@tap="send"', '@tap="sendd"'],
    ['no style', 'src/pages/chat.wpy', '<style>', '<styles>'],
  ]) {
    test(`fails on ${what}`, () => {
      change(file, from, to);
      const result = build();
      assert.equal(result.status, 1, result.stdout + result.stderr);
      assert.match(result.stderr, /The build failed:\n./);
    });
  }

  test('fails on what an earlier build left, too', () => {
    assert.equal(build().status, 0);
    change('src/pages/chat.wpy', 'onShow() {', 'onShow() {{');
    assert.equal(build().status, 1);
    assert.equal(build().status, 1, 'and again, whatever is in a cache');
  });
});

'use strict';

// Builds src into dist. WePY's own build ends with status 0 whatever went wrong, and takes what it finds unchanged in its
// cache for built: so both are wiped before, and what it says and what it leaves behind are judged here.
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const Root = path.dirname(__dirname);
const Dist = path.join(Root, 'dist');

fs.rmSync(Dist, { recursive: true, force: true });
fs.rmSync(path.join(Root, '.wepycache'), { force: true });

const wepy = require.resolve('wepy-cli/bin/wepy.js');
const build = spawnSync(process.execPath, [wepy, 'build'], { cwd: Root, encoding: 'utf8' });
const log = `${build.stdout}${build.stderr}`;
process.stdout.write(log);

const problems = log.split('\n').filter(line => /\[Error\]|ERROR|WARNING|\[错误\]|\[警告\]/.test(line));
if (build.status !== 0) {
  problems.push(`wepy build ended with status ${build.status}${build.error ? `: ${build.error.message}` : ''}`);
}

for (const file of expected()) {
  const stat = fs.statSync(path.join(Dist, file), { throwIfNoEntry: false });
  if (!stat || stat.size === 0) {
    problems.push(`dist/${file} is ${stat ? 'empty' : 'missing'}`);
  }
}

if (problems.length > 0) {
  console.error(`\nThe build failed:\n${problems.join('\n')}`);
  process.exit(1);
}

console.log('\nBuilt into dist/.');

/** What a complete build leaves behind: what src asks for, what the app says that its pages are, and the framework. */
function expected() {
  const files = ['npm/wepy/lib/wepy.js', 'app.js', 'app.json'];
  for (const entry of fs.readdirSync(path.join(Root, 'src'), { recursive: true })) {
    if (/\.(js|json)$/.test(entry)) {
      files.push(entry);
    }
  }

  const app = path.join(Dist, 'app.json');
  const pages = fs.existsSync(app) ? JSON.parse(fs.readFileSync(app, 'utf8')).pages : [];
  for (const page of pages) {
    files.push(`${page}.js`, `${page}.json`, `${page}.wxml`, `${page}.wxss`);
  }

  return files;
}

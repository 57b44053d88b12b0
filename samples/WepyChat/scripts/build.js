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
  } else {
    problems.push(...judge(file, fs.readFileSync(path.join(Dist, file), 'utf8')));
  }
}

if (problems.length > 0) {
  console.error(`\nThe build failed:\n${problems.join('\n')}`);
  process.exit(1);
}

console.log('\nBuilt into dist/.');

/** What WePY hands through without a look. @returns the problems of a file of the result. */
function judge(file, text) {
  const count = part => text.split(part).length - 1;
  switch (path.extname(file)) {
    case '.json':
      try {
        JSON.parse(text);
        return [];
      } catch (error) {
        return [`dist/${file}: ${error.message}`];
      }

    case '.wxss':
      return count('{') === count('}') ? [] : [`dist/${file}: a brace has no other`];

    case '.wxml': {
      const script = path.join(Dist, file.replace('.wxml', '.js'));
      const code = fs.existsSync(script) ? fs.readFileSync(script, 'utf8') : '';
      const missing = [...text.matchAll(/ bind\w+="(\w+)"/g)].filter(([, name]) => !code.includes(`${name}: function`));
      return missing.map(([, name]) => `dist/${file}: the page has no method ${name}`)
        .concat(count('{{') === count('}}') ? [] : [`dist/${file}: an expression does not end`]);
    }

    default:
      return [];
  }
}

/** What a complete build leaves behind: what src asks for, what the app says that its pages are, and the framework. */
function expected() {
  const files = ['npm/wepy/lib/wepy.js', 'app.js', 'app.json'];
  for (const entry of fs.readdirSync(path.join(Root, 'src'), { recursive: true })) {
    if (/\.(js|json)$/.test(entry)) {
      files.push(entry);
    }
  }

  return files.concat(pages().flatMap(page => [`${page}.js`, `${page}.json`, `${page}.wxml`, `${page}.wxss`]));
}

function pages() {
  try {
    return JSON.parse(fs.readFileSync(path.join(Dist, 'app.json'), 'utf8')).pages;
  } catch (error) {
    // That it is missing, or no JSON, is told as a problem of its own.
    return [];
  }
}

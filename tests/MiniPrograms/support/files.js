'use strict';

const fs = require('fs');
const path = require('path');

/** Each file's text by its path from the root. */
function readAll(root, folder = '') {
  const files = {};
  for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) {
      Object.assign(files, readAll(root, name));
    } else {
      files[name] = fs.readFileSync(path.join(root, name), 'utf8');
    }
  }

  return files;
}

module.exports = { readAll };

'use strict';

module.exports = {
  wpyExt: '.wpy',
  cliLogs: false,
  compilers: {
    babel: {
      sourceMap: false,
      presets: ['env'],
      plugins: ['transform-class-properties'],
    },
  },
};

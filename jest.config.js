const jestJupyterLab = require('@jupyterlab/testing/lib/jest-config');

// Packages that ship ES modules only, beside those that JupyterLab's own list names.
const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@marijn',
  '@microsoft',
  '@rjsf',
  'color',
  'exenv-es6',
  'lib0',
  'marked',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

const shared = jestJupyterLab(__dirname);

module.exports = {
  ...shared,
  setupFiles: [...shared.setupFiles, '<rootDir>/labextension/tests/setup.ts'],
  reporters: ['default'],
  roots: ['<rootDir>/labextension'],
  testRegex: '/labextension/tests/.*\\.spec\\.tsx?$',
  modulePathIgnorePatterns: [
    '<rootDir>/jupyter_tfgpu',
    '<rootDir>/tests',
    '<rootDir>/build',
    '<rootDir>/\\.venv'
  ],
  transformIgnorePatterns: [`/node_modules/(?!(${esModules})).+`]
};

const { execFileSync } = require('child_process');
const path = require('path');

const ROOT = path.resolve(__dirname, '..', '..');
const PYTHON = path.join(ROOT, '.venv', 'bin', 'python');
const STATES = ['standin', 'states', 'no-driver', 'simulated', 'no-extension'];

// Workers load this file too and must see the ports that the main process chose.
process.env.TFGPU_UI_PORTS ??= freePorts(STATES.length).join(',');
const ports = process.env.TFGPU_UI_PORTS.split(',');
const urls = Object.fromEntries(
  STATES.map((state, index) => [state, `http://127.0.0.1:${ports[index]}`])
);
process.env.TFGPU_UI_URLS = JSON.stringify(urls);

/** Ports that nobody listens on now. */
function freePorts(count) {
  const program = [
    'import socket',
    `sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(${count})]`,
    'print("\\n".join(str(each.getsockname()[1]) for each in sockets))'
  ].join('\n');
  return execFileSync(PYTHON, ['-c', program], { encoding: 'utf-8' })
    .trim()
    .split('\n');
}

module.exports = {
  testDir: __dirname,
  testMatch: '*.spec.ts',
  outputDir: path.join(__dirname, 'test-results'),
  // The tests of one server share its kernels and kernelspecs; two cores have no room for two browsers.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    actionTimeout: 20_000,
    viewport: { width: 1280, height: 800 },
    // No video: it needs an ffmpeg of Playwright's own.
    video: 'off',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      // Without TFGPU_CHROMIUM: Playwright's own browser.
      ...(process.env.TFGPU_CHROMIUM && {
        executablePath: process.env.TFGPU_CHROMIUM
      }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-dev-shm-usage'
      ]
    }
  },
  projects: [
    {
      name: 'first-data',
      testMatch: 'first-data.spec.ts',
      use: { baseURL: urls.standin }
    },
    {
      name: 'story',
      testMatch: 'story.spec.ts',
      use: { baseURL: urls.standin }
    },
    { name: 'states', testMatch: 'states.spec.ts' },
    {
      name: 'devices',
      testMatch: [
        'devices.spec.ts',
        'chip.spec.ts',
        'live.spec.ts',
        'history.spec.ts',
        'settings.spec.ts',
        'status.spec.ts',
        'alerts.spec.ts',
        'picker.spec.ts',
        'environments.spec.ts',
        'fixes.spec.ts',
        'preflight.spec.ts',
        'running.spec.ts',
        'report.spec.ts'
      ],
      use: { baseURL: urls.states }
    },
    {
      name: 'notebook',
      testMatch: 'notebook.spec.ts',
      use: { baseURL: urls.states }
    }
  ],
  webServer: STATES.map((state, index) => ({
    command: `"${PYTHON}" -m tests.ui.server ${state} ${ports[index]}`,
    cwd: ROOT,
    url: `${urls[state]}/lab`,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 }
  }))
};

// The team in pages: one that shares memory with its workers, one where Atomics.waitAsync is missing, and one that is not isolated and so has
// a single thread. The built files as they are, in headless Chromium; without a browser the tests are skipped, except on a build server.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import wabt from 'wabt';
import { fixture, packageFolder } from './measure-child.js';

const executable = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

const browserFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
];

let server: Server;
let browser: Browser;

async function startServer(): Promise<Server> {
  const assembler = await wabt();
  const text = readFileSync(fixture('team.wat'), 'utf8');
  const assemble = (wat: string): Uint8Array =>
    assembler.parseWat('team.wat', wat, { threads: true }).toBinary({}).buffer;
  const page = '<!doctype html><title>heddle</title><script type="module" src="/team-page.js"></script>';
  const fixed = new Map<string, [type: string, body: string | Uint8Array]>([
    ['/isolated.html', ['text/html', page]],
    ['/plain.html', ['text/html', page]],
    ['/team-page.js', ['text/javascript', readFileSync(fixture('team-page.js'), 'utf8')]],
    ['/team.wasm', ['application/wasm', assemble(text)]],
    ['/team-unshared.wasm', ['application/wasm', assemble(text.replace(' shared)', ')'))]],
  ]);
  const started = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://host');
    const file = join(packageFolder, pathname);
    const found = fixed.get(pathname);
    const isBuilt = pathname.startsWith('/dist/') && existsSync(file);
    // A browser cannot look up a package's own names.
    const [type, body] = found ?? [
      'text/javascript',
      isBuilt
        ? readFileSync(file, 'utf8').replaceAll(
            /["']#platform(|\/threads)["']/g,
            (_, part: string) => `'/dist/platform/browser${part.replace('/', '-')}.js'`,
          )
        : undefined,
    ];
    response.writeHead(body === undefined ? 404 : 200, {
      'Content-Type': type,
      ...(pathname !== '/plain.html' && {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
        'Cross-Origin-Resource-Policy': 'same-origin',
      }),
    });
    response.end(body);
  });
  return new Promise((resolve) => started.listen(0, '127.0.0.1', () => resolve(started)));
}

const isWanted = executable !== undefined || Boolean(process.env['CI']);

describe.runIf(isWanted)('the team', () => {
  let page: Page;
  const complaints: string[] = [];
  const run = (program: string): Promise<unknown> => page.evaluate(`programs.${program}()`);

  beforeAll(async () => {
    server = await startServer();
    browser = await chromium.launch({ executablePath: executable!, args: browserFlags });
  });

  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  async function open(name: string, prepare = ''): Promise<void> {
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.addInitScript(prepare);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}.html`);
    await page.waitForFunction('globalThis.programs !== undefined');
  }

  describe.each([
    ['as it is', ''],
    ['without Atomics.waitAsync', 'delete Atomics.waitAsync'],
  ])('in an isolated page %s', (_name, prepare) => {
    beforeAll(() => open('isolated', prepare));
    afterAll(() => page.close());

    test('has shared memory', async () => expect(await run('isolated')).toBe(true));

    test("runs a call on the page's own thread alone, and starts nothing", async () => {
      expect(await run('call')).toEqual([{ status: 0 }, 1000, 0]);
    });

    test('runs asynchronous jobs, many at once', async () => {
      expect(await run('async')).toEqual([true, 100_000]);
      await expect.poll(() => page.workers().length).toBe(3);
    });

    test('runs them on threads other than that of the page', async () => {
      expect(await run('meet')).toEqual([{ status: 0 }, 2, true]);
    });

    test('tells of traps', async () => expect(await run('trap')).toEqual({ status: -1, cause: 'TEAM002' }));

    test('is stopped by a signal, while timers run', async () => {
      expect(await run('abort')).toEqual({ status: -1, cause: 'enough' });
    });

    test('runs compiled calls that do not block, and that end early', async () => {
      expect(await run('callAsync')).toEqual([true, 'enough', 'TEAM003']);
    });

    test('helps a worker of the page that calls', async () => {
      expect(await run('worker')).toEqual([{ status: 0 }, 2, true]);
    });

    test('ends when it is told to, and nothing was complained of', async () => {
      expect(await run('stop')).toBe(0);
      const threads = (): string[] =>
        page.workers().flatMap((worker) => (worker.url().includes('/team/') ? [worker.url()] : []));
      await expect.poll(threads, { timeout: 30_000 }).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  describe('in a page that is not isolated', () => {
    beforeAll(() => open('plain'));
    afterAll(() => page.close());

    test('is the one thread there is, with the same results', async () => {
      expect(await run('isolated')).toBe(false);
      expect(await run('call')).toEqual([{ status: 0 }, 1000, 0]);
      expect(await run('async')).toEqual([true, 100_000]);
      expect(await run('trap')).toEqual({ status: -1, cause: 'TEAM002' });
      expect(await run('abort')).toEqual({ status: -1, cause: 'enough' });
      expect(await run('callAsync')).toEqual([true, 'enough', 'TEAM003']);
      expect(page.workers().length).toBe(0);
      expect(complaints).toEqual([]);
    });
  });
});

test('a build server has a browser', () => {
  expect(executable !== undefined || !process.env['CI']).toBe(true);
});

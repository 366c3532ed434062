// heddle/measure in a page: the built files as they are (only their package-internal names spelled out), a bundle by esbuild and one by
// Vite, each in headless Chromium from a server of its own. Without a browser the tests are skipped, except on a build server (CI).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, extname, join } from 'node:path';
import { build as buildWithEsbuild } from 'esbuild';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { build as buildWithVite } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture, packageFolder } from './measure-child.js';

const executable = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

/** No window, no sandbox (which a container's root cannot have), and no talk with anyone but our server. */
const browserFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What the server has, by path. */
type Site = Map<string, string>;
const site: Site = new Map();
let server: Server;
let origin: string;
let browser: Browser;

const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html' };

/** Answers a page as one that wants shared memory has to be answered: isolated from other origins. */
function startServer(): Promise<Server> {
  const started = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://host');
    const body = site.get(pathname);
    response.writeHead(body === undefined ? 404 : 200, {
      'Content-Type': `${types[extname(pathname)] ?? 'text/plain'}; charset=utf-8`,
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
    response.end(body);
  });
  return new Promise((resolve) => started.listen(0, '127.0.0.1', () => resolve(started)));
}

const pageProgram = fixture('page.js').pathname;
const addPage = (name: string, program: string): void => {
  site.set(`/${name}.html`, `<!doctype html><title>heddle</title><script type="module" src="${program}"></script>`);
};

/** The files of dist/ as they are; a browser cannot look up a package's own names, so those become addresses. */
function addPlain(): void {
  const spellOut = (text: string): string =>
    text
      .replaceAll(/(["'])#platform\1/g, '"/plain/platform/browser.js"')
      .replaceAll(/(["'])heddle\/measure\1/g, '"/plain/measure/index.js"');
  for (const path of readdirSync(join(packageFolder, 'dist'), { recursive: true, encoding: 'utf8' })) {
    if (!/^(?:chunks|measure|platform)\//.test(path) || !path.endsWith('.js')) continue;
    site.set(`/plain/${path}`, spellOut(readFileSync(join(packageFolder, 'dist', path), 'utf8')));
  }
  site.set('/plain/page.js', spellOut(readFileSync(pageProgram, 'utf8')));
  addPage('plain', '/plain/page.js');
}

/** esbuild leaves a worker's address alone, so the worker's program is a second entry, at the same place beside the first as in dist/. */
async function addEsbuild(): Promise<void> {
  const { outputFiles } = await buildWithEsbuild({
    entryPoints: {
      'app/page': pageProgram,
      'measure/candidate-process': join(packageFolder, 'dist/measure/candidate-process.js'),
    },
    outdir: join(packageFolder, 'esbuild'),
    absWorkingDir: packageFolder,
    bundle: true,
    platform: 'browser',
    format: 'esm',
    minify: true,
    write: false,
    logLevel: 'silent',
  });
  for (const { path, text } of outputFiles) site.set(`/${path.slice(packageFolder.length)}`, text);
  addPage('esbuild', '/esbuild/app/page.js');
}

/** Vite finds the worker by itself. */
async function addVite(): Promise<void> {
  const built = await buildWithVite({
    configFile: false,
    root: packageFolder,
    base: '/vite/',
    logLevel: 'silent',
    build: { write: false, modulePreload: false, rollupOptions: { input: pageProgram } },
  });
  if (!('output' in built)) throw new Error('Vite gave something else than one build');
  for (const file of built.output) {
    site.set(`/vite/${file.fileName}`, file.type === 'chunk' ? file.code : String(file.source));
    if (file.type === 'chunk' && file.isEntry) addPage('vite', `/vite/${file.fileName}`);
  }
}

// Elsewhere the tests of pages are left out where there is no browser; a build server has to have one.
test('a build server has a browser', () => {
  expect(executable !== undefined || !process.env['CI']).toBe(true);
});

describe.runIf(executable !== undefined || process.env['CI']).each(['plain', 'esbuild', 'vite'])(
  'in a page, %s',
  (kind) => {
    let page: Page;
    const complaints: string[] = [];

    beforeAll(async () => {
      if (browser === undefined) {
        server = await startServer();
        origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        for (const name of ['page-candidates.js', 'offset.js']) {
          site.set(`/candidates/${name}`, readFileSync(fixture(name), 'utf8'));
        }
        addPlain();
        await addEsbuild();
        await addVite();
        browser = await chromium.launch({
          executablePath: executable!,
          args: browserFlags,
        });
      }
      page = await browser.newPage();
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(`${origin}/${kind}.html`);
      await page.waitForFunction('globalThis.heddlePrograms !== undefined');
    });

    afterAll(() => page.close());

    /** Runs one of the programs of fixtures/page.js. */
    const run = (program: string): Promise<unknown> => page.evaluate(`heddlePrograms.${program}()`);
    const refusals = async (program: string): Promise<Record<string, string | null>> => {
      const { results } = (await run(program)) as { results: { name: string; refused: string | null }[] };
      return Object.fromEntries(results.map(({ name, refused }) => [name, refused]));
    };

    test('the page is isolated, so that it has shared memory', async () => {
      expect(await run('isolated')).toBe(true);
    });

    test('timeit', async () => {
      expect(await run('timeit')).toEqual({
        line: expect.stringMatching(
          /^(?:The slowest run .*\n)?\d.* per loop \(mean ± std\. dev\. of 3 runs, 10 loops each\)$/,
        ),
        runs: 3,
        loops: 10,
        calls: 1 + 4 * 5,
      });
      expect(Math.log10((await run('chosenLoops')) as number) % 1).toBe(0);
    });

    test('time knows no CPU time here, and says so', async () => {
      expect(await run('time')).toMatchObject({
        value: 'value',
        user: null,
        system: null,
        total: null,
        wallIsNumber: true,
        lines: ['CPU times: not known in a page', expect.stringMatching(/^Wall time: \d/)],
      });
    });

    test('memit is refused: MEASURE003', async () => {
      expect(await run('memit')).toMatchObject({ name: 'UnsupportedError', code: 'MEASURE003' });
    });

    test('a timer gets its turn between two runs, and may abort', async () => {
      expect(await run('abort')).toMatchObject({ message: 'from a timer' });
    });

    test('describeMachine', async () => {
      expect(await run('machine')).toMatchObject({
        cores: expect.any(Number),
        memory: null,
        node: null,
        simd: expect.stringMatching(/simd/),
      });
    });

    test('compare with functions', async () => {
      expect(await run('functions')).toEqual({
        where: 'this process',
        results: [
          { name: 'a', answer: 1, random: false, refused: null, peakMemory: null, runs: 2 },
          { name: 'b', answer: 1, random: false, refused: null, peakMemory: null, runs: 2 },
          { name: 'c', answer: 2, random: false, refused: expect.any(String), peakMemory: null, runs: null },
        ],
      });
    });

    test('compare with a module: a fresh worker each, and the others finish', async () => {
      expect(await refusals('workers')).toEqual({
        plain: null,
        throws: 'threw RangeError: out of range',
        rejects: 'threw Error: rejected',
        throwsAside: expect.stringMatching(/^its worker failed: .*from nowhere/),
        wrong: 'gave another answer than plain: -1, not 13',
        uncloneable: expect.stringMatching(/^its answer cannot be copied/),
        missing: expect.stringMatching(/exports no missing/),
        alsoPlain: null,
      });
      expect(await run('fresh')).toMatchObject({
        where: 'fresh processes',
        results: [{ answer: [1, 'undefined', 'DedicatedWorkerGlobalScope'], refused: null, runs: 2 }],
      });
      expect(await run('setup')).toMatchObject({ results: [{ answer: [40], refused: null }] });
    });

    test("a candidate's own messages are not taken for replies", async () => {
      expect(await run('chatty')).toMatchObject({ results: [{ answer: 'said enough', random: false, refused: null }] });
    });

    test('shared memory that is written over is seen to be random', async () => {
      expect(await run('shared')).toMatchObject({ results: [{ random: true, refused: null }] });
    });

    // Once is enough: it takes seconds, and bundling does not change who ends whom.
    if (kind === 'plain') {
      test('candidates that hang are ended', async () => {
        const reason = 'one call took longer than 2 s';
        expect(await refusals('hanging')).toEqual({
          plain: null,
          endless: reason,
          neverSettles: reason,
          alsoPlain: null,
        });
      });
    }

    test('a module that is not there', async () => {
      expect((await refusals('absent'))['absent']).toMatch(/^threw TypeError: .*nowhere\.js/);
    });

    test('transform is refused: MEASURE006', async () => {
      expect((await refusals('transform'))['plain']).toMatch(/^error\[MEASURE006\]/);
    });

    test('abort ends a worker in an endless loop', async () => {
      expect(await run('abortWorkers')).toMatchObject({ message: 'enough' });
    });

    test('no worker is left, and nothing was complained of', async () => {
      await expect.poll(() => page.workers().length).toBe(0);
      expect(complaints).toEqual([]);
    });
  },
);

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
});

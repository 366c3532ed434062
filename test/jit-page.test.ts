// Compiled functions in a page, as the files of dist/ are and as bundlers join them, in headless Chromium: the bits of Node, on the threads of an
// isolated page, on the one thread of any other, and under content security policies. Bundlers are given no configuration for workers.
// Without a browser the tests are skipped, except on a build server (CI).
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, extname, join } from 'node:path';
import { build as buildWithEsbuild } from 'esbuild';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { build as buildWithVite } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import webpack from 'webpack';
import { fixture, packageFolder } from './measure-child.js';

const executable = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));
const isWanted = executable !== undefined || Boolean(process.env['CI']);

const pageProgram = fixture('jit-page.js').pathname;

interface Calculated {
  readonly now: readonly number[];
  readonly later: readonly number[];
  readonly notes: readonly string[];
}

/** What the page's program gives in Node. */
function inNode(): Calculated {
  const program = `await import(${JSON.stringify(pageProgram)}); console.log(JSON.stringify(await heddlePrograms.calculate()));`;
  const words = ['--input-type=module', '-e', program];
  return JSON.parse(execFileSync(process.execPath, words, { cwd: packageFolder, encoding: 'utf8' })) as Calculated;
}

/** What the server has, by path. */
const site = new Map<string, string>();
let server: Server;
let origin: string;
let browser: Browser;

const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html' };
const isolating = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Pages are asked for with the headers that they are to come with: `?headers={…}`. */
function startServer(): Promise<Server> {
  const started = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://host');
    const body = site.get(pathname);
    const headers = JSON.parse(searchParams.get('headers') ?? JSON.stringify(isolating)) as Record<string, string>;
    response.writeHead(body === undefined ? 404 : 200, {
      'Content-Type': `${types[extname(pathname)] ?? 'text/plain'}; charset=utf-8`,
      ...headers,
    });
    response.end(body);
  });
  return new Promise((resolve) => started.listen(0, '127.0.0.1', () => resolve(started)));
}

const addPage = (name: string, program: string, type = 'module'): void => {
  site.set(`/${name}.html`, `<!doctype html><title>heddle</title><script type="${type}" src="${program}"></script>`);
};

/** The files of dist/ as they are, with an import map for the names of packages. */
function addPlain(): void {
  const spellOut = (text: string): string =>
    text
      .replaceAll(
        /(["'])#platform(|\/threads)\1/g,
        (_, __, part: string) => `"/plain/platform/browser${part.replace('/', '-')}.js"`,
      )
      .replaceAll(/(["'])heddle\1/g, '"/plain/index.js"')
      .replaceAll(/(["'])acorn\1/g, '"/plain/acorn.js"');
  for (const path of readdirSync(join(packageFolder, 'dist'), { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.js'))
      site.set(`/plain/${path}`, spellOut(readFileSync(join(packageFolder, 'dist', path), 'utf8')));
  }
  site.set('/plain/acorn.js', readFileSync(join(packageFolder, 'node_modules/acorn/dist/acorn.mjs'), 'utf8'));
  site.set('/plain/page.js', spellOut(readFileSync(pageProgram, 'utf8')));
  addPage('plain', '/plain/page.js');
}

async function addEsbuild(name: string, format: 'esm' | 'iife'): Promise<void> {
  const { outputFiles } = await buildWithEsbuild({
    entryPoints: [pageProgram],
    bundle: true,
    format,
    minify: true,
    write: false,
    // Of import.meta.url in a script that is no module.
    logLevel: 'silent',
  });
  site.set(`/${name}/app/page.js`, outputFiles[0]!.text);
  addPage(name, `/${name}/app/page.js`, format === 'esm' ? 'module' : 'text/javascript');
}

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

async function addWebpack(): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'heddle-webpack-'));
  await new Promise<void>((resolve, reject) => {
    const output = { path, filename: 'page.js', publicPath: '/webpack/' };
    webpack(
      {
        mode: 'production',
        optimization: { minimize: false },
        context: packageFolder,
        entry: pageProgram,
        output,
        performance: false,
      },
      (error, stats) => {
        if (error || stats?.hasErrors() !== false) reject(error ?? new Error(stats?.toString()));
        else resolve();
      },
    );
  });
  for (const name of readdirSync(path)) site.set(`/webpack/${name}`, readFileSync(join(path, name), 'utf8'));
  rmSync(path, { recursive: true });
  addPage('webpack', '/webpack/page.js', 'text/javascript');
}

test('a build server has a browser', () => {
  expect(isWanted).toBe(executable !== undefined);
});

describe.runIf(isWanted)('in a page', () => {
  let expected: Calculated;
  let page: Page | undefined;
  const complaints: string[] = [];

  beforeAll(async () => {
    expected = inNode();
    addPlain();
    await addEsbuild('esbuild', 'esm');
    await addEsbuild('script', 'iife');
    await addVite();
    await addWebpack();
    server = await startServer();
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({
      executablePath: executable!,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
  }, 120_000);

  afterEach(async () => {
    await page?.close();
    complaints.length = 0;
  });

  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  async function open(name: string, headers: Record<string, string> = isolating): Promise<void> {
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${origin}/${name}.html?headers=${encodeURIComponent(JSON.stringify(headers))}`);
    await page.waitForFunction('globalThis.heddlePrograms !== undefined');
  }
  const run = <T>(program: string): Promise<T> => page!.evaluate(`heddlePrograms.${program}()`);

  test('Node says nothing, and gives the same at once and later', () => {
    expect(expected.later).toEqual(expected.now);
    expect(expected.notes).toEqual([]);
  });

  test.each([
    ['plain', true],
    ['esbuild', false],
    ['script', false],
    ['vite', true],
    ['webpack', true],
  ])("%s: threads have Node's bits", async (name, hasFile) => {
    await open(name);
    expect(await run('isolated')).toBe(true);
    expect(await run('calculate')).toEqual(expected);
    // The workers are there, and from a file of their own where the bundler has one.
    const origins = (): string[] => page!.workers().map((worker) => worker.url().replace(/:.*/, ''));
    await expect
      .poll(origins, { timeout: 30_000 })
      .toEqual(Array.from({ length: 3 }, () => (hasFile ? 'http' : 'blob')));
    expect(complaints).toEqual([]);
  });

  test.each(['plain', 'esbuild'])('%s, not isolated: one thread has the same bits, and says so once', async (name) => {
    await open(name, {});
    expect(await run('isolated')).toBe(false);
    const { notes, ...numbers } = await run<Calculated>('calculate');
    expect(numbers).toEqual({ now: expected.now, later: expected.now });
    expect(notes).toEqual([expect.stringContaining('not cross-origin isolated')]);
    expect(page!.workers()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  const policy = (value: string): Record<string, string> => ({ ...isolating, 'Content-Security-Policy': value });

  test("a policy without 'wasm-unsafe-eval' is told by its directive", async () => {
    await open('plain', policy("script-src 'self'"));
    const message = await run<string>('fail');
    expect(message).toMatch(/^WASM004: error\[WASM004\]: this page may not compile WebAssembly\n/);
    expect(message).toContain("= fix: add 'wasm-unsafe-eval' to the policy");
  });

  test.each(['plain', 'vite'])("%s: a policy with 'wasm-unsafe-eval' is enough", async (name) => {
    await open(name, policy("script-src 'self' 'wasm-unsafe-eval'"));
    expect(await run('calculate')).toEqual(expected);
    expect(complaints).toEqual([]);
  });

  test('a policy that allows no worker is told as well', async () => {
    await open('esbuild', policy("script-src 'self' 'wasm-unsafe-eval'"));
    const message = await page!.evaluate('heddlePrograms.calculate().catch((error) => String(error))');
    expect(message).toMatch(/error\[TEAM004\]/);
    expect(message).toContain('worker-src');
  });
});

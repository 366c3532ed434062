// Joins the modules of src/ into the files of dist/ as rolldown.config.ts says, and prints nothing unless something is wrong: the command
// line of rolldown lists every file. Then it tells engines which functions the first call of a compiled function will run.
import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { parse } from 'acorn';
import { build } from 'rolldown';
import { loadConfig } from 'rolldown/config';

/** What people compile, as far as a function or two can stand for it; what only rarer code needs is left to be compiled when it is run. */
const samples = [
  [
    // prettier-ignore
    function branching(n) {
      let most = 0;
      for (let i = 0; i < n; i++) {
        let x = i * 0.5;
        while (x > 1) x = x > 10 ? x / 3 : x - 1;
        if (x > most) most = x;
      }
      return most;
    },
    () => [10],
  ],
  [
    function smoothing(from, to, width, height) {
      let total = 0;
      for (let y = 1; y < height - 1; y++) {
        for (let x = 1; x < width - 1; x++) {
          const at = y * width + x;
          to[at] = (from[at - 1] + from[at + 1] + from[at - width] + from[at + width]) / 4;
          total += to[at];
        }
      }
      return total;
    },
    () => [new Float64Array(16), new Float64Array(16), 4, 4],
  ],
];

/**
 * An engine that reads a file skims its functions, and compiles each when it is first called, all over from its text. Of the compiler that
 * is most of what the very first call takes. V8 compiles a function at once, with the file, that stands in parentheses, as one that is
 * called there does; so those do that a first call runs, and no others (docs/decisions/0004-few-files.md has the figures). Which those are
 * the functions above tell. A function that runs while the files are loaded stays a declaration: it may be called above where it stands.
 */
async function parenthesizeWhatFirstCallsRun() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const { jit } = await import('./dist/index.js');
  const loading = await functionsRun(session);
  for (const [f, args] of samples) jit(f)(...args());
  const calling = await functionsRun(session);
  session.disconnect();
  for (const [url, starts] of calling) {
    const file = new URL(url);
    const text = readFileSync(file, 'utf8');
    let marked = '';
    let end = 0;
    for (const node of parse(text, { ecmaVersion: 'latest', sourceType: 'module' }).body) {
      if (node.type !== 'FunctionDeclaration' || node.async || node.generator) continue;
      if (!starts.has(node.start) || loading.get(url)?.has(node.start)) continue;
      const declaration = text.slice(node.start, node.end);
      marked += `${text.slice(end, node.start)}var ${node.id.name} = (${declaration});`;
      end = node.end;
    }
    writeFileSync(file, marked + text.slice(end));
  }
}

/** Where the functions of dist/chunks/ begin that have been called since the last time, by the address of their file. */
async function functionsRun(session) {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const chunks = result.filter(({ url }) => url.includes('/dist/chunks/'));
  return new Map(
    chunks.map(({ url, functions }) => [
      url,
      new Set(functions.flatMap(({ ranges: [range] }) => (range.count > 0 ? [range.startOffset] : []))),
    ]),
  );
}

await build(await loadConfig('rolldown.config.ts'));
await parenthesizeWhatFirstCallsRun();

// Passes, tested in their own language: each file of test/filetests/<pass>/ holds a program, `; run` lines with arguments, and behind
// `; after` what the pass makes of it. A line `; data f64 1 2.5` for each buffer gives what each run begins with.
// The program is verified and interpreted before and after, and compiled after, and all must agree.
// `REFRESH=1 npx vitest run test/filetests.test.ts` writes the parts behind `; after` anew; read the difference before you commit it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { interpret, printProgram, readProgram, verify } from '../src/ir/index.js';
import type { BufferData, Program } from '../src/ir/index.js';
import { pipeline } from '../src/passes/pipeline.js';
import { generatorOf } from '../src/random/keys.js';
import { runCompiled } from './support/run-compiled.js';

const folder = new URL('./filetests/', import.meta.url);
const separator = '; after\n';

/** `1.5`, `-3n`, `true`, as JavaScript has them. */
function parseScalar(word: string): number | bigint | boolean {
  if (word === 'true' || word === 'false') return word === 'true';
  return word.endsWith('n') ? BigInt(word.slice(0, -1)) : Number(word);
}

const arrays = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u8: Uint8Array,
  i64: BigInt64Array,
} as const;

/** `f64 1 2.5` */
function makeBuffer(line: string): BufferData {
  const [storage, ...numbers] = line.split(' ') as [keyof typeof arrays, ...string[]];
  const elements =
    storage === 'i64' ? BigInt64Array.from(numbers.map(BigInt)) : arrays[storage].from(numbers.map(Number));
  return { elements, offset: 0 };
}

const cases = readdirSync(folder).flatMap((pass) =>
  readdirSync(new URL(`${pass}/`, folder)).map((file) => ({ pass, file, url: new URL(`${pass}/${file}`, folder) })),
);

test('every pass has its folder, and every folder its pass', () => {
  expect([...new Set(cases.map(({ pass }) => pass))].toSorted()).toEqual(
    [...new Set(pipeline.map(({ name }) => name))].toSorted(),
  );
});

describe.each(cases)('$pass/$file', ({ pass, url }) => {
  const text = readFileSync(url, 'utf8');
  const [input, expected = ''] = text.split(separator) as [string, string?];
  const runs = [...input.matchAll(/^; run (.*)$/gm)].map((match) => match[1]!.split(' ').map(parseScalar));
  const data = [...input.matchAll(/^; data (.*)$/gm)].map((match) => match[1]!);
  const { run } = pipeline.find(({ name }) => name === pass)!;
  const before = readProgram(input);
  const after: Program = { ...before, kernels: before.kernels.map(run) };

  test('becomes what the file says', () => {
    const printed = printProgram(after);
    if (process.env['REFRESH']) writeFileSync(url, `${input.trimEnd()}\n\n${separator}${printed}`);
    else expect(printed).toBe(expected);
  });

  test('is legal before and after', () => {
    expect(verify(before)).toEqual([]);
    expect(verify(after)).toEqual([]);
  });

  test('gives the same before, after, and compiled', () => {
    expect(runs.length).toBeGreaterThan(0);
    const [kernel] = after.kernels;
    for (const scalars of runs) {
      const [wanted, interpreted] = [before, after].map((program) => {
        const buffers = data.map(makeBuffer);
        return { outcome: interpret(program, kernel!.name, { scalars, buffers, openGenerator: generatorOf }), buffers };
      });
      expect(interpreted).toEqual(wanted);
      const buffers = data.map(makeBuffer);
      expect({ outcome: runCompiled(after, kernel!, scalars, buffers), buffers }).toEqual(wanted);
    }
  });

  test('keeps its meaning through every other pass', () => {
    for (const { name, run: other } of pipeline) {
      const changed: Program = { ...before, kernels: before.kernels.map(other) };
      expect({ name, problems: verify(changed) }).toEqual({ name, problems: [] });
      for (const scalars of runs) {
        const [wanted, found] = [before, changed].map((program) => {
          const buffers = data.map(makeBuffer);
          const environment = { scalars, buffers, openGenerator: generatorOf };
          return { name, outcome: interpret(program, before.kernels[0]!.name, environment), buffers };
        });
        expect(found).toEqual(wanted);
      }
    }
  });
});

// Passes, tested in their own language: each file of test/filetests/<pass>/ holds a program, `; run` lines with arguments, and behind
// `; after` what the pass makes of it. Each run's buffers begin with what lines `; data f64 1 2.5` say, one a buffer, or with `; memory 100`
// elements of many kinds each. The program is verified and interpreted before and after, and compiled after, and all must agree.
// `REFRESH=1 npx vitest run test/filetests.test.ts` writes the parts behind `; after` anew; read the difference before you commit it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { interpret, printProgram, readProgram, verify } from '../src/ir/index.js';
import type { Program } from '../src/ir/index.js';
import type { BufferData, Datum, Outcome } from '../src/ir/interpret.js';
import { allocate, openHeap, release } from '../src/memory/heap.js';
import { pipeline } from '../src/passes/pipeline.js';
import { generatorOf } from '../src/random/keys.js';
import { arrayOf, storageTypes } from '../src/ir/types.js';
import type { StorageType } from '../src/ir/types.js';
import { makeExecutable } from '../src/runtime/executable.js';

const folder = new URL('./filetests/', import.meta.url);
const separator = '; after\n';

/** `1.5`, `-3n`, `true`, as JavaScript has them. */
function parseScalar(word: string): number | bigint | boolean {
  if (word === 'true' || word === 'false') return word === 'true';
  return word.endsWith('n') ? BigInt(word.slice(0, -1)) : Number(word);
}

const cases = readdirSync(folder).flatMap((pass) =>
  readdirSync(new URL(`${pass}/`, folder)).map((file) => ({ pass, file, url: new URL(`${pass}/${file}`, folder) })),
);

test('every pass has its folder, and every folder its pass', () => {
  expect([...new Set(cases.map(({ pass }) => pass))].toSorted()).toEqual(
    [...new Set(pipeline.map(({ name }) => name))].toSorted(),
  );
});

/** A buffer's memory, filled with numbers of both signs and several sizes. */
function fill(storage: StorageType, length: number, seed: number): BufferData {
  const elements = new arrayOf[storage](length);
  for (let i = 0; i < length; i++) {
    const x = Math.sin(i * 7 + seed) * 150;
    elements[i] = (
      storageTypes[storage].byteLength === 8 && !storage.startsWith('f') ? BigInt(Math.trunc(x)) : x
    ) as never;
  }
  return { elements, offset: 0 };
}

/** `f64 1 2.5` */
function parseBuffer(line: string): BufferData {
  const [storage, ...numbers] = line.split(' ') as [StorageType, ...string[]];
  const isBig = storage === 'i64' || storage === 'u64';
  const elements = new arrayOf[storage](numbers.length);
  for (const [index, number] of numbers.entries()) elements[index] = (isBig ? BigInt(number) : Number(number)) as never;
  return { elements, offset: 0 };
}

/** The same in the heap: compiled code finds it there. */
function inHeap({ elements }: BufferData): { readonly address: number; readonly elements: () => unknown } {
  const own = elements as Float64Array;
  const address = allocate(Math.max(1, own.byteLength));
  const make = own.constructor as Float64ArrayConstructor;
  new make(openHeap().memory.buffer, address, own.length).set(own);
  return { address, elements: () => new make(openHeap().memory.buffer, address, own.length).slice() };
}

describe.each(cases)('$pass/$file', ({ pass, url }) => {
  const text = readFileSync(url, 'utf8');
  const [input, expected = ''] = text.split(separator) as [string, string?];
  const runs = [...input.matchAll(/^; run (.*)$/gm)].map((match) => match[1]!.split(' ').map(parseScalar));
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

  const data = [...input.matchAll(/^; data (.*)$/gm)].map((match) => match[1]!);
  const memory = Number(/^; memory (\d+)$/m.exec(input)?.[1] ?? 0);
  const makeBuffers = (): BufferData[] =>
    before.kernels[0]!.buffers.map(({ storage }, index) =>
      data[index] === undefined ? fill(storage, memory, index) : parseBuffer(data[index]),
    );
  const interpreted = (program: Program, scalars: readonly Datum[]): Run => {
    const buffers = makeBuffers();
    const environment = { scalars, buffers, openGenerator: generatorOf };
    return { ...interpret(program, program.kernels[0]!.name, environment), buffers };
  };

  test('gives the same before, after, and compiled', () => {
    expect(runs.length).toBeGreaterThan(0);
    const [kernel] = after.kernels;
    const executables = [false, true].map((parallel) =>
      makeExecutable(kernel!, { parallel, routines: before.routines }),
    );
    for (const scalars of runs) {
      const wanted = interpreted(before, scalars);
      expectSame(interpreted(after, scalars), wanted);
      for (const executable of executables) {
        const all = makeBuffers().map(inHeap);
        const places = all.map(({ address }) => address);
        if (wanted.error === undefined) expect(executable.call(scalars, places)).toEqual(wanted.results);
        else expect(caught(() => executable.call(scalars, places))).toMatchObject({ record: wanted.error });
        for (const [index, { elements, address }] of all.entries()) {
          expectSameElements(elements(), wanted.buffers[index]!.elements);
          release(address);
        }
      }
    }
  });

  test('keeps its meaning through every other pass', () => {
    // The interpreter takes its time; what a pass gets wrong it gets wrong for small numbers.
    const isShort = (scalars: readonly Datum[]): boolean => scalars.every((scalar) => Math.abs(Number(scalar)) <= 300);
    for (const { name, run: other } of new Set(pipeline)) {
      const changed: Program = { ...before, kernels: before.kernels.map(other) };
      expect({ name, problems: verify(changed) }).toEqual({ name, problems: [] });
      for (const scalars of runs.filter(isShort))
        expectSame(interpreted(changed, scalars), interpreted(before, scalars), name);
    }
  });
});

type Run = Outcome & { readonly buffers: readonly BufferData[] };

function expectSame({ buffers: found, ...rest }: Run, { buffers, ...wanted }: Run, name?: string): void {
  expect({ name, ...rest }).toEqual({ name, ...wanted });
  for (const [index, { elements }] of buffers.entries()) expectSameElements(found[index]!.elements, elements);
}

/** As `toEqual`, which takes its time over every element, where it matters. */
function expectSameElements(found: unknown, wanted: BufferData['elements']): void {
  const [a, b] = [found as Float64Array, wanted as Float64Array];
  if (a.length !== b.length || !a.every((element, index) => Object.is(element, b[index]))) expect(a).toEqual(b);
}

function caught(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

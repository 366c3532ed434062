// heddle/ir as a program uses it: what people give is checked before anything is done with it, and explain tells every pass.
import { explain, explainSteps, interpret, printProgram, readProgram, verify } from 'heddle/ir';
import type { Inputs, Program } from 'heddle/ir';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readText } from './support/programs.js';

const dot = (): Program => readProgram(readText('examples/dot.ir'));
const illegal = (): Program => readProgram('kernel @k(%n: i64) -> (f64) {\n  body {\n    return [%n]\n  }\n}\n');

afterEach(() => void vi.restoreAllMocks());

describe('explain', () => {
  it('tells the program as it was given, each pass that changes it, the names of the others, and the WebAssembly', () => {
    const text = explain(dot());
    const { program, passes, modules } = explainSteps(dot());
    expect(program).toBe(printProgram(dot()));
    expect(text).toContain(`; as it was given\n${program}`);
    const changing = passes.filter(({ isChanged }) => isChanged);
    expect(changing.length).toBeGreaterThan(1);
    expect(changing.length).toBeLessThan(passes.length);
    expect([...text.matchAll(/^; after (.*)$/gm)].map((match) => match[1])).toEqual(changing.map(({ name }) => name));
    for (const { program: after } of changing) expect(text).toContain(after);
    const told = [...text.matchAll(/^; (.*): no change$/gm)].flatMap((match) => match[1]!.split(', '));
    expect(told).toEqual(passes.filter(({ isChanged }) => !isChanged).map(({ name }) => name));
    expect(modules.map(({ kernel }) => kernel)).toEqual(['dot']);
    expect(text.trimEnd().endsWith(modules[0]!.wat!.trimEnd())).toBe(true);
  });

  it('says what cannot be compiled yet, and still tells the passes', () => {
    const lanes = readProgram('kernel @k(%x: f64x2) {\n  body {\n    return []\n  }\n}\n');
    const [module] = explainSteps(lanes).modules;
    expect(module).toMatchObject({ kernel: 'k', wat: null });
    expect(module!.refused).toMatch(/cannot compile .* yet$/);
    expect(explain(lanes)).toContain(`; @k in WebAssembly: ${module!.refused}\n`);
  });

  it('lets no program that is not legal come near a pass or the engine', () => {
    const compile = vi.spyOn(WebAssembly, 'Module');
    for (const act of [explain, explainSteps, (program: Program) => interpret(program, 'k', { scalars: [1n] })])
      expect(() => act(illegal())).toThrow(
        /^error\[IR004\]: the program is not legal: in @k: operand 0 of return is i64/,
      );
    expect(compile).not.toHaveBeenCalled();
    expect(verify(illegal())).toHaveLength(1);
  });
});

describe('interpret', () => {
  const run = (text: string, inputs?: Inputs, name = 'k') => interpret(readProgram(text), name, inputs);
  const kernel = (parameters: string, body: string, results = ''): string =>
    `kernel @k(${parameters})${results} {\n  buffer a: u64[4] strides [1] both alias 0\n  body {\n${body}\n  }\n}\n`;
  const a = () => ({ elements: BigUint64Array.of(1n, 2n, 3n, 4n), offset: 0 });

  it('runs what it is given, and stores into its memory', () => {
    const memory = a();
    const text = kernel('%i: i64', '%x: i64 = load a[%i]\nstore a[0] %x\nreturn [%x]', ' -> (i64)');
    expect(run(text, { scalars: [3n], buffers: [memory] })).toEqual({ results: [4n], error: undefined });
    expect(memory.elements[0]).toBe(4n);
  });

  it('draws by the law without being told how', () => {
    const text =
      'kernel @k() -> (f64) {\n  body {\n    stream $g = gen 42 0\n    %u: f64 = draw $g\n    return [%u]\n  }\n}\n';
    expect(run(text).results).toEqual(run(text, { scalars: [], buffers: [] }).results);
    expect(run(text).results[0]).toBeGreaterThan(0);
  });

  it.each([
    ['another name', { scalars: [], buffers: [a()] }, '', 'kk', 'there is no kernel @kk'],
    ['too few scalars', { buffers: [a()] }, '%n: i64', 'k', 'it has 1 parameters, and was given 0 scalars'],
    ['a number for an i64', { scalars: [1], buffers: [a()] }, '%n: i64', 'k', '%n cannot be 1'],
    [
      'a bigint beyond 64 bits',
      { scalars: [2n ** 63n], buffers: [a()] },
      '%n: i64',
      'k',
      '%n cannot be 9223372036854775808n',
    ],
    ['a fraction for an i32', { scalars: [0.5], buffers: [a()] }, '%n: i32', 'k', '%n cannot be 0.5'],
    ['what float32 has not', { scalars: [0.1], buffers: [a()] }, '%x: f32', 'k', '%x cannot be 0.1'],
    ['one number for lanes', { scalars: [1], buffers: [a()] }, '%x: f64x2', 'k', '%x cannot be 1'],
    ['too few lanes', { scalars: [[1]], buffers: [a()] }, '%x: f64x2', 'k', '%x cannot be an array of 1'],
    ['no memory', { scalars: [] }, '', 'k', 'it has 1 buffers, and was given 0'],
    [
      'numbers for 64-bit integers',
      { buffers: [{ elements: [1, 2], offset: 0 }] },
      '',
      'k',
      'the elements of a: u64 are numbers',
    ],
    [
      'a place that is none',
      { buffers: [{ elements: [], offset: 0.5 }] },
      '',
      'k',
      'the buffer a is not { elements, offset }',
    ],
  ] as [string, Inputs, string, string, string][])('refuses %s', (_, inputs, parameters, name, message) => {
    const text = kernel(parameters, 'return []');
    expect(() => run(text, inputs, name)).toThrow(`error[IR005]: `);
    expect(() => run(text, inputs, name)).toThrow(message);
  });

  it.each([
    ['memory that is not there', 'store a[4] 1\nreturn []', 'a[4] lies outside its memory'],
    [
      'code that says it is never reached',
      'if true {\nunreachable\n} else {\nyield []\n}\nreturn []',
      'unreachable code was reached',
    ],
  ])('tells the program that reaches %s', (_, body, message) => {
    expect(() => run(kernel('', body), { buffers: [a()] })).toThrow(message);
    expect(() => run(kernel('', body), { buffers: [a()] })).toThrow('error[IR005]: @k cannot be run with these inputs');
  });
});

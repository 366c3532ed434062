// The mathematical functions as routines: what their texts may use, the same bits from interpreter, scalar code and lanes, the special values of
// ECMAScript, and what docs/math.md promises to be exact. How far they are from the truth is in math-ulps.test.ts.
import * as math from 'heddle/math';
import { describe, expect, it } from 'vitest';
import { compileRoutines, encodeModule } from '../src/backends/wasm/index.js';
import { interpret, printProgram, readProgram, verify } from '../src/ir/index.js';
import { inLanes, mathFunctions, routineOf, routinesOf } from '../src/ir/math/index.js';
import { Constant } from '../src/ir/nodes.js';
import type { Buffer, Kernel, Program, Routine } from '../src/ir/nodes.js';
import { Builder } from '../src/ir/build.js';
import { terminatorOperands } from '../src/ir/walk.js';
import { allocate, openHeap } from '../src/memory/heap.js';
import { instantiate, makeExecutable } from '../src/runtime/executable.js';
import { drawsOf, hardPoints, uniformFrom } from './support/math-points.js';

type Call = (...args: readonly number[]) => number;
const published = math as unknown as Readonly<Record<string, Call>>;

const edges = [0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 1e300, -1e300, 1e-300, -1e-300, 5e-324, -5e-324]
  .concat([Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53, 2 ** 53 - 1, -(2 ** 31), 0.49999999999999994, 2.5, -2.5])
  .concat([Infinity, -Infinity, NaN, 709.79, -745.14, 1e5, 65_536, Math.PI, 2 ** -1022, 40, 20, 2 ** 28]);

function argumentsFor(name: string, arity: number, count: number): number[][] {
  const given = arity === 1 ? edges.map((x) => [x]) : edges.flatMap((x) => edges.map((y) => [x, y]));
  const draws = drawsOf[name] ?? [];
  const uniform = uniformFrom(7);
  const drawn = Array.from({ length: draws.length === 0 ? 0 : count }, (_, index) => [
    ...draws[index % draws.length]!(uniform),
  ]);
  return [...given, ...(hardPoints[name] ?? []).map((args) => [...args]), ...drawn];
}

/** A kernel that calls the routine @name, with that routine and what it calls. */
function programOf(name: string, arity: number): Program {
  const parameters = ['%x', '%y'].slice(0, arity);
  const text = `kernel @k(${parameters.map((parameter) => `${parameter}: f64`).join(', ')}) -> (f64) {
  body {
    %r: f64 = call @${name} [${parameters.join(', ')}]
    return [%r]
  }
}
`;
  return { ...readProgram(text), routines: routinesOf(name) };
}

const interpreted = (program: Program, args: readonly number[]): number =>
  interpret(program, 'k', { scalars: args, buffers: [] }).results[0] as number;

describe.each(mathFunctions)('$name', ({ name, arity, rare }) => {
  const program = programOf(name, arity);

  it('is legal, and reads back as it prints', () => {
    expect(verify(program)).toEqual([]);
    const printed = printProgram(program);
    expect(printProgram(readProgram(printed))).toBe(printed);
  });

  it('has a core that every lane instruction set can run', () => {
    const core = routineOf(rare?.usual ?? name);
    const used = new Set<string>();
    for (const statement of core.body.statements) {
      if (statement.kind !== 'pure') expect.fail(`@${core.name} has a statement ${statement.kind}`);
      const { operation, over, operands } = statement;
      used.add(`${operation}.${over}`);
      if (operation.startsWith('sh')) expect(operands[1]).toBeInstanceOf(Constant);
    }
    const allowed =
      /^(?:(?:add|sub|mul|div|neg|abs|sqrt|floor|trunc|eq|ne|lt|le|gt|ge|select|bitsOfF64)\.f64|(?:add|sub|mul|and|or|xor|shl|shrS|shrU|eq|ne|lt|gt|select|f64OfBits)\.i64|(?:and|or|not|eq|ne)\.bool)$/;
    expect([...used].filter((operation) => !allowed.test(operation))).toEqual([]);
  });
});

/** Calls a routine's lane form: a kernel that loads two lanes of each argument and stores two of the result. */
function callLanes(
  routine: Routine,
  isTest = false,
): (first: readonly number[], second: readonly number[]) => number[] {
  const { parameters, body } = inLanes(routine, 2);
  const buffer = (name: string, storage: Buffer['storage'], aliasClass: number): Buffer => ({
    name,
    storage,
    aliasClass,
    access: 'both',
    shape: [new Constant('i64', 2n)],
    strides: [new Constant('i64', 1n)],
  });
  const inputs = parameters.map((_, position) => buffer(`in${position}`, 'f64', position));
  const out = buffer('out', isTest ? 'bool' : 'f64', parameters.length);
  const b = new Builder();
  for (const [position, result] of parameters.entries()) {
    const index = [new Constant('i64', 0n)];
    b.add({ kind: 'load', buffer: inputs[position]!, index, mask: undefined, result, source: -1 });
  }
  b.add(...body.statements);
  b.store(out, [new Constant('i64', 0n)], terminatorOperands(body)[0]!);
  const kernel: Kernel = {
    name: 'both',
    parameters: [],
    dimensions: [],
    reductions: [],
    results: [],
    buffers: [...inputs, out],
    body: b.region({
      kind: 'return',
      operands: [],
    }),
  };
  const executable = instantiate({ routines: [], kernels: [kernel] }, kernel);
  const addresses = [...inputs, out].map(() => allocate(16));
  const place = (position: number): number => addresses[position]! / 8;
  return (first, second) => {
    const { doubles, bytes } = openHeap();
    for (let argument = 0; argument < inputs.length; argument++)
      doubles.set([first[argument]!, second[argument]!], place(argument));
    executable.call([], addresses);
    const end = addresses.at(-1)!;
    return isTest ? [bytes[end]!, bytes[end + 1]!] : [...doubles.subarray(end / 8, end / 8 + 2)];
  };
}

const callScalar = (name: string): Call =>
  new WebAssembly.Instance(new WebAssembly.Module(encodeModule(compileRoutines(routinesOf(name))))).exports[
    name
  ] as Call;

/** The routine as a kernel of its own, for what the functions of modules cannot hold. */
function callKernel(routine: Routine): Call {
  const kernel: Kernel = readProgram('kernel @k(%x: f64, %y: f64) -> (f64) {\n  body {\n    return [%x]\n  }\n}\n')
    .kernels[0]!;
  const executable = makeExecutable({ ...kernel, parameters: routine.parameters, body: routine.body });
  return (...args) => executable.call(args)[0] as number;
}

describe('the same bits', () => {
  const straight = mathFunctions.filter(({ name }) => name !== 'rem');

  it.each(straight)('from the interpreter and from WebAssembly: $name', ({ name, arity }) => {
    const program = programOf(name, arity);
    const call = callScalar(name);
    const mine = published[name]!;
    for (const args of argumentsFor(name, arity, 60)) {
      const wanted = interpreted(program, args);
      expect(call(...args), `${name}(${args.join(', ')})`).toBe(wanted);
      expect(mine(...args), `${name}(${args.join(', ')})`).toBe(wanted);
    }
  });

  it.each(mathFunctions)('from lanes: $name', ({ name, arity, rare }) => {
    const call = name === 'rem' ? (x: number, y: number): number => x % y : callScalar(name);
    const core = callLanes(routineOf(rare?.usual ?? name));
    const isRare = rare && callLanes(routineOf(rare.test), true);
    const all = argumentsFor(name, arity, 200);
    let usual = 0;
    for (const [index, args] of all.entries()) {
      const other = all[(index + 7) % all.length]!;
      const given = core(args, other);
      const tests = isRare?.(args, other) ?? [0, 0];
      for (const [lane, own] of [args, other].entries()) {
        if (tests[lane] !== 0) continue;
        usual++;
        expect(given[lane], `${name}(${own.join(', ')}) in lane ${lane}`).toBe(call(...(own as [number, number])));
      }
    }
    expect(usual).toBeGreaterThan(all.length);
  });
});

describe('rem', () => {
  const program = programOf('rem', 2);
  const uniform = uniformFrom(11);
  const any = (): number => (uniform() < 0.5 ? -1 : 1) * 2 ** (2098 * uniform() - 1074);
  const pairs = [
    ...edges.flatMap((x) => edges.map((y) => [x, y])),
    ...Array.from({ length: 100 }, () => [any(), any()]),
    ...Array.from({ length: 100 }, () => [uniform() * 1e9, uniform() * 10]),
    ...Array.from({ length: 100 }, () => [Math.floor(uniform() * 2 ** 26) * 1.1, 1.1]),
    [2 ** 1023, 3],
    [Number.MAX_VALUE, 5e-324],
    [Number.MAX_VALUE, Number.MAX_VALUE * (1 - 2 ** -53)],
  ] as [number, number][];

  it('is the remainder of JavaScript, interpreted', () => {
    for (const [x, y] of pairs) expect(interpreted(program, [x, y]), `${x} % ${y}`).toBe(x % y);
  });

  it('is it compiled, in both its parts', () => {
    const [large, usual] = [callKernel(routineOf('rem.large')), callKernel(routineOf('rem.usual'))];
    let count = 0;
    for (const [x, y] of pairs) {
      const [a, b] = [Math.abs(x), Math.abs(y)];
      if (!(a < Infinity && b > 0 && b < Infinity)) continue;
      if (a < 2 ** 26 * b && a < 2 ** 1022) expect(usual(x, y), `${x} % ${y}`).toBe(x % y);
      if (a >= b) expect(large(x, y), `${x} % ${y}, in steps`).toBe(x % y);
      count++;
    }
    expect(count).toBeGreaterThan(1000);
  });
});

describe('special values', () => {
  const results = [0, -0, 1, -1, Infinity, -Infinity, NaN, 0.5, -0.5, 2, -2, 3, 4, 1e300, -1e300, 5e-324, -5e-324];
  const isSpecial = (result: number): boolean => Number.isNaN(result) || !Number.isFinite(result) || result === 0;
  const theirs = Math as unknown as Readonly<Record<string, Call>>;

  it.each(mathFunctions.filter(({ name }) => name in Math))('of $name are those of Math', ({ name, arity }) => {
    const lists = arity === 1 ? results.map((x) => [x]) : results.flatMap((x) => results.map((y) => [x, y]));
    let count = 0;
    for (const args of lists) {
      const wanted = theirs[name]!(...args);
      const isEdge = args.some((x) => !Number.isFinite(x) || x === 0);
      // Between the edges the engine may differ by an ulp, but not in what is 0, infinite or not a number.
      if (isSpecial(wanted) || (isEdge && arity === 1)) {
        expect(published[name]!(...args), `${name}(${args.join(', ')})`).toBe(wanted);
        count++;
      } else expect(isSpecial(published[name]!(...args)), `${name}(${args.join(', ')})`).toBe(false);
    }
    expect(count).toBeGreaterThanOrEqual(2);
  });

  it('of atan2 are the nearest doubles to multiples of π/4', () => {
    const { PI, atan2 } = math;
    expect([atan2(0, -1), atan2(-0, -1), atan2(0, -0), atan2(-0, -0), atan2(1, -Infinity)]).toEqual([
      PI,
      -PI,
      PI,
      -PI,
      PI,
    ]);
    expect([atan2(1, 0), atan2(-1, -0), atan2(Infinity, 5)]).toEqual([PI / 2, -PI / 2, PI / 2]);
    expect([atan2(Infinity, Infinity), atan2(-Infinity, -Infinity), atan2(2, 2)]).toEqual([
      PI / 4,
      (-3 * PI) / 4,
      PI / 4,
    ]);
    expect([atan2(0, 0), atan2(-0, 0), atan2(-0, 3)]).toEqual([0, -0, -0]);
  });

  it('of exp2, which Math does not have', () => {
    expect([0, -0, Infinity, -Infinity, NaN, 1024, -1075, -1074].map((x) => math.exp2(x))).toEqual([
      1,
      1,
      Infinity,
      0,
      NaN,
      Infinity,
      0,
      5e-324,
    ]);
  });

  it('round and sign are those of Math', () => {
    const [round, sign] = [callScalar('round'), callScalar('sign')];
    const halves = Array.from({ length: 101 }, (_, n) => n / 2 - 25);
    for (const x of [...edges, ...halves, 2 ** 52 - 0.5, 2 ** 52 + 1, -(2 ** 52) + 0.5, -0.49999999999999994]) {
      expect(round(x), `round(${x})`).toBe(Math.round(x));
      expect(sign(x), `sign(${x})`).toBe(Math.sign(x));
    }
  });
});

describe('exact where the result is a double and simple', () => {
  it('integer powers', () => {
    let count = 0;
    for (let base = -40; base <= 40; base++) {
      for (let exponent = 0; exponent <= 60; exponent++) {
        const exact = BigInt(base) ** BigInt(exponent);
        if (BigInt(Number(exact)) !== exact) continue;
        expect(math.pow(base, exponent), `${base}**${exponent}`).toBe(Number(exact));
        count++;
      }
    }
    expect(count).toBeGreaterThan(1500);
    for (let n = -1074; n < 1024; n++) {
      expect(math.pow(2, n)).toBe(2 ** n);
      expect(math.exp2(n)).toBe(2 ** n);
    }
  });

  it('squares by pow are x·x', () => {
    const uniform = uniformFrom(5);
    for (let n = 0; n < 500; n++) {
      const x = 2 ** (2000 * uniform() - 1000);
      expect(math.pow(x, 2)).toBe(x * x);
    }
  });

  it('logarithms of powers', () => {
    for (let n = -1074; n < 1024; n++) expect(math.log2(2 ** n)).toBe(n);
    for (let n = 0; n <= 22; n++) expect(math.log10(Number(10n ** BigInt(n)))).toBe(n);
    expect([math.log(1), math.log1p(0), math.exp(0), math.expm1(0), math.cosh(0), math.cos(0)]).toEqual([
      0, 0, 1, 0, 1, 1,
    ]);
  });

  it('cube roots of cubes, and hypotenuses of whole triangles', () => {
    for (let n = 1; n <= 2000; n++) expect(math.cbrt(-(n ** 3))).toBe(-n);
    for (let k = -300; k < 300; k++) expect(math.cbrt(27 * 8 ** k)).toBe(3 * 2 ** k);
    for (let m = 2; m < 60; m++) {
      for (let n = 1; n < m; n++) expect(math.hypot(2 * m * n, m * m - n * n)).toBe(m * m + n * n);
    }
    for (let k = -1074; k < 1020; k++) expect(math.hypot(3 * 2 ** k, 4 * 2 ** k)).toBe(5 * 2 ** k);
  });

  it('of neighbours the larger has no smaller result, in functions that rise', () => {
    const uniform = uniformFrom(17);
    const view = new DataView(new ArrayBuffer(8));
    for (const name of [
      'exp',
      'exp2',
      'expm1',
      'log',
      'log1p',
      'log2',
      'log10',
      'atan',
      'cbrt',
      'tanh',
      'asin',
      'sinh',
    ]) {
      const call = published[name]!;
      const largest = name === 'asin' ? 0.99 : name === 'tanh' ? 15 : 700;
      for (let place = 0; place < 60; place++) {
        view.setFloat64(0, largest * (0.001 / largest) ** uniform());
        let before = -Infinity;
        for (let step = 0; step < 40; step++) {
          const x = view.getFloat64(0);
          const after = call(x);
          expect(after, `${name}(${x})`).toBeGreaterThanOrEqual(before);
          before = after;
          view.setBigInt64(0, view.getBigInt64(0) + 1n);
        }
      }
    }
  });

  it('odd functions are odd, and even ones even, bit for bit', () => {
    const uniform = uniformFrom(3);
    for (let n = 0; n < 300; n++) {
      const x = 2 ** (40 * uniform() - 20);
      for (const name of ['sin', 'tan', 'asin', 'atan', 'sinh', 'tanh', 'asinh', 'atanh', 'cbrt'])
        expect(published[name]!(-x), `${name}(${-x})`).toBe(-published[name]!(x));
      for (const name of ['cos', 'cosh']) expect(published[name]!(-x), `${name}(${-x})`).toBe(published[name]!(x));
    }
  });
});

describe('heddle/math', () => {
  it('takes hypot one component after the other', () => {
    const { hypot } = math;
    expect([hypot(), hypot(-3), hypot(3, 4, 12), hypot(1, NaN, Infinity), hypot(NaN, 1)]).toEqual([
      0,
      3,
      13,
      Infinity,
      NaN,
    ]);
    expect(hypot(0.1, 0.2, 0.3)).toBe(hypot(hypot(0.1, 0.2), 0.3));
  });

  it('has what is exact anyway from Math', () => {
    for (const name of [
      'abs',
      'ceil',
      'clz32',
      'floor',
      'fround',
      'imul',
      'max',
      'min',
      'round',
      'sign',
      'sqrt',
      'trunc',
    ])
      expect(published[name]).toBe((Math as unknown as Readonly<Record<string, Call>>)[name]);
    expect([math.E, math.LN10, math.LN2, math.LOG10E, math.LOG2E, math.PI, math.SQRT1_2, math.SQRT2]).toEqual([
      Math.E,
      Math.LN10,
      Math.LN2,
      Math.LOG10E,
      Math.LOG2E,
      Math.PI,
      Math.SQRT1_2,
      Math.SQRT2,
    ]);
  });
});

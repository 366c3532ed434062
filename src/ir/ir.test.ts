// The kernel language as a whole: text that reads back as it was printed, programs that the verifier must refuse, programs whose result
// is known, and the operations against JavaScript's own arithmetic.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatorOf } from '../random/keys.js';
import { interpret } from './interpret.js';
import type { BufferData, Datum } from './interpret.js';
import { computeScalar } from './operations.js';
import { printProgram } from './print.js';
import { readProgram } from './read.js';
import { assertLegal, verify } from './verify.js';

const openGenerator = generatorOf;

/** The ladder's program, serial: draws by rules 5 to 8 of docs/random.md. */
const piText = `kernel @calcPi(%n: f64, %key: i64) -> (f64) {
  body {
    stream $g = gen %key 0
    %k: i64 = draw $g
    %up = ceil.f64 %n
    %trips = truncI64.f64 %up
    %m: f64 = for @loop %i < %trips (%m.1: f64 = 0.0) draws $h lanes %k !1 {
      %u: f64 = draw $h !2
      %two = mul.f64 2.0 %u !2
      %x = sub.f64 %two 1.0 !2
      %u.1: f64 = draw $h !3
      %two.1 = mul.f64 2.0 %u.1 !3
      %y = sub.f64 %two.1 1.0 !3
      %xx = mul.f64 %x %x
      %yy = mul.f64 %y %y
      %sum = add.f64 %xx %yy
      %inside = lt.f64 %sum 1.0
      %m.2: f64 = if %inside {
        %more = add.f64 %m.1 1.0
        yield [%more]
      } else {
        yield [%m.1]
      }
      yield [%m.2]
    }
    %four = mul.f64 4.0 %m
    %pi = div.f64 %four %n
    return [%pi]
  }
}
`;

/** The same loop as a nest with a count. */
const piNestText = `kernel @calcPi(%n: i64, %k: i64) {
  buffer out: i64[] strides [] write alias 0
  nest %i < %n draws $h lanes %k
  reduction &m: bool count over [%i] partials 16 into out
  body {
    %u: f64 = draw $h
    %v: f64 = draw $h
    %x = sub.f64 %u 0.5
    %y = sub.f64 %v 0.5
    %xx = mul.f64 %x %x
    %yy = mul.f64 %y %y
    %sum = add.f64 %xx %yy
    %inside = lt.f64 %sum 0.25
    reduce &m %inside
    yield []
  }
}
`;

/** Sums of rows, of lanes of neighbours, and a mask: what lanes, strides and masks look like. */
const rowsText = `kernel @rows(%rows: i64, %columns: i64) {
  buffer a: f64[%rows, %columns] strides [%columns, 1] read alias 0
  buffer sums: f64[%rows] strides [1] write alias 1
  nest %i < %rows
  nest %j < %columns
  reduction &s: f64 add over [%j] partials 16 into sums
  body {
    %v: f64 = load a[%i, %j]
    reduce &s %v
    yield []
  }
}

kernel @lanes(%n: i64) {
  buffer a: f32[%n] strides [1] read alias 0
  buffer b: f32[%n] strides [1] both alias 1
  nest %i < %n
  body {
    %v: f32x4 = load a[0]
    %isPositive = gt.f32x4 %v 0.0:f32x4
    %root = sqrt.f32x4 %v
    store b[0] %root mask %isPositive
    yield []
  }
}

routine @hypotenuse(%x: f64, %y: f64) -> (f64) {
  %xx = mul.f64 %x %x
  %yy = mul.f64 %y %y
  %sum = add.f64 %xx %yy
  %root = sqrt.f64 %sum
  return [%root]
}

kernel @collatz(%n: i64) -> (i64, f64) {
  body {
    %steps: i64 = loop @again (%value: i64 = %n, %count: i64 = 0) {
      %isOne = eq.i64 %value 1
      if %isOne {
        break @again [%count]
      } else {
        yield []
      }
      %next = add.i64 %count 1
      %bit = and.i64 %value 1
      %isOdd = eq.i64 %bit 1
      if %isOdd {
        %triple = mul.i64 %value 3
        %up = add.i64 %triple 1
        continue @again [%up, %next]
      } else {
        yield []
      }
      %half = shrS.i64 %value 1
      yield [%half, %next]
    }
    %length: f64 = call @hypotenuse [3.0:f64, 4.0:f64]
    return [%steps, %length]
  }
}

kernel @get(%i: i64, %n: i64) -> (f64) {
  buffer a: f64[%n] strides [-1] read alias 0
  body {
    %isInside = lt.i64 %i %n
    check %isInside site 7 index %i length %n !4
    %v: f64 = load a[%i] !4
    return [%v]
  }
}
`;

const run = (text: string, name: string, scalars: readonly Datum[], buffers: readonly BufferData[] = []) => {
  const program = readProgram(text);
  assertLegal(program, 'reading');
  return interpret(program, name, { scalars, buffers, openGenerator });
};

describe('the text form', () => {
  it.each([
    ['the serial π', piText],
    ['the nested π', piNestText],
  ])('reads back what it printed: %s', (_, text) => {
    const program = readProgram(text);
    expect(verify(program)).toEqual([]);
    expect(printProgram(program)).toBe(text);
  });

  it('prints routines first, and reads its own text to the same text', () => {
    const printed = printProgram(readProgram(rowsText));
    expect(printed.startsWith('routine @hypotenuse')).toBe(true);
    expect(printProgram(readProgram(printed))).toBe(printed);
    expect(verify(readProgram(printed))).toEqual([]);
  });

  it('tells values apart that share a name', () => {
    const program = readProgram(piText);
    const loop = program.kernels[0]!.body.statements.find(({ kind }) => kind === 'for');
    if (loop?.kind !== 'for') throw new Error('no loop');
    for (const statement of loop.body.statements) if ('result' in statement) statement.result.name = 'v';
    const printed = printProgram(program);
    expect(printed).toContain('%v.1');
    expect(verify(readProgram(printed))).toEqual([]);
    expect(run(printed, 'calcPi', [1000, 42n])).toEqual(run(piText, 'calcPi', [1000, 42n]));
  });

  it('keeps every number', () => {
    const number = fc.double();
    fc.assert(
      fc.property(number, (value) => {
        const source = Number.isNaN(value) ? 'nan' : Number.isFinite(value) ? undefined : value > 0 ? 'inf' : '-inf';
        const digits = Object.is(value, -0) ? '-0.0' : /[.e]/.test(String(value)) ? String(value) : `${value}.0`;
        const text = `kernel @k() -> (f64) {\n  body {\n    return [${source ?? digits}]\n  }\n}\n`;
        expect(printProgram(readProgram(text))).toBe(text);
        expect(run(text, 'k', []).results[0]).toBe(value);
      }),
    );
  });
});

describe('wrong text', () => {
  const inBody = (line: string): string =>
    `kernel @k(%n: i64, %x: f64) {\n  body {\n    ${line}\n    return []\n  }\n}\n`;
  it.each([
    ['kernle @k() {\n}', '1:1', 'expected `routine` or `kernel`, found `kernle`'],
    ['kernel k() {', '1:8', 'expected a name such as @sum, found `k`'],
    ['kernel @k(%n i64) {', '1:14', 'expected `:`, found `i64`'],
    ['kernel @k(%n: f65) {', '1:15', '`f65` is not a type'],
    [
      'kernel @k() {\n  body {\n',
      '3:1',
      'expected a statement, `yield`, `break`, `continue` or `return`, found the end of the text',
    ],
    ['kernel @k() {\n  nest %i < ?\n', '2:13', '"?" means nothing here'],
    [inBody('%y = add.f64 %x'), '3:20', 'expected a value or a number, found the end of the line'],
    [inBody('%y = add.f64 %x %z'), '3:21', 'there is no value z here'],
    [inBody('%y = add.f64 %x 1'), '3:21', '1 is not written as a f64, which looks like 1.0'],
    [inBody('%y = shl.f64 %x %x'), '3:10', 'there is no shl over f64'],
    [inBody('%y = frobnicate %x'), '3:10', '`frobnicate` is not an operation'],
    [inBody('%x = add.f64 %x %x'), '3:5', '%x is assigned twice'],
    [inBody('break @loop []'), '3:11', 'there is no loop loop here'],
    [inBody('%y: f64 = load a[%n]'), '3:20', 'there is no buffer a here'],
    [inBody('%y: f64 = draw $g'), '3:20', 'there is no stream g here'],
    [inBody('call @f [1]'), '3:14', 'a number here needs its type behind it, as in 1:f64'],
    [inBody('%y = add.i64 %n 9223372036854775808'), '3:21', 'is not written as an i64'],
  ])('%#', (text, place, message) => {
    let shown = '';
    try {
      readProgram(text);
    } catch (error) {
      shown = (error as Error).message;
    }
    expect(shown).toContain(`error[IR001]: `);
    expect(shown).toContain(message);
    expect(shown).toContain(` --> ${place}\n`);
    expect(shown).toMatch(/\n +\| +\^+/);
  });
});

describe('the verifier', () => {
  const inKernel = (parts: { head?: string; body: string; results?: string }): string =>
    `kernel @k(%n: i64, %x: f64, %b: bool)${parts.results ?? ''} {\n  ${parts.head ?? ''}\n  body {\n${parts.body}\n  }\n}\n`;
  const buffers = 'buffer a: f64[%n] strides [1] read alias 0\n  buffer o: f64[%n] strides [1] write alias 1';
  it.each([
    [
      'uses a value of a branch outside of it',
      { body: 'if %b {\n%y = neg.f64 %x\nyield []\n} else {\nyield []\n}\n%z = neg.f64 %y\nreturn []' },
      '%y is used where it is not assigned',
    ],
    ['gives a wrong type', { body: '%y = add.f64 %x %n\nreturn []' }, 'operand 1 of add.f64 is i64, not f64'],
    ['returns too little', { results: ' -> (f64)', body: 'return []' }, 'return has 0 operands, not 1'],
    ['yields where it has to return', { body: 'yield []' }, 'a body that returns ends with yield'],
    ['returns from a nest', { head: 'nest %i < %n', body: 'return []' }, 'a nest cannot return'],
    [
      'has a nest with results',
      { head: 'nest %i < %n', results: ' -> (f64)', body: 'yield []' },
      'a nest returns nothing',
    ],
    [
      'has five dimensions',
      { head: [1, 2, 3, 4, 5].map((d) => `nest %i${d} < %n`).join('\n'), body: 'yield []' },
      'at most 4 dimensions',
    ],
    [
      'stores to what is read only',
      { head: buffers, body: 'store a[%n] %x\nreturn []' },
      'a is stored to, but only to be read',
    ],
    [
      'loads what is written only',
      { head: buffers, body: '%y: f64 = load o[%n]\nreturn []' },
      'o is loaded, but only to be written',
    ],
    [
      'has an index too many',
      { head: buffers, body: '%y: f64 = load a[%n, %n]\nreturn []' },
      'a has 1 dimensions, its index 2',
    ],
    [
      'has an index of another type',
      { head: buffers, body: '%y: f64 = load a[%x]\nreturn []' },
      'an index of a is f64, not i64',
    ],
    [
      'loads another type',
      { head: buffers, body: '%y: f32 = load a[%n]\nreturn []' },
      'an element of a is f64, not f32',
    ],
    [
      'mixes lanes',
      { head: buffers, body: '%y: f64x2 = load a[%n]\n%z: f64x4 = load a[%n]\n%s = add.f64x4 %z %y\nreturn []' },
      'operand 1 of add.f64x4 is f64x2, not f64x4',
    ],
    [
      'walks twice through what it stores',
      {
        head: 'buffer a: f64[%n] strides [1] both alias 0\nbuffer s: f64[] strides [] write alias 1\nbuffer t: f64[%n] strides [1] write alias 2\nnest %i < %n\nnest %j < 3\nreduction &s: f64 add over [%i, %j] partials 1 into s\nreduction &t: f64 add over [%j] partials 1 into t',
        body: '%y: f64 = load a[%i]\nstore a[%i] %y\nyield []',
      },
      'its reductions run over different dimensions, and it loads what it stores',
    ],
    ['ramps without lanes', { body: '%y: f64 = ramp 1.0:f64\nreturn []' }, 'a ramp of f64'],
    [
      'begins a buffer in the class of another',
      { head: buffers, body: 'allocate t: f64[%n] strides [1] both alias 0\nreturn []' },
      't is begun here in the alias class of another',
    ],
    [
      'leaves a parallel loop',
      { body: 'for @l parallel %i < 3 () {\nbreak @l []\n}\nreturn []' },
      '@l is parallel and is left by break',
    ],
    [
      'carries in a parallel loop',
      { body: '%v: i64 = for @l parallel %i < 3 (%w: i64 = 0) {\nyield [%w]\n}\nreturn []' },
      '@l is parallel and carries values',
    ],
    [
      'gathers what a loop does not give',
      { body: 'for @l %i < 3 () gathers (&s: f64 add partials 16 = 0.0:f64) {\nyield []\n}\nreturn []' },
      'the results of @l are not what it carries and gathers',
    ],
    [
      'gathers places in a loop',
      { body: '%p: i64 = for @l %i < 3 () gathers (&s: f64 argLeast partials 1 = 0:i64) {\nyield []\n}\nreturn []' },
      'the reduction &s of a loop cannot be argLeast',
    ],
    [
      'gives to a reduction behind its loop',
      {
        body: '%p: f64 = for @l %i < 3 () gathers (&s: f64 add partials 1 = 0.0:f64) {\nyield []\n}\nreduce &s 1.0\nreturn []',
      },
      'there is no reduction &s',
    ],
    [
      'gives lanes to a reduction of a loop that goes one by one',
      {
        body: '%p: f64 = for @l %i < 3 () gathers (&s: f64 add partials 1 = 0.0:f64) {\nreduce &s 1.0:f64x2\nyield []\n}\nreturn []',
      },
      'an element of &s is f64x2, not f64',
    ],
    [
      'gives lanes to a reduction of a nest',
      {
        head: `${buffers}\n  nest %i < %n\n  reduction &s: f64 add over [%i] partials 1 into c`.replace(
          'buffer o: f64[%n] strides [1]',
          'buffer c: f64[] strides []',
        ),
        body: 'reduce &s 1.0:f64x2\nyield []',
      },
      'an element of &s is f64x2, not f64',
    ],
    [
      'continues a stream with another key',
      {
        body: 'for @l %i < 4 () draws $g lanes 1 {\nyield []\n}\nfor @m %j from 4 step 1 < 8 () draws $h lanes 2 continuing $g {\nyield []\n}\nreturn []',
      },
      '$h continues $g, which no loop before it owns with the same key',
    ],
    [
      'asks lanes in an if',
      {
        head: buffers,
        body: '%y: f64x2 = load a[%n]\n%c = lt.f64x2 %y %y\nif %c {\nyield []\n} else {\nyield []\n}\nreturn []',
      },
      'the condition of an if is boolx2, not bool',
    ],
    [
      'carries other types than it yields',
      { body: 'for @l %i < %n () {\nyield []\n}\n%r: f64 = for @m %j < %n (%s: i64 = 0) {\nyield [%s]\n}\nreturn []' },
      'the results of @m are not what it carries',
    ],
    ['calls nobody', { body: 'call @f [%x]\nreturn []' }, 'there is no routine @f'],
    [
      'draws lanes from one generator',
      { body: 'stream $g = gen %n 0\n%y: f64x4 = draw $g\nreturn []' },
      '$g has 1 lanes, and cannot give f64x4',
    ],
    [
      'draws integers that no draw gives',
      { body: 'stream $g = gen %n 0\n%y: i32 = draw $g\nreturn []' },
      'a draw cannot give i32',
    ],
    [
      'counts numbers',
      { head: `${buffers}\nnest %i < %n\nreduction &c: f64 count over [%i] partials 16 into o`, body: 'yield []' },
      'cannot be count over f64',
    ],
    [
      'reduces into another rank',
      { head: `${buffers}\nnest %i < %n\nreduction &c: f64 add over [%i] partials 16 into o`, body: 'yield []' },
      'whose rank does not fit',
    ],
    [
      'has partials without the last dimension',
      {
        head: `${buffers}\nnest %i < %n\nnest %j < %n\nreduction &c: f64 add over [%i] partials 16 into o`,
        body: 'yield []',
      },
      'has 16 partials, but not the last dimension',
    ],
  ] as const)('refuses a program that %s', (_, parts, problem) => {
    expect(verify(readProgram(inKernel(parts))).join('\n')).toContain(problem);
  });

  it('names the program and the pass when one of ours is illegal', () => {
    const program = readProgram(inKernel({ body: 'yield []' }));
    expect(() => assertLegal(program, 'simplify')).toThrow(
      /error\[IR002\]: .* after simplify: in @k: a body that returns/,
    );
  });
});

describe('the interpreter', () => {
  it('gives a routine that calls itself buffers and generators of its own, each time', () => {
    const text = `routine @down(%fuel: i64) -> (i64, f64) {
  allocate t: i64[1] strides [1] both alias 0
  store t[0] %fuel
  %isOver = le.i64 %fuel 0
  if %isOver {
    return [0, 0.0]
  } else {
    yield []
  }
  %less = sub.i64 %fuel 1
  for @a %i < 2 () draws $g lanes %fuel {
    %skipped: f64 = draw $g
    yield []
  }
  %below: i64, %u: f64 = call @down [%less]
  %u.1: f64 = for @b %i.1 from 2 step 1 < 3 (%w: f64 = 0.0) draws $h lanes %fuel continuing $g {
    %v: f64 = draw $h
    %sum = add.f64 %w %v
    yield [%sum]
  }
  %own: i64 = load t[0]
  %ten = mul.i64 %below 10
  %digits = add.i64 %ten %own
  %all = add.f64 %u %u.1
  return [%digits, %all]
}

kernel @k() -> (i64, f64) {
  body {
    %r: i64, %u: f64 = call @down [4:i64]
    return [%r, %u]
  }
}
`;
    const third = (key: bigint): number => openGenerator(key, 2n).float64();
    const { results } = run(text, 'k', []);
    expect(results).toEqual([1234n, third(1n) + third(2n) + third(3n) + third(4n)]);
  });

  it('estimates π, the same for the same key, whether serial or a nest', () => {
    const n = 20_000;
    const [serial] = run(piText, 'calcPi', [n, 42n]).results;
    expect(Math.abs((serial as number) - Math.PI)).toBeLessThan((5 * 1.642) / Math.sqrt(n));
    // The nest gets the key that the loop draws on entry.
    const key = BigInt.asIntN(64, generatorOf(42n, 0n).raw());
    const out = new BigInt64Array(1);
    run(piNestText, 'calcPi', [BigInt(n), key], [{ elements: out, offset: 0 }]);
    expect((4 * Number(out[0])) / n).toBe(serial);
  });

  it('gives each logical lane its own generator', () => {
    const text = `kernel @k(%n: i64, %k: i64) {\n  buffer o: f64[%n] strides [1] write alias 0\n  nest %i < %n draws $h lanes %k\n  body {\n    %u: f64 = draw $h\n    store o[%i] %u\n    yield []\n  }\n}\n`;
    const out = new Float64Array(4200);
    run(text, 'k', [4200n, 7n], [{ elements: out, offset: 0 }]);
    for (const o of [0, 1, 15, 16, 4095, 4096, 4111, 4199]) {
      const generator = generatorOf(7n, BigInt(16 * Math.floor(o / 4096) + (o % 16)));
      for (let before = o % 16; before < o % 4096 && before + 16 <= o % 4096; before += 16) generator.float64();
      expect(out[o]).toBe(generator.float64());
    }
  });

  it('sums rows in the fixed tree', () => {
    const [rows, columns] = [3, 5000];
    const a = Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(i) * 10 ** (i % 17));
    const sums = new Float64Array(rows);
    run(
      rowsText,
      'rows',
      [BigInt(rows), BigInt(columns)],
      [
        { elements: a, offset: 0 },
        { elements: sums, offset: 0 },
      ],
    );
    expect([...sums]).toEqual([0, 1, 2].map((row) => treeSum(a.subarray(row * columns, (row + 1) * columns))));
  });

  it('stores only the lanes that are on', () => {
    const a = Float32Array.of(4, -1, 9, NaN);
    const b = new Float32Array(4).fill(-7);
    run(
      rowsText,
      'lanes',
      [1n],
      [
        { elements: a, offset: 0 },
        { elements: b, offset: 0 },
      ],
    );
    expect([...b]).toEqual([2, -7, 3, -7]);
  });

  it('loops, breaks, continues and calls', () => {
    expect(run(rowsText, 'collatz', [27n]).results).toEqual([111n, 5]);
  });

  it('follows strides, and reports a failed check with its site', () => {
    const a = Float64Array.of(10, 20, 30);
    expect(run(rowsText, 'get', [0n, 3n], [{ elements: a, offset: 2 }]).results).toEqual([30]);
    expect(run(rowsText, 'get', [2n, 3n], [{ elements: a, offset: 2 }]).results).toEqual([10]);
    const { error } = run(rowsText, 'get', [3n, 3n], [{ elements: a, offset: 2 }]);
    expect(error).toEqual({ site: 7, iteration: 0, index: 3n, length: 3n });
  });
});

const gatherText = `routine @die(%sides: f64) draws [$g] -> (f64) {
  %u: f64 = draw $g
  %x = mul.f64 %u %sides
  %y = floor.f64 %x
  return [%y]
}

kernel @sum(%n: i64, %start: f64) -> (f64, f64, i64) {
  buffer a: f64[%n] strides [1] read alias 0
  body {
    allocate copy: f64[%n] strides [1] both alias 1
    for @copy parallel %i < %n () {
      %x: f64 = load a[%i]
      store copy[%i] %x
      yield []
    }
    %s: f64, %least: f64, %positive: i64 = for @l %i.1 from 0 step 2 < %n () gathers (&s: f64 add partials 16 = %start, &least: f64 least partials 1 = inf:f64, &positive: bool count partials 16 = 0:i64) {
      %x.1: f64x2 = load copy[%i.1]
      %p: i64x2 = ramp %i.1
      %c = gt.f64x2 %x.1 0.0:f64x2
      reduce &s %x.1
      reduce &s 1.0:f64x2 mask %c
      reduce &least %x.1
      reduce &positive %c
      yield []
    }
    return [%s, %least, %positive]
  }
}

kernel @dice(%key: i64) -> (f64, f64) {
  body {
    stream $h = gen %key 0
    %a: f64 = call @die [6.0:f64] draws [$h]
    %b: f64 = call @die [6.0:f64] draws [$h]
    return [%a, %b]
  }
}
`;

describe('loops that gather', () => {
  it('read back as they are printed', () => {
    expect(printProgram(readProgram(gatherText))).toBe(gatherText);
    expect(verify(readProgram(gatherText))).toEqual([]);
  });

  it('give what the tree gives, an iteration one element, and the first value last', () => {
    const values = Float64Array.from({ length: 9000 }, (_, i) => Math.sin(i) * 10 ** (i % 7));
    const elements = values.map((x) => (x > 0 ? x + 1 : x));
    expect(run(gatherText, 'sum', [9000n, 0.1], [{ elements: values, offset: 0 }]).results).toEqual([
      0.1 + treeSum(elements),
      Math.min(...values),
      BigInt(values.filter((x) => x > 0).length),
    ]);
    expect(Object.is(run(gatherText, 'sum', [0n, -0], [{ elements: values, offset: 0 }]).results[0], -0)).toBe(true);
  });

  it('lets a routine draw from its caller’s stream', () => {
    const generator = generatorOf(7n, 0n);
    const die = (): number => Math.floor(generator.float64() * 6);
    expect(run(gatherText, 'dice', [7n]).results).toEqual([die(), die()]);
  });
});

/** numerics.md, 7, written for whole arrays. */
function treeSum(values: Float64Array): number {
  if (values.length > 4096) {
    let left = 4096;
    while (left * 2 < values.length) left *= 2;
    return treeSum(values.subarray(0, left)) + treeSum(values.subarray(left));
  }
  let partials: (number | undefined)[] = Array.from({ length: 16 }, (_, p) => {
    const own = values.filter((_value, i) => i % 16 === p);
    return own.length === 0 ? undefined : own.subarray(1).reduce((sum, value) => sum + value, own[0]!);
  });
  while (partials.length > 1) {
    const half = partials.length / 2;
    partials = partials.slice(0, half).map((a, p) => {
      const b = partials[p + half];
      return a === undefined ? b : b === undefined ? a : a + b;
    });
  }
  return partials[0] ?? 0;
}

describe('operations', () => {
  const int32 = fc.integer();
  const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);

  it('on f64 are JavaScript’s', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (a, b) => {
        const compute = (name: Parameters<typeof computeScalar>[0]) => computeScalar(name, 'f64', [a, b]);
        expect([compute('add'), compute('sub'), compute('mul'), compute('div'), compute('rem')]).toEqual([
          a + b,
          a - b,
          a * b,
          a / b,
          a % b,
        ]);
        expect([compute('min'), compute('max')]).toEqual([Math.min(a, b), Math.max(a, b)]);
        expect([compute('lt'), compute('le'), compute('eq'), compute('ne')]).toEqual([a < b, a <= b, a === b, a !== b]);
        expect(computeScalar('toInt32', 'f64', [a])).toBe(a | 0);
        expect(computeScalar('f64OfBits', 'i64', [computeScalar('bitsOfF64', 'f64', [a])])).toBe(a);
      }),
    );
  });

  it('on f32 round every result', () => {
    fc.assert(
      fc.property(fc.float(), fc.float(), (a, b) => {
        expect(computeScalar('mul', 'f32', [a, b])).toBe(Math.fround(a * b));
        expect(computeScalar('div', 'f32', [a, b])).toBe(Math.fround(a / b));
      }),
    );
  });

  it('on i32 and i64 wrap', () => {
    fc.assert(
      fc.property(int32, int32, int64, int64, (a, b, c, d) => {
        expect(computeScalar('mul', 'i32', [a, b])).toBe(Math.imul(a, b));
        expect(computeScalar('sub', 'i32', [a, b])).toBe((a - b) | 0);
        expect(computeScalar('shrU', 'i32', [a, b])).toBe((a >>> b) | 0);
        expect(computeScalar('shl', 'i32', [a, b])).toBe(a << b);
        expect(computeScalar('mul', 'i64', [c, d])).toBe(BigInt.asIntN(64, c * d));
        expect(computeScalar('div', 'i64', [c, d])).toBe(d === 0n ? 0n : BigInt.asIntN(64, c / d));
        expect(computeScalar('rem', 'i64', [c, d])).toBe(d === 0n ? 0n : c % d);
        expect(computeScalar('div', 'i32', [a, b])).toBe(b === 0 ? 0 : Math.trunc(a / b) | 0);
        expect(computeScalar('shrS', 'i64', [c, d])).toBe(c >> (d & 63n));
        expect(computeScalar('xor', 'i64', [c, d])).toBe(c ^ d);
        expect(computeScalar('wrap', 'i64', [c])).toBe(Number(BigInt.asIntN(32, c)));
        expect(computeScalar('extendU', 'i32', [a])).toBe(BigInt(a >>> 0));
      }),
    );
  });

  it('round to the nearest integer, halves to even', () => {
    const rows = [
      [0.5, 0],
      [1.5, 2],
      [2.5, 2],
      [-0.5, -0],
      [-1.5, -2],
      [0.49999999999999994, 0],
      [2 ** 52 + 1, 2 ** 52 + 1],
      [-0, -0],
      [-0.2, -0],
      [Infinity, Infinity],
      [NaN, NaN],
    ];
    for (const [x, rounded] of rows) expect(computeScalar('nearest', 'f64', [x!])).toBe(rounded);
  });

  it('truncate to i64 with saturation', () => {
    const rows: [number, bigint][] = [
      [NaN, 0n],
      [1e300, 2n ** 63n - 1n],
      [-Infinity, -(2n ** 63n)],
      [-1.9, -1n],
      [2 ** 62, 2n ** 62n],
    ];
    for (const [x, truncated] of rows) expect(computeScalar('truncI64', 'f64', [x])).toBe(truncated);
  });
});

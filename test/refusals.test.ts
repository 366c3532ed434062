// Programs that have to be refused, each with the message that a person would want: the code, what is not possible, the very expression, and what
// to do about it. A row is a program, with «» around what has to be marked; its arguments; the code; words of the summary and of the advice.
// Where JavaScript would have given an answer, refusing keeps a wrong one from being given instead.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeddleError, jit, prange, vectorize } from 'heddle';
import { describe, expect, test } from 'vitest';
import { packageFolder } from './measure-child.js';

const doubles = (...values: number[]): Float64Array => Float64Array.from(values);
const x = doubles(1, 2, 3);

type Row = readonly [program: string, args: readonly unknown[], code: string, summary: string, advice: string];

const rows: Readonly<Record<string, readonly Row[]>> = {
  'texts and objects': [
    ['(n) => n + «"a"»', [1], 'JIT002', 'the text "a"', 'make texts outside'],
    ['(n) => «`${n}`».length', [1], 'JIT002', 'a text', 'make texts outside'],
    ['(n) => «/a/».test(n)', [1], 'JIT002', 'the regular expression /a/', 'give what is found'],
    ['(n) => { switch (n) { case «"a"»: return 1; default: return 2; } }', [1], 'JIT002', 'the text "a"', 'outside'],
    [
      '(n) => { const p = «{ x: n, y: 2 }»; return p.x; }',
      [1],
      'JIT002',
      'an object',
      'a variable for each of its values',
    ],
    [
      'function f(n) { return «this».k * n; }',
      [1],
      'JIT002',
      'this cannot be compiled',
      'make what it holds a parameter',
    ],
    ['({ f(n) { return «super».x + n; } }).f', [1], 'JIT002', 'super', 'make what it holds a parameter'],
    ['(n) => «new Map()».size', [1], 'JIT002', 'a new Map', 'typed array'],
    ['(n) => «new Array(n)».length', [1], 'JIT002', 'a new Array', 'new Float64Array(n)'],
    ['(n) => { «class A {}» return n; }', [1], 'JIT002', 'a class', 'a typed array for each field'],
    ['(n) => { const «{ PI }» = Math; return PI * n; }', [1], 'JIT002', 'taking an object apart', 'write Math.PI'],
    ['(n) => { let best = «null»; for (let i = 0; i < n; i++) best = i; return best; }', [3], 'JIT002', 'null', 'NaN'],
    ['(x) => { «x.length» = 0; return 1; }', [x], 'JIT002', 'the property length of a Float64Array', 'elements'],
    ['(n) => «n.length»', [1], 'JIT002', 'the property length of a number', 'typed arrays'],
    ['(n) => { «delete n.x»; return n; }', [1], 'JIT002', 'the operator delete', 'nothing here has properties'],
    ['(x, n) => «n in x»', [x, 1], 'JIT002', 'the operator in', 'i >= 0 && i < x.length'],
    ['(x) => «x instanceof Float64Array»', [x], 'JIT002', 'the operator instanceof', 'a function for each'],
    ['(n) => «typeof n»', [1], 'JIT002', 'the operator typeof', 'a function for each'],
  ],
  'functions and calls': [
    ['(n) => n * «factor»', [1], 'JIT003', 'factor is not known inside the function', 'globals: () => ({ factor })'],
    ['(n) => «helper»(n)', [1], 'JIT003', 'helper is not known', 'globals: () => ({ helper })'],
    ['(n) => n * «config.rate»', [1], 'JIT003', 'config.rate is not known', 'globals: () => ({ rate: config.rate })'],
    ['(n) => «table»[n]', [1], 'JIT003', 'table is not known', 'make table a parameter'],
    ['(n) => { «total» += n; return n; }', [1], 'JIT003', 'total is not declared inside', 'let total ='],
    ['(n) => { let k = n; «count»++; return k; }', [1], 'JIT003', 'count is not declared inside', 'let count ='],
    ['(n) => «eval("n")»', [1], 'JIT002', 'a call of eval', 'write the code that it would run'],
    [
      '(n) => { «console.log(n)»; return n; }',
      [1],
      'JIT002',
      'a call of console.log',
      'print what the function returns',
    ],
    ['(n) => n + «performance.now()»', [1], 'JIT002', 'a call of performance.now', 'timeit'],
    ['(n) => «parseInt(n)»', [1], 'JIT002', 'a call of parseInt', 'Math.trunc'],
    ['(n) => «Math.Sin(n)»', [1], 'JIT002', 'Math.Sin', 'did you mean Math.sin?'],
    ['(n) => [n, «Math.sin»]', [1], 'JIT002', 'a function as a value', 'call it: Math.sin(x)'],
    ['(n) => «Math["sin"](n)»', [1], 'JIT002', 'a call of a member in brackets', 'write its name'],
    ['(x) => «x.reduce((s, v) => s + v)»', [x], 'JIT002', 'the method reduce of a Float64Array', 'as a loop'],
    ['(x) => «x.at()»', [x], 'JIT002', 'at without a place', 'x.at(-1)'],
    ['(x) => «x.slice(1)»[0]', [x], 'JIT002', 'a part of an array', 'copy the elements in a loop'],
    ['(x) => «x.toString()»', [x], 'JIT002', 'the method toString of a Float64Array', 'make texts outside'],
    ['(n) => «n.toFixed(2)»', [1], 'JIT002', 'the method toFixed of a number', 'do it outside'],
    ['(n) => { const a = []; «a.push(n)»; return n; }', [1], 'JIT002', 'the method push of a tuple', 'long enough'],
    [
      '(n) => { const twice = (f, v) => f(f(v)); return twice(«(v) => v + 1», n); }',
      [1],
      'JIT002',
      'a function as a value',
      'call it by that name',
    ],
    [
      '(n) => { const make = (k) => «() => k + n»; return make(1)(); }',
      [1],
      'JIT002',
      'a function as a value',
      'const',
    ],
    ['(n) => «n(2)»', [1], 'JIT002', 'a call of n, which is a number,', 'const or function'],
    ['(n) => { let f = «() => n»; f = () => 2; return f(); }', [1], 'JIT002', 'a function as a value', 'const'],
    ['function f() { return «arguments.length»; }', [], 'JIT002', 'arguments', 'name the parameters'],
    ['function f(a) { return «arguments»[0]; }', [1], 'JIT002', 'arguments', 'name the parameters'],
    ['(«...xs») => xs.length', [1, 2], 'JIT002', 'a parameter for any number of values', 'a typed array'],
    ['(n) => Math.max(«...[n, 2]»)', [1], 'JIT002', 'a spread argument', 'one by one'],
    ['(n) => «[...[n, 1]]»', [1], 'JIT002', 'spread values', 'one by one'],
    ['function f(n) { return «new.target» ? 1 : n; }', [1], 'JIT002', 'new.target', 'a parameter'],
    ['(n) => { const g = async () => 1; return «g()»; }', [1], 'JIT002', 'an async function', 'wait outside'],
    ['(n) => «(async () => await n)()»', [1], 'JIT002', 'an async function', 'wait outside'],
    [
      '(n) => { function* g() { yield n; } let s = 0; for (const v of «g()») s += v; return s; }',
      [1],
      'JIT002',
      'a generator function',
      'returns its value',
    ],
    [
      'function sum(n) { return n === 0 ? 0 : n + «sum(n - 1)»; }',
      [1e6],
      'JIT015',
      'sum calls itself more than',
      'write it as a loop',
    ],
    [
      '(n) => { let k = n; const f = (i) => { «k» = i; return i > 0 ? 1 + f(i - 1) : 0; }; return f(n) + k; }',
      [3],
      'JIT002',
      'a change of a variable of the code around, in a function that calls itself,',
      'return the new value of k',
    ],
  ],
  statements: [
    ['(n) => { «try { return 1 / n; } catch { return 0; }» }', [1], 'JIT002', 'try cannot be compiled', 'NaN'],
    [
      '(n) => { if (n < 0) «throw new RangeError("negative");» return n; }',
      [1],
      'JIT002',
      'throw cannot',
      'throw outside',
    ],
    [
      '(x) => { let s = 0; «for (const i in x) s += x[i];» return s; }',
      [x],
      'JIT002',
      'a for…in loop',
      'count positions',
    ],
    [
      '(n) => { let s = 0; for (const v of «[1n, n]») s += 1; return s; }',
      [1],
      'JIT002',
      'a loop over a tuple',
      'typed',
    ],
    [
      '(n) => { let s = 0; for (const v of «n») s += v; return s; }',
      [1],
      'JIT002',
      'a loop over a number',
      'positions',
    ],
    ['(n) => { const «Math» = 1; return n; }', [1], 'JIT002', 'a variable called Math', 'another name'],
    [
      '(n) => { function f() { return 1; } { function «f»() { return 2; } } return f(); }',
      [1],
      'JIT002',
      'a function in a block, of a name that is declared around it,',
      'another name',
    ],
    ['(n) => { if (n > 1) return n; «}»', [1], 'JIT005', 'can end without returning anything', 'return a value'],
    ['(n) => { if (n > 1) «return;» return n; }', [1], 'JIT005', 'returns nothing here', 'return a value'],
    ['(n) => «{ for (;;) n++; }»', [1], 'JIT005', 'never returns anything', 'leave the loop'],
    [
      '(n) => { let s; for (let i = 0; i < n; i++) «s» += i; return n; }',
      [1],
      'JIT004',
      's may have no value',
      'first value',
    ],
    ['(n) => { «s» = n; let s; return n; }', [1], 'JIT004', 's is used before it is declared', 'declare s before this'],
    [
      '(n) => { const [a, «b»] = [n]; return a; }',
      [1],
      'JIT004',
      'this tuple has only 1 elements',
      'leave the name out',
    ],
  ],
  types: [
    ['(n) => { if (n > 1) return n; return «false»; }', [1], 'JIT006', 'returns a boolean here', '+flag'],
    ['(n) => «n > 0 ? n : undefined»', [1], 'JIT006', 'nothing on the other', 'NaN'],
    [
      '(n) => { let v = n; «v» = n > 1; return v; }',
      [1],
      'JIT006',
      'v is a number in one place, and a boolean',
      '+flag',
    ],
    ['(n) => { const c = 1; «c» = n; return c; }', [1], 'JIT006', 'c is a const', 'declare it with let'],
    ['(a, b) => «a + b»', [1n, 1], 'JIT006', 'a bigint and a number meet at +', 'Number(x), or BigInt(x)'],
    ['(n) => Math.sqrt(«n»)', [3n], 'JIT006', 'this is a bigint, where a number is needed', 'Number(x)'],
    ['(x, n) => { x[0] = «n»; }', [x, 1n], 'JIT006', 'this is a bigint', 'Number(x)'],
    [
      '(x, n) => { x[0] = «n»; }',
      [BigInt64Array.of(1n), 1],
      'JIT006',
      'a BigInt64Array cannot hold a number',
      'BigInt(x)',
    ],
    ['(x) => «x + 1»', [x], 'JIT002', 'a Float64Array in the place of a number', 'an element of it'],
  ],
  bigints: [
    [
      '(n) => { let f = 1n; for (let i = 1n; i <= n; i++) «f *= i»; return f; }',
      [25n],
      'JIT014',
      'beyond 64 bits',
      'asIntN',
    ],
    ['(a) => «a + 1n»', [2n ** 63n - 1n], 'JIT014', '9223372036854775807n + 1n is beyond 64 bits', 'asIntN'],
    ['(a, b) => «a / b»', [1n, 0n], 'JIT014', '1n / 0n is a division by zero', 'ask for zero'],
    ['(n) => n + «9223372036854775808n»', [1n], 'JIT014', '9223372036854775808n is beyond 64 bits', 'a smaller one'],
    ['(n) => «BigInt(n)»', [1.5], 'JIT014', 'this number is not whole', 'Math.round'],
    ['(n) => «n ** 2n»', [3n], 'JIT002', 'the operator ** of bigints', '<< >>'],
    ['(a, k) => «a << k»', [3n, 2n], 'JIT002', 'a shift by a distance that varies', '12n'],
  ],
  arrays: [
    [
      '(x) => { let s = 0; for (let i = 0; i <= x.length; i++) s += x[«i»]; return s; }',
      [x],
      'JIT011',
      'x[3] is outside of x, which has 3 elements',
      'between 0 and x.length - 1',
    ],
    ['(x, n) => x[«n»]', [x, -1], 'JIT011', 'x[-1] is outside of x', 'between 0 and x.length - 1'],
    ['(x, n) => x[«n / 2»]', [x, 1], 'JIT011', 'x[0.5] is no element of x', 'Math.floor'],
    ['(x, n) => x[«n»]', [x, NaN], 'JIT011', 'x[NaN] is no element of x', 'whole number'],
    ['(x) => x[«-1»]', [x], 'JIT012', '-1 cannot index an array', 'x[x.length - 1]'],
    ['(x, n) => x[«n > 1»]', [x, 1], 'JIT012', 'a boolean cannot index an array', 'the position'],
    ['(x) => x[«1n»]', [x], 'JIT012', 'a bigint cannot index an array', 'Number(i)'],
    ['(n) => new Float64Array(«n - 5»)[0]', [1], 'JIT016', 'an array cannot have -4 elements', 'from 0 up'],
    ['(n) => new Float64Array(«n»)[0]', [1e15], 'JIT016', 'an array cannot have 1000000000000000 elements', 'room'],
    ['(n) => «new Float64Array(n, 8, 2)».length', [1], 'JIT002', 'an array over a buffer', 'new Float64Array(n)'],
    [
      '(n) => { let x = new Float64Array(1); if (n > 2) x = new Float64Array(2); return «x»[0]; }',
      [1],
      'JIT002',
      'x, an array that is made on one of several ways,',
      'make it before they part',
    ],
    ['(n) => { const a = [1, n]; «a[0]» = n; return n; }', [1], 'JIT002', 'a change of a tuple', 'new Float64Array'],
    [
      '(n) => { const a = [1, 2]; return «a[n]»; }',
      [1],
      'JIT002',
      'an element of a tuple at a place',
      'new Float64Array',
    ],
    [
      '(n) => { let k = 0; while (k * k < n) k++; return «new Float64Array(k)»; }',
      [9],
      'JIT002',
      'whose length is not known when the function is called,',
      'give an array as an argument and fill it',
    ],
  ],
  'parallel loops': [
    [
      '(x, h) => { for (const i of prange(x.length)) «h[x[i]]» += 1; }',
      [x, doubles(1, 2, 3, 4)],
      'JIT017',
      'may write one element of h',
      'counter',
    ],
    [
      '(x) => { for (const i of prange(x.length)) «x[0]» += i; }',
      [x],
      'JIT017',
      'may write one element of x',
      'counter',
    ],
    [
      '(x) => { for (const i of prange(1, x.length)) «x[i]» += x[i - 1]; }',
      [x],
      'JIT017',
      'may write what another one reads',
      'a plain for loop',
    ],
    [
      '(x) => { let p = 0; for (const i of prange(x.length)) { x[i] -= p; «p» = x[i]; } }',
      [x],
      'JIT017',
      'need each other through p',
      'declare p inside',
    ],
    [
      '(x) => { for (const i of prange(x.length)) if (x[i] > 1) «break;» return 1; }',
      [x],
      'JIT017',
      'a break out of prange',
      'continue',
    ],
    [
      '(x) => { for (const i of prange(x.length)) if (x[i] > 1) «return 1;» return 2; }',
      [x],
      'JIT017',
      'a return inside prange',
      'a plain for loop',
    ],
    [
      '(n) => { let s = 0; for (const i of prange(0, n, «0.5»)) s += i; return s; }',
      [1],
      'JIT019',
      'whole steps',
      'prange(0, n, 2)',
    ],
    [
      '(n) => { const r = «prange(n)»; return n; }',
      [1],
      'JIT002',
      'prange outside of the head of a loop',
      'for (const i of prange(n))',
    ],
  ],
};

const count = Object.values(rows).flat().length;

/** A function from its text, as the author of such a program has it. */
function functionOf(program: string): (...args: never[]) => never {
  const text = program.replaceAll(/[«»]/g, '');
  // oxlint-disable-next-line typescript/no-implied-eval
  const make = new Function('prange', `'use strict'; return (${text});`) as (
    given: unknown,
  ) => (...args: never[]) => never;
  return make(prange);
}

function errorOf(call: () => unknown): HeddleError {
  try {
    call();
  } catch (error) {
    if (error instanceof HeddleError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const refusalOf = (f: (...args: never[]) => never, ...args: unknown[]): HeddleError =>
  errorOf(() => (jit(f) as unknown as (...given: unknown[]) => unknown)(...args));

test(`there are ${count} programs, which is more than 40`, () => expect(count).toBeGreaterThan(40));

describe.each(Object.entries(rows))('%s', (_, programs) => {
  test.each(programs)('%s', (program, args, code, summary, advice) => {
    const given = args.map((arg) => (ArrayBuffer.isView(arg) ? (arg as Float64Array).slice() : arg));
    const error = refusalOf(functionOf(program), ...given);
    expect(error.code).toBe(code);
    expect(error.summary.split('\n')[0]).toContain(summary);
    expect(error.fix).toContain(advice);
    // The frame shows the line, and the mark stands under what is meant, up to the line's end.
    const text = program.replaceAll(/[«»]/g, '');
    const start = program.indexOf('«');
    const marked = program.slice(start + 1, program.indexOf('»'));
    const shown = /\n\d+ \| (.*)\n +\| ( *)(\^+)/.exec(error.message)!;
    expect(shown[1]!.slice(shown[2]!.length, shown[2]!.length + shown[3]!.length)).toBe(marked);
    // A method's text has no object around it.
    if (!text.startsWith('({')) expect(shown[2]!.length).toBe(start);
    // Ordinary arrays are as they were.
    for (const [index, arg] of given.entries()) expect(arg).toEqual(args[index]);
  });
});

describe('several at once', () => {
  const program = functionOf(`(n) => {
    const a = "a";
    const b = a + 1;
    let s = 0;
    for (let i = 0; i < n; i++) {
      s += i;
      const v = unknown(i);
      if (n > 3) throw v;
    }
    return s.toFixed(b);
  }`);
  const { message } = refusalOf(program, 3);

  test('are told in the order of the text, each with its place', () => {
    const told = [...message.matchAll(/^error\[(\w+)\]: (.*)\n *--> function:(\d+):(\d+)/gm)].map((match) =>
      match.slice(1),
    );
    expect(told).toEqual([
      ['JIT002', 'the text "a" cannot be compiled yet', '2', '15'],
      ['JIT003', 'unknown is not known inside the function', '7', '17'],
      ['JIT002', 'throw cannot be compiled yet', '8', '18'],
      ['JIT002', 'the method toFixed of a number cannot be compiled yet', '10', '12'],
    ]);
  });

  test('but not what follows from others', () => {
    expect(message).not.toContain('JIT004');
    expect(message).not.toContain('JIT005');
  });

  test('are five at most', () => {
    const many = functionOf(`(n) => { ${Array.from({ length: 9 }, (_, k) => `n + "${k}";`).join(' ')} return n; }`);
    const error = refusalOf(many, 3);
    expect(error.message.match(/error\[JIT002\]/g)).toHaveLength(5);
    expect(error.message).toContain('(and 4 more like these)');
  });

  test('also in a recursion, which is lowered for each type that it may give', () => {
    const recursive = functionOf(
      '(n) => { const f = (k) => { const a = "a"; const b = missing; return k > 0 ? 1 + f(k - 1) : 0; }; return f(n); }',
    );
    const error = refusalOf(recursive, 3);
    expect(error.message.match(/^error\[\w+\]: .*/gm)).toEqual([
      'error[JIT002]: the text "a" cannot be compiled yet',
      'error[JIT003]: missing is not known inside the function',
    ]);
  });

  test('and in functions of elements', () => {
    const each = functionOf('(v) => { const a = "a"; const b = missing; return v; }') as unknown as (
      v: number,
    ) => number;
    const { message: told } = errorOf(() => vectorize(each)(x));
    expect(told.match(/^error\[\w+\]/gm)).toEqual(['error[JIT002]', 'error[JIT003]']);
  });

  test('and a loop that is refused leaves no parallel loop around what follows', () => {
    const loops = functionOf(
      '(x) => { for (const i of prange(x.length)) x[0] = i; for (const i of prange(x.length)) x[i] = i; return 1; }',
    );
    expect(refusalOf(loops, x.slice()).message.match(/^error\[\w+\]/gm)).toEqual(['error[JIT017]']);
  });

  test('and one place is told once, however often it is lowered', () => {
    const twice = functionOf('(n) => { const h = (k) => k + missing; let s = h(n); let t = h(2); return s + t; }');
    const error = refusalOf(twice, 3);
    expect(error.message.match(/error\[JIT003\]/g)).toHaveLength(1);
  });
});

describe('arguments', () => {
  const add = jit((a: number, b: number) => a + b) as unknown as (...args: unknown[]) => number;
  test.each([
    [['1', 2], 'JIT008', 'argument 1 of the function cannot be "1"', 'Number(text)'],
    [[1, null], 'JIT008', 'argument 2 of the function cannot be null', 'NaN'],
    [[1], 'JIT008', 'was called without its argument b', 'one value for each parameter'],
    [[[1, 2], 2], 'JIT008', 'cannot be an array of 2', 'Float64Array.from(values)'],
    [[{ x: 1 }, 2], 'JIT008', 'cannot be an object', 'one by one'],
    [[() => 1, 2], 'JIT008', 'cannot be a function', 'globals'],
    [[new DataView(new ArrayBuffer(8)), 2], 'JIT008', 'cannot be an object', 'new Float64Array(view.buffer)'],
    [[2n ** 63n, 2n], 'JIT014', 'is 9223372036854775808n, which is beyond 64 bits', 'the plain function'],
  ])('%#', (args, code, summary, advice) => {
    const error = errorOf(() => add(...args));
    expect(error.code).toBe(code);
    expect(error.summary).toContain(summary);
    expect(error.fix).toContain(advice);
  });
});

describe('what is no plain function', () => {
  const shape = {
    get area(): number {
      return 1;
    },
  };
  test.each([
    ['a built-in function', Math.hypot],
    ['a bound function', Math.max.bind(null)],
    ['an async function', async (n: number) => n],
    [
      'a generator',
      function* (n: number) {
        yield n;
      },
    ],
    ['a class', class Shape {}],
    ['a getter', Object.getOwnPropertyDescriptors(shape).area.get],
  ])('%s', (_, f) => {
    const error = errorOf(() => (jit(f as () => number) as () => number)());
    expect([error.code, error.fix !== undefined]).toEqual(['JIT001', true]);
  });
});

test('each code that a function can be refused with is among these programs, or is tested beside them', () => {
  const documented = [...readFileSync(join(packageFolder, 'docs/errors.md'), 'utf8').matchAll(/^## (JIT\d+)/gm)];
  const here = new Set(Object.values(rows).flatMap((programs) => programs.map(([, , code]) => code)));
  // Of arguments and of what is no function above; of options, of what is too large, of shared memory and of other results elsewhere.
  const elsewhere = new Set(['JIT001', 'JIT007', 'JIT008', 'JIT009', 'JIT010', 'JIT013', 'JIT018', 'JIT020']);
  const missing = documented.map((match) => match[1]!).filter((code) => !here.has(code) && !elsewhere.has(code));
  expect(missing).toEqual([]);
});

// Compiled functions against the plain ones: the same result, bit for bit, for every argument; and what is refused, with its place.
// It is long because it is two lists: programs that have to agree, and programs that have to be refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpret } from '../ir/interpret.js';
import { readProgram } from '../ir/read.js';
import { verify } from '../ir/verify.js';
import { generatorOf, rootKey } from '../random/keys.js';
import { jit } from './jit.js';

type Numeric = (...args: number[]) => number | boolean;

/** A function of one number from its text: what TypeScript would refuse, or a person would not write. */
// oxlint-disable-next-line typescript/no-implied-eval
const fromText = (parameter: string, body: string) => new Function(parameter, body) as (n: number) => number;

/** Functions of the accepted language; each is its own oracle. */
const programs: Record<string, Numeric> = {
  arithmetic: (a, b) => (a + b) * (a - b) - a / (b * b + 1) + -a,
  precedence: (a, b) => a - b - 2 * a ** 2 + (a - (b - 1)),
  constants: (a) => a * Math.PI + Math.SQRT2 - Number.EPSILON * a + (a > 0 ? Infinity : NaN),
  mathematics: (a, b) =>
    Math.min(a, b, 3) + Math.max(a, -b) + Math.abs(a) + Math.floor(a) - Math.ceil(b) + Math.trunc(a) + Math.sqrt(b),
  'no arguments': () => Math.max() + Math.min(1) + Math.abs(-2),
  comparisons: (a, b) =>
    Number.MAX_SAFE_INTEGER * (a < b ? 1 : 2) + (a <= b ? 4 : 8) + (a === b ? 16 : 32) + (a !== b ? 64 : 128),
  booleans: (a, b) => (a > b && b > 0) || !(a < 0),
  'numbers as conditions': (a, b) => (a ? 1 : 2) + (!b ? 4 : 8) + (a && b ? 16 : 32),
  'logical values': (a, b) => (a || b) + (a && b) + (a ?? b),
  'booleans as numbers': (a, b) => +(a > b) + (a < b ? 1 : 0) * 2 - -(a === b),
  'loose equality': (a, b) => (a == b ? 1 : 0) + (a != b ? 2 : 0),
  updates: (a) => {
    let x = a;
    const y = x++ + ++x;
    x -= 2;
    x *= 3;
    x /= 4;
    x **= 2;
    return y + x-- - --x;
  },
  branches: (a, b) => {
    let s = a;
    if (a > b) {
      s += b;
      if (b > 1) s *= 2;
      else s -= 1;
    } else if (a < -1) return s;
    else {
      const t = s;
      s = t * t;
    }
    return s;
  },
  'declared first, set in both ways': (a) => {
    let s;
    if (a > 0) s = 1;
    else s = -1;
    return s * a;
  },
  shadowing: (a) => {
    const s = a;
    let t = 0;
    for (let i = 0; i < 3; i++) {
      const s = i;
      t += s;
    }
    return s + t;
  },
  'a counted sum': (n) => {
    let s = 0;
    for (let i = 0; i < n; i++) s += i;
    return s;
  },
  'counted with <=': (n) => {
    let s = 0;
    for (let i = 1; i <= n; i++) s += 1 / i;
    return s;
  },
  'counted downwards': (n) => {
    let s = 0;
    for (let i = 10; i > n; i--) s = s * 2 + i;
    for (let i = 5; i >= n; i -= 1) s = s * 3 - i;
    return s;
  },
  'counted from below zero': (n) => {
    let s = 0;
    for (let i = -7; n >= i; i += 1) s = s / 2 + i;
    return s;
  },
  'a step of its own': (n) => {
    let s = 0;
    for (let i = 0.5; i < n; i += 0.1) s += i;
    return s;
  },
  'two variables in the header': (n) => {
    let s = 0;
    for (let i = 0, j = n; i < j && i < 1000; i++, j--) s += j - i;
    return s;
  },
  'the counter changed in the body': (n) => {
    let s = 0;
    for (let i = 0; i < n; i++) {
      if (i === 3) i += 2;
      s += i;
    }
    return s;
  },
  'break and continue': (n, k) => {
    let s = 0;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      if (i > 50) break;
      s = s * 1.5 + i;
    }
    return s;
  },
  'return from nested loops': (n, k) => {
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (i * j > k) return i * 1000 + j;
    return -1;
  },
  while: (n) => {
    let x = Math.min(Math.abs(Math.trunc(n)) || 1, 1000);
    let steps = 0;
    while (x !== 1 && steps < 500) {
      const half = Math.floor(x / 2);
      x = x - 2 * half === 0 ? half : 3 * x + 1;
      steps++;
    }
    return steps;
  },
  'do while': (n) => {
    let s = 0;
    let i = n;
    do {
      i--;
      if (i > 5 && i < 8) continue;
      s += i;
    } while (i > 0);
    return s;
  },
  'while with break': (n) => {
    let i = 0;
    while (true) {
      if (i * i >= n) break;
      i++;
      if (i > 1000) return -1;
    }
    return i;
  },
  'unreachable code': (n) => {
    if (n > 0) return 1;
    else return 2;
  },
  'a flag': (n) => {
    let found = false;
    for (let i = 0; i < n; i++) if (i * i === 49) found = true;
    return found;
  },
  'the order of effects': (a) => {
    let x = a;
    const y = (x += 1) * (x += 2) + (x > 3 ? x++ : x--);
    return y + x;
  },
  'a sequence': (a) => {
    let x = a;
    return (x++, x++, x);
  },
  'a name hidden where the loop goes on': (n) => {
    let s = 0;
    let step = 1;
    for (let i = 0; i < n && s < 1e6; i += step) {
      let step = 3;
      s += step;
      if (i > 2) continue;
      s += 100;
    }
    step = s;
    return step;
  },
  'a name hidden where do asks again': (n) => {
    let x = 0;
    let k = 0;
    do {
      let x = 5;
      k += x;
      if (k > 2) {
        x = 1;
        continue;
      }
    } while (x > 0 && k < 50);
    x = n;
    return k + x;
  },
  'counting where doubles are 2 apart': (n) => {
    let c = 0;
    for (let i = 9007199254740990; i < n + 9007199254740990; i++) {
      c++;
      if (c > 10) return i;
    }
    return c;
  },
  'loops that only return leaves': (n) => {
    let k = n;
    for (;;) {
      k++;
      if (!(k <= 10)) return k;
    }
  },
  'do forever': (n) => {
    let k = n;
    do {
      k++;
      if (!(k <= 10)) return k;
    } while (true);
  },
  var: (n) => {
    var s = 0;
    var t = 1;
    for (var i = 0; i < 5; i++) {
      var t = s + i;
      s = t * n;
    }
    return s + t + i;
  },
  'var of a parameter': fromText(
    'n',
    'let s = 0; for (let i = 0; i < n; i++) s++; for (let i = 0; i < 3; i++) { var n = n + 1; s += n; } return s * n;',
  ),
  'as a minifier writes it': (n) => {
    let s = 0;
    let t = 0;
    for (let i = 0; i < 20; i++) (i < n && s++, i > n || (t -= 2), n > i ? s++ : t--);
    return (void 0, s + t);
  },
};

/** Arguments that find the edges; those that would loop for long are kept small. */
const argument = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 2, 7, 49.5, NaN, 1e-320, 0.1 + 0.2, 4.999999999999999, 100),
  fc.double({ min: -300, max: 300 }),
  fc.integer({ min: -20, max: 200 }),
);

describe('a compiled function returns what the plain one returns', () => {
  it.each(Object.entries(programs))('%s', (_, plain) => {
    const compiled = jit(plain);
    fc.assert(
      fc.property(fc.tuple(argument, argument), (pair) => {
        const args = pair.slice(0, plain.length);
        expect(compiled(...args)).toBe(plain(...args));
      }),
      { numRuns: 60, examples: [[[0, 0]], [[-0, 0]], [[NaN, 1]], [[10.5, 3]]] },
    );
  });

  it('also where only the straight ones can go: infinite and huge arguments', () => {
    for (const name of [
      'arithmetic',
      'mathematics',
      'comparisons',
      'booleans',
      'numbers as conditions',
      'logical values',
      'updates',
      'branches',
    ]) {
      const plain = programs[name]!;
      const compiled = jit(plain);
      fc.assert(fc.property(fc.double(), fc.double(), (a, b) => void expect(compiled(a, b)).toBe(plain(a, b))));
    }
  });

  it('in a loop that is long enough to be driven in parts', () => {
    const plain = (n: number): number => {
      let s = 0;
      for (let i = 0; i < n; i++) {
        if (i === 150_000) s = 0;
        s += 1 / (i + 1);
      }
      return s;
    };
    const compiled = jit(plain);
    for (const n of [65_535, 65_536, 65_537, 200_000.5]) expect(compiled(n)).toBe(plain(n));
  });

  it('whether it is an arrow, a function, a method or an expression with a name', () => {
    const holder = {
      triple(x: number): number {
        return 3 * x;
      },
    };
    function double(x: number): number {
      return 2 * x;
    }
    expect(jit(holder.triple)(5)).toBe(15);
    expect(jit(double)(5)).toBe(10);
    expect(
      jit(function half(x: number): number {
        return x / 2;
      })(5),
    ).toBe(2.5);
    expect(jit((x: number) => x + 1)(5)).toBe(6);
  });
});

describe('specialisations', () => {
  it('are made once for each combination of types', () => {
    const compiled = jit((a: number | boolean, b: number) => (a ? b : -b));
    expect(compiled.signatures).toEqual([]);
    expect([compiled(1, 2), compiled(true, 2), compiled(false, 3), compiled(0, 4)]).toEqual([2, 2, -3, -4]);
    expect(compiled.signatures).toEqual(['(number, number)', '(boolean, number)']);
    expect(compiled.explain('ir')).toContain('; (boolean, number)\nkernel @');
    for (const view of ['ir', 'passes'] as const)
      expect(verify(readProgram(`${compiled.explain(view)}\n`))[0]).toMatch(/same name/);
    expect(compiled.explain('wat')).toContain('(import "env" "memory" (memory 1 65536 shared))');
  });

  it('keep the name, the length and the plain function', () => {
    function area(r: number): number {
      return Math.PI * r ** 2;
    }
    const compiled = jit(area);
    expect([compiled.name, compiled.length, compiled.plain]).toEqual(['area', 1, area]);
  });
});

describe('draws', () => {
  function calcPi(n: number): number {
    let m = 0;
    for (let i = 0; i < n; i++) {
      const x = 2 * Math.random() - 1;
      const y = 2 * Math.random() - 1;
      if (x ** 2 + y ** 2 < 1) m++;
    }
    return (4 * m) / n;
  }

  it('are those of docs/random.md', () => {
    const n = 5000;
    const compiled = jit(calcPi, { seed: 42 });
    // Rules 5, 7 and 8, written out.
    const loopKey = generatorOf(rootKey(42), 0n).raw();
    let m = 0;
    for (let block = 0; block * 4096 < n; block++) {
      for (let lane = 0; lane < 16; lane++) {
        const generator = generatorOf(loopKey, BigInt(16 * block + lane));
        for (let o = block * 4096 + lane; o < Math.min(n, (block + 1) * 4096); o += 16) {
          const x = 2 * generator.float64() - 1;
          const y = 2 * generator.float64() - 1;
          if (x ** 2 + y ** 2 < 1) m++;
        }
      }
    }
    expect(compiled(n)).toBe((4 * m) / n);
  });

  it('are what the interpreter draws', () => {
    const compiled = jit(calcPi, { seed: -7 });
    const estimate = compiled(10_001);
    const program = readProgram(`${compiled.explain('ir')}\n`);
    const { results } = interpret(program, 'calcPi', {
      scalars: [10_001, rootKey(-7)],
      buffers: [],
      openGenerator: generatorOf,
    });
    expect(results).toEqual([estimate]);
  });

  it('repeat with a seed, and differ without one', () => {
    const seeded = jit(calcPi, { seed: 1 });
    const free = jit(calcPi);
    expect(seeded(1000)).toBe(seeded(1000));
    expect(free.with({ seed: 1 })(1000)).toBe(seeded(1000));
    expect(seeded.with({ seed: 2n })(1e5)).not.toBe(seeded(1e5));
    expect(new Set(Array.from({ length: 5 }, () => free(1e5))).size).toBeGreaterThan(1);
    expect(Math.abs(free(1e6) - Math.PI)).toBeLessThan((6 * 1.642) / 1000);
  });

  it('in straight code, while loops and around counted loops go in program order', () => {
    const plain = (n: number): number => {
      let s = Math.random();
      while (s < n) s += Math.random();
      for (let i = 0; i < 3; i++) s += Math.random();
      return s + Math.random();
    };
    const outer = generatorOf(rootKey(9), 0n);
    let s = outer.float64();
    while (s < 5) s += outer.float64();
    const key = outer.raw();
    for (let i = 0; i < 3; i++) s += generatorOf(key, BigInt(i)).float64();
    s += outer.float64();
    expect(jit(plain, { seed: 9 })(5)).toBe(s);
  });

  it('depend on what names mean, not on how they are spelled', () => {
    const written = (n: number): number => {
      let s = 0;
      {
        const m = n * 2;
        for (let i = 0; i < m; i++) s += Math.random();
      }
      {
        let k = 0;
        for (let q = 0; q < 3; q++) k += q;
        s += k;
      }
      return s;
    };
    // What a minifier makes of it: m and k are both called r.
    const minified = fromText(
      'n',
      'let t=0;{const r=n*2;for(let o=0;o<r;o++)t+=Math.random()}{let r=0;for(let o=0;o<3;o++)r+=o;t+=r}return t',
    );
    expect(jit(minified, { seed: 3 })(1000)).toBe(jit(written, { seed: 3 })(1000));
  });

  it('of π are the same after a minifier', () => {
    const minified = fromText(
      'n',
      'let t=0;for(let r=0;r<n;r++){const a=2*Math.random()-1,m=2*Math.random()-1;a**2+m**2<1&&t++}return 4*t/n',
    );
    expect(jit(minified, { seed: 42 })(10_001)).toBe(jit(calcPi, { seed: 42 })(10_001));
  });

  it('of a loop with a loop inside come from a generator for each iteration', () => {
    const plain = (n: number): number => {
      let s = 0;
      for (let i = 0; i < n; i++) {
        let x = Math.random();
        while (x > 0.5) x = Math.random();
        s += x;
      }
      return s;
    };
    const key = generatorOf(rootKey(3), 0n).raw();
    let s = 0;
    for (let i = 0; i < 20; i++) {
      const generator = generatorOf(key, BigInt(i));
      let x = generator.float64();
      while (x > 0.5) x = generator.float64();
      s += x;
    }
    expect(jit(plain, { seed: 3 })(20)).toBe(s);
  });
});

describe('what is refused', () => {
  const outside = 3;
  let changed = 0;
  expect(changed).toBe(0);
  const refused: [string, (...args: never[]) => number | boolean, string, string, string][] = [
    ['a captured name', (n: number) => n * outside, 'JIT003', 'outside is not known inside', 'outside'],
    [
      'a change of something outside',
      (n: number) => (changed = n),
      'JIT003',
      'changed is not declared inside',
      'changed = n',
    ],
    ['strings', (n: number) => Number(n + 'a'), 'JIT002', '', '"a"'],
    [
      'a call of another function',
      (n: number) => parseInt(String(n)),
      'JIT002',
      'a call of parseInt',
      'parseInt(String(n))',
    ],
    [
      'a function of Math that there is not',
      (n: number) => (Math as unknown as { sine(x: number): number }).sine(n),
      'JIT002',
      'Math.sine',
      'Math.sine(n)',
    ],
    ['null', (n: number) => (null as never) + n, 'JIT002', 'null', 'null'],
    ['a spread argument', fromText('n', 'return Math.max(...[n]);'), 'JIT002', 'a spread argument', '...[n]'],
    ['a number and a bigint', (n: number) => (n as never) + (1n as never), 'JIT006', 'meet at +', 'n + 1n'],
    ['a bigint beyond 64 bits', (n: number) => BigInt(n) > 99999999999999999999n, 'JIT014', 'beyond 64 bits', '9'],
    [
      'a method of an array',
      (n: number) => new Float64Array(n).reduce((a, b) => a + b, 0),
      'JIT002',
      'the method reduce of a Float64Array',
      'new Float64Array(n)',
    ],
    ['a change of a tuple', (n: number) => ([n][0] = 3), 'JIT002', 'a change of a tuple', '[n][0]'],
    [
      'a tuple at a place that varies',
      (n: number) => [n, n + 1][n]!,
      'JIT002',
      'an element of a tuple',
      '[n, n + 1][n]',
    ],
    [
      'a loop over a tuple of two types',
      fromText('n', 'let s = 0; for (const x of [n, true]) s += x; return s;'),
      'JIT002',
      'a loop over a tuple',
      '[n, true]',
    ],
    ['for in', fromText('n', 'for (const k in { n }) return 1; return 2;'), 'JIT002', 'a for…in loop', 'for'],
    [
      'a function as a value',
      fromText('n', 'const f = () => n; const g = f; return g();'),
      'JIT002',
      'a function as a value',
      'f',
    ],
    [
      'a function that is chosen',
      fromText('n', 'let f = () => n; f = () => 2; return f();'),
      'JIT002',
      'a function as a value',
      '() =>',
    ],
    [
      'an array over a buffer',
      fromText('n', 'return new Float64Array(n, 8, 2).length;'),
      'JIT002',
      'an array over a buffer',
      'new Float64Array',
    ],
    [
      'an array that is another one by two ways',
      fromText('n', 'let x; if (n > 0) x = new Float64Array(3); else x = new Float64Array(4); return x.length;'),
      'JIT002',
      'x, an array that is made on one of several ways',
      'x',
    ],
    [
      'an array of a length that is known late',
      fromText('n', 'let k = 0; while (k < n) k++; const x = new Float64Array(k); return x;'),
      'JIT002',
      'or whose length is not known when the function is called',
      'x',
    ],
    [
      'bigints in arrays of numbers',
      fromText('n', 'const x = new Float64Array(2); x[0] = 1n; return n;'),
      'JIT006',
      'this is a bigint',
      '1n',
    ],
    [
      'numbers in arrays of bigints',
      fromText('n', 'const x = new BigInt64Array(2); x[0] = n; return n;'),
      'JIT006',
      'a BigInt64Array cannot hold',
      'n',
    ],
    [
      'a shift by bigints that varies',
      fromText('n', 'let k = BigInt(n); return Number(1n << k);'),
      'JIT002',
      'a shift by a distance',
      '1n << k',
    ],
    ['too few elements', fromText('n', 'const [a, b] = [n]; return a + b;'), 'JIT004', 'has only 1 elements', 'b'],
    ['an object taken apart', fromText('n', 'const { a } = n; return a;'), 'JIT002', 'taking an object apart', '{ a }'],
    [
      'recursion with arrays',
      fromText('n', 'const f = (x, k) => (k > 0 ? 1 + f(x, k - 1) : x[0]); return f(new Float64Array(2), n);'),
      'JIT002',
      'an array or a tuple for a function that calls itself',
      'f(new Float64Array(2), n)',
    ],
    [
      'recursion that changes variables around',
      fromText('n', 'let s = n; const f = (k) => { s--; return k > 0 ? 1 + f(k - 1) : 0; }; return f(n);'),
      'JIT002',
      'a change of a variable of the code around',
      's',
    ],
    [
      'endless recursion',
      fromText('n', 'const f = (k) => 1 + f(k); return f(n);'),
      'JIT015',
      'calls itself more than',
      'f(k)',
    ],
    ['an optional chain', fromText('n', 'return n?.x;'), 'JIT002', 'the property x of a number', 'n?.x'],
    ['await', fromText('n', 'return (async () => await n)();'), 'JIT002', 'an async function', '(async'],
    [
      'a generator function',
      fromText('n', 'function* f() { yield n; } return f();'),
      'JIT002',
      'a generator function',
      'f()',
    ],
    ['an async helper', fromText('n', 'const f = async () => n; return f();'), 'JIT002', 'an async function', 'f()'],
    ['a regular expression', fromText('n', 'return /a/ > n;'), 'JIT002', '/a/', '/a/'],
    ['delete', fromText('n', 'return delete n.x;'), 'JIT002', 'the operator delete', 'delete n.x'],
    ['eval', fromText('n', 'return eval("n");'), 'JIT002', 'a call of eval', 'eval'],
    [
      'a use before the declaration',
      fromText('n', 'let y = 0; { y = x; let x = n; y += x; } return y;'),
      'JIT004',
      'x is used before it is declared',
      'x',
    ],
    [
      'a value made of itself',
      fromText('n', 'let x = x + n; return x;'),
      'JIT004',
      'x is used before it is declared',
      'x',
    ],
    [
      'an assignment before the declaration',
      fromText('n', '{ x = n; let x = 4; } return n;'),
      'JIT004',
      'x is used before it is declared',
      'x',
    ],
    [
      'an argument of Math.random',
      (n: number) => {
        let s = n;
        (Math.random as (x: number) => number)((s += 1));
        return s;
      },
      'JIT002',
      'an argument of Math.random',
      'Math.random(s += 1)',
    ],
    ['an object', (n: number) => ({ n }).n, 'JIT002', 'an object', '{ n }'],
    [
      'this',
      function (this: { n: number }) {
        return this.n;
      } as never,
      'JIT002',
      'this cannot be compiled',
      'this',
    ],
    [
      'arguments',
      function () {
        return arguments.length;
      } as never,
      'JIT002',
      'arguments cannot be compiled yet',
      'arguments.length',
    ],
    ['a template', (n: number) => `${n}`.length, 'JIT002', 'a text', '`${n}`'],
    ['typeof', (n: number) => (typeof n as never) + n, 'JIT002', 'the operator typeof', 'typeof n'],
    [
      'exceptions',
      (n: number) => {
        try {
          return n;
        } catch {
          return 0;
        }
      },
      'JIT002',
      'try cannot be compiled',
      'try {',
    ],
    [
      'throw',
      (n: number) => {
        if (n > 0) throw new Error('no');
        return n;
      },
      'JIT002',
      'throw cannot be compiled',
      'throw new Error',
    ],
    ['a parameter taken apart', (([a]: [number]) => a) as never, 'JIT002', 'taking a number apart', '[a]'],
    [
      'a return on one way only',
      ((n: number) => {
        if (n > 0) return n;
      }) as never,
      'JIT005',
      'can end without returning',
      '}',
    ],
    ['a loop that nothing leaves', fromText('n', 'for (;;) n++;'), 'JIT005', 'never returns anything', '{'],
    [
      'a return of nothing',
      ((n: number) => {
        if (n > 0) return;
        return n;
      }) as never,
      'JIT005',
      'returns nothing here',
      'return;',
    ],
    [
      'two types of result',
      (n: number) => {
        if (n > 0) return true;
        return n;
      },
      'JIT006',
      'returns a number here',
      'n',
    ],
    [
      'two types in a variable',
      (n: number) => {
        let x: number | boolean = n;
        x = n > 0;
        return x;
      },
      'JIT006',
      'x is a number in one place, and a boolean in another',
      'x = n > 0',
    ],
    [
      'two types by two ways',
      (n: number) => {
        let x;
        if (n > 0) x = 1;
        else x = true;
        return x;
      },
      'JIT006',
      'x is a number in one place, and a boolean in another',
      'if (n > 0)',
    ],
    [
      'two types in one expression',
      (n: number) => (n > 0 ? n : true),
      'JIT006',
      'this is a number on one way, and a boolean on the other',
      'n > 0 ? n : true',
    ],
    [
      'a change of a const',
      (n: number) => {
        const x = n;
        (x as number)++;
        return x;
      },
      'JIT006',
      'x is a const',
      'x++',
    ],
    [
      'a variable without a value',
      (n: number) => {
        let x;
        if (n > 0) x = 1;
        return x as number;
      },
      'JIT004',
      'x may have no value here',
      'x',
    ],
  ];

  it.each(refused)('%s', (_, f, code, message, marked) => {
    let shown = '';
    try {
      jit(f as unknown as (n: number) => number)(...((f.length > 0 ? [5] : []) as [number]));
    } catch (error) {
      shown = (error as Error).message;
    }
    expect(shown).toContain(`error[${code}]: `);
    expect(shown).toContain(message);
    // The frame shows the line, and the mark stands under what is meant.
    const [, line, marks] = /\n\d+ \| (.*)\n +\| ( *\^+)/.exec(shown)!;
    const column = marks!.indexOf('^');
    const underlined = line!.slice(column, marks!.length);
    const squeeze = (text: string): string => text.replaceAll(/[\s();]/g, '');
    expect(
      squeeze(marked).startsWith(squeeze(underlined)) || squeeze(underlined).startsWith(squeeze(marked)),
      `${underlined} against ${marked}`,
    ).toBe(true);
    expect(shown).toContain('\n  = fix: ');
  });

  it('what is not a function with a source', () => {
    expect(() => jit('f' as never)).toThrow('error[JIT007]: jit compiles a function, and was given "f"');
    expect(() => jit(Math.max as never)(1 as never)).toThrow(
      'error[JIT001]: max cannot be compiled: its source is not JavaScript',
    );
    expect(() => jit(programs['while']!.bind(null))(1)).toThrow('error[JIT001]');
    class Shape {}
    expect(() => jit(Shape as unknown as () => number)()).toThrow('error[JIT001]: Shape cannot be compiled');
    expect(() => jit((async () => 1) as unknown as () => number)()).toThrow('error[JIT001]');
    expect(() =>
      jit(function* () {
        yield 1;
      } as unknown as () => number)(),
    ).toThrow('error[JIT001]');
  });

  it('arguments that are no numbers, or too few', () => {
    const add = jit((a: number, b: number) => a + b);
    expect(() => add('1' as never, 2)).toThrow('error[JIT008]: argument 1 of');
    expect(() => add([1] as never, 2)).toThrow('cannot be an array of 1');
    expect(() => add((2n ** 63n) as never, 2)).toThrow(
      'error[JIT014]: argument 1 of the function is 9223372036854775808n',
    );
    expect(() => add(1, undefined as never)).toThrow('cannot be undefined');
    expect(() => (add as unknown as (a: number) => number)(1)).toThrow('was called without its argument b');
    expect(add(1, 2)).toBe(3);
    expect((add as unknown as Numeric)(1, 2, 100)).toBe(3);
  });

  it('options that there are not', () => {
    expect(() => jit((n: number) => n, null as never)).toThrow('error[JIT009]: the options of jit cannot be null');
    expect(() => jit((n: number) => n, { sed: 1 } as never)).toThrow('did you mean seed?');
    expect(() => jit((n: number) => n).with({ parallel: true } as never)).toThrow(
      'error[JIT009]: .with has no option parallel',
    );
    expect(() => jit((n: number) => n, { parallel: 'yes' as never })).toThrow('the option parallel cannot be "yes"');
    for (const threads of [0, -1, 1.5, NaN, '2' as never])
      expect(() => jit((n: number) => n, { threads })).toThrow('error[JIT009]: the option threads cannot be ');
  });

  it('what is too large, without naming anything of ours', () => {
    const sum = fromText('a', `return ${Array.from({ length: 20_000 }, () => 'a').join('+')}`);
    expect(() => jit(sum)(1)).toThrow('error[JIT010]: anonymous is too large to be compiled in one piece');
  });

  it('arguments that run code when they are shown', () => {
    const trap = {
      toString: () => {
        throw new Error('shown');
      },
    };
    expect(() => jit((n: number) => n)(trap as never)).toThrow('error[JIT008]: argument 1 of');
    expect(() => jit(trap as never)).toThrow('error[JIT007]');
    expect(() => jit((n: number) => n, { seed: trap as never })).toThrow('error[RANDOM001]');
  });

  it('a seed that is none', () => {
    expect(() => jit((n: number) => n, { seed: 0.5 })).toThrow('error[RANDOM001]');
  });
});
